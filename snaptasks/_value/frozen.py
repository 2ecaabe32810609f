"""Freeze JSON values: tuples for arrays, read-only mappings for objects (V-2, V-3).

Decides which Python objects stand for a JSON value, and how they are frozen and written. Does not know any field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema, to_json

from .._text import MAX_EXCERPT
from .violations import MAX_VIOLATIONS, NESTED_TOO_DEEP, SURROGATE, Location, field_error, raise_if_any

__all__ = [
    "FROZEN_JSON",
    "MAX_INTEGER_LENGTH",
    "MAX_RESULT_DEPTH",
    "FrozenMap",
    "Json",
    "canonical_json",
    "frozen_map",
    "is_text",
    "surrogate_error",
]

_T = TypeVar("_T")

# The location of a violation inside a JSON value, the found value, and the error.
_JsonViolation: TypeAlias = tuple[Location, object, PydanticCustomError]

# Levels of arrays and objects in one JSON value, inclusive; one more level is refused (V-3). No result of the real
# service has nearly as many, and Python's own stack ends at ten times as many.
MAX_RESULT_DEPTH: Final = 100

# Characters of an integer in a JSON value, inclusive, with a minus sign; one more is refused (V-3). The parser of every
# supported pydantic accepts as many, so that every built value can be read again.
MAX_INTEGER_LENGTH: Final = 4300

_INTEGER_END: Final = 10**MAX_INTEGER_LENGTH
_NEGATIVE_END: Final = -(10 ** (MAX_INTEGER_LENGTH - 1))


# The types of the values that freezing does not change. A text is checked before, unless pydantic's parser made it.
_PLAIN: Final = frozenset({str, bool, type(None)})


class FrozenMap(dict[str, _T]):
    """Represent a dict that cannot change; equal maps have the same repr, sorted by key (V-2)."""

    __slots__ = ()

    def __new__(cls, items: Iterable[tuple[str, _T]] = ()) -> FrozenMap[_T]:
        return frozen_map(dict(items))  # dataclasses.asdict calls this

    def __init__(self, items: object = ()) -> None:
        pass  # __new__ has filled the map, and dict.__init__ would fill it again at every call

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("a value of snaptasks must not be changed; build another value with evolve()")

    __setattr__ = __delattr__ = __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = (
        _refuse
    )

    if not TYPE_CHECKING:  # for a type checker, no dict has a hash; this one has a hash because it cannot change

        def __hash__(self) -> int:
            return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return dict.__repr__(self.in_order())

    def in_order(self) -> dict[str, _T]:
        """Return the members sorted by key. Writing and printing sort, and reading does not, for speed."""
        names = sorted(self)
        return self if names == [*self] else {name: self[name] for name in names}

    def __deepcopy__(self, memo: object = None) -> FrozenMap[_T]:
        return self

    __copy__ = __deepcopy__

    def __reduce__(self) -> tuple[Callable[[dict[str, _T]], FrozenMap[_T]], tuple[dict[str, _T]]]:
        return frozen_map, (dict(self),)


_new_dict: Final = dict.__new__
_fill_dict: Final = dict.update


def frozen_map(items: dict[str, _T]) -> FrozenMap[_T]:
    """Make a FrozenMap of a dict."""
    made: FrozenMap[_T] = _new_dict(FrozenMap)
    _fill_dict(made, items)
    return made


def canonical_json(value: object) -> bytes:
    """Write a frozen JSON value as canonical JSON (V-3)."""
    return to_json(_in_order(value))


def _in_order(value: Any) -> Any:
    """Return a frozen JSON value with plain dicts for its objects, sorted by key."""
    kind = type(value)
    if kind is FrozenMap:
        ordered = value.in_order().items()
        return {name: e if type(e) in _PLAIN else _in_order(e) for name, e in ordered}
    return list(map(_in_order, value)) if kind is tuple else value


def _freeze(value: object, is_parsed: bool = False) -> Any:
    """Freeze a JSON value: tuples for arrays, read-only mappings for objects (V-3).

    Args:
        value: The JSON value.
        is_parsed: Whether pydantic's parser has just made the value. Then its texts are checked, and no other code
            holds its containers.

    Raises:
        pydantic.ValidationError: Parts of the value are not JSON. It lists the first MAX_VIOLATIONS of them.
    """
    if is_parsed and type(value) in _PLAIN:
        return value
    found: list[_JsonViolation] = []
    frozen = _freeze_node(value, MAX_RESULT_DEPTH, found, is_parsed)
    if found:
        found = found[:MAX_VIOLATIONS]
        raise_if_any("JSON", [InitErrorDetails(type=e, loc=_bounded(at), input=wrong) for at, wrong, e in found])
    return frozen


def _bounded(where: Location) -> Location:
    """Cut each key to one character more than a path shows, because each error holds a copy of its location (V-13)."""
    return tuple(step[: MAX_EXCERPT + 1] if isinstance(step, str) else step for step in where)


def _freeze_node(value: Any, levels: int, found: list[_JsonViolation], is_parsed: bool) -> Any:
    """Freeze a value of at most `levels` levels. Append each violation to `found`, with its location in the value."""
    kind = type(value)
    if kind is not dict and kind is not list:
        return _freeze_scalar(value, levels, found)
    if not levels:
        rule = f"{NESTED_TOO_DEEP}: at most {MAX_RESULT_DEPTH} levels"
        found.append(((), "", field_error(rule, "too_deep", "V-3")))
        return None
    # Most members of an object or array do not change. The check of their types here saves a call for each of them.
    frozen: Any = value if is_parsed else value.copy()
    for step, element in value.items() if kind is dict else enumerate(value):
        its = type(element)
        if its in _PLAIN:
            if is_parsed or its is not str or element.isascii():
                continue
        elif (its is int and _NEGATIVE_END < element < _INTEGER_END) or (its is float and isfinite(element)):
            continue
        before = len(found)
        frozen[step] = _freeze_node(element, levels - 1, found, is_parsed)
        if len(found) > before:
            found[before:] = [((step, *where), wrong, error) for where, wrong, error in found[before:]]
            if len(found) >= MAX_VIOLATIONS:  # stop here, because a Python object can contain itself
                return None
    if kind is list:
        return tuple(frozen)
    if not is_parsed and not all(type(key) is str and key.isascii() for key in frozen):
        frozen = {_freeze_key(key, found): element for key, element in frozen.items()}
    return frozen_map(frozen)


def _freeze_scalar(value: Any, levels: int, found: list[_JsonViolation]) -> Any:
    """Freeze an object that is not a plain dict or list: a number or text to check, a value, a subclass."""
    error: PydanticCustomError
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if is_text(value):
            return str.__str__(value)
        error = surrogate_error()
    elif isinstance(value, int):
        if _NEGATIVE_END < value < _INTEGER_END:
            return int.__int__(value)
        error = field_error(f"must have at most {MAX_INTEGER_LENGTH} characters", "out_of_range", "V-3")
    elif isinstance(value, float):
        if isfinite(value):
            return float.__float__(value)
        error = field_error("must be a finite number", "not_finite", "V-5")
    elif hasattr(type(value), "__pydantic_serializer__"):  # a value or a model
        return _freeze_node(type(value).__pydantic_serializer__.to_python(value, mode="json"), levels, found, False)
    elif isinstance(value, Mapping):
        return _freeze_node(dict(value), levels, found, False)
    elif isinstance(value, list | tuple):
        return _freeze_node(list(value), levels, found, False)
    else:
        error = field_error("must be a JSON value", "wrong_type", "V-3")
    found.append(((), value, error))
    return None


def _freeze_key(key: object, found: list[_JsonViolation]) -> str:
    if not isinstance(key, str):
        found.append(((), key, field_error("must have only text keys", "wrong_type", "V-3")))
        return str(key)
    if is_text(key):
        return str.__str__(key)
    found.append(((), key, surrogate_error()))
    return key


def is_text(text: str) -> bool:
    """Return whether a text has no lone surrogate (V-5)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def surrogate_error() -> PydanticCustomError:
    """Make the error for a text with a lone surrogate (V-5)."""
    return field_error(*SURROGATE)


class _Json:
    """Annotate a field that holds a frozen JSON value (V-3)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain, described = core_schema.no_info_plain_validator_function, core_schema.any_schema()
        return core_schema.json_or_python_schema(
            json_schema=plain(lambda value: _freeze(value, True), json_schema_input_schema=described),
            python_schema=plain(_freeze),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _in_order, return_schema=described, when_used="json"
            ),
        )


FROZEN_JSON: Final = _Json()
Json = Annotated[Any, FROZEN_JSON]
