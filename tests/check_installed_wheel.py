"""Check the installed package. Run this with the Python of an environment without the checkout."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import snaptasks

root = Path(snaptasks.__file__).parent
files = {str(path) for path in metadata.files("snaptasks") or ()}
problems = [
    *(["it is not imported from the environment"] if "site-packages" not in root.parts else []),
    *([f"no {name}" for name in ("py.typed", "SPEC.md") if not (root / name).is_file()]),
    *([f"{file} does not belong here" for file in files if file.startswith(("tests", "benchmarks"))]),
]
(sample,) = sys.argv[1:]
script = Path(sys.executable).parent / "snaptasks"
done = subprocess.run([script, "list", sample, "--status", "RUNNING"], capture_output=True, check=True)
checked = subprocess.run([script, "check", "-"], input=done.stdout, capture_output=True, check=True)
found = snaptasks.ListResult.from_json(done.stdout)
problems += [] if found.items else ["the main job found nothing"]
problems += (
    [] if checked.stdout == f"{len(found.items)} tasks: {len(found.items)} RUNNING\n".encode() else ["check failed"]
)
described = subprocess.run([script, "openapi"], capture_output=True, check=True)
problems += [] if "/snapservice/tasks" in json.loads(described.stdout)["paths"] else ["openapi failed"]
print(f"snaptasks {metadata.version('snaptasks')}: {len(found.items)} running tasks listed from the installed package")
sys.exit("\n".join(problems) or 0)
