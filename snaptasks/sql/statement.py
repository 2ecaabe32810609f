"""A question as SQL: the same tasks in the same order as the plain scan gives (F, A-9, L-5).

Decides what the statement asks, within what each database can take. Knows nothing of connections.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import count
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Select,
    SQLColumnExpression,
    Table,
    and_,
    bindparam,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from .._text import type_name
from ..filters import FIELDS, covering, sets_of
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
_NO_SET: Final[frozenset[str]] = frozenset()


# How the members of a set travel: not at all, for it constrains nothing (F-3); one; a parameter each; as one parameter.
# Plain numbers: a shape is hashed for every question, and an enumeration takes ten times as long.
_NONE: Final = 0
_ONE: Final = 1
_EACH: Final = 2
_TOGETHER: Final = 3
_Shape: TypeAlias = tuple[int, ...]


class _Node(NamedTuple):
    """Filters that share sets: what they share, and the rest of each, of which any must match; none: nothing else must."""

    number: int  # in the order in which their parameters are named
    shared: _Shape
    rests: tuple[_Node, ...]


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
    given: object = wanted
    if type(given) is not Wanted:
        hint = (
            "; where Wanted.of gives None nothing is wanted, and there is nothing to execute" if given is None else ""
        )
        raise TypeError(f"wanted must be a Wanted, such as Wanted.of(filter, visibility), not {type_name(given)}{hint}")
    filters = _merged(wanted)
    if len(filters) > MAX_FILTERS:
        raise ValueError(f"{len(filters)} different filters are more than one statement can ask for, {MAX_FILTERS}")
    nodes, values = _question(filters, None)
    return _built(columns_of(table), nodes, at_most, _Binds(values))


def prepared(columns: TaskColumns, wanted: Wanted, at_most: int | None, dialect: Dialect) -> Prepared:
    """Return the same for one database, put as that likes it best; questions of one shape are one statement."""
    filters = _merged(wanted)
    is_exact = len(filters) <= MAX_FILTERS
    nodes, values = _question(filters if is_exact else [sets_of(covering(wanted.filters))], dialect)
    at_most = at_most if is_exact else None
    if len(filters) <= _MOST_FILTERS_KEPT:
        return Prepared(_kept(columns, nodes, at_most), values, {}, is_exact)
    return Prepared(_built(columns, nodes, at_most, _Binds(None)), values, {"compiled_cache": None}, is_exact)


def _merged(wanted: Wanted) -> list[_Sets]:
    """The sets of fewer filters that match the same: of those that differ in one field alone, one with all members."""
    if len(wanted.filters) == 1:
        return [sets_of(wanted.filters[0])]
    filters: list[_Sets] = [*dict.fromkeys(map(sets_of, wanted.filters))]
    for field in range(len(FIELDS)):
        if len(filters) == 1:
            break
        joined: dict[tuple[_Sets, bool], list[frozenset[str]]] = {}
        for sets in filters:
            others = (*sets[:field], _NO_SET, *sets[field + 1 :])
            key = (others, bool(sets[field]))  # a field that constrains nothing is another thing than one that does
            joined.setdefault(key, []).append(sets[field])
        filters = [
            (*others[:field], some[0].union(*some[1:]) if some[1:] else some[0], *others[field + 1 :])
            for (others, _), some in joined.items()
        ]
    return filters


def _question(filters: list[_Sets], dialect: Dialect | None) -> tuple[tuple[_Node, ...], dict[str, Any]]:
    """Filters in the words of SQL: the shape of a statement, and the values of its parameters."""
    values: dict[str, Any] = {}
    if len(filters) == 1 and any(filters[0]):  # as most are: 2.7 us instead of 4.7 us
        together = _is_together(sum(map(len, filters[0])), dialect)
        return (_Node(0, _shape(filters[0], 0, together, values), ()),), values
    trees = _trees(filters)
    return _nodes(trees, _is_together(sum(tree.size for tree in trees), dialect), values, count()), values


def _is_together(members: int, dialect: Dialect | None) -> bool:
    """Whether the members of a set travel as one parameter."""
    if dialect is None or is_sqlite(dialect):
        return members > _MAX_PARAMETERS
    return is_postgresql(dialect)


class _Tree(NamedTuple):
    """Filters that share sets, and the rest of each, before it is known how members travel."""

    shared: _Sets
    rests: list[_Tree]

    @property
    def size(self) -> int:
        """How many members are sent."""
        return sum(map(len, self.shared)) + sum(rest.size for rest in self.rests)


def _trees(filters: list[_Sets]) -> list[_Tree]:
    """Filters as trees, in which a set that several of them share stands once, the largest first: what is sent of a filter of
    many members under many grants does not grow with both."""
    if not all(map(any, filters)):
        return []  # one that constrains nothing matches whatever the others do
    uses = Counter(field for sets in filters for field in enumerate(sets))
    groups: dict[object, list[_Sets]] = {}
    for sets in filters:
        largest = max(enumerate(sets), key=lambda field: (uses[field] - 1) * len(field[1]))
        groups.setdefault(largest if uses[largest] > 1 and largest[1] else sets, []).append(sets)
    trees = []
    for some in groups.values():
        # In a set, what is one object is not compared member by member.
        shared = tuple(each[0] if len({*each}) == 1 else _NO_SET for each in zip(*some, strict=True))
        rests = [tuple(_NO_SET if shared[n] else each for n, each in enumerate(sets)) for sets in some]
        trees.append(_Tree(shared, _trees(rests) if len(some) > 1 else []))
    return trees


def _nodes(trees: list[_Tree], together: bool, values: dict[str, Any], numbers: Iterator[int]) -> tuple[_Node, ...]:
    """The shapes of trees; their members become parameters."""
    return tuple(
        _Node(
            number := next(numbers), _shape(shared, number, together, values), _nodes(rests, together, values, numbers)
        )
        for shared, rests in trees
    )


def _shape(sets: _Sets, number: int, together: bool, values: dict[str, Any]) -> _Shape:
    shape = []
    for field, members in zip(FIELDS, sets, strict=True):
        how = _NONE
        if len(members) == 1:
            how = _ONE
            (values[_name(number, field)],) = members
        elif members:
            how = _TOGETHER if together else _EACH
            values[_name(number, field)] = sorted(members)  # the same statement whatever the hash seed is
        shape.append(how)
    return tuple(shape)


def _name(number: int, field: str) -> str:
    """Of a parameter. None ends in a number, for SQLAlchemy numbers those of a list so, and none is an embedder's own."""
    return f"snaptasks_{f'filter{number}_' if number else ''}{field}"


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


def _built(columns: TaskColumns, nodes: tuple[_Node, ...], at_most: int | None, binds: _Binds) -> Select[Any]:
    """What asks all questions of a shape; no node is everything."""
    statement = select(*columns.row)
    if nodes:
        statement = statement.where(_any_of([*_of_nodes(columns, nodes, binds)]))
    return statement.order_by(*columns.order).limit(None if at_most is None else at_most + 1)


@lru_cache(_KEPT)
def _kept(columns: TaskColumns, nodes: tuple[_Node, ...], at_most: int | None) -> Select[Any]:
    return _built(columns, nodes, at_most, _Binds(None))


def _of_nodes(columns: TaskColumns, nodes: tuple[_Node, ...], binds: _Binds) -> Iterator[_Condition]:
    for node in nodes:
        conditions = [*_all_of(columns, node, binds)]
        if node.rests:
            conditions.append(_any_of([*_of_nodes(columns, node.rests, binds)]))
        yield and_(*conditions)


def _all_of(columns: TaskColumns, node: _Node, binds: _Binds) -> Iterator[_Condition]:
    """A condition for each field that constrains (F-1, F-3)."""
    compared = (columns.task, columns.operation, columns.service, columns.status, columns.user)
    for column, field, how in zip(compared, FIELDS, node.shared, strict=True):
        if how is not _NONE:
            yield _member(column, _name(node.number, field), how, binds)
            if not columns.exact:  # the one above, which may fold, can use an index; this one cannot
                yield _member(Exactly(column), _name(node.number, field), how, binds)


def _member(column: SQLColumnExpression[Any], name: str, how: int, binds: _Binds) -> _Condition:
    """That a column is one of the members of this name (F-2); NULL is not (F-4)."""
    if how is _TOGETHER:
        return binds.among(column, binds.bind(name, Members()))
    text = type_coerce(column, Member())
    if how is _ONE:
        return text == binds.bind(name, Member())
    return text.in_(binds.bind(name, Member(), expanding=True))


def _any_of(conditions: list[_Condition]) -> _Condition:
    """One of these, halved until they are few: SQLite gives up on a chain of 1000, for each link is a level deeper."""
    if len(conditions) <= _CHAIN:
        return or_(*conditions)
    half = len(conditions) // 2
    return or_(Grouped(_any_of(conditions[:half])), Grouped(_any_of(conditions[half:])))
