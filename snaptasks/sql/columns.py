"""Where a database keeps what a filter asks for, and how a row becomes a task.

Decided here: the ready table, and what a table of another kind has to have. Not known here: filters and connections.
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
)
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.types import NullType, TypeEngine

from .._text import safe_repr, type_name
from ..tasks import ListItem

__all__ = ["TaskColumns", "columns_of", "row_name", "row_of", "task_table"]

# What is said of the ready table: its columns compare code point by code point (F-5).
_EXACT: Final = "snaptasks.exact"

# Compared byte by byte, which is code point by code point, whatever the database's own collation (F-5). postgres_fdw
# sends a comparison to a shard only where both sides have the same collation.
_Name: Final = Text().with_variant(Text(collation="C"), "postgresql").with_variant(Text(collation="BINARY"), "sqlite")
# How a column of another type becomes text. The cast of an enumeration would have no index in PostgreSQL, and that of JSON
# would have quotes.
_TEXT_OF: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (Enum, "sqlalchemy.case((column == member, name), ...)"),
    (JSON, "column[key].as_string()"),
    (NullType, "sqlalchemy.type_coerce(column, sqlalchemy.Text) if it is text"),
    (TypeEngine, "sqlalchemy.cast(column, sqlalchemy.Text), and index that"),
)
# SQLite numbers rows by themselves in an INTEGER alone.
_Position: Final = BigInteger().with_variant(Integer(), "sqlite")


@dataclass(frozen=True, kw_only=True, eq=False)
class TaskColumns:
    """Which columns hold what a filter asks for, which give the order, and how a row becomes a task.

    Each is a column of a table, an attribute of an ORM class, or an expression, such as `cast(Job.id, Text)` or the
    constant `literal("com.example.jobs")`; all of one selectable, which may be a view or a subquery. `task` must be unique,
    and each of the first five be text. `user` is NULL where the system performed the task (F-4). `order` makes the
    listing's order total and stable (L-5). `row` is what is fetched, under the names of columns in the database or of
    labels. `to_item` makes the task of it, such as `ListItem(task=row.id, info=Info.from_python(row.info))` over a column
    of JSON; it must give the values that the columns have. With `task`, or the column that it is cast from, in `row`, a row
    that is no task is named by it (L-4). `exact` says that the columns tell any two different texts apart (F-5), with no
    collation that folds case, accents or blanks; where it is False each member is compared twice. Raises TypeError for
    columns that are not text.
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


def _expression(name: str, column: object) -> ColumnElement[Any]:
    """Return a column, or the one behind an attribute of an ORM class. Raises TypeError for what is neither."""
    attribute = getattr(column, "__clause_element__", None)
    is_relationship = isinstance(getattr(column, "property", None), RelationshipProperty)
    expression = column if attribute is None or is_relationship else attribute()
    if isinstance(expression, ColumnElement):
        return expression
    hint = ""
    if column is None or isinstance(column, str):
        hint = f"; write a constant as sqlalchemy.literal({safe_repr(column)}, sqlalchemy.Text)"
    elif is_relationship:
        hint = "; name a column, because a relationship is a condition"
    elif isinstance(column, type):
        hint = f"; name each attribute of {column.__name__}"
    raise TypeError(f"{name} must be a column or an expression, not {type_name(column)}{hint}")


def task_table(metadata: MetaData, name: str = "tasks") -> Table:
    """The ready table, for those who start from nothing: `metadata.create_all(engine)` makes it, with its indexes.

    For SQLite and PostgreSQL, which can compare code point by code point (F-5) and index texts of any usual length:
    PostgreSQL refuses one of more than some 2,700 bytes, and a database of another encoding than UTF8 what it lacks.
    `position` numbers the tasks in the order in which they were first put (L-5); `task`, `operation`, `service`,
    `status` and `username` are what filters ask for, and `item` is the ListItem as JSON.
    """
    table = Table(
        name,
        metadata,
        Column("position", _Position, Identity(), primary_key=True),
        Column("task", _Name, nullable=False),
        Column("operation", _Name, nullable=False),
        Column("service", _Name, nullable=False),
        Column("status", _Name, nullable=False),
        Column("username", _Name),  # not `user`, which PostgreSQL takes for the user of the connection
        Column("item", Text, nullable=False),
        info={_EXACT: True},
    )
    # Each begins with what a filter asks for, and ends with the order, so that the first 1001 are read and no more.
    columns = table.c
    Index(None, columns.task, unique=True)
    for column in (columns.service, columns.operation, columns.status, columns.username):
        Index(None, column, columns.position)
    return table


def row_name(columns: TaskColumns, row: Row[Any], number: int) -> str:
    """Say which row is being read: by its task, where that is fetched, or the column that it is cast from (L-4)."""
    task: Any = columns.task  # a ColumnElement by now
    task = task.element if isinstance(task, Label) else task
    names = task, task.clause if isinstance(task, Cast) else task
    for column, value in zip(columns.row, row, strict=True):
        fetched: Any = column.element if isinstance(column, Label) else column
        if any(name.compare(fetched) for name in names):
            return f"while the row of the task {safe_repr(value)} was read"
    return f"while row {number} of the answer was read"


def columns_of(table: Table | TaskColumns) -> TaskColumns:
    """The columns of a ready table; TypeError for a table that is none."""
    if isinstance(table, TaskColumns):
        return table
    if not isinstance(table, Table):
        raise TypeError(f"tasks are in a Table or in TaskColumns, not in {type_name(table)}")
    return _ready_columns(table)


@lru_cache(64)  # tables, of which a program has a few
def _ready_columns(table: Table) -> TaskColumns:
    columns = table.c
    missing = {"position", "task", "operation", "service", "status", "username", "item"} - {*columns.keys()}
    if missing:
        raise TypeError(
            f"the table {table.name} was not made by task_table, for it lacks {', '.join(sorted(missing))}; "
            "say with TaskColumns which column is which"
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
    """A task as a row of the ready table, less its position."""
    info = item.info
    return {
        "task": item.task,
        "operation": info.operation,
        "service": info.service,
        "status": info.status,
        "username": info.user,
        "item": item.to_json().decode(),
    }


_text_of: Final = itemgetter(1)  # of a row of the ready table


def _from_json(row: Row[Any]) -> ListItem:
    text = _text_of(row)
    return ListItem.from_json(text if isinstance(text, str) else b"")  # SQLite keeps numbers in a column of text
