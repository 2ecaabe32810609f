"""Test that the kit asks a JSON-RPC service the same cases and refuses other forms of response (J-1, J-5, J-6)."""

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
    """Change each response of a right service with `spoil`."""

    def __init__(self, spoil: Any) -> None:
        self.spoil, self.inner = spoil, Called()

    def load(self, items: list[ListItem]) -> None:
        self.inner.load(items)

    async def post(self, request: rest.Request, caller: Asker | None) -> rest.Response:
        response = await self.inner.post(request, caller)
        body = self.spoil(response.body)
        return body if isinstance(body, rest.Response) else rest.Response(response.status, response.headers, body)


@pytest.mark.parametrize(
    ("before", "after", "message"),
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
def test_run_contract_with_response_in_another_form_reports_it(before: bytes, after: bytes, message: str) -> None:
    """J-1, J-5."""
    report = run_contract(Spoilt(lambda body: body.replace(before, after)), only={"U-1", "F-3", "V-3"}, examples=0)
    assert report.faults == []
    assert report.violations
    assert message in str(report)


def test_json_rpc_list_and_get_return_the_loaded_tasks() -> None:
    """J-5: Keep maps, nulls in a result and unset fields; raise NoAnswer if the entries of a map have another form."""
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


def test_run_contract_with_error_of_another_name_reports_it() -> None:
    """J-1: A client makes its exception from the name."""

    def renamed(body: bytes) -> bytes:
        return body.replace(b"errors.not_found", b"errors.error")

    report = run_contract(Spoilt(renamed), only={"A-6"}, examples=0)
    assert report.violations
    assert "names, optional fields and map entries must have the form of J-5" in str(report)


def test_run_contract_with_header_of_another_error_reports_it() -> None:
    """J-1: The header names the error, and a success has no such header."""
    for name, only, message in (
        ("com.vmware.vapi.std.errors.error", "F-3", "left out"),
        ("", "A-6", "com.vmware.vapi.std.errors.not_found"),
    ):
        headers = (("content-type", "application/json"), *([("vapi-error", name)] if name else []))
        report = run_contract(Spoilt(lambda body, it=headers: rest.Response(200, it, body)), only={only}, examples=0)
        assert f"the header vapi-error must be {message} (J-1)" in str(report)
        assert report.violations


def test_run_contract_with_unwrapped_data_reports_it() -> None:
    """J-5: The client refuses it."""
    service = Spoilt(lambda body: body.replace(b'"data":{"OPTIONAL":null}', b'"data":{"STRUCTURE":{"":{}}}'))
    assert "must have the form of J-5" in str(run_contract(service, only={"A-6"}, examples=0))


def test_json_rpc_list_with_repeated_entry_raises_no_answer() -> None:
    """J-5: The client refuses a repeated entry; the order of entries is free."""
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
def test_run_contract_with_another_status_or_type_reports_it(status: int, headers: Any) -> None:
    """J-1: The client reads no body of a status of 400 or more."""
    report = run_contract(Spoilt(lambda body: rest.Response(status, headers, body)), only={"F-3"}, examples=0)
    assert "a response must have status 200, application/json, jsonrpc 2.0" in str(report)
    assert not report.passed


@pytest.mark.slow
def test_run_contract_of_json_rpc_service_asks_the_cases_of_rest() -> None:
    """J-6: Skip only HTTP requests, and queries that a filter cannot express."""
    report = run_contract(Called(), examples=0)
    assert report.ok, str(report)
    assert len(report.passed) > 500
    assert {skipped.reason for skipped in report.skipped} == {NO_QUERY, "it is asked over JSON-RPC"}
    assert all("http" in skipped.case.request for skipped in report.skipped if skipped.reason != NO_QUERY)


class Unfiltered(Called):
    """Ignore the filter of each call."""

    async def post(self, request: rest.Request, caller: Asker | None) -> rest.Response:
        call = json.loads(request.body)
        call["params"]["input"]["STRUCTURE"]["operation-input"].pop("filter", None)
        return await super().post(rest.Request("POST", "/", request.headers, json.dumps(call).encode()), caller)


def test_json_rpc_list_of_query_whose_first_violation_would_move_is_skipped() -> None:
    """Q-2: A filter groups the members of a field; the order does not change the meaning of a right query."""
    root, service = Asker("root", "root", frozenset({"System.Read"}), EVERYTHING), Called()
    service.load([plain_item("t")])
    assert asyncio.run(service.list("tasks=t&status=SUCCEEDED&tasks=u", root)).status == 200
    with pytest.raises(OutOfBounds):
        asyncio.run(service.list("status=RUNNING&bogus=1&status=NOPE", root))


def test_run_contract_of_service_that_ignores_filters_breaks_f_1_and_f_2() -> None:
    """F-2, J-6."""
    report = run_contract(Unfiltered(), only={"F-1", "F-2"}, examples=0)
    assert {*report.broken_clauses} == {"F-1", "F-2"}
