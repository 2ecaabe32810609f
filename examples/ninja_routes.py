import logging
from pathlib import Path
from django import conf, http, urls
from django.core.wsgi import get_wsgi_application
conf.settings.configure(ROOT_URLCONF=__name__)  # before the import of ninja
from ninja import NinjaAPI
from snaptasks import (SYSTEM_READ, Caller, Error, FilterSpec, Grants, ListResult, TaskIndex, Visibility, authorize,
    get_task, list_tasks, parse_filter, rest)

api = NinjaAPI()
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}

def visibility(request) -> Visibility:
    caller = authorize(callers.get(request.headers.get("authorization", "")), challenge="Bearer")
    return Grants([FilterSpec(users={caller.user})])

def to_response(answer: rest.Response) -> http.HttpResponse:
    return http.HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))

@api.get("/snapservice/tasks")
def list_route(request):
    visible = visibility(request)
    filter = parse_filter(request.META["QUERY_STRING"])  # Query[FilterSpec] reads only one member of a field
    return to_response(rest.list_response(list_tasks(tasks, filter, visibility=visible)))

@api.get("/snapservice/tasks/{path:task}")  # path, because an id may have a slash
def get_route(request, task: str):
    return to_response(rest.info_response(get_task(tasks, task, visibility=visibility(request))))

@api.exception_handler(Error)  # one of the 25
def handle_error(request, error):
    if error.http_status >= 500:
        logging.error("%s", error, exc_info=error)
    return to_response(rest.error_response(error))

urlpatterns = [urls.path("api/", api.urls)]
app = get_wsgi_application()
