"""Test values in frameworks, settings, columns and parsed JSON (V-14, A-4)."""

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import JSON, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from examples import models_app
from snaptasks import (
    CommonInfo,
    FilterSpec,
    Grants,
    Info,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizableMessage,
    Status,
    list_tasks,
)
from tests.integration.saved_tests import run_saved_tests
from tests.integration.servers import RECIPES
from tests.paths import DATA

SAMPLE = (DATA / "sample-tasks.json").read_bytes()
RESULT = ListResult.from_json(SAMPLE)
NEWER = RESULT[0].to_python() | {"new": 1}
NEWER["info"] |= {"status": "FROZEN", "new": {"deep": []}, "parent": ""}


class Report(BaseModel):
    """Represent a model of another program that contains values."""

    title: str
    worst: ListItem
    all: list[ListItem] = []
    by_user: dict[str, FilterSpec] = {}


app = FastAPI()


@app.post("/info", response_model=Info)
def post_info(info: Info) -> Any:
    assert type(info) is Info
    return info


@app.post("/items")
def post_items(items: list[ListItem]) -> ListResult:
    return ListResult(items=items)


@app.post("/report")
def post_report(report: Report) -> Report:
    return report


@app.post("/common", response_model=CommonInfo)
def post_common(info: Info) -> Any:
    return CommonInfo.from_python(info.to_python())


@app.get("/tasks")
def get_tasks(filter: Annotated[FilterSpec, Query()]) -> ListResult:
    return list_tasks(RESULT, filter, visibility=lambda item: True)


@app.get("/plain", response_model=None)
def get_plain() -> ListItem:
    return RESULT[0]


@app.post("/grants")
def post_grants(grants: Grants) -> Grants:
    return grants


def send(method: str, path: str, *, to: FastAPI = app, **request: Any) -> httpx.Response:
    """Return the response of an application, without a server."""

    async def main() -> httpx.Response:
        transport = httpx.ASGITransport(to)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **request)

    return asyncio.run(main())


def post(path: str, content: bytes) -> httpx.Response:
    return send("POST", path, content=content, headers={"content-type": "application/json"})


def test_fastapi_with_info_as_body_and_response_round_trips_json() -> None:
    """V-14, V-2: Do so for each task of the sample; the response equals to_json()."""
    for item in RESULT:
        response = post("/info", item.info.to_json())
        assert (response.status_code, response.json()) == (200, json.loads(item.info.to_json()))
        assert response.content == item.info.to_json()


def test_fastapi_with_list_and_foreign_model_round_trips_values() -> None:
    """V-14: A value may stand in a model, a list or a mapping."""
    response = post("/items", b"[%b]" % b",".join(item.to_json() for item in RESULT))
    assert response.content == RESULT.to_json()
    report = {
        "title": "t",
        "worst": RESULT[1].to_python(),
        "all": RESULT.to_python()["items"],
        "by_user": {"u": {"users": ["u"]}},
    }
    assert send("POST", "/report", json=report).json() == report
    common = post("/common", RESULT[2].info.to_json())
    assert common.json() == CommonInfo.from_json(RESULT[2].info.to_json()).to_python()


def test_fastapi_with_newer_client_reads_as_leniently_as_from_json() -> None:
    """V-6, V-7, V-9, V-14: Accept unknown names and fields, and an empty parent."""
    response = send("POST", "/items", json=[NEWER])
    assert response.json() == {"items": [ListItem.from_python(NEWER).to_python()]}
    assert response.json()["items"][0]["info"]["status"] == "FROZEN"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 200),
        ({"status": ["FAILED", "RUNNING"]}, 200),
        ({"status": "FALED"}, 422),
        ({"statuz": "FAILED"}, 422),
        ({"users": ""}, 422),
    ],
)
def test_fastapi_with_filter_as_query_refuses_what_the_filter_refuses(query: dict[str, Any], status: int) -> None:
    """F-7, V-7, V-9."""
    response = send("GET", "/tasks", params=query)
    assert response.status_code == status
    if status == 200:
        spec = FilterSpec(**query)
        assert response.content == list_tasks(RESULT, spec, visibility=lambda item: True).to_json()


def test_fastapi_without_response_model_writes_null_for_unset() -> None:
    """V-2: The text is not canonical, but reads back as an equal value."""
    response = send("GET", "/plain")
    assert response.json()["info"]["parent"] is None
    assert ListItem.from_json(response.content) == RESULT[0]


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"status": "RUNNING"}, ["body"], None),
        (RESULT[0].info.to_python() | {"start_time": "yesterday"}, ["body", "start_time"], "not_a_time"),
        (RESULT[0].info.to_python() | {"status": "PENDING"}, ["body", "start_time"], "forbidden_by_status"),
    ],
)
def test_fastapi_with_wrong_body_returns_field_and_code(body: Any, where: list[str], code: str | None) -> None:
    """V-13: The framework's own response can be sent as JSON."""
    response = send("POST", "/info", json=body)
    assert response.status_code == 422
    first = response.json()["detail"][0]
    assert first["loc"][: len(where)] == where
    assert code in {None, first["type"]}


def test_fastapi_schemas_describe_every_field() -> None:
    """V-2: The document has a sentence for each field of each value."""
    schemas = app.openapi()["components"]["schemas"]
    for name in ("Info", "ListItem", "LocalizableMessage", "Progress", "ErrorValue", "DynamicID"):
        (schema,) = [schema for key, schema in schemas.items() if key in {name, f"{name}-Input"}]
        assert all(field["description"].endswith(".") for field in schema["properties"].values()), name
    assert {"description", "service", "operation", "status", "cancelable"} == {
        *schemas.get("Info", schemas.get("Info-Input"))["required"]
    }


def test_fastapi_with_grants_as_body_refuses_grants_that_open_all() -> None:
    """A-4."""
    assert send("POST", "/grants", json=[{"users": ["u"]}]).json() == [{"users": ["u"]}]
    opening: list[Any] = [
        [{}],
        [{"services": []}],
        [{"services": None}],
        [{"user": ["u"]}],
        {"filters": [{"users": ["u"]}]},
        None,
    ]
    for wrong in opening:
        assert send("POST", "/grants", json=wrong).status_code == 422


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SNAPTASKS_TEST_")

    visibility: Grants = Grants([])
    first: ListItem | None = None


OPENING = [
    {"filters": [{"services": []}]},
    {"filters": []},
    [{"services": []}],
    [{"services": None}],
    [{}],
    [{"users": ["u"]}, {}],
    [{"users": ["u"], "services": []}],
    "everything",
    None,
    5,
    {},
]


@pytest.mark.parametrize("wrong", OPENING, ids=json.dumps)
def test_settings_and_grants_refuse_values_that_open_all(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4: Give them as Python, as JSON and in the environment."""
    with pytest.raises(ValidationError):
        Settings.model_validate({"visibility": wrong})
    with pytest.raises(ValidationError):
        Settings.model_validate_json(json.dumps({"visibility": wrong}))
    with pytest.raises(ValidationError):
        TypeAdapter(Grants).validate_python(wrong)
    for read, given in ((Grants.from_python, wrong), (Grants.from_json, json.dumps(wrong))):
        with pytest.raises(InvalidValue) as caught:
            read(given)
        assert {violation.spec_id for violation in caught.value.violations} == {"A-4"}
    if isinstance(wrong, list):
        monkeypatch.setenv("SNAPTASKS_TEST_VISIBILITY", json.dumps(wrong))
        with pytest.raises(ValidationError):
            Settings()


def test_settings_with_grants_and_values_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, V-14: Read them from the environment."""
    monkeypatch.setenv("SNAPTASKS_TEST_VISIBILITY", '[{"users":["CORP\\\\ops-team"]},{"services":["a"]}]')
    monkeypatch.setenv("SNAPTASKS_TEST_FIRST", RESULT[0].to_json().decode())
    settings = Settings()
    assert settings.visibility == Grants([FilterSpec(users={"CORP\\ops-team"}), FilterSpec(services={"a"})])
    assert settings.first == RESULT[0]
    dumped = json.loads(settings.model_dump_json())
    assert dumped == {
        "visibility": [{"users": ["CORP\\ops-team"]}, {"services": ["a"]}],
        "first": RESULT[0].to_python(),
    }
    assert Settings.model_validate(dumped) == Settings.model_validate_json(json.dumps(dumped)) == settings
    assert settings.visibility.to_json() == json.dumps(dumped["visibility"], separators=(",", ":")).encode()
    assert Grants.from_json(settings.visibility.to_json()) == settings.visibility


def test_models_recipe_shows_only_granted_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, V-14: Show nothing until a grant exists, and then only that."""
    items = RESULT.to_python()["items"]
    assert send("POST", "/load", to=models_app.app, json=items).json() == len(items)
    assert send("GET", "/tasks", to=models_app.app).json() == {"items": []}
    monkeypatch.setenv("VISIBILITY", r'[{"users": ["CORP\\ops-team"]}]')
    visible = send("GET", "/tasks", to=models_app.app, params={"status": "FAILED"}).json()["items"]
    assert {item["info"]["user"] for item in visible} == {"CORP\\ops-team"}
    assert {item["info"]["status"] for item in visible} == {"FAILED"}
    monkeypatch.setenv("VISIBILITY", '[{"services": []}]')
    with pytest.raises(ValidationError, match="must not be empty: an empty set"):
        models_app.Settings()


class Base(DeclarativeBase):
    pass


class Stored(Base):
    __tablename__ = "stored"

    id: Mapped[str] = mapped_column(primary_key=True)
    info: Mapped[dict[str, Any]] = mapped_column(JSON)


def test_info_from_json_column_equals_the_stored_one() -> None:
    """V-14: Read the tree that the column has parsed."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Stored(id=item.task, info=item.info.to_python()) for item in RESULT)
        session.commit()
        items = [ListItem(task=row.id, info=Info.from_python(row.info)) for row in session.scalars(select(Stored))]
    engine.dispose()
    assert {item.task: item for item in items} == {item.task: item for item in RESULT}
    assert b"".join(sorted(item.to_json() for item in items)) == b"".join(sorted(item.to_json() for item in RESULT))


def test_values_from_parsed_json_equal_those_from_text() -> None:
    """V-11, V-14: Use keywords, and adapters in both modes; keep an instance as it is."""
    for item in RESULT:
        assert Info(**json.loads(item.info.to_json())) == item.info
    reader = TypeAdapter(list[ListItem])
    tree = json.loads(SAMPLE)["items"]
    assert reader.validate_python(tree) == reader.validate_json(json.dumps(tree)) == list(RESULT.items)
    assert reader.dump_json(list(RESULT.items)) == b"[%b]" % b",".join(item.to_json() for item in RESULT)
    assert all(one is other for one, other in zip(reader.validate_python(list(RESULT.items)), RESULT, strict=True))
    mixed = Report(title="t", worst=RESULT[0], all=[RESULT[1].to_python()])  # type: ignore[list-item]
    assert (mixed.worst is RESULT[0], mixed.all[0]) == (True, RESULT[1])
    assert Report.model_validate(mixed.model_dump()) == mixed
    text = LocalizableMessage.from_python({"id": "m", "default_message": "d"})
    assert (
        Info.from_python(
            {"description": text, "service": "s", "operation": "o", "status": Status.PENDING, "cancelable": True}
        ).description
        is text
    )


@pytest.mark.parametrize("framework", ["django", "fastapi", "flask"])
def test_tests_of_a_recipe_pass_and_find_a_leak(framework: str, tmp_path: Path) -> None:
    """A-3, A-6: Run them through the test client of the framework, against the recipe and against one that leaks."""
    shutil.copy(DATA / "sample-tasks.json", tmp_path / "tasks.json")
    shutil.copy(RECIPES / "test_service.py", tmp_path)
    shutil.copy(RECIPES / f"client_{framework}.py", tmp_path / "client.py")
    text = (RECIPES / f"{framework}_app.py").read_text(encoding="utf-8")
    leaking = text.replace("Grants([FilterSpec(users={caller.user})])", "lambda item: True")
    assert leaking != text
    outcomes = []
    for source in (text, leaking):
        (tmp_path / f"{framework}_app.py").write_text(source, encoding="utf-8")
        done = run_saved_tests(tmp_path)
        outcomes.append((done.returncode, sorted({*re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE)})))
    leaks = ["test_hidden_task_gets_the_answer_of_a_missing_one", "test_list_has_only_tasks_of_the_caller"]
    assert outcomes == [(0, []), (1, leaks)]
