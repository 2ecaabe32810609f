"""Draw texts that break one named rule each (V, U, F, Q).

Decides how a valid value is broken, and which rule that violates. Does not know how a reader refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from hypothesis import strategies as st

from ... import ErrorType, FilterSpec, Info, ListItem, Status, Value
from .tasks import filter_specs, infos, list_items, query_strings
from .values import Strategy

__all__ = ["Invalid", "invalid_filter_specs", "invalid_infos", "invalid_list_items", "invalid_query_strings"]

_T = TypeVar("_T")


class Invalid(NamedTuple):
    """Hold a JSON text and the rule that it breaks: `kind.from_json(text)` must refuse it (V-13)."""

    kind: type[Value]
    text: bytes
    rule: str


# A rule, and a strategy for texts that break it.
_Choice: TypeAlias = tuple[str, Strategy[Invalid]]


def _spoilt(kind: type[Value], rule: str, valid: Strategy[Any], spoil: Callable[[dict[str, Any]], object]) -> _Choice:
    """Return a choice: valid values that `spoil` changes so that they break the rule."""

    def broken(value: Value) -> Invalid:
        tree = value.to_python()
        spoil(tree)
        return Invalid(kind, json.dumps(tree).encode(), rule)

    return rule, valid.map(broken)


def _with(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda tree: tree.update(fields)


def _without(*fields: str) -> Callable[[dict[str, Any]], object]:
    return lambda tree: [tree.pop(field) for field in fields]


def _deep(levels: int) -> dict[str, Any]:
    message: dict[str, Any] = {"id": "m"}
    for _ in range(levels):
        message = {"id": "m", "params": {"p": {"l": message}}}
    return message


_INFO_RULES: Final = ("U-1", "V-3", "V-4", "V-5", "V-8", "V-9", "V-13")


def invalid_infos(rule: str | None = None) -> Strategy[Invalid]:
    """Draw states of tasks that break one rule: U-1, V-3, V-4, V-5, V-8, V-9 or V-13; by default any of them."""
    running, done = infos(st.just(Status.RUNNING)), infos(st.just(Status.SUCCEEDED))
    pending = infos(st.just(Status.PENDING))
    message = {"id": "m", "default_message": "A message", "args": []}
    deep: Any = 0
    for _ in range(101):
        deep = [deep]
    return _one_of(
        rule,
        [
            _spoilt(Info, "U-1", running, _without("start_time")),
            _spoilt(Info, "U-1", running, _without("progress")),
            _spoilt(Info, "U-1", running, _with(end_time="2025-11-04T12:00:00Z")),
            _spoilt(Info, "U-1", done, _without("end_time")),
            _spoilt(Info, "U-1", done, _with(error={"messages": [], "error_type": "ERROR"})),
            _spoilt(Info, "U-1", pending, _with(result={"done": True})),
            _spoilt(Info, "V-3", done, _with(result=deep)),
            *(
                _spoilt(Info, "V-4", running, _with(start_time=wrong))
                for wrong in (
                    "2025-11-04T12:00:00",
                    "2025-11-04 12:00:00Z",
                    "2025-11-04T24:00:00Z",
                    "2025-02-30T12:00:00Z",
                )
            ),
            _spoilt(Info, "V-5", running, _with(cancelable="true")),
            _spoilt(Info, "V-5", running, _with(service=5)),
            _spoilt(Info, "V-5", running, _with(progress={"total": 2**63, "completed": 0, "message": message})),
            _spoilt(Info, "V-8", running, _with(description=message | {"params": {"p": {"l": _deep(32)}}})),
            _spoilt(Info, "V-9", running, _with(service="")),
            _spoilt(Info, "V-9", running, _with(operation="")),
            _spoilt(Info, "V-13", running, _without("status")),
            _spoilt(Info, "V-13", running, _with(description=None)),
        ],
    )


def invalid_list_items(rule: str | None = None) -> Strategy[Invalid]:
    """Draw tasks that break one rule: V-9 (empty id), V-13 (missing id), V-5 (type of the id), or a rule of Info."""
    own = [
        _spoilt(ListItem, "V-9", list_items(), _with(task="")),
        _spoilt(ListItem, "V-13", list_items(), _without("task")),
        _spoilt(ListItem, "V-5", list_items(), _with(task=5)),
    ]
    inside = [
        (
            broken,
            invalid_infos(broken).map(lambda each: Invalid(ListItem, b'{"task":"a","info":%b}' % each[1], each[2])),
        )
        for broken in _INFO_RULES
    ]
    return _one_of(rule, own + inside)


def invalid_filter_specs(rule: str | None = None) -> Strategy[Invalid]:
    """Draw filters that break one rule: F-7 (status), V-7 (field), V-9 (empty member) or V-5 (type of a member)."""
    return _one_of(
        rule,
        [
            _spoilt(FilterSpec, "F-7", filter_specs(), _with(status=["FALED"])),
            _spoilt(FilterSpec, "V-7", filter_specs(), _with(statuz=["FAILED"])),
            _spoilt(FilterSpec, "V-9", filter_specs(), _with(users=[""])),
            _spoilt(FilterSpec, "V-5", filter_specs(), _with(tasks=[5])),
        ],
    )


def invalid_query_strings(rule: str | None = None) -> Strategy[tuple[str, str, ErrorType]]:
    """Draw query strings that break one rule, Q-2 or F-7, with the rule and the type of the expected error."""
    wrong = [
        ("statuz=FAILED", "Q-2", ErrorType.UNEXPECTED_INPUT),
        ("STATUS=FAILED", "Q-2", ErrorType.UNEXPECTED_INPUT),
        ("filter.status=FAILED", "Q-2", ErrorType.UNEXPECTED_INPUT),
        ("tasks=", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("tasks", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("users=%", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("users=%zz", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("users=%ff", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("%ff=a", "Q-2", ErrorType.INVALID_ARGUMENT),
        ("status=FALED", "F-7", ErrorType.INVALID_ARGUMENT),
        ("status=failed", "F-7", ErrorType.INVALID_ARGUMENT),
    ]
    chosen = st.sampled_from(_breaking(rule, [(each[1], each) for each in wrong]))
    return st.tuples(query_strings(), chosen, query_strings()).map(
        lambda drawn: ("&".join(filter(None, (drawn[0], drawn[1][0], drawn[2]))), drawn[1][1], drawn[1][2])
    )


def _one_of(rule: str | None, choices: Sequence[_Choice]) -> Strategy[Invalid]:
    """Draw from the choices that break this rule, or any rule."""
    return st.one_of(*_breaking(rule, choices))


def _breaking(rule: str | None, choices: Sequence[tuple[str, _T]]) -> list[_T]:
    """Return the choices that break this rule, or any rule.

    Raises:
        ValueError: no choice breaks this rule.
    """
    chosen = [each for its, each in choices if rule in {None, its}]
    if not chosen:
        known = ", ".join(dict.fromkeys(its for its, _ in choices))
        raise ValueError(f"rule must be one of {known} (found {rule})")
    return chosen
