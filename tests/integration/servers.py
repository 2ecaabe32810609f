"""The recipes under the servers that people run them under, on a free port of the loopback interface."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.paths import ROOT, SAMPLE

RECIPES: Final = ROOT / "examples"

# The server that each recipe runs under, with room for long queries: they would refuse them, and with text of their own.
COMMANDS: Final = {
    "fastapi_app": [
        *("uvicorn", "{app}", "--host", "127.0.0.1", "--port", "{port}"),
        *("--h11-max-incomplete-event-size", "100000000"),
    ],
    "flask_app": [
        *("gunicorn", "{app}", "--bind", "127.0.0.1:{port}", "--threads", "4"),
        *("--limit-request-line", "0"),
    ],
    "django_app": ["waitress", "--listen", "127.0.0.1:{port}", "--max-request-header-size", "100000000", "{app}"],
}

# The same under its defaults.
DEFAULTS: Final = {
    "fastapi_app": ["uvicorn", "{app}", "--host", "127.0.0.1", "--port", "{port}"],
    "flask_app": ["gunicorn", "{app}", "--bind", "127.0.0.1:{port}"],
    "django_app": ["waitress", "--listen", "127.0.0.1:{port}", "{app}"],
}

# Seconds until a server that does not answer counts as one that never will.
PATIENCE: Final = 30


class Server(NamedTuple):
    """A server that answers."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(
    recipe: str,
    folder: Path,
    app: str = "tests.integration.recipe_app:app",
    commands: Mapping[str, Sequence[str]] = COMMANDS,
    **more: str,
) -> Iterator[Server]:
    """The server of a recipe, which finds tasks.json in its folder; it has ended afterwards."""
    shutil.copy(SAMPLE, folder / "tasks.json")
    port = free_port()
    command = [part.format(app=app, port=port) for part in commands[recipe]]
    env = os.environ | {
        "RECIPE": recipe,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a group of its own, which ends when nobody holds its input any more
        )
        try:
            wait_for(port, process, log)
            yield Server(port, log)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)  # closes its input, too


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no answer: {log.read_text()}")
