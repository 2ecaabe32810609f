"""A filter and grants as SQL: the same tasks in the same order as the plain scan gives (F, A-4, L-3, L-5).

Decided here: what the statement asks, within what each database can take. Not known here: connections.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Dialect,
    Select,
    String,
    Table,
    and_,
    any_,
    bindparam,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..access import EVERYTHING, NOTHING, Grants, Visibility, told
from ..filters import FilterSpec
from ..listing import MAX_RESULTS
from .columns import TaskColumns, columns_of

# Members of one statement that travel as a parameter each, where it is not known that arrays can be sent. SQLite takes 999
# parameters where it is old; past this each set travels as one. Below it the statement is what one writes by hand.
MAX_PARAMETERS: Final = 500

# Grants that one statement asks for, after those that differ in one field alone were made one; databases give up on
# longer conditions, SQLite at about 1,000,000 characters. SqlTaskSource asks about more of them in Python.
MAX_GRANTS: Final = 1000

# Conditions in a row before they are put in brackets: a tenth of what SQLite takes.
_CHAIN: Final = 100

# Statements that are kept, so that a question of a shape that was asked before costs no more than one written by hand.
KEPT: Final = 256

Condition: TypeAlias = ColumnElement[bool]
Sets: TypeAlias = tuple[frozenset[str], ...]


class How(IntEnum):
    """How the members of a set travel."""

    NONE = 0  # it constrains nothing (F-3)
    ONE = 1
    EACH = 2  # a parameter each
    TOGETHER = 3  # as one parameter
    TOGETHER_AND_NUL = 4  # the same, but for those with a NUL: PostgreSQL holds none, and SQLite's JSON ends there


Shape: TypeAlias = tuple[How, ...]


def select_tasks(
    table: Table | TaskColumns, filter: FilterSpec | None, visibility: Visibility, limit: int | None = MAX_RESULTS + 1
) -> Select[Any]:
    """The statement whose rows are the visible matches in order, at most `limit`, for whoever executes it (L-1, L-3, L-5).

    `visibility` is EVERYTHING, NOTHING or Grants; no other can be said in SQL, and raises TypeError. More rows than
    MAX_RESULTS mean that too many match (L-2). `limit` None is all of them. Raises ValueError for more than MAX_GRANTS
    different grants.
    """
    if filter is not None and not isinstance(filter, FilterSpec):
        raise TypeError(f"filter must be a FilterSpec or None, not {told(filter)}")
    statement, values = prepared(columns_of(table), filter or FilterSpec(), visibility, limit)
    return statement.params(values)


def prepared(
    columns: TaskColumns, filter: FilterSpec, visibility: Visibility, limit: int | None, dialect: Dialect | None = None
) -> tuple[Select[Any], dict[str, Any]]:
    """The statement of select_tasks, one and the same for all questions of a shape, and the parameters of this one.

    Where the dialect is known it is put as that database likes it best.
    """
    wanted = sets_of(filter)
    grants: tuple[Sets, ...] | None = None
    if visibility is NOTHING:
        grants = ()
    elif isinstance(visibility, Grants):
        grants = merged(visibility)
    elif visibility is not EVERYTHING:
        raise TypeError(f"visibility must be EVERYTHING, NOTHING or Grants, not {told(visibility)}")
    if grants and len(grants) > MAX_GRANTS:
        raise ValueError(f"{len(grants)} different grants are more than one statement can ask for, {MAX_GRANTS}")
    if isinstance(dialect, PGDialect):
        together = True
    elif dialect is None or isinstance(dialect, SQLiteDialect):
        together = sum(len(members) for sets in (wanted, *(grants or ())) for members in sets) > MAX_PARAMETERS
    else:
        together = False
    values: dict[str, Any] = {}
    shape = _told_apart(wanted, "", together, values)
    shapes = (
        None
        if grants is None
        else tuple(_told_apart(sets, f"_{number}", together, values) for number, sets in enumerate(grants, 1))
    )
    return _statement(columns, shape, shapes, limit, dialect is not None), values


def sets_of(filter: FilterSpec) -> Sets:
    return (filter.tasks, filter.operations, filter.services, filter.status, filter.users)


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


_FIELDS: Final = tuple(FilterSpec.model_fields)


def _told_apart(sets: Sets, suffix: str, together: bool, values: dict[str, Any]) -> Shape:
    """The shape of a filter or a grant; its members become parameters, named by field and suffix."""
    shape = []
    for field, members in zip(_FIELDS, sets, strict=True):
        name, how = field + suffix, How.NONE
        if len(members) == 1:
            how = How.ONE
            (values[name],) = members
        elif members and not together:
            how = How.EACH
            values[name] = sorted(members)  # the same statement whatever the hash seed is
        elif members:
            apart = sorted(member for member in members if "\0" in member)
            how = How.TOGETHER_AND_NUL if apart else How.TOGETHER
            values[name] = sorted(member for member in members if "\0" not in member)
            if apart:
                values[_with_nul(name)] = apart
        shape.append(how)
    return tuple(shape)


def _with_nul(name: str) -> str:
    return f"{name}_with_nul"


@lru_cache(KEPT)
def _statement(
    columns: TaskColumns, filter: Shape, grants: tuple[Shape, ...] | None, limit: int | None, dialect_is_known: bool
) -> Select[Any]:
    """What asks all questions of a shape; None in place of grants is everything, and no grant nothing (A-4)."""
    among = _Among if dialect_is_known else _AmongAnywhere
    statement = select(*columns.row).where(*_all_of(columns, filter, "", among))
    if grants is not None:
        granted = [and_(*_all_of(columns, shape, f"_{number}", among)) for number, shape in enumerate(grants, 1)]
        statement = statement.where(_any_of(granted) if granted else false())
    return statement.order_by(*columns.order).limit(limit)


def _all_of(columns: TaskColumns, shape: Shape, suffix: str, among: type[_Among]) -> Iterator[Condition]:
    """A condition for each field that constrains (F-1, F-3)."""
    compared = (columns.task, columns.operation, columns.service, columns.status, columns.user)
    for column, field, how in zip(compared, _FIELDS, shape, strict=True):
        if how is not How.NONE:
            yield _member(column, field + suffix, how, among)
            if not columns.exact:  # the one above, which may fold, can use an index; this one cannot
                yield _member(_exactly(column), field + suffix, how, among)


def _member(column: ColumnElement[Any], name: str, how: How, among: type[_Among]) -> Condition:
    """That a column is one of the members of this name (F-2); NULL is not (F-4)."""
    text = type_coerce(column, _Text())
    if how is How.ONE:
        return text == bindparam(name, type_=_Text())
    if how is How.EACH:
        return text.in_(bindparam(name, type_=_Text(), expanding=True))
    together = among(column, bindparam(name, type_=_Members()))
    if how is How.TOGETHER:
        return together
    return or_(together, text.in_(bindparam(_with_nul(name), type_=_Text(), expanding=True)))


def _any_of(conditions: list[Condition]) -> Condition:
    """One of these, halved until they are few: SQLite gives up on a chain of 1000, for each link is a level deeper."""
    if len(conditions) <= _CHAIN:
        return or_(*conditions)
    half = len(conditions) // 2
    return or_(_Grouped(_any_of(conditions[:half])), _Grouped(_any_of(conditions[half:])))


class _Text(TypeDecorator[str]):
    """A member of a set: what the database cannot hold is NULL, which nothing is equal to."""

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None] | None:
        return _null_for_nul if isinstance(dialect, PGDialect) else None


def _null_for_nul(member: str | None) -> str | None:
    return None if member is None or "\0" in member else member


class _Members(TypeDecorator[list[str]]):
    """Members, none with a NUL, as one parameter: an array, or JSON for json_each."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(String()) if isinstance(dialect, PGDialect) else String())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        return value if isinstance(dialect, PGDialect) else json.dumps(value)


class _Among(FunctionElement[bool]):
    """That a column is one of the members of one parameter."""

    type = Boolean()
    inherit_cache = True


class _AmongAnywhere(_Among):
    """The same where the database may be another, which takes a parameter for each: their number is a part of the text."""

    inherit_cache = False


@compiles(_Among)
def _compile_among(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, members = element.clauses
    if isinstance(compiler.dialect, PGDialect):
        condition: Condition = column == any_(members)
    elif isinstance(compiler.dialect, SQLiteDialect):
        condition = column.in_(select(func.json_each(members).table_valued("value").c.value))
    else:
        condition = column.in_(bindparam(members.key, members.value, type_=_Text(), expanding=True))
    return compiler.process(condition, **kw)


class _Grouped(FunctionElement[bool]):
    """A condition in brackets that stay."""

    type = Boolean()
    inherit_cache = True


@compiles(_Grouped)
def _compile_grouped(element: _Grouped, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})"


class _exactly(FunctionElement[str]):  # noqa: N801 - reads as what it does
    """A column compared code point by code point, whatever its collation (F-5)."""

    type = String()
    inherit_cache = True


@compiles(_exactly)
def _compile_exactly(element: _exactly, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    text = compiler.process(column.self_group(), **kw)
    if isinstance(compiler.dialect, PGDialect):
        return f'(CAST({text} AS TEXT) COLLATE "C")'
    if isinstance(compiler.dialect, SQLiteDialect):
        return f"({text} COLLATE BINARY)"
    raise CompileError(
        f"how {compiler.dialect.name} compares code point by code point is not known here (F-5); give the columns such "
        "a collation, and say TaskColumns(exact=True)"
    )
