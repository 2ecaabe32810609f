"""The interface of every value: immutable, equal by value, canonical when written, three ways in (V-2, V-12, V-14).

Two kinds of classes have it. What a service holds by the million is a slotted dataclass of pydantic: `value_type`. What
is asked with is a model of pydantic: `AskedValue`, in `asked.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self, TypeVar, dataclass_transform, get_args

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.dataclasses import dataclass, rebuild_dataclass
from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
    SchemaSerializer,
    core_schema,
)

from .._documentation import Documentation, describe
from .fields import BUILDING
from .frozen import canonical_json
from .reading import Readable, fields_of
from .violations import NESTED_TOO_DEEP, BrokenRule, field_error, refuse

__all__ = ["CONFIG", "Value", "complete", "json_as", "look_at_fields", "value_type"]

_V = TypeVar("_V", bound="Value")

CONFIG: Final = ConfigDict(extra="ignore")  # V-7: when it is read; building forbids


class Value(Readable):
    """A frozen value: hashable, equal by value, picklable, sealed, written as canonical JSON (V-2)."""

    __slots__ = ("__weakref__",)

    __pydantic_serializer__: ClassVar[SchemaSerializer]

    # Fields in which equal in Python is not the same text in JSON (1 and true, 0.0 and -0.0): compared as text (V-3).
    _compared_as_json: ClassVar[tuple[str, ...]] = ()

    # The defaults of the fields, in order; and a function that gives what a value holds in them.
    _defaults: ClassVar[dict[str, Any]]
    _held: ClassVar[Callable[[Any], tuple[Any, ...]]]

    # A function from fields that are built, and the names of those that are given now, to the rules that they break;
    # reading does not ask it.
    _broken_when_built: ClassVar[Any] = None

    def __init__(self, /, **fields: object) -> None:
        kind = type(self)
        if self._is_finished():
            raise TypeError(f"this {kind.__name__} is finished; build another one with evolve() (V-2)")
        _build(kind, fields, fields, self)

    def _is_finished(self) -> bool:
        return hasattr(self, next(iter(self._defaults)))

    __init__.__dict__["__pydantic_base_init__"] = True  # a model is read without it

    def to_json(self) -> bytes:
        """Write canonical JSON in UTF-8: unset fields left out, sets and maps sorted (V-2, W-1)."""
        return self.__pydantic_serializer__.to_json(self)

    def to_python(self) -> dict[str, Any]:
        """Write plain dicts, lists, strings, numbers and booleans, as a JSON parser gives them."""
        tree: dict[str, Any] = self.__pydantic_serializer__.to_python(self, mode="json")
        return tree

    if TYPE_CHECKING:  # of any keywords, so that a kind may say which it takes

        def evolve(self, *none: Any, **changes: Any) -> Self: ...
    else:

        def evolve(self, **changes: object) -> Self:
            """Build a copy with other fields; what does not change is kept as it is (V-2).

            None unsets a field. Raises pydantic's ValidationError.
            """
            return _build(type(self), self._given() | changes, changes)

    __replace__ = evolve

    def _given(self) -> dict[str, Any]:
        """The fields that say something."""
        held = zip(self._defaults.items(), type(self)._held(self), strict=True)
        return {name: value for (name, default), value in held if value is not default}

    def _check(self, broken: Iterable[BrokenRule]) -> Self:
        """Refuse the rules between fields that are broken."""
        refuse(type(self).__name__, [rule.details(self) for rule in broken])
        return self

    def _refuse_change(self, name: object, value: object = None) -> NoReturn:
        details = InitErrorDetails(type="frozen_instance", loc=(str(name),), input=value)
        raise ValidationError.from_exception_data(type(self).__name__, [details])

    def __setattr__(self, name: str, value: object) -> NoReturn:
        self._refuse_change(name, value)

    def __delattr__(self, name: str) -> NoReturn:
        self._refuse_change(name)

    def __setstate__(self, state: object) -> NoReturn:
        self._refuse_change("__setstate__")

    def __reduce__(self) -> tuple[Callable[[object], Value], tuple[dict[str, Any]]]:
        return type(self).from_python, (self._given(),)  # read again, and so checked, but kept as it came

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    __copy__ = __deepcopy__

    def __eq__(self, other: object) -> bool:
        kind = type(self)
        if type(other) is not kind:
            return NotImplemented
        return kind._held(self) == kind._held(other) and all(
            canonical_json(getattr(self, name)) == canonical_json(getattr(other, name))
            for name in kind._compared_as_json
        )

    def __hash__(self) -> int:
        kind = type(self)
        return hash((kind, kind._held(self)))

    def __repr__(self) -> str:
        """What is set, sets in order: text that builds an equal value again (V-2)."""
        held = zip(self._defaults.items(), type(self)._held(self), strict=True)
        told = [f"{name}={_repr(value)}" for (name, default), value in held if value != default]
        return f"{type(self).__name__}({', '.join(told)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        inside: Any = handler.resolve_ref_schema(schema)
        while inside["type"] not in {"dataclass-args", "model-fields"}:
            if inside["type"] in {"dataclass", "model"}:
                inside["strict"] = False  # V-14: a mapping is read, also in Python; its fields stay strict
            inside = inside["schema"]
        fields = inside["fields"]
        for field in fields.values() if isinstance(fields, dict) else fields:
            # A null that no field takes stands for a field that is missing, because pydantic's own error for that holds
            # all that surrounds it: a text that misses fields on every level would take memory for each level (V-13).
            if field["schema"]["type"] not in {"default", "nullable", "any"}:  # the last two would take the null
                field["schema"] = core_schema.with_default_schema(field["schema"], default=None, validate_default=True)
        return schema

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return describe(cls, handler(schema), handler)


def _build(kind: type[_V], fields: Mapping[str, Any], given: Collection[str], empty: _V | None = None) -> _V:
    """Build a value of fields, of which some are given now and the others kept; in an empty one, if there is one.

    A mapping that stands for a value inside is read, but may hold no unknown field or name.
    """
    details: list[InitErrorDetails] = []
    if kind._broken_when_built is not None:
        raw = SimpleNamespace(**{name: fields.get(name) for name in kind._defaults})
        details += [rule.details(raw) for rule in kind._broken_when_built(raw, given)]
    try:
        built: _V = kind.__pydantic_validator__.validate_python(
            fields, self_instance=empty, extra="forbid", context=BUILDING
        )
        if not details:
            return built
    except ValidationError as refused:
        details += [_told_to_a_builder(error, kind, fields) for error in refused.errors(include_url=False)]
    raise ValidationError.from_exception_data(kind.__name__, details)


def _told_to_a_builder(error: ErrorDetails, kind: type[Value], fields: Mapping[str, Any]) -> InitErrorDetails:
    location, context, code = error["loc"], error.get("ctx", {}), error["type"]
    own: str | PydanticCustomError = code
    field = kind.__pydantic_fields__.get(str(location[0])) if len(location) == 1 else None
    if field is not None and field.is_required() and location[0] not in fields:
        own = "missing"  # and not a null, which stands for it in the schema
    elif code == "recursion_loop":  # V-8
        own = field_error(NESTED_TOO_DEEP, "too_deep", "V-8")
    elif "spec_id" in context:
        own = field_error(context["rule"], code, context["spec_id"], context["clashes"])
    elif code not in _PYDANTICS_OWN:  # of a validator that a subclass has added
        own = PydanticCustomError(code, "{message}", {"message": error["msg"]})
    return InitErrorDetails(type=own, loc=location, input=error["input"], ctx=context)


def json_as(kind: type[_V], value: _V) -> bytes:
    """Write a value with the fields of a kind; one of a subclass may have more, which are not sent (V-2)."""
    return value.to_json() if type(value) is kind else kind.__pydantic_serializer__.to_json(value)


_PYDANTICS_OWN: Final = frozenset(get_args(core_schema.ErrorType))


def _repr(value: object) -> str:
    """The repr of a field; of a set in order, because the hash seed must not show (V-2)."""
    return f"{{{', '.join(map(repr, sorted(value)))}}}" if isinstance(value, frozenset) else repr(value)


def look_at_fields(kind: type[Value]) -> None:
    """Note what building, reading and writing ask of the fields of a kind of value."""
    fields = kind.__pydantic_fields__
    kind._fields = fields_of(kind)
    about = vars(kind)["__doc__"]
    if not isinstance(about, Documentation):
        type.__setattr__(kind, "__doc__", Documentation(about or ""))  # a text, once someone asks for it
    kind._defaults = {name: field.default for name, field in fields.items()}
    only, *others = fields
    kind._held = attrgetter(*fields) if others else staticmethod(lambda value: (getattr(value, only),))


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False, field_specifiers=(Field,))
def value_type(kind: type[_V]) -> type[_V]:
    """Make a kind of value of a class: a frozen dataclass of pydantic with a slot for each field (V-2).

    For a subclass of a value that has more fields, such as `@value_type class Row(ListItem): note: str`.
    """
    if "__init__" in vars(kind):
        raise TypeError(f"{kind.__name__} has an __init__ of its own, which no reader would call; use a function")
    made: Any = dataclass(kind, frozen=True, slots=True, kw_only=True, eq=False, repr=False, config=CONFIG)
    return _with_own_interface(made)


def complete(kind: type[Value]) -> None:
    """Complete a kind of value that holds one which was made after it."""
    made: Any = kind  # of which a type checker does not see what the decorator has made
    rebuild_dataclass(made)
    _with_own_interface(kind)


def _with_own_interface(made: type[_V]) -> type[_V]:
    """Take away what dataclasses and pydantic put in the place of the interface above."""
    for name in ("__init__", "__setattr__", "__delattr__", "__getstate__", "__setstate__", "__replace__"):
        if name in vars(made):
            delattr(made, name)
    look_at_fields(made)
    return made
