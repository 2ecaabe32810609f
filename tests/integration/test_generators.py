"""The OpenAPI document in the generators that people use, and what they make of it against a running recipe (E-2, W-3)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import attrs
import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import ValidationError

from examples import joined_app
from snaptasks import (
    EVERYTHING,
    DateTimeFormat,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Info,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    Status,
    get_task,
    list_tasks,
    rest,
)
from tests.integration.failing_index import OPS, FailingIndex
from tests.integration.servers import Server, serving
from tests.paths import SAMPLE

# The client in TypeScript, and beside it what `npm ci` installs there.
NODE: Final = Path(__file__).parent / "node"
TOOLS: Final = NODE / "node_modules" / ".bin"
TSC: Final = ["--strict", "--skipLibCheck", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext"]

RESULT: Final = ListResult.from_json(SAMPLE.read_bytes())
SOURCE: Final = FailingIndex(RESULT)
SERVICES: Final = ["com.vmware.snapservice.sites", "odd"]
EXPECTED: Final = list_tasks(
    SOURCE,
    FilterSpec(services=SERVICES, status={"FAILED", "SUCCEEDED"}, users={OPS}),
    visibility=EVERYTHING,
)
ODD: Final = get_task(SOURCE, "b/c", visibility=EVERYTHING)

_NESTED: Final = NestedLocalizableMessage(id="n", params={"d": LocalizationParam(d=0.5, precision=2)})
_MESSAGE: Final = LocalizableMessage(
    id="m",
    default_message="Failed",
    args=["a"],
    params={
        "s": LocalizationParam(s="text"),
        "i": LocalizationParam(i=2**63 - 1),
        "l": LocalizationParam(l=_NESTED),
        **{
            str(name): LocalizationParam(dt=datetime(2025, 11, 4, 12, tzinfo=UTC), format=name)
            for name in DateTimeFormat
        },
    },
    localized="Fehlgeschlagen",
)


def error_of(kind: ErrorType) -> ErrorValue:
    """An error with all that one of its type can have."""
    if kind in {ErrorType.UNAUTHENTICATED, ErrorType.UNAUTHORIZED}:
        return ErrorValue(messages=[_MESSAGE], error_type=kind, challenge="Bearer")
    return ErrorValue(messages=[_MESSAGE, _MESSAGE], error_type=kind, data={"primary": "a", "deep": [{"b": 1.5}]})


def newer() -> Info:
    """What a newer server may answer: names that this version does not know (V-6)."""
    tree = RESULT[0].info.to_python()
    text = {
        "id": "m",
        "default_message": "d",
        "args": [],
        "params": {"t": {"dt": "2025-11-04T12:10:06Z", "format": "NEW"}},
    }
    return Info.from_python(tree | {"status": "FROZEN", "error": {"messages": [text], "error_type": "BRAND_NEW"}})


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints, which must succeed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(document: dict[str, Any], folder: Path) -> Path:
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("fastapi_app", tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a module of the packages `made` and `models`, which a test generates in its folder."""
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module
    for name in [name for name in sys.modules if name.partition(".")[0] in {"made", "models"}]:
        del sys.modules[name]


def python_client(document: dict[str, Any], folder: Path) -> None:
    """Make a package of openapi-python-client, which may warn of nothing."""
    (folder / "config.yaml").write_text("post_hooks: []")  # ruff, which makes the package look nice
    run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--path", write(document, folder)),
        *("--config", folder / "config.yaml", "--meta", "none", "--fail-on-warning", "--output-path", folder / "made"),
        folder=folder,
    )


def held(value: Any) -> Any:
    """The JSON of all that a model of openapi-python-client holds.

    Its own to_dict fails for a LocalizationParam, whose field d hides a variable of from_dict.
    """
    if isinstance(value, list):
        return [held(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if not attrs.has(type(value)):
        return value
    fields = {name.rstrip("_"): held(each) for name, each in attrs.asdict(value, recurse=False).items()}
    more = fields.pop("additional_properties", {})
    fields = {name: each for name, each in fields.items() if type(each).__name__ != "Unset"}
    return fields | {name: held(each) for name, each in more.items()} if isinstance(more, dict) else fields


def test_openapi_python_client(
    server: Server, tmp_path: Path, imported: Callable[[str], ModuleType], report: list[str]
) -> None:
    """Q-1, W-1, E-3: lists, gets, and reads each failure as its type."""
    python_client(rest.openapi(), tmp_path)
    made, models = imported("made"), imported("made.models")
    listing = imported("made.api.snapservice_tasks.snapservice_tasks_list")
    getting = imported("made.api.snapservice_tasks.snapservice_tasks_get")
    status = models.SnapserviceTasksStatus
    assert {*status} == {*Status}
    with made.AuthenticatedClient(base_url=f"{server.url}/api", token="ops") as client:
        listed = listing.sync(client=client, status=[status.FAILED, status.SUCCEEDED], services=SERVICES)
        got = getting.sync("b/c", client=client)
        missing = getting.sync_detailed("hidden b/c", client=client)
        # Its enumeration has no such member.
        broken = listing.sync_detailed(client=client, status=[SimpleNamespace(value="BROKEN")])
    with made.Client(base_url=f"{server.url}/api") as stranger:
        denied = listing.sync_detailed(client=stranger)

    assert ListResult.from_python(held(listed)) == EXPECTED
    assert {item.info.status for item in listed.items} == {status.FAILED, status.SUCCEEDED}
    assert Info.from_python(held(got)) == ODD
    assert (missing.status_code, type(missing.parsed)) == (404, models.VapiStdErrorsError)
    assert missing.parsed.error_type == models.VapiStdErrorsErrorType.NOT_FOUND
    assert missing.parsed.messages[0].args == ["hidden b/c"]
    assert (broken.status_code, broken.parsed.error_type) == (400, "INVALID_ARGUMENT")
    assert broken.parsed.data.to_dict() == {"primary": "status", "secondary": []}
    assert (denied.status_code, denied.parsed.error_type, denied.parsed.challenge) == (401, "UNAUTHENTICATED", "Bearer")

    everything = models.SnapserviceTasksListResult.from_dict(RESULT.to_python())
    assert ListResult.from_python(held(everything)) == RESULT
    assert Info.from_python(held(models.SnapserviceTasksInfo.from_dict(newer().to_python()))) == newer()
    for kind in ErrorType:
        error = error_of(kind)
        assert ErrorValue.from_python(held(models.VapiStdErrorsError.from_dict(error.to_python()))) == error
    report.append(f"openapi-python-client: {len(models.__all__)} models, {len(RESULT)} tasks and 25 errors read")


def test_datamodel_code_generator(tmp_path: Path, imported: Callable[[str], ModuleType], report: list[str]) -> None:
    """W-1, E-1, V-6: its models read each task and each of the 25 errors, and write them again as they were."""
    run(
        *(sys.executable, "-m", "datamodel_code_generator", "--input-file-type", "openapi"),
        *("--input", write(rest.openapi(), tmp_path), "--output", tmp_path / "models"),
        *("--output-model-type", "pydantic_v2.BaseModel"),
        folder=tmp_path,
    )
    tasks, std, errors = map(imported, ("models.Snapservice.Tasks", "models.Vapi.Std", "models.Vapi.Std.Errors"))

    def again(model: Any, text: bytes) -> str:
        written: str = model.model_validate_json(text).model_dump_json(exclude_unset=True)
        return written

    assert ListResult.from_json(again(tasks.ListResult, RESULT.to_json())) == RESULT
    assert Info.from_json(again(tasks.Info, newer().to_json())) == newer()
    for kind in ErrorType:
        error, model = error_of(kind), getattr(errors, kind.exception.__name__)
        assert issubclass(model, errors.Error)
        assert ErrorValue.from_json(again(model, error.to_json())) == error
    assert [each.value for each in tasks.Status] == [*Status]
    assert [each.value for each in errors.ErrorType] == [*ErrorType]
    assert [each.value for each in std.DateTimeFormat] == [*DateTimeFormat]
    with pytest.raises(ValidationError, match="cancelable"):
        tasks.Info.model_validate({**RESULT[0].info.to_python(), "cancelable": None})
    report.append(f"datamodel-code-generator: {len(RESULT)} tasks and {len(ErrorType)} errors read and written again")


def test_openapi_typescript_and_openapi_fetch(server: Server, tmp_path: Path, report: list[str]) -> None:
    """Q-1, W-1, E-3, V-6: a client that the compiler accepts lists, gets, and reads each failure."""
    for name in ("client.ts", "package.json"):
        shutil.copy(NODE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    run(TOOLS / "openapi-typescript", write(rest.openapi(), tmp_path), "--output", "schema.d.ts", folder=tmp_path)
    run(TOOLS / "tsc", *TSC, "client.ts", folder=tmp_path)
    seen = json.loads(run("node", "client.js", f"{server.url}/api", folder=tmp_path))

    assert seen.pop("listed") == [
        [item.task, item.info.status, item.info.progress and item.info.progress.completed] for item in EXPECTED
    ]
    (failure, *_) = [item.info.error for item in EXPECTED if item.info.error]
    assert seen.pop("failure") == [failure.error_type, failure.messages[0].default_message]
    assert "status" in seen["broken"].pop("args")
    assert seen == {
        "got": [OPS, "SUCCEEDED"],
        "newer": "FROZEN",
        "missing": {"status": 404, "error_type": "NOT_FOUND", "args": ["hidden b/c"]},
        "denied": {"status": 401, "error_type": "UNAUTHENTICATED", "args": [], "challenge": "Bearer"},
        "broken": {"status": 400, "error_type": "INVALID_ARGUMENT", "data": {"primary": "status", "secondary": []}},
    }
    report.append(f"openapi-typescript and openapi-fetch: {len(EXPECTED)} tasks and three failures read")


def faults(document: dict[str, Any], folder: Path) -> list[str]:
    """What openapi-spec-validator and Redocly's linter have against a document."""
    seen = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    command: list[str | Path] = [TOOLS / "redocly", "lint", "--format", "json", "--config", NODE / "redocly.yaml"]
    env = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}  # it asks no network
    linted = subprocess.run([*command, write(document, folder)], env=env, capture_output=True, text=True, check=False)
    return seen + [problem["ruleId"] for problem in json.loads(linted.stdout)["problems"]]


def test_the_document_passes_validator_and_linter(tmp_path: Path) -> None:
    """E-2: and each of them finds a fault."""
    assert faults(rest.openapi(), tmp_path) == []
    wrong = rest.openapi()
    del wrong["paths"]["/snapservice/tasks"]["get"]["summary"], wrong["info"]["version"]
    assert {"'version' is a required property", "operation-summary"} <= {*faults(wrong, tmp_path)}


def test_it_joins_the_document_of_an_application(
    server: Server, tmp_path: Path, imported: Callable[[str], ModuleType]
) -> None:
    """W-3: beside FastAPI's own routes, schemas and security, and a generated client finds the tasks there."""
    app: FastAPI = joined_app.app
    document = app.openapi()
    assert document == app.openapi()
    assert {"/hosts/{name}", "/api/snapservice/tasks", "/api/snapservice/tasks/{task}"} == {*document["paths"]}
    assert {"HTTPValidationError", "Snapservice.Tasks.Info"} < {*document["components"]["schemas"]}
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    python_client(document, tmp_path)
    listing = imported("made.api.snapservice_tasks.snapservice_tasks_list")
    with imported("made").AuthenticatedClient(base_url=server.url, token="ops") as client:
        listed = listing.sync(client=client, services=["odd"])
    assert [item.task for item in listed.items] == [item.task for item in EXPECTED if item.info.service == "odd"]
