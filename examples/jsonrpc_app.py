import logging
from pathlib import Path
from fastapi import FastAPI, Request, Response
from snaptasks import SYSTEM_READ, Caller, FilterSpec, Grants, ListResult, TaskIndex, jsonrpc, rest

app = FastAPI()
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}
sessions = {"session-1": callers["Bearer ops"]}  # your code begins and ends sessions

def authenticate(call: jsonrpc.Call) -> Caller | None:
    match call.security:
        case {"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": str(session)}:
            return sessions.get(session)
        case {"schemeId": "com.vmware.vapi.std.security.oauth", "accessToken": str(token)}:
            return callers.get(f"Bearer {token}")
        case {"schemeId": "com.vmware.vapi.std.security.saml_bearer_token", "samlToken": str(token)}:
            return callers.get(f"Bearer {token}")  # your code verifies its signature and its end
    return None

def visibility(caller: Caller):
    return Grants([FilterSpec(users={caller.user})])

calls = jsonrpc.Service(tasks, challenge="Bearer", on_error=logging.exception, visibility=visibility,
    authenticate=authenticate)
service = rest.Service(tasks, challenge="Bearer", on_error=logging.exception, visibility=visibility,
    authenticate=lambda asked: sessions.get(asked.header("vmware-api-session-id") or "")
    or callers.get(asked.header("authorization") or ""))

@app.post("/snapservice")  # the path of clients of 9.0 and newer
@app.post("/api")  # the path of clients of 8.0 U3
async def call(request: Request) -> Response:
    body = bytearray()  # appending to bytes would copy all of them
    async for part in request.stream():
        body += part[: jsonrpc.MAX_CALL_LENGTH + 1 - len(body)]  # one byte more shows that it is too long
    answer = await calls.handle_async(jsonrpc.Request("POST", request.url.path, request.headers.raw, body))
    return Response(answer.body, answer.status, dict(answer.headers))

@app.middleware("http")  # before FastAPI chooses a route
async def snapservice(request: Request, call_next):
    target, body = request.scope["raw_path"] + b"?" + request.scope["query_string"], b""  # scope["path"] is decoded
    if not rest.Request("GET", target).path.startswith(b"/api/snapservice/"):
        return await call_next(request)
    async for part in request.stream():
        body = (body + part.translate(None, b" \t\r\n"))[:3]  # only whether there is a body matters: it is refused
    answer = await service.handle_async(rest.Request(request.method, target, request.headers.raw, body))
    return Response(answer.body, answer.status, dict(answer.headers))
