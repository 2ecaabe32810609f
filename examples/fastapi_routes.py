import logging
from pathlib import Path
from typing import Annotated
from fastapi import Depends, FastAPI, Header, Request, Response
from snaptasks import (SYSTEM_READ, Caller, Error, FilterSpec, Grants, Info, InternalServerError, ListResult,
    LocalizableMessage, TaskIndex, Visibility, authorize, get_task, list_tasks, parse_filter, rest)

app = FastAPI()
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}

def visibility(authorization: Annotated[str, Header()] = "") -> Visibility:
    caller = authorize(callers.get(authorization), challenge="Bearer")  # raises Unauthenticated or Unauthorized
    return Grants([FilterSpec(users={caller.user})])

def to_response(answer: rest.Response) -> Response:
    return Response(answer.body, answer.status, dict(answer.headers))

@app.get("/api/snapservice/tasks", response_model=ListResult)
def list_route(request: Request, visible: Annotated[Visibility, Depends(visibility)]) -> Response:
    filter = parse_filter(request.scope["query_string"])
    return to_response(rest.list_response(list_tasks(tasks, filter, visibility=visible)))

@app.get("/api/snapservice/tasks/{task:path}", response_model=Info)  # path, because an id may have a slash
def get_route(task: str, visible: Annotated[Visibility, Depends(visibility)]) -> Response:
    return to_response(rest.info_response(get_task(tasks, task, visibility=visible)))

@app.exception_handler(Error)  # one of the 25
def handle_error(request: Request, error: Error) -> Response:
    if error.http_status >= 500:
        logging.error("%s", error, exc_info=error)
    return to_response(rest.error_response(error))

@app.exception_handler(Exception)  # any other exception; the client must not see it
def handle_exception(request: Request, error: Exception) -> Response:
    text = LocalizableMessage(id="com.example.failed", default_message="The server failed.")
    return to_response(rest.error_response(InternalServerError(text)))
