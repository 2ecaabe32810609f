"""Run the recipes under real web servers on a free port of the loopback interface."""

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

# The command of each recipe's server. The limits admit long queries, which the server would otherwise refuse itself.
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

# The commands with the default limits of the servers.
DEFAULTS: Final = {
    "fastapi_app": ["uvicorn", "{app}", "--host", "127.0.0.1", "--port", "{port}"],
    "flask_app": ["gunicorn", "{app}", "--bind", "127.0.0.1:{port}"],
    "django_app": ["waitress", "--listen", "127.0.0.1:{port}", "{app}"],
}

# Seconds that a server may take to answer or to stop; then the test fails.
PATIENCE: Final = 30


class Server(NamedTuple):
    """Hold the port and the log of a running server."""

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
    """Yield the running server of a recipe, and stop it afterwards.

    Args:
        recipe: The name of the recipe, a key of `commands`.
        folder: The working directory, which receives tasks.json and the log.
        app: The application to import.
        commands: The commands to choose from.
        more: More environment variables.
    """
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
            start_new_session=True,  # recipe_app ends this group when no process holds its input any more
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
