"""A question as SQL: the same tasks in the same order as the plain scan gives (F, A-9, L-5).

Decides what the statement asks, within what each database can take. Knows nothing of connections.
"""

from __future__ import annotations

from collections import Counter
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
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from .._text import type_name
from ..filters import FIELDS, FilterSpec, sets_of
from ..sources import Wanted
from ._members import Among, AmongAnywhere, Exactly, Grouped, Member, Members, is_postgresql, is_sqlite
from .columns import TaskColumns, columns_of

__all__ = ["MAX_FILTERS", "Prepared", "prepared", "select_tasks"]

# Members of one statement that travel as a parameter each, where it is not known that arrays can be sent: SQLite takes
# 32,766 parameters. Past it each set travels as one; below it the statement is what one writes by hand.
_MAX_PARAMETERS: Final = 500
# Filters that one statement asks for, inclusive, after those that differ in one field alone were made one: with all their
# fields some 10,000 parameters. Past it SqlTaskSource asks for all that they may match, and looks at each row in Python.
MAX_FILTERS: Final = 1000
# Conditions in a row before they are put in brackets: a tenth of what SQLite takes.
_CHAIN: Final = 100
# Statements that are kept, so that a question of a shape that was asked before costs no more than one written by hand,
# and the filters that one of them may have: each takes some 20 kB.
_KEPT: Final = 64
_MOST_FILTERS_KEPT: Final = 32

_Condition: TypeAlias = ColumnElement[bool]
_Sets: TypeAlias = tuple[frozenset[str], ...]


class _How(IntEnum):
    """How the members of a set travel."""

    NONE = 0  # it constrains nothing (F-3)
    ONE = 1
    EACH = 2  # a parameter each
    TOGETHER = 3  # as one parameter


_Shape: TypeAlias = tuple[_How, ...]


class _Group(NamedTuple):
    """Filters that share sets: what they share, and of each the rest; no rest where there is only one."""

    shared: _Shape
    rests: tuple[_Shape, ...]


class _Question(NamedTuple):
    """A question in the words of SQL: the shape of a statement, and the values of its parameters."""

    groups: tuple[_Group, ...]
    values: dict[str, Any]

    @property
    def size(self) -> int:
        """How many filters it has."""
        return sum(len(group.rests) or 1 for group in self.groups)


class Prepared(NamedTuple):
    """A statement that is ready to be executed with these parameters and options."""

    statement: Select[Any]
    values: dict[str, Any]
    options: dict[str, Any]
    is_exact: bool  # False: it gives more than is wanted, which is told by looking at each row


def select_tasks(table: Table | TaskColumns, wanted: Wanted, at_most: int | None) -> Select[Any]:
    """Return the statement whose rows are what is wanted, in order, for whoever executes it (A-9, L-1, L-5).

    It gives one row more than `at_most`, from which to tell that too many match (L-2); all of them where that is None.
    `Wanted.of(filter, visibility)` makes the question. Raises ValueError for more than MAX_FILTERS different filters.
    """
    if type(wanted) is not Wanted:
        raise TypeError(f"wanted must be a Wanted, such as Wanted.of(filter, visibility), not {type_name(wanted)}")
    filters = _merged(wanted)
    if len(filters) > MAX_FILTERS:
        raise ValueError(f"{len(filters)} different filters are more than one statement can ask for, {MAX_FILTERS}")
    question = _question(filters, None)
    return _built(columns_of(table), question.groups, at_most, _Binds(question.values))


def prepared(columns: TaskColumns, wanted: Wanted, at_most: int | None, dialect: Dialect) -> Prepared:
    """Return the same for one database, put as that likes it best; questions of one shape are one statement."""
    filters = _merged(wanted)
    is_exact = len(filters) <= MAX_FILTERS
    question = _question(filters if is_exact else [_covering(filters)], dialect)
    at_most = at_most if is_exact else None
    if question.size <= _MOST_FILTERS_KEPT:
        return Prepared(_kept(columns, question.groups, at_most), question.values, {}, is_exact)
    statement = _built(columns, question.groups, at_most, _Binds(None))
    return Prepared(statement, question.values, {"compiled_cache": None}, is_exact)


def _merged(wanted: Wanted) -> list[_Sets]:
    """The sets of fewer filters that match the same: of those that differ in one field alone, one with all members."""
    filters: list[_Sets] = [*dict.fromkeys(map(sets_of, wanted.filters))]
    if not all(map(any, filters)):
        return [sets_of(FilterSpec())]  # one that constrains nothing matches whatever the others do
    for field in range(len(FIELDS)):
        if len(filters) == 1:
            break
        joined: dict[tuple[_Sets, bool], list[frozenset[str]]] = {}
        for sets in filters:
            others = (*sets[:field], frozenset[str](), *sets[field + 1 :])
            key = (others, bool(sets[field]))  # a field that constrains nothing is another thing than one that does
            joined.setdefault(key, []).append(sets[field])
        filters = [
            (*others[:field], some[0].union(*some[1:]) if some[1:] else some[0], *others[field + 1 :])
            for (others, _), some in joined.items()
        ]
    return filters


def _covering(filters: Iterable[_Sets]) -> _Sets:
    """The sets of one filter that matches whatever any of these does."""
    return tuple(
        frozenset[str]().union(*sets) if all(sets) else frozenset[str]() for sets in zip(*filters, strict=True)
    )


def _question(filters: list[_Sets], dialect: Dialect | None) -> _Question:
    """Filters that share a set are a group, which names it once: a filter of many members under many grants stays short."""
    uses = Counter(field for sets in filters for field in enumerate(sets))
    groups: dict[_Sets, list[_Sets]] = {}
    for sets in filters:
        shared = tuple(each if uses[number, each] > 1 else frozenset[str]() for number, each in enumerate(sets))
        groups.setdefault(shared, []).append(sets)
    named: list[tuple[_Sets, list[_Sets]]] = []
    for shared, some in groups.items():
        rests = [
            tuple(frozenset[str]() if common else own for own, common in zip(sets, shared, strict=True))
            for sets in some
        ]
        if len(some) == 1:
            named.append((some[0], []))
        else:
            named.append(
                (shared, rests if all(map(any, rests)) else [])
            )  # without a rest it matches what the others do
    together = dialect is not None and is_postgresql(dialect)
    if dialect is None or is_sqlite(dialect):
        members = sum(len(members) for shared, rests in named for sets in (shared, *rests) for members in sets)
        together = members > _MAX_PARAMETERS
    values: dict[str, Any] = {}
    shapes = []
    for number, (shared, rests) in enumerate(named):
        shape = _shape(shared, _whose(number), together, values)
        each = (_shape(sets, _whose(number, at), together, values) for at, sets in enumerate(rests))
        shapes.append(_Group(shape, tuple(each)))
    return _Question(tuple(shapes), values)


def _shape(sets: _Sets, whose: str, together: bool, values: dict[str, Any]) -> _Shape:
    """The shape of a filter; its members become parameters."""
    shape = []
    for field, members in zip(FIELDS, sets, strict=True):
        how = _How.NONE
        if len(members) == 1:
            how = _How.ONE
            (values[_name(whose, field)],) = members
        elif members:
            how = _How.TOGETHER if together else _How.EACH
            values[_name(whose, field)] = sorted(members)  # the same statement whatever the hash seed is
        shape.append(how)
    return tuple(shape)


def _whose(group: int, rest: int | None = None) -> str:
    return (f"group{group}_" if group else "") + ("" if rest is None else f"filter{rest}_")


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


def _built(columns: TaskColumns, groups: tuple[_Group, ...], at_most: int | None, binds: _Binds) -> Select[Any]:
    """What asks all questions of a shape."""
    statement = select(*columns.row)
    if any(groups[0].shared) or groups[0].rests:  # else it is the only one, and matches everything
        conditions = [and_(*_of_group(columns, number, group, binds)) for number, group in enumerate(groups)]
        statement = statement.where(_any_of(conditions))
    return statement.order_by(*columns.order).limit(None if at_most is None else at_most + 1)


@lru_cache(_KEPT)
def _kept(columns: TaskColumns, groups: tuple[_Group, ...], at_most: int | None) -> Select[Any]:
    return _built(columns, groups, at_most, _Binds(None))


def _of_group(columns: TaskColumns, number: int, group: _Group, binds: _Binds) -> Iterator[_Condition]:
    yield from _all_of(columns, group.shared, _whose(number), binds)
    if group.rests:
        rests = enumerate(group.rests)
        yield _any_of([and_(*_all_of(columns, shape, _whose(number, at), binds)) for at, shape in rests])


def _all_of(columns: TaskColumns, shape: _Shape, whose: str, binds: _Binds) -> Iterator[_Condition]:
    """A condition for each field that constrains (F-1, F-3)."""
    compared = (columns.task, columns.operation, columns.service, columns.status, columns.user)
    for column, field, how in zip(compared, FIELDS, shape, strict=True):
        if how is not _How.NONE:
            yield _member(column, _name(whose, field), how, binds)
            if not columns.exact:  # the one above, which may fold, can use an index; this one cannot
                yield _member(Exactly(column), _name(whose, field), how, binds)


def _member(column: ColumnElement[Any], name: str, how: _How, binds: _Binds) -> _Condition:
    """That a column is one of the members of this name (F-2); NULL is not (F-4)."""
    if how is _How.TOGETHER:
        return binds.among(column, binds.bind(name, Members()))
    text = type_coerce(column, Member())
    if how is _How.ONE:
        return text == binds.bind(name, Member())
    return text.in_(binds.bind(name, Member(), expanding=True))


def _any_of(conditions: list[_Condition]) -> _Condition:
    """One of these, halved until they are few: SQLite gives up on a chain of 1000, for each link is a level deeper."""
    if len(conditions) <= _CHAIN:
        return or_(*conditions)
    half = len(conditions) // 2
    return or_(Grouped(_any_of(conditions[:half])), Grouped(_any_of(conditions[half:])))
