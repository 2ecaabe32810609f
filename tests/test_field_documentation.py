"""The documentation of fields: help() shows each of them."""

import pydoc

import pytest

import snaptasks
from snaptasks import Value

KINDS = [
    kind
    for name in snaptasks.__all__
    if isinstance(kind := getattr(snaptasks, name), type) and issubclass(kind, Value) and kind is not Value
]


def test_kinds_of_values_include_both_forms() -> None:
    """Find slotted values, and pydantic models; a list that misses one form would prove nothing about it."""
    assert {snaptasks.Caller, snaptasks.FilterSpec, snaptasks.Info, snaptasks.ListResult} <= {*KINDS}
    assert len(KINDS) == 15


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_help_of_each_value_documents_each_field(kind: type[Value]) -> None:
    """Find a text for each field, also in a class without a decorator, whose source begins with `class`."""
    _, _, fields = (kind.__doc__ or "").partition("\nFields:\n")
    documented = [line.strip().partition(": ") for line in fields.splitlines() if line.startswith("    ")]
    assert [name for name, _, text in documented if text] == [*kind.__pydantic_fields__]
    assert all(f"{name}:" in pydoc.plain(pydoc.render_doc(kind)) for name in kind.__pydantic_fields__)
