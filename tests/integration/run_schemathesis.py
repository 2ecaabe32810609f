"""schemathesis against the recipes under their servers, with the OpenAPI document of the package.

`python -m tests.integration.run_schemathesis --max-examples 500`: further options are schemathesis's own. Every check of it is
on but those that are listed here, each with its reason.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from snaptasks import rest
from tests.integration.servers import COMMANDS, serving

# Checks that are off, and why.
OFF: Final = {
    "not_a_server_error": "more than 1000 matches are 500, as the API has it (L-2, E-1); a bug shows in the log instead",
    "unsupported_method": "a wrong method is INVALID_REQUEST, which is 400 and not 405 (W-3, E-1)",
}


def document() -> dict[str, Any]:
    """The OpenAPI document with how the recipes authenticate, less what no server has to refuse."""
    described = rest.openapi()
    described["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{"bearer": []}]
    for parameter in described["paths"]["/snapservice/tasks"]["get"]["parameters"]:
        del parameter["schema"]["uniqueItems"]  # a repeated member counts once
    return described


def run(recipe: str, options: list[str]) -> bool:
    """Whether schemathesis finds nothing, and the server has met no bug."""
    with tempfile.TemporaryDirectory() as name, serving(recipe, Path(name)) as server:
        described = Path(name) / "openapi.json"
        described.write_text(json.dumps(document()))
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            str(described),
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
