"""The base of every value: immutable all the way down, equal by value, canonical when written (V-2, V-12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator
from pydantic_core import from_json, to_json

from .reading import explained, unknown_fields
from .violations import BrokenRule, InvalidValue, refuse_all


def canonical_json(value: object) -> bytes:
    """The canonical JSON text of a frozen JSON value (V-3)."""
    return to_json(value)


class Value(BaseModel, frozen=True):  # noqa: PLW1641 - pydantic makes the hash of a frozen model
    """A frozen value: hashable, equal by value, picklable, written as canonical JSON (V-2).

    Every kind of value says frozen=True itself, for a type checker looks for it nowhere else.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",  # V-7, first half; from_json relaxes it
        strict=True,  # V-5
        allow_inf_nan=False,
    )

    # Whether unknown fields are passed over when it is read (V-7).
    _ignores_unknown: ClassVar[bool] = True

    # Fields in which equal in Python is not the same text in JSON (1 and true, 0.0 and -0.0): compared as text (V-3).
    _compared_as_json: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def _broken_rules(cls, fields: Mapping[str, Any], built: Collection[str]) -> Sequence[BrokenRule]:
        """The rules between fields that do not hold; `built` names the fields given in Python rather than read."""
        return ()

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """The value that a JSON text holds, read as leniently as V-6, V-7 and V-9 say.

        Raises InvalidValue, which lists every violation (V-13).
        """
        error: ValidationError | None = None
        try:
            value = cls.model_validate_json(data, extra="ignore")
            if cls._ignores_unknown or not any(unknown_fields(cls, from_json(data))):
                return value
        except ValidationError as refused:
            error = refused
        found: InvalidValue | Self = explained(cls, data, error, not cls._ignores_unknown)
        del error
        if isinstance(found, InvalidValue):
            raise found  # outside the handler: pydantic's error holds the whole input, and nobody needs both
        return found

    def to_json(self) -> bytes:
        """The canonical JSON text in UTF-8: unset fields left out, sets and maps sorted (V-2, W-1)."""
        return self.__pydantic_serializer__.to_json(self)

    def to_python(self) -> dict[str, Any]:
        """The same as plain dicts, lists, strings, numbers and booleans, as a JSON parser would give it."""
        return self.model_dump(mode="json")

    def evolve(self, **changes: object) -> Self:
        """A copy with other fields, validated as if it were built; what does not change is kept as it is (V-2).

        None unsets a field. Raises pydantic's ValidationError.
        """
        held = {name for name, field in type(self).model_fields.items() if field.is_required()} | self.model_fields_set
        kept = {name: getattr(self, name) for name in held - changes.keys()}
        return self.model_validate(kept | changes, context=_Kept(type(self), kept))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same as evolve; pydantic's own would change this very value, for a copy of it is itself (V-2)."""
        return self.evolve(**update) if update else self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(self) is not type(other):
            return NotImplemented
        mine, theirs = self.__dict__, other.__dict__
        return mine == theirs and all(
            canonical_json(mine[name]) == canonical_json(theirs[name]) for name in self._compared_as_json
        )

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        """Only what is set, and sets in order: text that builds an equal value again (V-2)."""
        for name, field in type(self).model_fields.items():
            value = self.__dict__[name]
            if field.is_required() or value != field.default:
                yield name, _SortedSet(value) if isinstance(value, frozenset) else value


class _SortedSet(tuple[Any, ...]):
    """A set on its way into a repr, which must not depend on the hash seed (V-2)."""

    __slots__ = ()

    def __new__(cls, members: Iterable[Any]) -> _SortedSet:
        return super().__new__(cls, sorted(members))

    def __repr__(self) -> str:
        return f"{{{', '.join(map(repr, self))}}}"


class _Kept(NamedTuple):
    """The fields that evolve() takes over: nobody gives them, so rules for what is built spare them."""

    kind: type[Value]
    fields: Collection[str]


class RuledValue(Value, frozen=True):
    """A value with rules between its fields; a class of its own, for the check costs a call at each reading."""

    @model_validator(mode="after")
    def _check_rules(self, info: ValidationInfo) -> Self:
        """Refuse broken rules; a kind of value that is read often may look first whether any can be broken."""
        return self._checked(info)

    def _checked(self, info: ValidationInfo) -> Self:
        built: Collection[str] = ()
        if info.mode != "json":
            built = self.model_fields_set
            if isinstance(info.context, _Kept) and info.context.kind is type(self):
                built = built.difference(info.context.fields)
        broken = self._broken_rules(self.__dict__, built)
        if broken:
            refuse_all(type(self).__name__, (rule.as_fault(self.__dict__) for rule in broken))
        return self
