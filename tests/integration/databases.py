"""Start PostgreSQL servers on the loopback interface with temporary data: one, or several with a sharded table."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Engine, MetaData, create_engine

from snaptasks.sql import task_table

SHARDED: Final = Path(__file__).parents[2] / "examples" / "sharded.sql"

PATIENCE: Final = 60
"""Seconds that a server may take to start or stop; then the test fails."""
SHARDS: Final = 2

# For tests only, because data does not survive a crash. Without a Unix socket: the port is the only way in.
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
}


class Postgres(NamedTuple):
    """Hold a running server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://snaptasks@127.0.0.1:{self.port}/snaptasks"

    def stop(self) -> None:
        """Stop the server immediately and cut its connections."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)

    def run(self, script: str, database: str = "snaptasks") -> None:
        """Run a script with psql, up to its first error."""
        address = f"postgresql://snaptasks@127.0.0.1:{self.port}/{database}"
        command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", address]
        subprocess.run(command, input=script, text=True, check=True, timeout=PATIENCE)


def programs() -> Path:
    """Return the folder of the newest PostgreSQL; Debian keeps it off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = found[-1] if found else shutil.which("initdb")
    assert initdb, "PostgreSQL is not installed: apt-get install postgresql"
    return Path(initdb).parent


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Yield a new server, and stop it afterwards. Root starts it as user `postgres`, because it refuses root."""
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        data = Path(folder, "data")
        if user is not None:
            shutil.chown(folder, user)
        options = "-U snaptasks -A trust -E UTF8 --locale=C.UTF-8 --no-sync"
        initdb = [str(programs() / "initdb"), "-D", str(data), *options.split()]
        subprocess.run(initdb, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, timeout=PATIENCE)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(programs() / "postgres"), "-D", str(data), "-p", str(port), *settings],
                cwd=folder,
                user=user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
            for _ in range(PATIENCE * 10):
                if subprocess.run(ready, check=False).returncode == 0:
                    break
                assert process.poll() is None, log.read_text()
            server = Postgres(port, process)
            server.run("CREATE DATABASE snaptasks;", "postgres")
            yield server
        finally:
            Postgres(port, process).stop()


@contextmanager
def engine(server: Postgres, **options: Any) -> Iterator[Engine]:
    """Yield an engine of a server with options of the driver, and close its connections afterwards."""
    made = create_engine(server.url, connect_args=options)
    try:
        yield made
    finally:
        made.dispose()


@contextmanager
def sharded(**options: Any) -> Iterator[Engine]:
    """Yield the engine of a server whose table `tasks` is on other servers, set up by the recipe."""
    script = SHARDED.read_text(encoding="utf-8")
    with ExitStack() as stack:
        coordinator = stack.enter_context(postgres())
        for number in range(SHARDS):
            shard = stack.enter_context(postgres())
            with engine(shard) as connected:
                task_table(MetaData()).create(connected)
            address = f"host 'shard-{number}.example.com', port '5432'"
            assert address in script
            script = script.replace(address, f"host '127.0.0.1', port '{shard.port}'")
        assert "example.com" not in script
        coordinator.run(script)
        yield stack.enter_context(engine(coordinator, **options))
