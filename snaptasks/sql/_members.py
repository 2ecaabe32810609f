"""How members of a set travel to a database, and are compared there code point by code point (F-5).

Decided here: the types of parameters, and what each dialect calls an array. Not known here: filters and tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ARRAY, Boolean, ColumnElement, Dialect, String, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["Among", "AmongAnywhere", "Exactly", "Grouped", "Member", "Members", "is_postgresql", "is_sqlite"]

# A text ends at a NUL where SQLite takes it out of JSON, so that it travels as these two, and the first of them, which is
# no character, as those two.
_MARK: Final = "\ufdd0"
_NUL: Final = f"{_MARK}0"
_MARK_ITSELF: Final = f"{_MARK}1"


def is_postgresql(dialect: Dialect) -> bool:
    """Also for those that speak as it does: they take arrays, and their text holds no NUL."""
    return isinstance(dialect, PGDialect)


def is_sqlite(dialect: Dialect) -> bool:
    """Whichever driver it has."""
    return isinstance(dialect, SQLiteDialect)


class Member(TypeDecorator[str]):
    """A member of a set: what the database cannot hold is NULL, which nothing is equal to."""

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None] | None:
        return _null_for_nul if is_postgresql(dialect) else None


def _null_for_nul(member: str | None) -> str | None:
    return None if member is None or "\0" in member else member


class Members(TypeDecorator[list[str]]):
    """Members as one parameter: an array, or JSON for json_each; what the database cannot hold is left out."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(String()) if is_postgresql(dialect) else String())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        members = value or []
        if is_postgresql(dialect):
            return [member for member in members if "\0" not in member]
        return json.dumps([member.replace(_MARK, _MARK_ITSELF).replace("\0", _NUL) for member in members])


class Among(FunctionElement[bool]):
    """That a column is one of the members of one parameter; for PostgreSQL and SQLite."""

    type = Boolean()
    inherit_cache = True


class AmongAnywhere(Among):
    """The same where the database may be another, which takes a parameter for each: their number is a part of the text."""

    inherit_cache = False


@compiles(Among)
def _compile_among(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, members = element.clauses
    if is_postgresql(compiler.dialect):
        condition: ColumnElement[bool] = column == any_(members)
    elif is_sqlite(compiler.dialect):
        value = func.json_each(members).table_valued("value").c.value
        marked = func.replace(value, literal_column(f"'{_NUL}'"), func.char(0))
        unmarked = func.replace(marked, literal_column(f"'{_MARK_ITSELF}'"), literal_column(f"'{_MARK}'"))
        condition = column.in_(select(unmarked))
    else:
        condition = column.in_(bindparam(members.key, members.value, type_=Member(), expanding=True))
    return compiler.process(condition, **kw)


class Grouped(FunctionElement[bool]):
    """A condition in brackets that stay."""

    type = Boolean()
    inherit_cache = True


@compiles(Grouped)
def _compile_grouped(element: Grouped, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})"


class Exactly(FunctionElement[str]):
    """A column compared code point by code point, whatever its collation (F-5)."""

    type = String()
    inherit_cache = True


@compiles(Exactly)
def _compile_exactly(element: Exactly, compiler: SQLCompiler, **kw: Any) -> str:
    (column,) = element.clauses
    text = compiler.process(column.self_group(), **kw)
    if is_postgresql(compiler.dialect):
        return f'(CAST({text} AS TEXT) COLLATE "C")'
    if is_sqlite(compiler.dialect):
        return f"({text} COLLATE BINARY)"
    raise CompileError(
        f"how {compiler.dialect.name} compares code point by code point is not known here (F-5); give the columns such "
        "a collation, and say TaskColumns(exact=True)"
    )
