import logging
from pathlib import Path
from django import conf, http, urls
from django.core.wsgi import get_wsgi_application
from django.views.decorators.csrf import csrf_exempt
from snaptasks import SYSTEM_READ, Caller, FilterSpec, Grants, ListResult, TaskIndex, rest

tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}
service = rest.Service(tasks, challenge="Bearer", on_error=logging.exception,
    authenticate=lambda asked: callers.get(asked.header("authorization") or ""),
    visibility=lambda caller: Grants([FilterSpec(users={caller.user})]))

def snapservice(request):  # WSGI decodes the path, also %2F; Django ignores a body without a length
    target, body = (request.META.get("RAW_URI") or request.META["REQUEST_URI"]).encode("latin-1"), b""
    while len(body) < 3 and (part := request.META["wsgi.input"].read(65536)):  # only whether there is a body
        body += part.translate(None, b" \t\r\n")
    answer = service.handle(rest.Request(request.method, target, request.headers, body))
    return http.HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))

urlpatterns = [urls.re_path("^api/snapservice/", csrf_exempt(snapservice))]
conf.settings.configure(ROOT_URLCONF=__name__)
app = get_wsgi_application()
