import logging
from pathlib import Path
from django import conf, http, urls
from django.core.wsgi import get_wsgi_application
conf.settings.configure(ROOT_URLCONF=__name__)  # before ninja is imported
from ninja import NinjaAPI
from snaptasks import (SYSTEM_READ, Caller, Error, FilterSpec, Grants, ListResult, TaskIndex, Visibility, authorize,
    get_task, list_tasks, parse_filter, rest)

api = NinjaAPI()
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}

def visibility(request) -> Visibility:
    caller = authorize(callers.get(request.headers.get("authorization", "")), challenge="Bearer")
    return Grants([FilterSpec(users={caller.user})])

def sent(answer: rest.Response) -> http.HttpResponse:
    return http.HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))

@api.get("/snapservice/tasks")
def list_them(request):
    visible = visibility(request)
    filter = parse_filter(request.META["QUERY_STRING"])  # Query[FilterSpec] would take one member of a field only
    return sent(rest.list_response(list_tasks(tasks, filter, visibility=visible)))

@api.get("/snapservice/tasks/{path:task}")  # path: an id may have a slash
def get_one(request, task: str):
    return sent(rest.info_response(get_task(tasks, task, visibility=visibility(request))))

@api.exception_handler(Error)  # one of the 25
def answer(request, error):
    if error.http_status >= 500:
        logging.error("%s", error, exc_info=error)
    return sent(rest.error_response(error))

urlpatterns = [urls.path("api/", api.urls)]
app = get_wsgi_application()
