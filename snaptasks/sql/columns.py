"""Describe the columns that a filter compares, and how a row becomes a task.

Decides the form of the ready table, and the columns that another table must have. Does not know filters or connections.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Cast,
    Column,
    ColumnElement,
    Enum,
    Identity,
    Index,
    Integer,
    Label,
    MetaData,
    Row,
    SQLColumnExpression,
    String,
    Table,
    Text,
    select,
)
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.types import NullType, TypeEngine

from .._text import safe_repr, type_name
from ..tasks import ListItem

__all__ = ["TaskColumns", "columns_of", "row_name", "row_of", "task_table"]

# The mark of the ready table: its columns compare code point by code point (F-5).
_EXACT: Final = "snaptasks.exact"

# These collations compare byte by byte, and so code point by code point, with any collation of the database (F-5).
# postgres_fdw sends a comparison to a shard only if both sides have the same collation.
_Name: Final = Text().with_variant(Text(collation="C"), "postgresql").with_variant(Text(collation="BINARY"), "sqlite")
# The expression that makes text of a column of another type. A cast would have no index for an enumeration in
# PostgreSQL, and would add quotes to JSON.
_TEXT_OF: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (Enum, "sqlalchemy.case((column == member, name), ...)"),
    (JSON, "column[key].as_string()"),
    (NullType, "sqlalchemy.type_coerce(column, sqlalchemy.Text) if it is text"),
    (TypeEngine, "sqlalchemy.cast(column, sqlalchemy.Text), and index that"),
)
# SQLite numbers rows by itself only in an INTEGER.
_Position: Final = BigInteger().with_variant(Integer(), "sqlite")


@dataclass(frozen=True, kw_only=True, eq=False)
class TaskColumns:
    """Describe a table: the columns that a filter compares, the order, and how a row becomes a task.

    Each argument for columns takes a column of a table, an attribute of an ORM class, or an expression. Expressions are
    `cast(Job.id, Text)`, or the constant `literal("com.example.jobs")`. All belong to one selectable, which may be a
    view or a subquery.

    Args:
        task: The id of the task; text and unique.
        operation: The operation, as text.
        service: The service, as text.
        status: The status, as text.
        user: The user, as text; NULL if the system performed the task (F-4).
        order: One or more columns that make the order of a listing total and stable (L-5).
        row: The columns to fetch, under their names in the database or their labels. Include `task`, or the column that
            it is cast from: then a note names an unreadable row by its task (L-4).
        to_item: Makes a task of a fetched row, such as `ListItem(task=row.id, info=Info.from_python(row.info))` with a
            column of JSON. The task must have the values of the columns.
        exact: Whether the columns distinguish any two different texts (F-5): no collation folds case, accents or
            blanks. If it is False, each member is compared twice.

    Raises TypeError for one of the first five columns that is not text, for columns of two selectables (A-3), and for
    any other argument of a wrong type.
    """

    task: SQLColumnExpression[str]
    operation: SQLColumnExpression[str]
    service: SQLColumnExpression[str]
    status: SQLColumnExpression[str]
    user: SQLColumnExpression[str | None]
    order: tuple[SQLColumnExpression[Any], ...]
    row: tuple[SQLColumnExpression[Any], ...]
    to_item: Callable[[Row[Any]], ListItem]
    exact: bool = False

    def __post_init__(self) -> None:
        for name in ("task", "operation", "service", "status", "user"):
            column = _expression(name, getattr(self, name))
            if not isinstance(column.type, String) or isinstance(column.type, Enum):
                write = next(write for kind, write in _TEXT_OF if isinstance(column.type, kind))
                raise TypeError(f"{name} must be text, not {type_name(column.type)}; write {write}")
            object.__setattr__(self, name, column)
        for name in ("order", "row"):
            columns = getattr(self, name)
            if not isinstance(columns, tuple) or not columns:
                raise TypeError(f"{name} must be a tuple of one or more columns, not {type_name(columns)}")
            object.__setattr__(self, name, tuple(_expression(name, column) for column in columns))
        if not callable(self.to_item):
            raise TypeError(f"to_item must be a function from a row to a ListItem, not {type_name(self.to_item)}")
        self._refuse_cross_join()

    def _refuse_cross_join(self) -> None:
        """Raise TypeError for columns of two selectables: their cross join shows rows to the wrong users (A-3)."""
        columns: list[Any] = []
        for name in ("task", "operation", "service", "status", "user", "order", "row"):
            value = getattr(self, name)
            columns += value if isinstance(value, tuple) else [value]
            if len(select(*columns).get_final_froms()) > 1:
                raise TypeError(
                    f"{name} must belong to the same table, view or subquery as the columns before it, because columns "
                    "of two are a cross join, which shows hidden tasks; for a join, take all columns from a subquery"
                )


def _expression(name: str, column: object) -> ColumnElement[Any]:
    """Return a column, or the one behind an attribute of an ORM class. Raises TypeError for any other value."""
    attribute = getattr(column, "__clause_element__", None)
    is_relationship = isinstance(getattr(column, "property", None), RelationshipProperty)
    expression = column if attribute is None or is_relationship else attribute()
    if isinstance(expression, ColumnElement):
        return expression
    hint = ""
    if column is None or isinstance(column, str):
        hint = f"; write a constant as sqlalchemy.literal({safe_repr(column)}, sqlalchemy.Text)"
    elif is_relationship:
        hint = "; write a column, because a relationship is a condition"
    elif isinstance(column, type):
        hint = f"; write each attribute of {column.__name__}"
    raise TypeError(f"{name} must be a column or an expression, not {type_name(column)}{hint}")


def task_table(metadata: MetaData, name: str = "tasks") -> Table:
    """Return the ready table, for a new database; `metadata.create_all(engine)` creates it with its indexes.

    It is for SQLite and PostgreSQL, which can compare code point by code point (F-5) and index texts of usual lengths.
    PostgreSQL refuses a text of more than about 2,700 bytes. A database of another encoding than UTF8 refuses the
    characters that this encoding does not have.

    `position` numbers the tasks in the order in which they were first put (L-5). Filters compare `task`, `operation`,
    `service`, `status` and `username`. `item` is the ListItem as JSON.

    Args:
        metadata: The MetaData that the table belongs to.
        name: The name of the table.
    """
    table = Table(
        name,
        metadata,
        Column("position", _Position, Identity(), primary_key=True),
        Column("task", _Name, nullable=False),
        Column("operation", _Name, nullable=False),
        Column("service", _Name, nullable=False),
        Column("status", _Name, nullable=False),
        Column("username", _Name),  # not `user`, which in PostgreSQL means the user of the connection
        Column("item", Text, nullable=False),
        info={_EXACT: True},
    )
    # Each index begins with a column that a filter compares, and ends with the order, so that only 1001 rows are read.
    columns = table.c
    Index(None, columns.task, unique=True)
    for column in (columns.service, columns.operation, columns.status, columns.username):
        Index(None, column, columns.position)
    return table


def row_name(columns: TaskColumns, row: Row[Any], number: int) -> str:
    """Describe the current row, for a note: by its task if that is fetched, else by its number (L-4)."""
    task: Any = columns.task  # a ColumnElement by now
    task = task.element if isinstance(task, Label) else task
    names = task, task.clause if isinstance(task, Cast) else task
    for column, value in zip(columns.row, row, strict=True):
        fetched: Any = column.element if isinstance(column, Label) else column
        if any(name.compare(fetched) for name in names):
            return f"while reading the row of the task {safe_repr(value)}"
    return f"while reading row {number} of the answer"


def columns_of(table: Table | TaskColumns) -> TaskColumns:
    """Return the columns of a ready table, or the TaskColumns themselves. Raises TypeError for any other value."""
    if isinstance(table, TaskColumns):
        return table
    if not isinstance(table, Table):
        raise TypeError(f"table must be a Table made by task_table, or TaskColumns, not {type_name(table)}")
    return _ready_columns(table)


@lru_cache(64)  # a program has only a few tables
def _ready_columns(table: Table) -> TaskColumns:
    columns = table.c
    missing = {"position", "task", "operation", "service", "status", "username", "item"} - {*columns.keys()}
    if missing:
        raise TypeError(
            f"table must be made by task_table, but {table.name} has no {', '.join(sorted(missing))}; "
            "write TaskColumns(...) for a table of your own"
        )
    return TaskColumns(
        task=columns.task,
        operation=columns.operation,
        service=columns.service,
        status=columns.status,
        user=columns.username,
        order=(columns.position,),
        row=(columns.task, columns.item),
        to_item=_from_json,
        exact=bool(table.info.get(_EXACT)),
    )


def row_of(item: ListItem) -> dict[str, str | None]:
    """Return a task as a row of the ready table, without its position."""
    info = item.info
    return {
        "task": item.task,
        "operation": info.operation,
        "service": info.service,
        "status": info.status,
        "username": info.user,
        "item": item.to_json().decode(),
    }


_text_of: Final = itemgetter(1)  # the item of a row of the ready table


def _from_json(row: Row[Any]) -> ListItem:
    text = _text_of(row)
    return ListItem.from_json(text if isinstance(text, str) else b"")  # SQLite can keep a number in a text column
