import logging
from pathlib import Path
from fastapi import FastAPI, Request, Response
from snaptasks import SYSTEM_READ, Caller, FilterSpec, Grants, ListResult, TaskIndex, rest

app = FastAPI()
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}
service = rest.Service(tasks, challenge="Bearer", on_error=logging.exception,
    authenticate=lambda asked: callers.get(asked.header("authorization") or ""),
    visibility=lambda caller: Grants([FilterSpec(users={caller.user})]))

@app.middleware("http")  # before FastAPI chooses a route
async def snapservice(request: Request, call_next):
    target, body = request.scope["raw_path"] + b"?" + request.scope["query_string"], b""  # scope["path"] is decoded
    if not rest.Request("GET", target).path.startswith(b"/api/snapservice/"):
        return await call_next(request)
    async for part in request.stream():
        body = (body + part.translate(None, b" \t\r\n"))[:3]  # only whether there is a body matters: it is refused
    answer = await service.handle_async(rest.Request(request.method, target, request.headers.raw, body))
    return Response(answer.body, answer.status, dict(answer.headers))
