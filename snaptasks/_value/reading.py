"""How a value is read, and why it cannot be (V-13, V-14, E-5).

pydantic decides whether a text or a tree is a value. It stops at the first bad element of a collection, so that a
refusal takes little. Only then the tree is walked for its violations, in the order of the document and up to
MAX_VIOLATIONS: each object is shown to the same validator without what is nested in it, which is walked by itself.
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
    BrokenRule,
    InvalidValue,
    Location,
    Violation,
    violation_at,
    violation_of,
)

__all__ = ["Readable", "fields_of", "parsed", "walk"]

# Arrays and objects inside one another in a text, inclusive; it is what pydantic's parser takes. A deeper text is
# refused (V-8).
_MAX_TEXT_DEPTH: Final = 200

# Elements of a collection that are shown to pydantic at once, when they are searched for bad ones.
_AT_ONCE: Final = 1000


class Readable:
    """What can be read, from a text and from parsed JSON alike (V-14)."""

    __slots__ = ()

    if TYPE_CHECKING:
        __pydantic_validator__: ClassVar[Any]
        __pydantic_fields__: ClassVar[dict[str, FieldInfo]]
    _fields: ClassVar[dict[str, _Field]]

    # Whether unknown fields are refused when it is read, too (V-7).
    _forbids_unknown: ClassVar[bool] = False

    # Values of this kind inside one another, inclusive; one more is refused (V-8).
    _max_nested: ClassVar[int | None] = None

    @staticmethod
    def _broken_rules(fields: Any) -> Sequence[BrokenRule]:
        """The rules between fields that are broken, by a value or by anything with its fields as attributes (V-13)."""
        return ()

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Read what a JSON text holds, as leniently as V-6, V-7 and V-9 say.

        Raises InvalidValue, which lists the violations (V-13), and TypeError for what is not bytes or str.
        """
        try:
            value: Self = cls.__pydantic_validator__.validate_json(data)
        except ValidationError:
            pass  # and forget the error, which holds parts of the document
        else:
            return value
        tree = parsed(cls.__name__, data)
        cls._refuse(tree)
        return cls.from_python(tree)  # of a repeated key the last stands (V-3), while pydantic looks at each

    @classmethod
    def from_python(cls, tree: object) -> Self:
        """Read what parsed JSON holds, by the same rules as from_json (V-14).

        Raises InvalidValue, which lists the violations (V-13).
        """
        try:
            value: Self = cls.__pydantic_validator__.validate_python(tree)
        except ValidationError as refused:
            first = refused.errors(include_url=False)[0]
        else:
            return value
        cls._refuse(tree)
        # What is no parsed JSON, such as a key that is no text, can be refused for a reason that no rule knows.
        raise InvalidValue(cls.__name__, [violation_of(first, first["loc"])])

    @classmethod
    def _refuse(cls, tree: object) -> None:
        """Raise InvalidValue where there is a violation."""
        found = cls._look(tree)
        violations = list(islice(found, MAX_VIOLATIONS))
        if violations:
            raise InvalidValue(cls.__name__, violations, is_complete=next(found, None) is None)

    @classmethod
    def _look(cls, tree: object) -> Iterator[Violation]:
        """Find the violations of parsed JSON, in the order of the document."""
        return walk(cls, tree)


def parsed(kind: str, data: bytes | str) -> Any:
    """Parse a JSON text. Raises InvalidValue, which says where it is not JSON."""
    if not isinstance(data, bytes | bytearray | str):
        raise TypeError(
            f"from_json takes bytes or str, not {type(data).__name__}; from_python takes what is parsed already"
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
            return json.loads(text)  # it takes lone surrogates, and the walk tells where they stand (V-5)
    raise InvalidValue(kind, [Violation("", "", rule, code, spec_id)])


_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Field(NamedTuple):
    """What a field holds: which kind of value, or None for plain JSON; one of them, or a collection."""

    kind: type[Readable] | None
    collection: type[Any] | None  # tuple, Mapping, frozenset, or None
    is_required: bool


def fields_of(kind: type[Readable]) -> dict[str, _Field]:
    """Look up what the walk asks of the fields of a kind of value."""
    found = {}
    for name, field in kind.__pydantic_fields__.items():
        has_default = any(isinstance(each, Default) for each in field.metadata)
        found[name] = _Field(*_held_in(field.annotation), field.is_required() and not has_default)
    return found


def _held_in(annotation: object) -> tuple[type[Readable] | None, type[Any] | None]:
    """The kind and the collection; what only pydantic can look into is plain."""
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
    kind: type[Readable], node: object, where: Location = (), *, nested: int = 0, tells_unknown: bool = False
) -> Iterator[Violation]:
    """Find the violations of a tree that is read as a kind of value, in the order of the document.

    What is missing comes behind what is there. `nested` is how many values of a bounded kind surround it;
    `tells_unknown` finds the fields that reading passes over, too (V-7).
    """
    if isinstance(node, kind):
        return
    nested += kind._max_nested is not None
    if not isinstance(node, dict):
        yield _no(_OBJECT, node, where)
        return
    if kind._max_nested is not None and nested > kind._max_nested:
        rule = f"{NESTED_TOO_DEEP}: at most {kind._max_nested} messages inside one another"
        yield violation_at(where, "", rule, "too_deep", "V-8")
        return
    fields = kind._fields
    # A rule between fields looks at a text, or whether something is there.
    raw = {name: str.__str__(m) if isinstance(m := node.get(name), str) else m is not None or None for name in fields}
    broken = kind._broken_rules(SimpleNamespace(**raw))
    plain = {name: node[name] for name in node if name in fields and fields[name].kind is None}
    errors = _errors(kind, plain, {each.rule for each in broken})
    for name in (*node, *(name for name in fields if name not in node)):
        member, place = node.get(name), (*where, name)
        if name not in fields:
            if tells_unknown or kind._forbids_unknown:
                yield violation_at(place, member, "must be a known field", "unknown_field", "V-7")
        elif fields[name].kind is not None:
            yield from _walk_field(fields[name], member, place, nested, tells_unknown)
        elif name in errors:
            yield from _plain(kind, fields[name], member, errors[name], place)
        yield from (each.violation(where, member) for each in broken if each.field == name)


_OBJECT: Final = ("must be an object", "wrong_type", "V-13")
_ARRAY: Final = ("must be an array", "wrong_type", "V-13")


def _no(rule: tuple[str, str, str], member: object, where: Location) -> Violation:
    """The violation of what is no object or array; null is unset (W-1)."""
    return violation_at(where, member, *(MISSING if member is None else rule))


def _walk_field(field: _Field, member: Any, where: Location, nested: int, tells_unknown: bool) -> Iterator[Violation]:
    is_map = field.collection is Mapping
    if field.kind is None or (member is None and not field.is_required):
        return
    if field.collection is None:
        yield from walk(field.kind, member, where, nested=nested, tells_unknown=tells_unknown)
    elif not isinstance(member, Mapping if is_map else list | tuple):
        yield _no(_OBJECT if is_map else _ARRAY, member, where)
    else:
        steps: Iterable[tuple[Any, object]] = member.items() if isinstance(member, Mapping) else enumerate(member)
        for step, element in steps:
            if is_map and not (isinstance(step, str) and is_text(step)):
                yield violation_at(where, step, "must have text without lone surrogates for keys", "surrogate", "V-5")
            yield from walk(field.kind, element, (*where, step), nested=nested, tells_unknown=tells_unknown)


def _errors(
    kind: type[Readable], fields: Mapping[str, object], told: Collection[str] = ()
) -> dict[int | str, list[ErrorDetails]]:
    """What pydantic has against some fields alone, by field, beside the rules that are told already."""
    by_field: dict[int | str, list[ErrorDetails]] = {}
    try:
        kind.__pydantic_validator__.validate_python(fields, extra="ignore")
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            if error.get("ctx", {}).get("rule") not in told:
                by_field.setdefault(error["loc"][0], []).append(error)
    return by_field


def _plain(
    kind: type[Readable], field: _Field, member: Any, errors: Sequence[ErrorDetails], where: Location
) -> Iterator[Violation]:
    """The violations of plain JSON; pydantic stops at the first bad element of a collection, and others may follow."""
    name = str(where[-1])
    if field.collection is None or len(errors[0]["loc"]) == 1:
        yield from (violation_of(error, (*where, *error["loc"][1:])) for error in errors)
        return
    elements = list(member)
    start = 0
    while start < len(elements):
        found = _errors(kind, {name: elements[start : start + _AT_ONCE]}).get(name)
        if found is None:
            start += _AT_ONCE
            continue
        start += int(found[0]["loc"][1])
        # The index of a set's member means nothing.
        yield violation_of(found[0], where if field.collection is frozenset else (*where, start))
        start += 1
