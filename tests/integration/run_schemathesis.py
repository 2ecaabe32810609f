"""Run schemathesis against the recipes under their servers, with the OpenAPI document of the package.

`python -m tests.integration.run_schemathesis --max-examples 500`: options go to schemathesis. Every check of
schemathesis is on, except for the checks in OFF.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from snaptasks import rest
from tests.integration.servers import COMMANDS, serving

# The checks that are off, each with its reason.
OFF: Final = {
    "not_a_server_error": "the API answers more than 1000 matches with 500 (L-2, E-1); the log shows bugs instead",
    "unsupported_method": "a wrong method is INVALID_REQUEST, whose status is 400, not 405 (W-3, E-1)",
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document with the recipes' authentication, and without uniqueItems."""
    description = rest.openapi()
    description["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    description["security"] = [{"bearer": []}]
    for parameter in description["paths"]["/snapservice/tasks"]["get"]["parameters"]:
        del parameter["schema"]["uniqueItems"]  # no server refuses a repeated member, which counts once
    return description


def run(recipe: str, options: list[str]) -> bool:
    """Return whether schemathesis finds no failure and the log of the server shows no traceback."""
    with tempfile.TemporaryDirectory() as name, serving(recipe, Path(name)) as server:
        path = Path(name) / "openapi.json"
        path.write_text(json.dumps(document()))
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            str(path),
            "--url",
            f"{server.url}/api",
            "--no-color",
        ]
        command += ["--header", "Authorization: Bearer ops", "--exclude-checks", ",".join(OFF), *options]
        done = subprocess.run(command, cwd=name, check=False)
        log = server.log.read_text(errors="replace")
        if "Traceback" in log:
            print(log[log.index("Traceback") :][:5000])
        return done.returncode == 0 and "Traceback" not in log


if __name__ == "__main__":
    failed = [recipe for recipe in COMMANDS if not run(recipe, sys.argv[1:])]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")
