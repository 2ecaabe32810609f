"""Values where others' code touches them: frameworks, settings, columns, parsed JSON (V-14, A-4)."""

import asyncio
import json
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
from tests.paths import DATA

SAMPLE = (DATA / "sample-tasks.json").read_bytes()
RESULT = ListResult.from_json(SAMPLE)
NEWER = RESULT[0].to_python() | {"new": 1}
NEWER["info"] |= {"status": "FROZEN", "new": {"deep": []}, "parent": ""}


class Report(BaseModel):
    """A model of somebody's own."""

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


def ask(method: str, path: str, *, of: FastAPI = app, **request: Any) -> httpx.Response:
    """What an application answers, without a server."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(of)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **request)

    return asyncio.run(asked())


def post(path: str, content: bytes) -> httpx.Response:
    return ask("POST", path, content=content, headers={"content-type": "application/json"})


def test_a_body_of_our_own_json_is_read_and_written_as_it_was() -> None:
    """V-14, V-2: for each of the sample's tasks; the answer is to_json()'s."""
    for item in RESULT:
        answer = post("/info", item.info.to_json())
        assert (answer.status_code, answer.json()) == (200, json.loads(item.info.to_json()))
        assert answer.content == item.info.to_json()


def test_a_list_and_a_model_of_ones_own() -> None:
    """V-14: a value inside a model, a list, a mapping."""
    answer = post("/items", b"[%b]" % b",".join(item.to_json() for item in RESULT))
    assert answer.content == RESULT.to_json()
    report = {
        "title": "t",
        "worst": RESULT[1].to_python(),
        "all": RESULT.to_python()["items"],
        "by_user": {"u": {"users": ["u"]}},
    }
    assert ask("POST", "/report", json=report).json() == report
    common = post("/common", RESULT[2].info.to_json())
    assert common.json() == CommonInfo.from_json(RESULT[2].info.to_json()).to_python()


def test_a_newer_client_is_read_as_leniently_as_a_text() -> None:
    """V-6, V-7, V-9, V-14: unknown names and fields, and an empty parent."""
    answer = ask("POST", "/items", json=[NEWER])
    assert answer.json() == {"items": [ListItem.from_python(NEWER).to_python()]}
    assert answer.json()["items"][0]["info"]["status"] == "FROZEN"


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
def test_a_filter_as_query_parameters(query: dict[str, Any], status: int) -> None:
    """F-7, V-7, V-9: what a filter refuses, the framework refuses."""
    answer = ask("GET", "/tasks", params=query)
    assert answer.status_code == status
    if status == 200:
        spec = FilterSpec(**query)
        assert answer.content == list_tasks(RESULT, spec, visibility=lambda item: True).to_json()


def test_without_an_annotation_unset_is_null_and_read_back() -> None:
    """V-2: not canonical, but equal when read again."""
    answer = ask("GET", "/plain")
    assert answer.json()["info"]["parent"] is None
    assert ListItem.from_json(answer.content) == RESULT[0]


@pytest.mark.parametrize(
    ("body", "where", "code"),
    [
        ({"status": "RUNNING"}, ["body"], None),
        (RESULT[0].info.to_python() | {"start_time": "yesterday"}, ["body", "start_time"], "not_a_time"),
        (RESULT[0].info.to_python() | {"status": "PENDING"}, ["body", "start_time"], "forbidden_by_status"),
    ],
)
def test_a_refusal_names_field_and_code(body: Any, where: list[str], code: str | None) -> None:
    """V-13: in the framework's own answer, which can be sent as JSON."""
    answer = ask("POST", "/info", json=body)
    assert answer.status_code == 422
    first = answer.json()["detail"][0]
    assert first["loc"][: len(where)] == where
    assert code in {None, first["type"]}


def test_schemas_describe_every_field() -> None:
    """V-2: the framework's document has a sentence for each field of each value."""
    schemas = app.openapi()["components"]["schemas"]
    for name in ("Info", "ListItem", "LocalizableMessage", "Progress", "ErrorValue", "DynamicID"):
        (schema,) = [schema for key, schema in schemas.items() if key in {name, f"{name}-Input"}]
        assert all(field["description"].endswith(".") for field in schema["properties"].values()), name
    assert {"description", "service", "operation", "status", "cancelable"} == {
        *schemas.get("Info", schemas.get("Info-Input"))["required"]
    }


def test_grants_are_a_list_of_filters_and_check_themselves() -> None:
    """A-4: as a body."""
    assert ask("POST", "/grants", json=[{"users": ["u"]}]).json() == [{"users": ["u"]}]
    opening: list[Any] = [
        [{}],
        [{"services": []}],
        [{"services": None}],
        [{"user": ["u"]}],
        {"filters": [{"users": ["u"]}]},
        None,
    ]
    for wrong in opening:
        assert ask("POST", "/grants", json=wrong).status_code == 422


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
def test_no_setting_opens_every_task(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4: given in Python, as JSON, or in the environment."""
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


def test_settings_hold_grants_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, V-14: from the environment, and written as they are read."""
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


def test_the_recipe_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    """A-4, V-14: what a reader copies: nothing is seen until it is granted, and then only that."""
    items = RESULT.to_python()["items"]
    assert ask("POST", "/load", of=models_app.app, json=items).json() == len(items)
    assert ask("GET", "/tasks", of=models_app.app).json() == {"items": []}
    monkeypatch.setenv("VISIBILITY", r'[{"users": ["CORP\\ops-team"]}]')
    seen = ask("GET", "/tasks", of=models_app.app, params={"status": "FAILED"}).json()["items"]
    assert {item["info"]["user"] for item in seen} == {"CORP\\ops-team"}
    assert {item["info"]["status"] for item in seen} == {"FAILED"}
    monkeypatch.setenv("VISIBILITY", '[{"services": []}]')
    with pytest.raises(ValidationError, match="must not be given as an empty set"):
        models_app.Settings()


class Base(DeclarativeBase):
    pass


class Stored(Base):
    __tablename__ = "stored"

    id: Mapped[str] = mapped_column(primary_key=True)
    info: Mapped[dict[str, Any]] = mapped_column(JSON)


def test_a_json_column_is_read_without_a_text_between() -> None:
    """V-14: what a column has parsed already."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Stored(id=item.task, info=item.info.to_python()) for item in RESULT)
        session.commit()
        items = [ListItem(task=row.id, info=Info.from_python(row.info)) for row in session.scalars(select(Stored))]
    engine.dispose()
    assert {item.task: item for item in items} == {item.task: item for item in RESULT}
    assert b"".join(sorted(item.to_json() for item in items)) == b"".join(sorted(item.to_json() for item in RESULT))


def test_parsed_json_builds_a_value() -> None:
    """V-11, V-14: keywords from json.loads, and adapters in both modes; an instance is taken as it is."""
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
