"""Test values in frameworks: schemas, models that hold values, and signatures (V-4, W-1, F-3, A-1)."""

import inspect
import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, TypeAdapter

from snaptasks import Caller, ErrorValue, FilterSpec, Info, ListResult
from tests.building import ITEM


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_json_schema_describes_every_value(mode: Literal["validation", "serialization"]) -> None:
    """W-1, V-4: A framework can describe every value, built or written."""
    for kind in (ListResult, FilterSpec, ErrorValue, Caller, Info):
        assert TypeAdapter(kind).json_schema(mode=mode)["type"] == "object"
    start = TypeAdapter(Info).json_schema(mode=mode)["properties"]["start_time"]
    assert start["anyOf"] == [{"type": "string", "format": "date-time"}, {"type": "null"}]
    data = TypeAdapter(ErrorValue).json_schema(mode=mode)["properties"]["data"]
    assert data["anyOf"][0] == {"type": "object", "additionalProperties": True}  # any names


def test_value_in_a_foreign_model_is_written_in_its_own_form() -> None:
    """V-2, W-1: Unset fields are omitted and times have three digits, wherever a value stands."""

    class Page(BaseModel):
        result: ListResult

    written = Page(result=ListResult(items=[ITEM])).model_dump_json()
    assert json.loads(written) == {"result": {"items": [ITEM.to_python()]}}


@pytest.mark.parametrize("kind", [FilterSpec, Caller])
def test_signature_names_the_fields_but_gives_no_parameter_types(kind: type[Any]) -> None:
    """F-3, A-1: A framework that turns a signature into parameters would read sets from the body and drop the query."""
    parameters = inspect.signature(kind).parameters
    assert [*parameters] == [*kind.model_fields]
    assert {each.kind for each in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert [name for name, each in parameters.items() if each.default is each.empty] == (
        ["user"] if kind is Caller else []
    )
    for parameter in parameters.values():
        with pytest.raises(TypeError, match="the query would be dropped"):
            TypeAdapter(parameter.annotation)


def test_signature_of_a_rebuilt_subclass_gives_no_parameter_types() -> None:
    """A-1: pydantic makes the signature again when it resolves a forward reference."""

    class Known(Caller, frozen=True):
        deputy: "Deputy | None" = None

    class Deputy(Caller, frozen=True):
        pass

    Known.model_rebuild(_types_namespace={"Deputy": Deputy})
    assert Known(user="u", deputy=Deputy(user="d")).deputy == Deputy(user="d")
    parameters = inspect.signature(Known).parameters
    assert [*parameters] == ["user", "privileges", "deputy"]
    for parameter in parameters.values():
        with pytest.raises(TypeError, match="the query would be dropped"):
            TypeAdapter(parameter.annotation)
