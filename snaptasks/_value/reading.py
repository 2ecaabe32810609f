"""Why a text could not be read: every violation, in the order of the document (V-13, E-5).

Reading itself stops at the first bad element of a collection, so that a hostile text cannot make pydantic hold an
error for each of its bytes; and it passes over the rules between the fields of a value of which one field failed.
Both are mended here, on the failing path alone: the other elements are read one by one, and what is past
MAX_VIOLATIONS is counted and forgotten.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from .violations import MAX_VIOLATIONS, InvalidValue, Location, Violation, violation

_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def explained(
    kind: type[Any], data: bytes | str, error: ValidationError | None, forbids_unknown: bool
) -> InvalidValue | Any:
    """The InvalidValue that stands for pydantic's error about reading `data` as a `kind` of value, or for the unknown
    fields that pydantic has passed over (V-7): it would keep an error for each.

    Of a repeated key the last stands (V-3), while pydantic looks at each: where only an earlier one is wrong, it is
    the value that the text holds.
    """
    if not isinstance(data, bytes | bytearray | str):
        raise TypeError(f"from_json takes bytes or str, not {type(data).__name__}")
    first = error.errors(include_url=False)[0] if error else None
    if first and not first["loc"] and first["type"] in {"json_invalid", "string_unicode"}:  # no document at all
        only = violation(first, ())
        if isinstance(data, bytes | bytearray) and data.startswith(_BYTE_ORDER_MARKS):
            only = replace(only, rule="Invalid JSON: it begins with a byte order mark, but JSON is UTF-8 without one")
        return InvalidValue(kind.__name__, [only])
    document = from_json(data)
    unknown = _unknown_errors(kind, document) if forbids_unknown and isinstance(document, dict) else []
    errors: list[ErrorDetails] = []
    try:
        value = _read(kind, document)
        if not unknown:
            return value
    except ValidationError as without_repeated_keys:
        errors = without_repeated_keys.errors(include_url=False)
    listed: list[Violation] = []
    count = 0
    for found in _every_error(kind, document, errors, unknown):
        count += 1 + found.get("ctx", {}).get("more", 0)
        if len(listed) < MAX_VIOLATIONS:
            listed.append(violation(found, _place(kind, found["loc"])))
    return InvalidValue(kind.__name__, listed, count - len(listed))


def _read(kind: type[Any], document: object) -> Any:
    return kind.model_validate_json(to_json(document, inf_nan_mode="constants"), extra="ignore")


def _unknown_errors(kind: type[Any], document: Any) -> list[ErrorDetails]:
    """The first MAX_VIOLATIONS unknown fields; the last of them tells how many more there are."""
    rest = unknown_fields(kind, document)
    errors = [
        ErrorDetails(
            type="extra_forbidden", loc=where, msg="there is no such field", input=_at(document, where), ctx={}
        )
        for where in islice(rest, MAX_VIOLATIONS)
    ]
    if errors:
        errors[-1]["ctx"] = {"more": sum(1 for _ in rest)}
    return errors


def _every_error(
    kind: type[Any], document: Any, errors: list[ErrorDetails], others: Iterable[ErrorDetails] = ()
) -> Iterator[ErrorDetails]:
    """All errors of a document in its order: those that reading it as a `kind` stopped at, what is behind them, and
    others that are known."""
    found: list[tuple[Location, ErrorDetails | _Collection]] = [(error["loc"], error) for error in others]
    collections: dict[Location, dict[str | int, list[ErrorDetails]]] = {}  # what is known of their elements
    for error in errors:
        collection = _collection_on(kind, error["loc"])
        if collection is None:
            found.append((error["loc"], _as_it_came(error, document)))
            continue
        where = collection.location
        if where not in collections:
            collections[where] = {}
            found.append((where, collection))
        step, *inside = error["loc"][len(where) :]
        collections[where].setdefault(step, []).append({**error, "loc": tuple(inside)})
    found += [(rule["loc"], rule) for rule in _rules_passed_over(kind, document, errors, [where for where, _ in found])]
    order = _DocumentOrder(document)
    for _, each in sorted(found, key=lambda one: order(one[0])):
        if isinstance(each, _Collection):
            yield from _errors_of_elements(each, _at(document, each.location), collections[each.location])
        else:
            yield each


class _Collection(NamedTuple):
    """A field that holds many elements: where it stands, in which kind of value, and of which kind its elements are."""

    location: Location
    owner: type[Any]
    element: type[Any] | None  # None: plain text or numbers


def _collection_on(kind: type[Any], location: Location) -> _Collection | None:
    """The outermost collection that a location leads into."""
    for depth, step in enumerate(location[:-1], 1):
        shape = _shape(kind.model_fields[step].annotation)
        if shape.is_collection:
            return _Collection(location[:depth], kind, shape.kind)
        if shape.kind is None:  # a JSON value, in which freezing has found what is wrong
            return None
        kind = shape.kind
    return None


class _Shape(NamedTuple):
    """What a field holds: a kind of value or none, and whether it holds a collection of them."""

    kind: type[Any] | None
    is_collection: bool


def _shape(annotation: object) -> _Shape:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _Shape(annotation, is_collection=False)
    origin = get_origin(annotation)
    for argument in get_args(annotation):
        kind, is_collection = _shape(argument)
        if kind is not None or is_collection:
            return _Shape(kind, is_collection or origin in {tuple, Mapping})
    return _Shape(None, origin in {tuple, frozenset})


def _errors_of_elements(
    collection: _Collection, elements: Any, known: dict[str | int, list[ErrorDetails]]
) -> Iterator[ErrorDetails]:
    """The errors of all elements of a collection: those that are known already, or else read by itself."""
    for step, element in elements.items() if isinstance(elements, dict) else enumerate(elements):
        its = known[step] if step in known else _errors_of(collection, element)
        kind = collection.element
        for error in its if kind is None else _every_error(kind, element, its):
            yield {**error, "loc": (*collection.location, step, *error["loc"])}


def _errors_of(collection: _Collection, element: object) -> list[ErrorDetails]:
    if collection.element is not None:
        return _errors(collection.element, element)
    field = collection.location[-1]
    errors = _errors(collection.owner, {field: [element]})
    return [{**error, "loc": error["loc"][2:]} for error in errors if error["loc"][:2] == (field, 0)]


def _errors(kind: type[Any], document: object) -> list[ErrorDetails]:
    try:
        _read(kind, document)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _rules_passed_over(
    kind: type[Any], document: Any, errors: Iterable[ErrorDetails], locations: Iterable[Location]
) -> list[ErrorDetails]:
    """The rules between fields that do not hold in the values on the way to these locations, and were not asked."""
    told = {(error["loc"], error["msg"]) for error in errors}
    asked: set[Location] = set()
    found: list[ErrorDetails] = []
    for location in locations:
        for where, ancestor, fields in _ancestors(kind, document, location):
            if where in asked:
                continue
            asked.add(where)
            for rule in ancestor._broken_rules(fields, ()):
                inside, value, refused = rule.as_fault(fields)
                error = ErrorDetails(
                    type=refused.type, loc=where + inside, msg=refused.message(), input=value, ctx=refused.context or {}
                )
                if (error["loc"], error["msg"]) not in told:
                    found.append(error)
    return found


def _ancestors(
    kind: type[Any], document: Any, location: Location
) -> Iterator[tuple[Location, type[Any], dict[str, Any]]]:
    """Each value on the way to a location: where it stands, of which kind it is, and its fields as they came."""
    inside: type[Any] | None = kind
    for depth, step in enumerate(location):
        if inside is None:
            return
        yield location[:depth], inside, _at(document, location[:depth])
        inside = _shape(inside.model_fields[step].annotation).kind if step in inside.model_fields else None


def unknown_fields(kind: type[Any], document: Any, where: Location = ()) -> Iterator[Location]:
    """The fields of a readable document that reading a `kind` of value from it passes over (V-7), in its order."""
    for name, member in document.items():
        if name not in kind.model_fields:
            yield (*where, name)
            continue
        inside, is_collection = _shape(kind.model_fields[name].annotation)
        if inside is None or member is None:
            continue
        if not is_collection:
            yield from unknown_fields(inside, member, (*where, name))
        else:
            for step, element in member.items() if isinstance(member, dict) else enumerate(member):
                yield from unknown_fields(inside, element, (*where, name, step))


def _as_it_came(error: ErrorDetails, document: Any) -> ErrorDetails:
    """The error with the offending value of the document, where a rule between fields names what was made of it."""
    if error["type"] != "rule_broken" or error["input"] is None:
        return error
    return {**error, "input": _at(document, error["loc"])}


def _at(document: Any, location: Location) -> Any:
    for step in location:
        document = document[step]
    return document


class _DocumentOrder:
    """The sort key of a location: where it stands in the document; a missing field after those that are there."""

    def __init__(self, document: object) -> None:
        self._document = document
        self._positions: dict[int, dict[Any, int]] = {}  # by id of the object, so that each is numbered once

    def __call__(self, location: Location) -> tuple[int, ...]:
        node: Any = self._document
        key: list[int] = []
        for step in location:
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
