"""Why a text could not be read: every violation, in the order of the document (V-13, E-5).

pydantic reports in the order of its schema, and leaves out the rules between the fields of a value of which one
field failed. Both are mended here, on the failing path alone: reading itself pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from .violations import MAX_VIOLATIONS, InvalidValue, Location, violation


def explained(kind: type[Any], data: bytes | str, error: ValidationError) -> InvalidValue:
    """The InvalidValue that stands for pydantic's error about reading `data` as a `kind` of value."""
    if not isinstance(data, bytes | bytearray | str):
        raise TypeError(f"from_json takes bytes or str, not {type(data).__name__}")
    errors = error.errors(include_url=False)
    if not errors[0]["loc"] and errors[0]["type"] in {"json_invalid", "string_unicode"}:  # no document at all
        return InvalidValue(kind.__name__, [violation(errors[0], ())])
    document = from_json(data)
    errors += _rules_passed_over(kind, document, errors)
    errors.sort(key=_DocumentOrder(document))
    violations = [
        violation(_as_it_came(error, document), _place(kind, error["loc"])) for error in errors[:MAX_VIOLATIONS]
    ]
    return InvalidValue(kind.__name__, violations, len(errors) - len(violations))


def _rules_passed_over(kind: type[Any], document: object, errors: list[ErrorDetails]) -> list[ErrorDetails]:
    told = {(error["loc"], error["msg"]) for error in errors}
    asked: set[Location] = set()
    found: list[ErrorDetails] = []
    for error in errors:
        for location, ancestor, fields in _ancestors(kind, document, error["loc"]):
            if location in asked:
                continue
            asked.add(location)
            for rule in ancestor._broken_rules(fields, ()):
                inside, value, refused = rule.as_fault(fields)
                where, message = location + inside, refused.message()
                if (where, message) not in told:
                    context = refused.context or {}
                    found.append({"type": refused.type, "loc": where, "msg": message, "input": value, "ctx": context})
    return found


def _as_it_came(error: ErrorDetails, document: object) -> ErrorDetails:
    """The error with the offending value of the document, where a rule between fields names what was made of it."""
    if error["type"] != "rule_broken" or error["input"] is None:
        return error
    value: Any = document
    for step in error["loc"]:
        value = value[step]
    return {**error, "input": value}


def _ancestors(
    kind: type[Any], document: object, location: Location
) -> Iterator[tuple[Location, type[Any], dict[str, Any]]]:
    """Each value on the way to a location: where it stands, of which kind it is, and its fields as they came."""
    held: tuple[type[Any], bool] | None = (kind, False)
    node: Any = document
    for depth, step in enumerate(location):
        if held is None:
            return
        inside, is_collection = held
        if is_collection:
            held = (inside, False)
        else:
            yield location[:depth], inside, node
            held = _held(inside.model_fields[step].annotation) if step in inside.model_fields else None
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):  # missing, or of another shape than it should be
            return


def _held(annotation: object) -> tuple[type[Any], bool] | None:
    """The kind of value that a field holds, and whether it holds a collection of them; None: it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for argument in get_args(annotation):
        found = _held(argument)
        if found is not None:
            return found[0], found[1] or get_origin(annotation) in {tuple, Mapping}
    return None


class _DocumentOrder:
    """The sort key of an error: where its field stands in the document; a missing one after those that are there."""

    def __init__(self, document: object) -> None:
        self._document = document
        self._positions: dict[int, dict[Any, int]] = {}  # by id of the object, so that each is numbered once

    def __call__(self, error: ErrorDetails) -> tuple[int, ...]:
        node: Any = self._document
        key: list[int] = []
        for step in error["loc"]:
            if isinstance(node, dict):
                if id(node) not in self._positions:
                    self._positions[id(node)] = {name: at for at, name in enumerate(node)}
                key.append(self._positions[id(node)].get(step, len(node)))
                node = node.get(step)
            else:
                key.append(step if isinstance(step, int) else 0)
                node = node[step] if isinstance(node, list) and isinstance(step, int) else None
        return tuple(key)


def _place(kind: type[Any], location: Location) -> Location:
    """The location as people say it: without the index of a set's member, which means nothing."""
    field = kind.model_fields.get(location[0]) if location else None
    if field is not None and get_origin(field.annotation) is frozenset:
        return location[:1]
    return location
