"""A JSON-RPC service, asked through the kit: the same cases, and no answer in another form passes (J-1, J-5, J-6)."""

import asyncio
import json
from typing import Any

import pytest

from snaptasks import (
    EVERYTHING,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    rest,
)
from snaptasks.testing import Asker, JsonRpc, NoAnswer, run_contract
from snaptasks.testing.calls import NO_QUERY
from snaptasks.testing.target import OutOfBounds
from tests.building import plain_item
from tests.contract.implementations import Called


class Spoilt(JsonRpc):
    """A service whose responses are spoilt on their way."""

    def __init__(self, spoil: Any) -> None:
        self.spoil, self.inner = spoil, Called()

    def load(self, items: list[ListItem]) -> None:
        self.inner.load(items)

    async def post(self, request: rest.Request, caller: Asker | None) -> rest.Response:
        response = await self.inner.post(request, caller)
        body = self.spoil(response.body)
        return body if isinstance(body, rest.Response) else rest.Response(response.status, response.headers, body)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (b'"jsonrpc":"2.0"', b'"jsonrpc":"1.0"', "a response must have status 200, application/json, jsonrpc 2.0"),
        (b'"id":"', b'"id":"1', "a response must have status 200, application/json, jsonrpc 2.0"),
        (b'"id":', b'"ids":', "KeyError"),
        (
            b'"result":',
            b'"error":{"code":1},"result":',
            "a response must have status 200, application/json, jsonrpc 2.0",
        ),
        (b'"output":', b'"outcome":', "a response must have status 200, application/json, jsonrpc 2.0"),
        (b".tasks.info", b".tasks.inform", "must have the form of J-5"),
        (b"std.localizable_message", b"std.message", "must have the form of J-5"),
        (b'"vc_task":{"OPTIONAL":null}', b'"vc_task":null', "must have the form of J-5"),
        (b',"vc_task":{"OPTIONAL":null}', b"", "must have the form of J-5"),
        (b'"result":', b'"results":', "KeyError"),
        (b'"output":', b'"error":null,"output":', "ValueError"),
        (b'{"STRUCTURE":{"com.vmware.snapservice.tasks.list_result"', b'{"RECORD":{"x"', "is not a wrapper"),
        (b'{"OPTIONAL":null}', b'{"OPTIONAL":null,"x":1}', "ValueError"),
        (b'"items":[', b'"items":[{"a":1},', "'a' is not a wrapper"),
        (b"{", b"", "JSONDecodeError"),
    ],
)
def test_a_response_in_another_form_is_no_answer(before: bytes, after: bytes, told: str) -> None:
    """J-1, J-5: and it is said what is wrong with it."""
    report = run_contract(Spoilt(lambda body: body.replace(before, after)), only={"U-1", "F-3", "V-3"}, examples=0)
    assert report.faults == []
    assert report.violations
    assert told in str(report)


def test_what_is_read_is_what_was_loaded() -> None:
    """J-5: maps, nulls in a result, and what is unset; a map whose entries have another form is no answer."""
    root = Asker("root", "root", frozenset({"System.Read"}), EVERYTHING)
    param = {"p": LocalizationParam(l=NestedLocalizableMessage(id="n", params={}))}
    text = LocalizableMessage(id="m", default_message="A message", params=param)
    result = {"a": None, "params": [1, {"b": [None]}], "c": {"primary": "p", "secondary": []}}
    items = [plain_item("t", description=text, result=result)]
    for spoil, is_right in (bytes, True), (lambda body: body.replace(b'"key":', b'"name":'), False):
        service = Spoilt(spoil)
        service.load(items)
        if is_right:
            assert json.loads(asyncio.run(service.list("", root)).body) == ListResult(items=items).to_python()
            assert json.loads(asyncio.run(service.get("t", root)).body) == items[0].info.to_python()
        else:
            with pytest.raises(NoAnswer, match="KeyError"):
                asyncio.run(service.list("", root))


def test_an_error_under_another_name_is_no_answer() -> None:
    """J-1: in the body and in the header; a client makes its exception of it."""

    def renamed(body: bytes) -> bytes:
        return body.replace(b"errors.not_found", b"errors.error")

    report = run_contract(Spoilt(renamed), only={"A-6"}, examples=0)
    assert report.violations
    assert "names, optional fields and map entries must have the form of J-5" in str(report)


def test_a_header_of_another_error_is_no_answer() -> None:
    """J-1: it names the error, and stands with no success."""
    for name, only, told in (
        ("com.vmware.vapi.std.errors.error", "F-3", "left out"),
        ("", "A-6", "com.vmware.vapi.std.errors.not_found"),
    ):
        headers = (("content-type", "application/json"), *([("vapi-error", name)] if name else []))
        report = run_contract(Spoilt(lambda body, it=headers: rest.Response(200, it, body)), only={only}, examples=0)
        assert f"the header vapi-error must be {told} (J-1)" in str(report)
        assert report.violations


def test_data_that_is_not_wrapped_is_no_answer() -> None:
    """J-5: the client refuses it."""
    service = Spoilt(lambda body: body.replace(b'"data":{"OPTIONAL":null}', b'"data":{"STRUCTURE":{"":{}}}'))
    assert "must have the form of J-5" in str(run_contract(service, only={"A-6"}, examples=0))


def test_an_entry_that_is_there_twice_is_no_answer() -> None:
    """J-5: the client refuses it; the order of entries is free."""
    root = Asker("root", "root", frozenset({"System.Read"}), EVERYTHING)
    params = {name: LocalizationParam(s=name) for name in ("a", "b")}
    items = [plain_item("t", description=LocalizableMessage(id="m", default_message="A message", params=params))]

    def spoilt(reorder: Any) -> Any:
        def spoil(body: bytes) -> bytes:
            tree = json.loads(body)
            ((_, result),) = tree["result"]["output"]["STRUCTURE"].items()
            ((_, item),) = result["items"][0]["STRUCTURE"].items()
            ((_, info),) = item["info"]["STRUCTURE"].items()
            ((_, message),) = info["description"]["STRUCTURE"].items()
            message["params"]["OPTIONAL"] = reorder(message["params"]["OPTIONAL"])
            return json.dumps(tree).encode()

        service = Spoilt(spoil)
        service.load(items)
        return service

    assert json.loads(asyncio.run(spoilt(lambda entries: entries[::-1]).list("", root)).body)["items"]
    wrong: list[Any] = [lambda entries: entries * 2, lambda entries: entries[:1] * 2, lambda entries: {}]
    for reorder in wrong:
        with pytest.raises(NoAnswer):
            asyncio.run(spoilt(reorder).list("", root))


@pytest.mark.parametrize(
    ("status", "headers"),
    [(500, (("content-type", "application/json"),)), (200, (("content-type", "text/html"),)), (200, ())],
)
def test_another_status_or_type_is_no_answer(status: int, headers: Any) -> None:
    """J-1: the client reads no body from 400 up."""
    report = run_contract(Spoilt(lambda body: rest.Response(status, headers, body)), only={"F-3"}, examples=0)
    assert "a response must have status 200, application/json, jsonrpc 2.0" in str(report)
    assert not report.passed


def test_the_same_cases_are_asked_as_through_rest() -> None:
    """J-6: but for whole requests, and queries that no filter can repeat."""
    report = run_contract(Called(), examples=0)
    assert report.ok, str(report)
    assert len(report.passed) > 500
    assert {skipped.reason for skipped in report.skipped} == {NO_QUERY, "it is asked over JSON-RPC"}
    assert all("http" in skipped.case.request for skipped in report.skipped if skipped.reason != NO_QUERY)


class Deaf(Called):
    """A service that passes over the filter."""

    async def post(self, request: rest.Request, caller: Asker | None) -> rest.Response:
        call = json.loads(request.body)
        call["params"]["input"]["STRUCTURE"]["operation-input"].pop("filter", None)
        return await super().post(rest.Request("POST", "/", request.headers, json.dumps(call).encode()), caller)


def test_a_query_whose_first_mistake_a_filter_would_move_is_skipped() -> None:
    """Q-2: members of a field stand together in a filter; a right query says the same in any order."""
    root, service = Asker("root", "root", frozenset({"System.Read"}), EVERYTHING), Called()
    service.load([plain_item("t")])
    assert asyncio.run(service.list("tasks=t&status=SUCCEEDED&tasks=u", root)).status == 200
    with pytest.raises(OutOfBounds):
        asyncio.run(service.list("status=RUNNING&bogus=1&status=NOPE", root))


def test_a_faulty_service_is_caught() -> None:
    """F-2, J-6: at the clause that it violates."""
    report = run_contract(Deaf(), only={"F-1", "F-2"}, examples=0)
    assert {*report.broken_clauses} == {"F-1", "F-2"}
