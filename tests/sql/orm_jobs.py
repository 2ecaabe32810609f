"""Declare an ORM class whose rows are tasks."""

from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, case, cast, literal
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from snaptasks import Info, ListItem
from snaptasks.sql import TaskColumns


class Base(DeclarativeBase):
    """Collect the ORM classes of these tests."""


class Job(Base):
    """Represent a task as a row; the attribute `owner` has another name than its column."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    owner: Mapped[str | None] = mapped_column("account")
    info: Mapped[dict[str, Any]] = mapped_column(JSON)
    next: Mapped["Job | None"] = relationship(primaryjoin="remote(Job.id) == foreign(Job.id) + 1", viewonly=True)

    @hybrid_property
    def status(self) -> str:
        return {"done": "SUCCEEDED", "error": "FAILED"}[self.state]

    @status.inplace.expression
    @classmethod
    def _status_in_sql(cls) -> ColumnElement[str]:
        return case({"done": "SUCCEEDED", "error": "FAILED"}, value=cls.state)


def job_columns(job: type[Job], service: str = "s", **changes: Any) -> TaskColumns:
    """Return the columns of the tasks of an ORM class.

    Args:
        job: The class, or an alias of it.
        service: The constant service of every task.
        changes: The columns to replace.
    """
    fields: dict[str, Any] = {
        "task": cast(job.id, Text),
        "operation": job.kind,
        "service": literal(service),
        "status": job.status,
        "user": job.owner,
        "order": (job.id.desc(),),
        "row": (job.id, job.owner, job.info),
        "to_item": lambda row: ListItem(task=str(row.id), info=Info.from_python(row.info | {"user": row.account})),
    }
    return TaskColumns(**(fields | changes))
