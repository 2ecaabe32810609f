"""Define the interface of every value: immutable, equal by value, canonical, three ways in (V-2, V-12, V-14).

Decides how a value is built, compared and written. Does not know any field.

Two kinds of classes have this interface. Values that a service holds by the million are slotted dataclasses of
pydantic: `value_type`. Values that frameworks take as parameters are models of pydantic: `ModelValue`.
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
from .violations import NESTED_TOO_DEEP, FieldViolation, field_error, raise_if_any

__all__ = ["CONFIG", "Value", "complete", "json_as", "prepare_fields", "value_type"]

_V = TypeVar("_V", bound="Value")

CONFIG: Final = ConfigDict(extra="ignore")  # V-7: reading ignores unknown fields, and building forbids them


class Value(Readable):
    """Represent a frozen value: hashable, equal by value, picklable, sealed, written as canonical JSON (V-2)."""

    __slots__ = ("__weakref__",)

    __pydantic_serializer__: ClassVar[SchemaSerializer]

    # Fields that are compared as JSON text, because values that are equal in Python can differ in JSON: 1 and true, 0.0
    # and -0.0 (V-3).
    _compared_as_json: ClassVar[tuple[str, ...]] = ()

    # The defaults of the fields, in order; and a function that returns the values of all fields.
    _defaults: ClassVar[dict[str, Any]]
    _held: ClassVar[Callable[[Any], tuple[Any, ...]]]

    # A function that returns the violations of a value that is built. It takes the fields, and the names of those that
    # are given now. Reading does not call it.
    _violations_when_built: ClassVar[Any] = None

    def __init__(self, /, **fields: object) -> None:
        kind = type(self)
        if self._is_finished():
            raise TypeError(f"a finished {kind.__name__} must not be changed; build another value with evolve() (V-2)")
        _build(kind, fields, fields, self)

    def _is_finished(self) -> bool:
        return hasattr(self, next(iter(self._defaults)))

    __init__.__dict__["__pydantic_base_init__"] = True  # so that reading a model does not call it

    def to_json(self) -> bytes:
        """Write canonical JSON in UTF-8: without unset fields, sets and maps sorted (V-2, W-1)."""
        return self.__pydantic_serializer__.to_json(self)

    def to_python(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings, numbers and booleans, as a JSON parser does."""
        tree: dict[str, Any] = self.__pydantic_serializer__.to_python(self, mode="json")
        return tree

    if TYPE_CHECKING:  # with any keywords, so that a subclass can declare its own

        def evolve(self, *none: Any, **changes: Any) -> Self: ...
    else:

        def evolve(self, **changes: object) -> Self:
            """Build a copy with other fields; None unsets a field. The other fields are kept unchanged (V-2).

            Raises pydantic's ValidationError.
            """
            return _build(type(self), self._given() | changes, changes)

    __replace__ = evolve

    def _given(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults."""
        held = zip(self._defaults.items(), type(self)._held(self), strict=True)
        return {name: value for (name, default), value in held if value is not default}

    def _raise_violations(self, violations: Iterable[FieldViolation]) -> Self:
        """Raise pydantic's ValidationError with the violations of rules between fields; return self without any."""
        raise_if_any(type(self).__name__, [violation.error_details(self) for violation in violations])
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
        return type(self).from_python, (self._given(),)  # read again, and so checked as leniently as before

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
        """Return text that builds an equal value again: the set fields, with sorted sets (V-2)."""
        held = zip(self._defaults.items(), type(self)._held(self), strict=True)
        parts = [f"{name}={_repr(value)}" for (name, default), value in held if value != default]
        return f"{type(self).__name__}({', '.join(parts)})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        inside: Any = handler.resolve_ref_schema(schema)
        while inside["type"] not in {"dataclass-args", "model-fields"}:
            if inside["type"] in {"dataclass", "model"}:
                inside["strict"] = False  # V-14: also in Python, a mapping is read as a value; its fields stay strict
            inside = inside["schema"]
        fields = inside["fields"]
        for field in fields.values() if isinstance(fields, dict) else fields:
            # A missing field is validated as null, which its type refuses. pydantic's own error for a missing field
            # holds the whole mapping, so a text with missing fields on every level would take memory for each (V-13).
            if field["schema"]["type"] not in {"default", "nullable", "any"}:  # the last two would accept the null
                field["schema"] = core_schema.with_default_schema(field["schema"], default=None, validate_default=True)
        return schema

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return describe(cls, handler(schema), handler)


def _build(kind: type[_V], fields: Mapping[str, Any], given: Collection[str], empty: _V | None = None) -> _V:
    """Build a value. A mapping that stands for a value inside is read, but must not have an unknown field or name.

    Args:
        kind: The class of the value.
        fields: All fields, by name.
        given: The names of the fields that are given now; the others are kept from another value.
        empty: The object to fill; None makes a new one.

    Raises:
        pydantic.ValidationError: The fields break a rule.
    """
    details: list[InitErrorDetails] = []
    if kind._violations_when_built is not None:
        raw = SimpleNamespace(**{name: fields.get(name) for name in kind._defaults})
        details += [violation.error_details(raw) for violation in kind._violations_when_built(raw, given)]
    try:
        built: _V = kind.__pydantic_validator__.validate_python(
            fields, self_instance=empty, extra="forbid", context=BUILDING
        )
        if not details:
            return built
    except ValidationError as invalid:
        details += [_error_when_built(error, kind, fields) for error in invalid.errors(include_url=False)]
    raise ValidationError.from_exception_data(kind.__name__, details)


def _error_when_built(error: ErrorDetails, kind: type[Value], fields: Mapping[str, Any]) -> InitErrorDetails:
    """Return an error of pydantic in the form that the builder of a value gets."""
    location, context, code = error["loc"], error.get("ctx", {}), error["type"]
    own: str | PydanticCustomError = code
    field = kind.__pydantic_fields__.get(str(location[0])) if len(location) == 1 else None
    if field is not None and field.is_required() and location[0] not in fields:
        own = "missing"  # the schema reports a null, which stands for a missing field
    elif code == "recursion_loop":  # V-8
        own = field_error(NESTED_TOO_DEEP, "too_deep", "V-8")
    elif "spec_id" in context:
        own = field_error(context["rule"], code, context["spec_id"], context["clashes"])
    elif code not in _PYDANTIC_CODES:  # from a validator that a subclass adds
        own = PydanticCustomError(code, "{message}", {"message": error["msg"]})
    return InitErrorDetails(type=own, loc=location, input=error["input"], ctx=context)


def json_as(kind: type[_V], value: _V) -> bytes:
    """Write a value with only the fields of `kind`, because a value of a subclass can have more (V-2)."""
    return value.to_json() if type(value) is kind else kind.__pydantic_serializer__.to_json(value)


_PYDANTIC_CODES: Final = frozenset(get_args(core_schema.ErrorType))


def _repr(value: object) -> str:
    """Return the repr of a field. Sort a set, because its order depends on the hash seed (V-2)."""
    return f"{{{', '.join(map(repr, sorted(value)))}}}" if isinstance(value, frozenset) else repr(value)


def prepare_fields(kind: type[Value]) -> None:
    """Set the class attributes about its fields that building, reading and writing use."""
    fields = kind.__pydantic_fields__
    kind._fields = fields_of(kind)
    about = vars(kind)["__doc__"]
    if not isinstance(about, Documentation):
        type.__setattr__(kind, "__doc__", Documentation(about or ""))  # becomes a text at its first use
    kind._defaults = {name: field.default for name, field in fields.items()}
    only, *others = fields
    kind._held = attrgetter(*fields) if others else staticmethod(lambda value: (getattr(value, only),))


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False, field_specifiers=(Field,))
def value_type(kind: type[_V]) -> type[_V]:
    """Turn a class into a value class: a frozen dataclass of pydantic with a slot for each field (V-2).

    Use it for a subclass of a value with more fields, such as `@value_type class Row(ListItem): note: str`. Raises
    TypeError if the class defines `__init__`.
    """
    if "__init__" in vars(kind):
        raise TypeError(f"{kind.__name__} must not define __init__, because reading does not call it; use a function")
    made: Any = dataclass(kind, frozen=True, slots=True, kw_only=True, eq=False, repr=False, config=CONFIG)
    return _with_own_interface(made)


def complete(kind: type[Value]) -> None:
    """Complete a value class that has a field of a class defined after it."""
    made: Any = kind  # because a type checker does not see that the decorator makes a dataclass
    rebuild_dataclass(made)
    _with_own_interface(kind)


def _with_own_interface(made: type[_V]) -> type[_V]:
    """Remove the methods that dataclasses and pydantic define in place of those of Value."""
    for name in ("__init__", "__setattr__", "__delattr__", "__getstate__", "__setstate__", "__replace__"):
        if name in vars(made):
            delattr(made, name)
    prepare_fields(made)
    return made
