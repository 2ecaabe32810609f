"""JSON values that cannot change: tuples for arrays, read-only mappings for objects (V-2, V-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .violations import MAX_VIOLATIONS, Fault, Location, refusal, refuse_all

T = TypeVar("T")


class FrozenMap(dict[str, T]):
    """A dict that cannot change, sorted by key, so that equal maps print and are written the same (V-2)."""

    __slots__ = ()

    def __new__(cls, items: Mapping[str, T] | Iterable[tuple[str, T]] = ()) -> FrozenMap[T]:
        return frozen_map(items if isinstance(items, dict) else dict(items))

    def __init__(self, items: object = ()) -> None:
        pass  # __new__ has filled it; dict.__init__ would fill it again at every call

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("a value of snaptasks cannot change; build another one with evolve()")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    if not TYPE_CHECKING:  # type checkers know that no dict has a hash; this one does not change

        def __hash__(self) -> int:
            return hash(frozenset(self.items()))

    def __copy__(self) -> FrozenMap[T]:
        return self

    def __deepcopy__(self, memo: object) -> FrozenMap[T]:
        return self

    def __reduce__(self) -> tuple[type[FrozenMap[T]], tuple[dict[str, T]]]:
        return FrozenMap, (dict(self),)


_new_dict = dict.__new__
_fill_dict = dict.update


def frozen_map(items: dict[str, T]) -> FrozenMap[T]:
    """The same as FrozenMap(items), which would take more time for two calls in Python than for its work."""
    made: FrozenMap[T] = _new_dict(FrozenMap)
    if len(items) > 1:
        names = list(items)
        in_order = sorted(names)
        if names != in_order:
            items = {name: items[name] for name in in_order}
    _fill_dict(made, items)
    return made


# Arrays and objects inside one another in one JSON value, inclusive; one more is refused (V-3). No result of the
# real service comes near, and Python's own stack ends at ten times as many.
MAX_RESULT_DEPTH = 100

# Characters of an integer in a JSON value, inclusive, a minus sign among them; one more is refused (V-3). It is what
# the parser of every supported pydantic takes, so that whatever is built can be read again.
MAX_INTEGER_LENGTH = 4300

NESTED_TOO_DEEP = "nested too deep"

_INTEGER_END = 10**MAX_INTEGER_LENGTH
_NEGATIVE_END = -(10 ** (MAX_INTEGER_LENGTH - 1))


def freeze(value: object) -> Any:
    """A JSON value with tuples for arrays and read-only mappings for objects (V-3).

    Raises pydantic's ValidationError that lists what is no JSON, where: the first MAX_VIOLATIONS of it. What is built
    may go round in circles, so that no more is looked for.
    """
    return _freeze(value, _Faults(counts_all=False))


def freeze_read(value: object) -> Any:
    """The same for what a parser has made; the last that is listed tells how many more there are (V-13)."""
    try:
        return _frozen_read(value, MAX_RESULT_DEPTH)
    except _NeedsALook:
        return _freeze(value, _Faults(counts_all=True))


class _NeedsALook(Exception):
    """Something in a JSON value may be wrong."""


def _frozen_read(value: Any, levels: int) -> Any:
    """A JSON value as a parser made it: its arrays and objects are taken over, and what may be wrong in it is little.

    What stands in an object is looked at here, and not by a call for each.
    """
    kind = type(value)
    if kind is dict:
        if not levels:
            raise _NeedsALook
        for name, element in value.items():
            its = type(element)
            if its is str or its is bool:
                continue
            if its is int:
                if not _NEGATIVE_END < element < _INTEGER_END:
                    raise _NeedsALook
            elif element is not None:
                value[name] = _frozen_read(element, levels - 1)
        return frozen_map(value)
    if kind is list:
        if not levels:
            raise _NeedsALook
        return tuple([e if type(e) is str else _frozen_read(e, levels - 1) for e in value])
    if kind is int:
        if not _NEGATIVE_END < value < _INTEGER_END:
            raise _NeedsALook
    elif kind is float and not isfinite(value):
        raise _NeedsALook
    return value


class _Faults(list[Fault]):
    """The first MAX_VIOLATIONS faults, and how many more there are where somebody wants to know."""

    def __init__(self, counts_all: bool) -> None:
        self.counts_all = counts_all
        self.more = 0

    @property
    def are_enough(self) -> bool:
        return len(self) >= MAX_VIOLATIONS and not self.counts_all

    def append(self, fault: Fault) -> None:
        if len(self) < MAX_VIOLATIONS:
            super().append(fault)
        else:
            self.more += 1


def _freeze(value: object, faults: _Faults) -> Any:
    frozen = _frozen(value, (), faults)
    if faults.more:
        where, last, error = faults[-1]
        context = error.context or {}
        faults[-1] = where, last, refusal(context["rule"], context["spec_id"], more=faults.more)
    refuse_all("JSON", faults)
    return frozen


def _frozen(value: Any, where: Location, faults: _Faults) -> Any:
    if value is None or isinstance(value, bool) or faults.are_enough:
        return value
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, str):
        return _checked(str.__str__(value), _text_fault, value, where, faults)
    if isinstance(value, int):
        return _checked(int.__int__(value), _integer_fault, value, where, faults)
    if isinstance(value, float):
        return _checked(float.__float__(value), _float_fault, value, where, faults)
    if not isinstance(value, list | tuple | Mapping):
        faults.append((where, value, refusal("must be a JSON value", "V-3")))
        return None
    if len(where) == MAX_RESULT_DEPTH:
        faults.append((where, "", refusal(f"{NESTED_TOO_DEEP}: at most {MAX_RESULT_DEPTH} levels", "V-3")))
        return None
    if not isinstance(value, Mapping):
        return tuple(_frozen(element, (*where, at), faults) for at, element in enumerate(value))
    return FrozenMap(_frozen_members(value, where, faults))


def _frozen_members(value: Mapping[Any, object], where: Location, faults: _Faults) -> Iterator[tuple[str, Any]]:
    for key, element in value.items():
        if not isinstance(key, str):
            faults.append((where, key, refusal("the keys of an object must be text", "V-3")))
        else:
            name = _checked(str.__str__(key), _text_fault, key, where, faults)
            yield name, _frozen(element, (*where, name), faults)


def _checked(
    plain: T,
    fault_of: Callable[[T], PydanticCustomError | None],
    value: object,
    where: Location,
    faults: _Faults,
) -> T:
    fault = fault_of(plain)
    if fault is not None:
        faults.append((where, value, fault))
    return plain


def _text_fault(text: str) -> PydanticCustomError | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return refusal("lone surrogates are refused", "V-5")
    return None


def _integer_fault(number: int) -> PydanticCustomError | None:
    if _NEGATIVE_END < number < _INTEGER_END:
        return None
    return refusal(f"must have at most {MAX_INTEGER_LENGTH} characters", "V-3")


def _float_fault(number: float) -> PydanticCustomError | None:
    return None if isfinite(number) else refusal("must be a finite number", "V-5")


def _freeze_object(value: object) -> Any:
    frozen = freeze(value)
    if not isinstance(frozen, FrozenMap):
        raise refusal("must be a JSON object", "E-3")
    return frozen


class _Json:
    """A frozen JSON value (V-3)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(freeze_read, core_schema.any_schema()),
            python_schema=core_schema.no_info_after_validator_function(freeze, core_schema.any_schema()),
        )


class _JsonObject:
    """A frozen JSON object, whatever it was given as (E-3)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(freeze_read, core_schema.dict_schema()),
            python_schema=core_schema.no_info_after_validator_function(_freeze_object, core_schema.any_schema()),
        )


Json = Annotated[Any, _Json()]
JsonObject = Annotated[Mapping[str, Any], _JsonObject()]
