"""Pass members of a set as parameters of a statement, compared code point by code point (F-5).

Decides the types of parameters, and the SQL of each dialect for an array. Does not know filters or tables.
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

# SQLite ends a text from JSON at a NUL. So a NUL travels as two characters. The first of them, the noncharacter U+FDD0,
# travels as two characters itself.
_MARK: Final = "\ufdd0"
_NUL: Final = f"{_MARK}0"
_MARK_ITSELF: Final = f"{_MARK}1"


def is_postgresql(dialect: Dialect) -> bool:
    """Return whether a dialect is PostgreSQL's or derived from it: such databases take arrays, and no NUL in a text."""
    return isinstance(dialect, PGDialect)


def is_sqlite(dialect: Dialect) -> bool:
    """Return whether a dialect is SQLite's, with any driver."""
    return isinstance(dialect, SQLiteDialect)


class Member(TypeDecorator[str]):
    """Bind a member of a set; one that the database cannot hold becomes NULL, which equals nothing."""

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None] | None:
        return _null_for_nul if is_postgresql(dialect) else None


def _null_for_nul(member: str | None) -> str | None:
    return None if member is None or "\0" in member else member


class Members(TypeDecorator[list[str]]):
    """Bind all members as one parameter, an array or JSON for json_each; leave out those that no text can hold."""

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
    """Compare a column with the members of one parameter, in PostgreSQL and SQLite."""

    type = Boolean()
    inherit_cache = True


class AmongAnywhere(Among):
    """Compare a column with members in any database; others take a parameter a member, so the text has their number."""

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
    """Put a condition in brackets that SQLAlchemy does not remove."""

    type = Boolean()
    inherit_cache = True


@compiles(Grouped)
def _compile_grouped(element: Grouped, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})"


class Exactly(FunctionElement[str]):
    """Compare a column code point by code point, with any collation of its own (F-5)."""

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
        f"columns in {compiler.dialect.name} must compare code point by code point (F-5), which snaptasks cannot write "
        "for it; give the columns such a collation, and write TaskColumns(exact=True)"
    )
