"""A filter and grants as SQL: the same tasks in the same order as the plain scan gives (F, A-4, L-3, L-5).

Decided here: what the statement asks, within what each database can take. Not known here: connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Select,
    Table,
    and_,
    bindparam,
    false,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from .._text import type_name
from ..access import EVERYTHING, NOTHING, Grants, Visibility
from ..filters import FilterSpec
from ..listing import MAX_RESULTS
from ._members import Among, AmongAnywhere, Exactly, Grouped, Member, Members, is_postgresql, is_sqlite
from .columns import TaskColumns, columns_of

# Members of one statement that travel as a parameter each, where it is not known that arrays can be sent: SQLite takes
# 32,766 parameters. Past it each set travels as one; below it the statement is what one writes by hand.
MAX_PARAMETERS: Final = 500
# Grants that one statement asks for, after those that differ in one field alone were made one: with all their fields
# some 10,000 parameters. SqlTaskSource asks about more of them in Python.
MAX_GRANTS: Final = 1000
# Conditions in a row before they are put in brackets: a tenth of what SQLite takes.
_CHAIN: Final = 100
# Statements that are kept, so that a question of a shape that was asked before costs no more than one written by hand,
# and the grants that one of them may have: each takes some 20 kB.
KEPT: Final = 64
MOST_GRANTS_KEPT: Final = 32

Condition: TypeAlias = ColumnElement[bool]
Sets: TypeAlias = tuple[frozenset[str], ...]


class How(IntEnum):
    """How the members of a set travel."""

    NONE = 0  # it constrains nothing (F-3)
    ONE = 1
    EACH = 2  # a parameter each
    TOGETHER = 3  # as one parameter


Shape: TypeAlias = tuple[How, ...]


class Question(NamedTuple):
    """A filter and a visibility in the words of SQL: the shape of a statement, and the values of its parameters."""

    filter: Shape
    grants: tuple[Shape, ...] | None  # None: everything is visible
    values: dict[str, Any]


class Prepared(NamedTuple):
    """A statement that is ready to be executed with these parameters and options."""

    statement: Select[Any]
    values: dict[str, Any]
    options: dict[str, Any]


def select_tasks(
    table: Table | TaskColumns, filter: FilterSpec | None, visibility: Visibility, limit: int | None = MAX_RESULTS + 1
) -> Select[Any]:
    """The statement whose rows are the visible matches in order, at most `limit`, for whoever executes it (L-1, L-3, L-5).

    `visibility` is EVERYTHING, NOTHING or Grants; no other can be said in SQL, and raises TypeError. More rows than
    MAX_RESULTS mean that too many match (L-2). `limit` None is all of them. Raises ValueError for more than MAX_GRANTS
    different grants.
    """
    if filter is not None and not isinstance(filter, FilterSpec):
        raise TypeError(f"filter must be a FilterSpec or None, not {type_name(filter)}")
    columns = columns_of(table)
    shape, grants, values = _question(filter or FilterSpec(), visibility, None)
    return _built(columns, shape, grants, limit, _Binds(values))


def prepared(
    columns: TaskColumns, filter: FilterSpec, visibility: Visibility, limit: int | None, dialect: Dialect
) -> Prepared:
    """The same for one database, put as that likes it best; questions of one shape are one statement."""
    shape, grants, values = _question(filter, visibility, dialect)
    if len(grants or ()) <= MOST_GRANTS_KEPT:
        return Prepared(_kept(columns, shape, grants, limit), values, {})
    return Prepared(_built(columns, shape, grants, limit, _Binds(None)), values, {"compiled_cache": None})


def _question(filter: FilterSpec, visibility: Visibility, dialect: Dialect | None) -> Question:
    wanted = sets_of(filter)
    grants: tuple[Sets, ...] | None = None
    if visibility is NOTHING:
        grants = ()
    elif type(visibility) is Grants:
        grants = merged(visibility)
    elif visibility is not EVERYTHING:
        raise TypeError(f"visibility must be EVERYTHING, NOTHING or Grants, not {type_name(visibility)}")
    if len(grants or ()) > MAX_GRANTS:
        raise ValueError(f"{len(grants or ())} different grants are more than one statement can ask for, {MAX_GRANTS}")
    together = dialect is not None and is_postgresql(dialect)
    if dialect is None or is_sqlite(dialect):
        together = sum(len(members) for sets in (wanted, *(grants or ())) for members in sets) > MAX_PARAMETERS
    values: dict[str, Any] = {}
    shape = _shape(wanted, "", together, values)
    if grants is None:
        return Question(shape, None, values)
    numbered = enumerate(grants, 1)
    return Question(shape, tuple(_shape(sets, _grant(n), together, values) for n, sets in numbered), values)


def sets_of(filter: FilterSpec) -> Sets:
    """The five sets of a filter, in the order of its fields."""
    return (filter.tasks, filter.operations, filter.services, filter.status, filter.users)


_FIELDS: Final = tuple(FilterSpec.model_fields)


@lru_cache(KEPT)
def merged(grants: Grants) -> tuple[Sets, ...]:
    """Grants that show the same in fewer: of those that differ in one field alone, one with the members of all."""
    sets: Iterable[Sets] = dict.fromkeys(sets_of(grant) for grant in grants.filters)
    for field in range(len(_FIELDS)):
        joined: dict[tuple[Sets, bool], frozenset[str]] = {}
        for each in sets:
            others = (*each[:field], frozenset[str](), *each[field + 1 :])
            key = (others, bool(each[field]))  # a field that constrains nothing is another thing than one that does
            joined[key] = joined.get(key, frozenset()) | each[field]
        sets = [(*others[:field], members, *others[field + 1 :]) for (others, _), members in joined.items()]
    return tuple(sets)


def _shape(sets: Sets, whose: str, together: bool, values: dict[str, Any]) -> Shape:
    """The shape of a filter or a grant; its members become parameters."""
    shape = []
    for field, members in zip(_FIELDS, sets, strict=True):
        how = How.NONE
        if len(members) == 1:
            how = How.ONE
            (values[_name(whose, field)],) = members
        elif members:
            how = How.TOGETHER if together else How.EACH
            values[_name(whose, field)] = sorted(members)  # the same statement whatever the hash seed is
        shape.append(how)
    return tuple(shape)


def _grant(number: int) -> str:
    return f"grant{number}_"


def _name(whose: str, field: str) -> str:
    """Of a parameter. None ends in a number, for SQLAlchemy numbers those of a list so, and none is an embedder's own."""
    return f"snaptasks_{whose}{field}"


class _Binds:
    """The parameters of a statement: named ones whose values come with its execution, or such as have theirs already,
    and names of their own in whatever statement theirs becomes a part of."""

    def __init__(self, values: Mapping[str, Any] | None) -> None:
        self._values = values
        self.among = Among if values is None else AmongAnywhere

    def bind(self, name: str, type: TypeEngine[Any], expanding: bool = False) -> BindParameter[Any]:
        if self._values is None:
            return bindparam(name, type_=type, expanding=expanding)
        return bindparam(name, self._values[name], type_=type, expanding=expanding, unique=True)


def _built(
    columns: TaskColumns, filter: Shape, grants: tuple[Shape, ...] | None, limit: int | None, binds: _Binds
) -> Select[Any]:
    """What asks all questions of a shape; None in place of grants is everything, and no grant nothing (A-4)."""
    statement = select(*columns.row).where(*_all_of(columns, filter, "", binds))
    if grants is not None:
        granted = [and_(*_all_of(columns, shape, _grant(number), binds)) for number, shape in enumerate(grants, 1)]
        statement = statement.where(_any_of(granted) if granted else false())
    return statement.order_by(*columns.order).limit(limit)


@lru_cache(KEPT)
def _kept(columns: TaskColumns, filter: Shape, grants: tuple[Shape, ...] | None, limit: int | None) -> Select[Any]:
    return _built(columns, filter, grants, limit, _Binds(None))


def _all_of(columns: TaskColumns, shape: Shape, whose: str, binds: _Binds) -> Iterator[Condition]:
    """A condition for each field that constrains (F-1, F-3)."""
    compared = (columns.task, columns.operation, columns.service, columns.status, columns.user)
    for column, field, how in zip(compared, _FIELDS, shape, strict=True):
        if how is not How.NONE:
            yield _member(column, _name(whose, field), how, binds)
            if not columns.exact:  # the one above, which may fold, can use an index; this one cannot
                yield _member(Exactly(column), _name(whose, field), how, binds)


def _member(column: ColumnElement[Any], name: str, how: How, binds: _Binds) -> Condition:
    """That a column is one of the members of this name (F-2); NULL is not (F-4)."""
    if how is How.TOGETHER:
        return binds.among(column, binds.bind(name, Members()))
    text = type_coerce(column, Member())
    if how is How.ONE:
        return text == binds.bind(name, Member())
    return text.in_(binds.bind(name, Member(), expanding=True))


def _any_of(conditions: list[Condition]) -> Condition:
    """One of these, halved until they are few: SQLite gives up on a chain of 1000, for each link is a level deeper."""
    if len(conditions) <= _CHAIN:
        return or_(*conditions)
    half = len(conditions) // 2
    return or_(Grouped(_any_of(conditions[:half])), Grouped(_any_of(conditions[half:])))
