"""Compare ordinary routes of frameworks with the boundary; list each difference (Q-1, Q-2, W-2, A-1 to A-3)."""

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
from tests.integration.test_recipes import EXAMPLES, TASKS, Example, curl, expected, relevant_parts
from tests.paths import SAMPLE

# The server command of each recipe with routes.
ROUTES = {
    "fastapi_routes": COMMANDS["fastapi_app"],
    "litestar_routes": COMMANDS["fastapi_app"],
    "ninja_routes": COMMANDS["django_app"],
}

# Why FastAPI answers differently, by the id of the boundary's message.
REASONS = {
    "no_body": "a route does not read a body",
    "no_method": "the framework answers 405",
    "no_operation": "the framework itself answers other paths, and compares decoded ones",
    "internal_server_error": "the recipe has its own text",
}
# Targets with a difference, because a route ignores a query after an id, and the framework decodes paths.
TARGETS = {TASKS + "/a?x=1", TASKS + "/%ff", TASKS + "/a%0Ab", TASKS + "/%0a"}


@pytest.fixture(scope="module")
def fastapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("fastapi_routes", tmp_path_factory.mktemp("routes"), commands=ROUTES) as server:
        yield server


def reason(example: Example, answer: rest.Response) -> str | None:
    """Return why FastAPI answers an example differently, or None; HEAD, for instance, is not a method of a route."""
    if example.method == "HEAD" or not example.target.startswith("/") or example.target in TARGETS:
        return "the framework decides"
    tree = json.loads(answer.body)
    (id,) = [message["id"].rpartition(".")[2] for message in tree.get("messages", ())[:1]] or [""]
    return REASONS.get(id)


def test_fastapi_routes_answer_as_the_boundary_except_for_reasons(fastapi: Server, report: list[str]) -> None:
    """W-2, W-3, E-7: Compare byte for byte, and show nothing of a failure."""
    different = 0
    for example in EXAMPLES:
        response, boundary = curl(fastapi, example), expected(example)
        assert SECRET not in f"{response.headers}{response.body!r}" or SECRET in example.target
        is_equal = relevant_parts(response) == relevant_parts(boundary)
        assert is_equal is (reason(example, boundary) is None), example
        different += not is_equal
    report.append(f"answers of ordinary routes: {len(EXAMPLES)}, of which {different} differ for a listed reason")


@pytest.mark.parametrize("recipe", ROUTES)
def test_routes_with_unchanged_recipe_answer_lists_gets_and_errors(recipe: str, tmp_path: Path) -> None:
    """Q-1, Q-2, A-1, A-3."""
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
        info = client.get(f"{TASKS}/{mine[0].task}")
        assert info.content == mine[0].info.to_json()
        for path, headers, kind in (
            ("?statuz=FAILED", {}, ErrorType.UNEXPECTED_INPUT),
            ("?status=FALED", {}, ErrorType.INVALID_ARGUMENT),
            ("?users=%ff", {}, ErrorType.INVALID_ARGUMENT),
            (f"/{hidden.task}", {}, ErrorType.NOT_FOUND),
            ("", {"Authorization": ""}, ErrorType.UNAUTHENTICATED),
            ("?statuz=FAILED", {"Authorization": "Bearer guest"}, ErrorType.UNAUTHORIZED),
        ):
            response = client.get(TASKS + path, headers=headers)
            assert (response.status_code, response.json()["error_type"]) == (kind.http_status, kind), (
                path,
                response.text,
            )
        assert client.get(TASKS, headers={"Authorization": ""}).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", [FilterSpec, Caller])
@pytest.mark.parametrize("form", ["default", "class"])
def test_fastapi_route_with_values_as_dependency_raises_type_error(kind: type[Any], form: str) -> None:
    """F-3, A-1: Otherwise FastAPI would ignore the query and list everything, or let a caller choose its name."""
    app = FastAPI()
    dependency = Depends() if form == "default" else Depends(kind)

    def route(value: Any = dependency) -> str:
        return str(value)

    route.__annotations__["value"] = kind
    with pytest.raises(
        TypeError, match=r"because the query would be dropped; declare a filter as Annotated\[FilterSpec, Query\(\)\]"
    ):
        app.get("/")(route)
