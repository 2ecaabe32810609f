"""Ordinary routes of frameworks, beside the boundary: what they answer like it, and each difference (Q-1, Q-2, W-2, A-1 to A-3)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from snaptasks import Caller, ErrorType, FilterSpec, ListResult, rest
from tests.integration.failing_index import OPS, SECRET
from tests.integration.servers import COMMANDS, Server, serving
from tests.integration.test_recipes import QUESTIONS, TASKS, Question, curl, expected, what_matters
from tests.paths import SAMPLE

# The servers of the routes.
ROUTES = {
    "fastapi_routes": COMMANDS["fastapi_app"],
    "litestar_routes": COMMANDS["fastapi_app"],
    "ninja_routes": COMMANDS["django_app"],
}

# What FastAPI answers by itself or otherwise, by the id of the boundary's message, with the reason.
REASONS = {
    "no_body": "a route does not look at a body",
    "no_method": "the framework answers 405",
    "no_operation": "the framework answers another path, and looks at a decoded one",
    "internal_server_error": "the recipe has a text of its own",
}
# And by the target: HEAD is no method of a route, a query behind an id is not looked at, and paths are decoded.
TARGETS = {TASKS + "/a?x=1", TASKS + "/%ff", TASKS + "/a%0Ab", TASKS + "/%0a"}


@pytest.fixture(scope="module")
def fastapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("fastapi_routes", tmp_path_factory.mktemp("routes"), commands=ROUTES) as server:
        yield server


def reason(question: Question, answer: rest.Response) -> str | None:
    if question.method == "HEAD" or not question.target.startswith("/") or question.target in TARGETS:
        return "the framework's"
    tree = json.loads(answer.body)
    (id,) = [message["id"].rpartition(".")[2] for message in tree.get("messages", ())[:1]] or [""]
    return REASONS.get(id)


def test_fastapi_routes_answer_as_the_boundary_does(fastapi: Server, report: list[str]) -> None:
    """W-2, W-3: byte for byte, but for the differences that have a reason; and nothing of a failure is told (E-7)."""
    other = 0
    for question in QUESTIONS:
        response, boundary = curl(fastapi, question), expected(question)
        assert SECRET not in f"{response.headers}{response.body!r}" or SECRET in question.target
        is_alike = what_matters(response) == what_matters(boundary)
        assert is_alike is (reason(question, boundary) is None), question
        other += not is_alike
    report.append(f"answers of ordinary routes: {len(QUESTIONS)}, of which {other} differ for a listed reason")


@pytest.mark.parametrize("recipe", ROUTES)
def test_routes_run_as_they_stand(recipe: str, tmp_path: Path) -> None:
    """Q-1, Q-2, A-1, A-3: several statuses, a mistake, one task, one that is hidden, and nobody."""
    (tmp_path / f"{recipe}.py").write_bytes((SAMPLE.parents[2] / "examples" / f"{recipe}.py").read_bytes())
    sample = ListResult.from_json(SAMPLE.read_bytes())
    mine = [item for item in sample if item.info.user == OPS]
    hidden = next(item for item in sample if item.info.user != OPS)
    with (
        serving(recipe, tmp_path, app=f"{recipe}:app", commands=ROUTES) as server,
        httpx.Client(base_url=server.url, headers={"Authorization": "Bearer ops"}) as client,
    ):
        listed = client.get(TASKS + "?status=FAILED&status=RUNNING")
        assert listed.content == ListResult(items=[i for i in mine if i.info.status in {"FAILED", "RUNNING"}]).to_json()
        assert listed.headers["cache-control"] == "no-store"
        got = client.get(f"{TASKS}/{mine[0].task}")
        assert got.content == mine[0].info.to_json()
        for path, headers, kind in (
            ("?statuz=FAILED", {}, ErrorType.UNEXPECTED_INPUT),
            ("?status=FALED", {}, ErrorType.INVALID_ARGUMENT),
            ("?users=%ff", {}, ErrorType.INVALID_ARGUMENT),
            (f"/{hidden.task}", {}, ErrorType.NOT_FOUND),
            ("", {"Authorization": ""}, ErrorType.UNAUTHENTICATED),
            ("?statuz=FAILED", {"Authorization": "Bearer guest"}, ErrorType.UNAUTHORIZED),
        ):
            refused = client.get(TASKS + path, headers=headers)
            assert (refused.status_code, refused.json()["error_type"]) == (kind.http_status, kind), (path, refused.text)
        assert client.get(TASKS, headers={"Authorization": ""}).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", [FilterSpec, Caller])
@pytest.mark.parametrize("how", ["default", "class"])
def test_the_signature_of_what_is_asked_makes_no_parameters(kind: type[Any], how: str) -> None:
    """F-3, A-1: FastAPI would look for sets in a body, and list everything; a caller could call himself anyone."""
    app = FastAPI()
    dependency = Depends() if how == "default" else Depends(kind)

    def route(asked: Any = dependency) -> str:
        return str(asked)

    route.__annotations__["asked"] = kind
    with pytest.raises(
        TypeError, match=r"would drop the query; declare a filter as Annotated\[FilterSpec, Query\(\)\]"
    ):
        app.get("/")(route)
