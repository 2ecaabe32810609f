import logging
from pathlib import Path
from flask import Flask, Response, request
from snaptasks import SYSTEM_READ, Caller, FilterSpec, Grants, ListResult, TaskIndex, rest

app = Flask(__name__)
tasks = TaskIndex(ListResult.from_json(Path("tasks.json").read_bytes()).items)
callers = {"Bearer ops": Caller(user="CORP\\ops-team", privileges={SYSTEM_READ}), "Bearer guest": Caller(user="guest")}
service = rest.Service(tasks, challenge="Bearer", on_error=logging.exception,
    authenticate=lambda asked: callers.get(asked.header("authorization") or ""),
    visibility=lambda caller: Grants([FilterSpec(users={caller.user})]))

@app.before_request  # before Flask chooses a route
def snapservice():
    if request.path.startswith("/api/snapservice/"):
        # WSGI decodes the path, also %2F; the raw target is RAW_URI in gunicorn, REQUEST_URI in waitress and uWSGI
        target, body = (request.environ.get("RAW_URI") or request.environ["REQUEST_URI"]).encode("latin-1"), b""
        while len(body) < 3 and (part := request.stream.read(65536)):  # only whether there is a body
            body += part.translate(None, b" \t\r\n")
        answer = service.handle(rest.Request(request.method, target, request.headers, body))
        return Response([answer.body], answer.status, answer.headers)
