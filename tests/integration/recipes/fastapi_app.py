import logging
from pathlib import Path
from fastapi import FastAPI, Request, Response
from snaptasks import SYSTEM_READ, Caller, FilterSpec, Grants, ListResult, TaskIndex, rest

app = FastAPI()
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}

async def snapservice(scope, receive, send):  # raw_path is as it came; scope["path"] has lost which slash was a %2F
    request, body = Request(scope, receive), b""
    async for part in request.stream():
        if len(body := body + part) > 1000:  # enough to know that there is one, which is refused
            break
    answer = await rest.handle_async(
        rest.Request(request.method, scope["raw_path"] + b"?" + scope["query_string"], scope["headers"], body),
        tasks, challenge="Bearer", on_error=logging.exception,
        authenticate=lambda asked: callers.get(asked.header("authorization") or ""),
        visibility=lambda caller: Grants([FilterSpec(users={caller.user})]))
    await Response(answer.body, answer.status, dict(answer.headers))(scope, receive, send)

app.mount("/api/snapservice", snapservice)
