"""Read a value, and report its violations (V-13, V-14, E-5).

Decides which violations an input has, and their order. Does not know any field.

pydantic decides whether a text or a tree is a value. It stops at the first bad element of a collection, so that an
invalid input takes little time. Only then is the tree walked for its violations, in the order of the document and up to
MAX_VIOLATIONS. The same validator checks each object without its nested values, which are walked one by one.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, islice
from types import NoneType, SimpleNamespace, UnionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple, Self, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, from_json

from .fields import Default
from .frozen import is_text
from .violations import (
    MAX_VIOLATIONS,
    MISSING,
    NESTED_TOO_DEEP,
    SURROGATE,
    FieldViolation,
    InvalidValue,
    Location,
    Violation,
    violation_at,
    violation_of,
)

__all__ = ["Readable", "fields_of", "parsed", "walk"]

# Levels of arrays and objects in a text, inclusive; pydantic's parser accepts as many. A deeper text is refused (V-8).
_MAX_TEXT_DEPTH: Final = 200

# Elements of a collection that pydantic validates in one call, in the search for bad elements.
_BATCH_SIZE: Final = 1000


class Readable:
    """Read a value from a text and from parsed JSON, by the same rules (V-14)."""

    __slots__ = ()

    if TYPE_CHECKING:
        __pydantic_validator__: ClassVar[Any]
        __pydantic_fields__: ClassVar[dict[str, FieldInfo]]
    _fields: ClassVar[dict[str, _Field]]

    # Whether reading refuses unknown fields, as building does (V-7).
    _forbids_unknown: ClassVar[bool] = False

    # Values of this kind inside one another, inclusive; one more is refused (V-8).
    _max_nested: ClassVar[int | None] = None

    @staticmethod
    def _field_violations(fields: Any) -> Sequence[FieldViolation]:
        """Return the violations of rules between fields (V-13); `fields` has the fields as attributes."""
        return ()

    @classmethod
    def from_json(cls, data: bytes | bytearray | str) -> Self:
        """Read a value from a JSON text, as leniently as V-6, V-7 and V-9 say.

        Raises InvalidValue, which lists the violations (V-13), and TypeError if `data` is not bytes, a bytearray or str.
        """
        try:
            value: Self = cls.__pydantic_validator__.validate_json(data)
        except ValidationError:
            pass  # and drop the error, because it holds parts of the document
        else:
            return value
        tree = parsed(cls.__name__, data)
        cls._raise_violations_of(tree)
        return cls.from_python(tree)  # the last of a repeated key counts (V-3), but pydantic validates each of them

    @classmethod
    def from_python(cls, tree: object) -> Self:
        """Read a value from parsed JSON, by the same rules as from_json (V-14).

        Raises InvalidValue, which lists the violations (V-13).
        """
        try:
            value: Self = cls.__pydantic_validator__.validate_python(tree)
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
        else:
            return value
        cls._raise_violations_of(tree)
        # A tree that no JSON parser returns, such as one with keys that are not text, can break rules of pydantic only.
        raise InvalidValue(cls.__name__, [violation_of(first, first["loc"])])

    @classmethod
    def _raise_violations_of(cls, tree: object) -> None:
        """Raise InvalidValue if the tree has a violation."""
        found = cls._find_violations(tree)
        violations = list(islice(found, MAX_VIOLATIONS))
        if violations:
            raise InvalidValue(cls.__name__, violations, is_complete=next(found, None) is None)

    @classmethod
    def _find_violations(cls, tree: object) -> Iterator[Violation]:
        """Yield the violations of parsed JSON, in the order of the document."""
        return walk(cls, tree)


def parsed(kind: str, data: bytes | bytearray | str) -> Any:
    """Parse a JSON text.

    Args:
        kind: The name of the value, for the error.
        data: The text.

    Raises:
        InvalidValue: The text is not JSON; the violation says where.
        TypeError: `data` is not bytes, a bytearray or str.
    """
    if not isinstance(data, bytes | bytearray | str):
        raise TypeError(
            f"from_json: data must be bytes or str, not {type(data).__name__}; from_python reads parsed JSON"
        )
    rule, code, spec_id = SURROGATE
    if not isinstance(data, str) or is_text(data):
        try:
            return from_json(data)
        except ValueError as error:
            rule, code, spec_id = f"must be JSON: {error}", "not_json", "V-13"
    text = data if isinstance(data, str) else data.decode(errors="surrogateescape")
    outside_strings = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    levels = accumulate(1 if each in "[{" else -1 for each in re.sub(r"[^][{}]+", "", outside_strings))
    if any(level > _MAX_TEXT_DEPTH for level in levels):
        rule, code, spec_id = f"{NESTED_TOO_DEEP}: at most {_MAX_TEXT_DEPTH} levels", "too_deep", "V-8"
    elif not isinstance(data, str) and data.startswith(_BYTE_ORDER_MARKS):
        rule = "must be JSON: it begins with a byte order mark, but JSON is UTF-8 without one"
    elif isinstance(data, str) or is_text(text):
        with suppress(ValueError):
            return json.loads(text)  # it accepts lone surrogates, and the walk finds their locations (V-5)
    raise InvalidValue(kind, [Violation("", "", rule, code, spec_id)])


_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Field(NamedTuple):
    """Describe a field for the walk."""

    kind: type[Readable] | None  # the class of the nested value or values; None for plain JSON
    collection: type[Any] | None  # tuple, Mapping or frozenset; None for a single value
    is_required: bool


def fields_of(kind: type[Readable]) -> dict[str, _Field]:
    """Return the description of each field of a value class, for the walk."""
    found = {}
    for name, field in kind.__pydantic_fields__.items():
        has_default = any(isinstance(each, Default) for each in field.metadata)
        found[name] = _Field(*_held_in(field.annotation), field.is_required() and not has_default)
    return found


def _held_in(annotation: object) -> tuple[type[Readable] | None, type[Any] | None]:
    """Return the class of the nested values, or None for plain JSON, and the collection."""
    if isinstance(annotation, type) and issubclass(annotation, Readable):
        return annotation, None
    origin: Any = get_origin(annotation)
    first, *others = [each for each in get_args(annotation) if each is not NoneType] or [None]
    if origin is Annotated or (origin in {Union, UnionType} and not others):
        return _held_in(first)
    if origin in {tuple, Mapping}:
        kind, inner = _held_in(first if origin is tuple else others[0])
        if kind is not None and inner is None:
            return kind, origin
    return None, origin if origin in {tuple, frozenset} else None


def walk(
    kind: type[Readable], node: object, where: Location = (), *, nested: int = 0, reports_unknown: bool = False
) -> Iterator[Violation]:
    """Yield the violations of parsed JSON, in the order of the document; missing fields come after the others.

    Args:
        kind: The class of the value that the tree is read as.
        node: The tree.
        where: The location of the tree in the document.
        nested: The number of values with bounded nesting around the tree.
        reports_unknown: Whether to report the unknown fields that reading ignores (V-7).
    """
    if isinstance(node, kind):
        return
    nested += kind._max_nested is not None
    if not isinstance(node, dict):
        yield _not_container(_OBJECT, node, where)
        return
    if kind._max_nested is not None and nested > kind._max_nested:
        rule = f"{NESTED_TOO_DEEP}: at most {kind._max_nested} messages inside one another"
        yield violation_at(where, "", rule, "too_deep", "V-8")
        return
    fields = kind._fields
    # A rule between fields reads a text, or whether a field is set.
    raw = {name: str.__str__(m) if isinstance(m := node.get(name), str) else m is not None or None for name in fields}
    violations = kind._field_violations(SimpleNamespace(**raw))
    plain = {name: node[name] for name in node if name in fields and fields[name].kind is None}
    errors = _pydantic_errors(kind, plain, {each.rule for each in violations})
    for name in (*node, *(name for name in fields if name not in node)):
        member, place = node.get(name), (*where, name)
        if name not in fields:
            if reports_unknown or kind._forbids_unknown:
                yield violation_at(place, member, "must be a known field", "unknown_field", "V-7")
        elif fields[name].kind is not None:
            yield from _walk_field(fields[name], member, place, nested, reports_unknown)
        elif name in errors:
            yield from _plain_violations(kind, fields[name], member, errors[name], place)
        yield from (each.at(where, member) for each in violations if each.field == name)


_OBJECT: Final = ("must be an object", "wrong_type", "V-13")
_ARRAY: Final = ("must be an array", "wrong_type", "V-13")


def _not_container(rule: tuple[str, str, str], member: object, where: Location) -> Violation:
    """Return the violation of a member that is not an object or array; null means unset (W-1)."""
    return violation_at(where, member, *(MISSING if member is None else rule))


def _walk_field(field: _Field, member: Any, where: Location, nested: int, reports_unknown: bool) -> Iterator[Violation]:
    is_map = field.collection is Mapping
    if field.kind is None or (member is None and not field.is_required):
        return
    if field.collection is None:
        yield from walk(field.kind, member, where, nested=nested, reports_unknown=reports_unknown)
    elif not isinstance(member, Mapping if is_map else list | tuple):
        yield _not_container(_OBJECT if is_map else _ARRAY, member, where)
    else:
        steps: Iterable[tuple[Any, object]] = member.items() if isinstance(member, Mapping) else enumerate(member)
        for step, element in steps:
            if is_map and not (isinstance(step, str) and is_text(step)):
                yield violation_at(where, step, "must have only text keys without lone surrogates", "surrogate", "V-5")
            yield from walk(field.kind, element, (*where, step), nested=nested, reports_unknown=reports_unknown)


def _pydantic_errors(
    kind: type[Readable], fields: Mapping[str, object], reported: Collection[str] = ()
) -> dict[int | str, list[ErrorDetails]]:
    """Return pydantic's errors of some fields, by field, without the rules that are reported already."""
    by_field: dict[int | str, list[ErrorDetails]] = {}
    try:
        kind.__pydantic_validator__.validate_python(fields, extra="ignore")
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            if error.get("ctx", {}).get("rule") not in reported:
                by_field.setdefault(error["loc"][0], []).append(error)
    return by_field


def _plain_violations(
    kind: type[Readable], field: _Field, member: Any, errors: Sequence[ErrorDetails], where: Location
) -> Iterator[Violation]:
    """Yield the violations of a field of plain JSON. pydantic stops at the first bad element of a collection."""
    name = str(where[-1])
    if field.collection is None or len(errors[0]["loc"]) == 1:
        yield from (violation_of(error, (*where, *error["loc"][1:])) for error in errors)
        return
    elements = list(member)
    start = 0
    while start < len(elements):
        found = _pydantic_errors(kind, {name: elements[start : start + _BATCH_SIZE]}).get(name)
        if found is None:
            start += _BATCH_SIZE
            continue
        start += int(found[0]["loc"][1])
        # The members of a set have no order, so the path of a bad one is the path of the set.
        yield violation_of(found[0], where if field.collection is frozenset else (*where, start))
        start += 1
