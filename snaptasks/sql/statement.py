"""Write a question as SQL, with the tasks and the order of the plain scan (F, A-9, L-5).

Decides the statement, within the limits of each database. Does not know connections.
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

__all__ = ["MAX_FILTERS", "Prepared", "prepare", "select_tasks"]

# Members of one statement that travel as a parameter each, inclusive, in SQLite (which takes 32,766 parameters) and in
# an unknown dialect. Past it each set travels as one parameter; within it the statement reads as if written by hand.
_MAX_PARAMETERS: Final = 500
# Filters of one statement, inclusive, after joining those that differ in only one field; with all fields they have some
# 10,000 parameters. Past it SqlTaskSource selects all that they can match, and checks each row in Python.
MAX_FILTERS: Final = 1000
# Conditions in one chain, inclusive: a tenth of SQLite's limit. Past it the chain is halved with brackets.
_MAX_CHAIN: Final = 100
# Statements in the cache, inclusive. A question of a known shape costs no more than a statement written by hand. Past
# the bound the least recently used one is dropped.
_MAX_CACHED: Final = 64
# Filters of a cached statement, inclusive, because each takes about 20 kB. Past it the statement is built again.
_MAX_CACHED_FILTERS: Final = 32

_Condition: TypeAlias = ColumnElement[bool]
_Sets: TypeAlias = tuple[frozenset[str], ...]
_NO_SET: Final[frozenset[str]] = frozenset()


# How the members of a set travel: not at all, because an empty set constrains nothing (F-3); as one member; as a
# parameter each; as one parameter together. Plain numbers, because each question hashes a shape: it takes 0.1 us, and
# 0.7 us with members of an Enum.
_NONE: Final = 0
_ONE: Final = 1
_EACH: Final = 2
_TOGETHER: Final = 3
_Shape: TypeAlias = tuple[int, ...]


class _Node(NamedTuple):
    """Represent filters that share sets: the shared sets and, if there are rests, any one of these must match."""

    number: int  # a part of the names of the parameters
    shared: _Shape
    rests: tuple[_Node, ...]


class Prepared(NamedTuple):
    """Hold a statement with its parameters and execution options."""

    statement: Select[Any]
    values: dict[str, Any]
    options: dict[str, Any]
    is_exact: bool  # if False, it gives unwanted rows, too, and the caller checks each


def select_tasks(table: Table | TaskColumns, wanted: Wanted, at_most: int | None) -> Select[Any]:
    """Return the statement for the wanted rows in order (A-9, L-1, L-5).

    Args:
        table: A table of task_table, or TaskColumns.
        wanted: The question, which `Wanted.of(filter, visibility)` makes.
        at_most: The cap. The statement gives one row more, which shows that too many match (L-2). None is no cap.

    Raises ValueError for more than MAX_FILTERS different filters, and TypeError for an argument of another type.
    """
    given: object = wanted
    if type(given) is not Wanted:
        hint = "; execute nothing when Wanted.of gives None, because nothing is wanted" if given is None else ""
        raise TypeError(f"wanted must be a Wanted, not {type_name(given)}; write Wanted.of(filter, visibility){hint}")
    filters = _merge(wanted)
    if len(filters) > MAX_FILTERS:
        raise ValueError(f"wanted must have at most {MAX_FILTERS} different filters, not {len(filters)}")
    nodes, values = _parametrize(filters, None)
    return _build(columns_of(table), nodes, at_most, _Binds(values))


def prepare(columns: TaskColumns, wanted: Wanted, at_most: int | None, dialect: Dialect) -> Prepared:
    """Return the statement of a question in the best form for a database; questions of one shape share a statement."""
    filters = _merge(wanted)
    is_exact = len(filters) <= MAX_FILTERS
    nodes, values = _parametrize(filters if is_exact else [sets_of(covering(wanted.filters))], dialect)
    at_most = at_most if is_exact else None
    if len(filters) <= _MAX_CACHED_FILTERS:
        return Prepared(_cached(columns, nodes, at_most), values, {}, is_exact)
    return Prepared(_build(columns, nodes, at_most, _Binds(None)), values, {"compiled_cache": None}, is_exact)


def _merge(wanted: Wanted) -> list[_Sets]:
    """Return the sets of the filters; join those that differ in only one field to one with all members."""
    if len(wanted.filters) == 1:
        return [sets_of(wanted.filters[0])]
    filters: list[_Sets] = [*dict.fromkeys(map(sets_of, wanted.filters))]
    for field in range(len(FIELDS)):
        if len(filters) == 1:
            break
        joined: dict[tuple[_Sets, bool], list[frozenset[str]]] = {}
        for sets in filters:
            others = (*sets[:field], _NO_SET, *sets[field + 1 :])
            key = (others, bool(sets[field]))  # an empty set constrains nothing, and must not join a non-empty one
            joined.setdefault(key, []).append(sets[field])
        filters = [
            (*others[:field], some[0].union(*some[1:]) if some[1:] else some[0], *others[field + 1 :])
            for (others, _), some in joined.items()
        ]
    return filters


def _parametrize(filters: list[_Sets], dialect: Dialect | None) -> tuple[tuple[_Node, ...], dict[str, Any]]:
    """Return the shape of the statement for filters, and the values of its parameters."""
    values: dict[str, Any] = {}
    if len(filters) == 1 and any(filters[0]):  # most questions: 2.7 us instead of 4.7 us
        together = _is_together(sum(map(len, filters[0])), dialect)
        return (_Node(0, _shape(filters[0], 0, together, values), ()),), values
    trees = _trees(filters)
    return _nodes(trees, _is_together(sum(tree.size for tree in trees), dialect), values, count()), values


def _is_together(members: int, dialect: Dialect | None) -> bool:
    """Return whether the members of a set travel as one parameter."""
    if dialect is None or is_sqlite(dialect):
        return members > _MAX_PARAMETERS
    return is_postgresql(dialect)


class _Tree(NamedTuple):
    """Represent filters that share sets, and the rest of each, before it is known how members travel."""

    shared: _Sets
    rests: list[_Tree]

    @property
    def size(self) -> int:
        """Return the number of members in the statement."""
        return sum(map(len, self.shared)) + sum(rest.size for rest in self.rests)


def _trees(filters: list[_Sets]) -> list[_Tree]:
    """Return filters as trees in which a shared set stands once, the largest first.

    So the statement for a filter of many members under many grants does not grow with the product of both.
    """
    if not all(map(any, filters)):
        return []  # one filter constrains nothing, so that every task matches
    uses = Counter(field for sets in filters for field in enumerate(sets))
    groups: dict[object, list[_Sets]] = {}
    for sets in filters:
        largest = max(enumerate(sets), key=lambda field: (uses[field] - 1) * len(field[1]))
        groups.setdefault(largest if uses[largest] > 1 and largest[1] else sets, []).append(sets)
    trees = []
    for some in groups.values():
        # A set of sets does not compare one object with itself member by member.
        shared = tuple(each[0] if len({*each}) == 1 else _NO_SET for each in zip(*some, strict=True))
        rests = [tuple(_NO_SET if shared[n] else each for n, each in enumerate(sets)) for sets in some]
        trees.append(_Tree(shared, _trees(rests) if len(some) > 1 else []))
    return trees


def _nodes(trees: list[_Tree], together: bool, values: dict[str, Any], numbers: Iterator[int]) -> tuple[_Node, ...]:
    """Return the shapes of trees; add their members to the values."""
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
            values[_name(number, field)] = sorted(members)  # the same statement with any hash seed
        shape.append(how)
    return tuple(shape)


def _name(number: int, field: str) -> str:
    """Return the name of a parameter, which no embedder uses and which does not end in a number.

    SQLAlchemy adds numbers to the names of a list's parameters.
    """
    return f"snaptasks_{f'filter{number}_' if number else ''}{field}"


class _Binds:
    """Make the parameters of a statement.

    Without values, each has a fixed name, and its value comes with the execution. With values, each has its value and a
    name that is unique in any statement around it.
    """

    def __init__(self, values: Mapping[str, Any] | None) -> None:
        self._values = values
        self.among = Among if values is None else AmongAnywhere

    def bind(self, name: str, type: TypeEngine[Any], expanding: bool = False) -> BindParameter[Any]:
        if self._values is None:
            return bindparam(name, type_=type, expanding=expanding)
        return bindparam(name, self._values[name], type_=type, expanding=expanding, unique=True)


def _build(columns: TaskColumns, nodes: tuple[_Node, ...], at_most: int | None, binds: _Binds) -> Select[Any]:
    """Return the statement for all questions of a shape; no nodes select everything."""
    statement = select(*columns.row)
    if nodes:
        statement = statement.where(_any_of([*_conditions(columns, nodes, binds)]))
    return statement.order_by(*columns.order).limit(None if at_most is None else at_most + 1)


@lru_cache(_MAX_CACHED)
def _cached(columns: TaskColumns, nodes: tuple[_Node, ...], at_most: int | None) -> Select[Any]:
    return _build(columns, nodes, at_most, _Binds(None))


def _conditions(columns: TaskColumns, nodes: tuple[_Node, ...], binds: _Binds) -> Iterator[_Condition]:
    """Yield a condition for each node."""
    for node in nodes:
        conditions = [*_field_conditions(columns, node, binds)]
        if node.rests:
            conditions.append(_any_of([*_conditions(columns, node.rests, binds)]))
        yield and_(*conditions)


def _field_conditions(columns: TaskColumns, node: _Node, binds: _Binds) -> Iterator[_Condition]:
    """Yield a condition for each constraining field (F-1, F-3)."""
    compared = (columns.task, columns.operation, columns.service, columns.status, columns.user)
    for column, field, how in zip(compared, FIELDS, node.shared, strict=True):
        if how is not _NONE:
            yield _is_member(column, _name(node.number, field), how, binds)
            if not columns.exact:  # the first condition can fold case but can use an index; this one cannot use one
                yield _is_member(Exactly(column), _name(node.number, field), how, binds)


def _is_member(column: SQLColumnExpression[Any], name: str, how: int, binds: _Binds) -> _Condition:
    """Return the condition that a column is one of the members of a parameter (F-2); NULL never is (F-4)."""
    if how is _TOGETHER:
        return binds.among(column, binds.bind(name, Members()))
    text = type_coerce(column, Member())
    if how is _ONE:
        return text == binds.bind(name, Member())
    return text.in_(binds.bind(name, Member(), expanding=True))


def _any_of(conditions: list[_Condition]) -> _Condition:
    """Join conditions by OR, in short chains: each link is a level deeper, and SQLite fails on a chain of 1000."""
    if len(conditions) <= _MAX_CHAIN:
        return or_(*conditions)
    half = len(conditions) // 2
    return or_(Grouped(_any_of(conditions[:half])), Grouped(_any_of(conditions[half:])))
