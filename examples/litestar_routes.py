import logging
from pathlib import Path
from litestar import Litestar, Request, Response, get
from snaptasks import (SYSTEM_READ, Caller, Error, FilterSpec, Grants, ListResult, TaskIndex, Visibility, authorize,
    get_task, list_tasks, parse_filter, rest)

tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}

def visibility(request: Request) -> Visibility:
    caller = authorize(callers.get(request.headers.get("authorization", "")), challenge="Bearer")
    return Grants([FilterSpec(users={caller.user})])

def to_response(answer: rest.Response) -> Response[bytes]:  # Litestar itself writes unset fields as null
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers), media_type="application/json")

@get("/api/snapservice/tasks", sync_to_thread=True)
def list_route(request: Request) -> Response[bytes]:
    visible = visibility(request)
    filter = parse_filter(request.scope["query_string"])
    return to_response(rest.list_response(list_tasks(tasks, filter, visibility=visible)))

@get("/api/snapservice/tasks/{task:str}", sync_to_thread=True)  # Litestar decodes the path, so an id has no slash
def get_route(task: str, request: Request) -> Response[bytes]:
    return to_response(rest.info_response(get_task(tasks, task, visibility=visibility(request))))

def handle_error(request: Request, error: Error) -> Response[bytes]:  # one of the 25
    if error.http_status >= 500:
        logging.error("%s", error, exc_info=error)
    return to_response(rest.error_response(error))

app = Litestar([list_route, get_route], exception_handlers={Error: handle_error})
