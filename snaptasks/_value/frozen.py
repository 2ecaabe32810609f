"""JSON values that cannot change: tuples for arrays, read-only mappings for objects (V-2, V-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema, to_json

from .violations import MAX_VIOLATIONS, NESTED_TOO_DEEP, SURROGATE, Location, field_error, refuse

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

# Where something is wrong in a JSON value, what it is, and the error.
_Fault: TypeAlias = tuple[Location, object, PydanticCustomError]

# Arrays and objects inside one another in one JSON value, inclusive; one more is refused (V-3). No result of the
# real service comes near, and Python's own stack ends at ten times as many.
MAX_RESULT_DEPTH: Final = 100

# Characters of an integer in a JSON value, inclusive, a minus sign among them; one more is refused (V-3). It is what
# the parser of every supported pydantic takes, so that whatever is built can be read again.
MAX_INTEGER_LENGTH: Final = 4300

_INTEGER_END: Final = 10**MAX_INTEGER_LENGTH
_NEGATIVE_END: Final = -(10 ** (MAX_INTEGER_LENGTH - 1))


# What stays as it is; a text, too, where the parser has looked at it.
_PLAIN: Final = frozenset({str, bool, type(None)})


class FrozenMap(dict[str, _T]):
    """A dict that cannot change; equal maps print the same, sorted by key (V-2)."""

    __slots__ = ()

    def __new__(cls, items: Iterable[tuple[str, _T]] = ()) -> FrozenMap[_T]:
        return frozen_map(dict(items))  # as dataclasses.asdict makes one

    def __init__(self, items: object = ()) -> None:
        pass  # __new__ has filled it; dict.__init__ would fill it again at every call

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("a value of snaptasks cannot change; build another one with evolve()")

    __setattr__ = __delattr__ = __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = (
        _refuse
    )

    if not TYPE_CHECKING:  # type checkers know that no dict has a hash; this one does not change

        def __hash__(self) -> int:
            return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return dict.__repr__(self.in_order())

    def in_order(self) -> dict[str, _T]:
        """The same members, sorted by key: where it is written or printed, and not where it is read, for speed."""
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
    """The same value with sorted objects, as plain dicts."""
    kind = type(value)
    if kind is FrozenMap:
        ordered = value.in_order().items()
        return {name: e if type(e) in _PLAIN else _in_order(e) for name, e in ordered}
    return list(map(_in_order, value)) if kind is tuple else value


def _freeze(value: object, is_parsed: bool = False) -> Any:
    """Freeze a JSON value: tuples for arrays, read-only mappings for objects (V-3).

    `is_parsed`: pydantic's parser has just made it; it has checked the texts, and no one else holds the containers.
    Raises pydantic's ValidationError that lists what is not JSON, and where: the first MAX_VIOLATIONS of it.
    """
    if is_parsed and type(value) in _PLAIN:
        return value
    faults: list[_Fault] = []
    frozen = _frozen(value, MAX_RESULT_DEPTH, faults, is_parsed)
    if faults:
        refuse("JSON", [InitErrorDetails(type=e, loc=at, input=wrong) for at, wrong, e in faults[:MAX_VIOLATIONS]])
    return frozen


def _frozen(value: Any, levels: int, faults: list[_Fault], is_parsed: bool) -> Any:
    """The frozen value, which may have so many levels; each fault is told by where it is inside the value."""
    kind = type(value)
    if kind is not dict and kind is not list:
        return _frozen_scalar(value, levels, faults)
    if not levels:
        rule = f"{NESTED_TOO_DEEP}: at most {MAX_RESULT_DEPTH} levels"
        faults.append(((), "", field_error(rule, "too_deep", "V-3")))
        return None
    # Most of what stands in an object or array can stay as it is; a look at its type here spares a call for each.
    frozen: Any = value if is_parsed else value.copy()
    for step, element in value.items() if kind is dict else enumerate(value):
        its = type(element)
        if its in _PLAIN:
            if is_parsed or its is not str or element.isascii():
                continue
        elif (its is int and _NEGATIVE_END < element < _INTEGER_END) or (its is float and isfinite(element)):
            continue
        before = len(faults)
        frozen[step] = _frozen(element, levels - 1, faults, is_parsed)
        if len(faults) > before:
            faults[before:] = [((step, *where), wrong, error) for where, wrong, error in faults[before:]]
            if len(faults) >= MAX_VIOLATIONS:  # enough: what is built may go round in circles
                return None
    if kind is list:
        return tuple(frozen)
    if not is_parsed and not all(type(key) is str and key.isascii() for key in frozen):
        frozen = {_frozen_key(key, faults): element for key, element in frozen.items()}
    return frozen_map(frozen)


def _frozen_scalar(value: Any, levels: int, faults: list[_Fault]) -> Any:
    """What is no plain container: a number or text that may be wrong, a value, a subclass."""
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
        return _frozen(type(value).__pydantic_serializer__.to_python(value, mode="json"), levels, faults, False)
    elif isinstance(value, Mapping):
        return _frozen(dict(value), levels, faults, False)
    elif isinstance(value, list | tuple):
        return _frozen(list(value), levels, faults, False)
    else:
        error = field_error("must be a JSON value", "wrong_type", "V-3")
    faults.append(((), value, error))
    return None


def _frozen_key(key: object, faults: list[_Fault]) -> str:
    if not isinstance(key, str):
        faults.append(((), key, field_error("must have text for keys", "wrong_type", "V-3")))
        return str(key)
    if is_text(key):
        return str.__str__(key)
    faults.append(((), key, surrogate_error()))
    return key


def is_text(text: str) -> bool:
    """Whether a text has no lone surrogate (V-5)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def surrogate_error() -> PydanticCustomError:
    """Make the error for a text with a lone surrogate (V-5)."""
    return field_error(*SURROGATE)


class _Json:
    """A frozen JSON value (V-3)."""

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
