"""Provide a recipe to a server, with tasks and callers that `snaptasks conform` loads over a second port."""

import json
import os
from collections.abc import Iterable, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from threading import Thread
from typing import Any

from snaptasks import EVERYTHING, Caller, FilterSpec, Grants, ListItem, OverLimit, TaskIndex, Visibility, Wanted, rest


class NamedCaller(Caller, frozen=True):
    """Represent a caller with the name that the loaded data gives it."""

    name: str


class Loaded:
    """Hold the tasks, callers and visibilities of the last load, as a TaskSource."""

    def __init__(self) -> None:
        self.index, self.callers, self.visibilities = TaskIndex(), dict[str, NamedCaller](), dict[str, Visibility]()

    def load(self, text: bytes) -> None:
        given = json.loads(text)
        callers = {name.replace(" ", "-"): each for name, each in given["callers"].items() if each}
        self.callers = {
            f"Bearer {name}": NamedCaller(user=each["user"], privileges=each["privileges"], name=name)
            for name, each in callers.items()
        }
        self.visibilities = {
            name: EVERYTHING if each["sees"] == "everything" else Grants(FilterSpec(**grant) for grant in each["sees"])
            for name, each in callers.items()
        }
        self.index = TaskIndex(ListItem.from_python(task) for task in given["tasks"])

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        return self.index.select(wanted, at_most)

    def scan(self, wanted: Wanted) -> Iterable[ListItem]:
        return self.index.scan(wanted)

    def find(self, task: str) -> ListItem | None:
        return self.index.find(task)


loaded = Loaded()
_service = rest.Service


def _build_service(source: object, **settings: Any) -> rest.Service:
    """Build the service of the recipe over the loaded data."""
    settings["authenticate"] = lambda request: loaded.callers.get(request.header("authorization") or "")
    settings["visibility"] = lambda caller: loaded.visibilities[caller.name]
    return _service(loaded, **settings)


class _Load(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        loaded.load(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


setattr(rest, "Service", _build_service)  # noqa: B010
app = import_module(f"examples.{os.environ['RECIPE']}").app
Thread(target=HTTPServer(("127.0.0.1", int(os.environ["LOAD_PORT"])), _Load).serve_forever, daemon=True).start()
