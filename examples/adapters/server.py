"""Serve the REST boundary to `snaptasks conform --url`, with an endpoint that loads tasks."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from snaptasks import EVERYTHING, Caller, FilterSpec, Grants, ListItem, TaskIndex, rest

STORE: dict[str, Any] = {"index": TaskIndex(), "callers": {}}


def authenticate(request):
    who = STORE["callers"].get((request.header("authorization") or "").removeprefix("Bearer "))
    return who and Caller(user=who["user"], privileges=who["privileges"])


def visibility_of(request):
    sees = STORE["callers"][request.header("authorization").removeprefix("Bearer ")]["sees"]
    return EVERYTHING if sees == "everything" else Grants(FilterSpec(**grant) for grant in sees)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/load":
            given = json.loads(body)
            STORE["index"] = TaskIndex(ListItem.from_json(json.dumps(task)) for task in given["tasks"])
            STORE["callers"] = {name.replace(" ", "-"): who for name, who in given["callers"].items()}
            response = rest.Response(200, (("content-length", "0"),))
        else:
            request = rest.Request(self.command, self.path, self.headers, body)
            service = rest.Service(
                STORE["index"], authenticate=authenticate, visibility=lambda caller: visibility_of(request)
            )
            response = service.handle(request)
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if sys.argv[1:] else 0), Handler)
print(server.server_port, flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit()
