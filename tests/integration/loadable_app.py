"""A recipe of the README as a server imports it, with a store and callers that `snaptasks conform` loads at a port of its own."""

import json
import os
from collections.abc import Iterable, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from threading import Thread
from typing import Any

from snaptasks import EVERYTHING, Caller, FilterSpec, Grants, ListItem, OverLimit, TaskIndex, Visibility, Wanted, rest


class Known(Caller, frozen=True):
    """A caller, and the name by which it is known."""

    name: str


class Loaded:
    """What was loaded last: a source, who may ask, and what each sees."""

    def __init__(self) -> None:
        self.index, self.callers, self.sees = TaskIndex(), dict[str, Known](), dict[str, Visibility]()

    def load(self, text: bytes) -> None:
        given = json.loads(text)
        known = {name.replace(" ", "-"): who for name, who in given["callers"].items() if who}
        self.callers = {
            f"Bearer {n}": Known(user=w["user"], privileges=w["privileges"], name=n) for n, w in known.items()
        }
        self.sees = {
            name: EVERYTHING if who["sees"] == "everything" else Grants(FilterSpec(**grant) for grant in who["sees"])
            for name, who in known.items()
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


def _made(source: object, **settings: Any) -> rest.Service:
    """The service of the recipe, of what is loaded."""
    settings["authenticate"] = lambda asked: loaded.callers.get(asked.header("authorization") or "")
    settings["visibility"] = lambda caller: loaded.sees[caller.name]
    return _service(loaded, **settings)


class _Load(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        loaded.load(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


setattr(rest, "Service", _made)  # noqa: B010
app = import_module(f"examples.{os.environ['RECIPE']}").app
Thread(target=HTTPServer(("127.0.0.1", int(os.environ["LOAD_PORT"])), _Load).serve_forever, daemon=True).start()
