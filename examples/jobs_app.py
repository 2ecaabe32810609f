"""Serve the jobs of jobs.sql as tasks, from their own table. It needs PostgreSQL and a database named jobs:

    pip install 'snaptasks[sql]' 'psycopg[binary]' flask gunicorn
    psql jobs --file jobs.sql
    export DATABASE_URL=postgresql+psycopg:///jobs
    python jobs_app.py  # creates the indexes, once
    gunicorn jobs_app:app --threads 4 --limit-request-line 0
"""
import logging
import os
from datetime import datetime, timedelta
from typing import Any
from flask import Flask, Response, request
from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, Index, Text, case, cast, create_engine, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column
from snaptasks import EVERYTHING, SYSTEM_READ, Caller, ErrorType, ErrorValue, FilterSpec, Grants, Info, ListItem
from snaptasks import LocalizableMessage, Progress, rest
from snaptasks.sql import SqlTaskSource, TaskColumns

class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB, int: BigInteger, str: Text}

class Job(Base):
    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    owner: Mapped[str | None]
    created: Mapped[datetime]
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    payload: Mapped[dict[str, Any]]

SERVICE = "com.example.jobs"
STATUS = {"queued": "PENDING", "running": "RUNNING", "waiting": "BLOCKED", "done": "SUCCEEDED", "error": "FAILED"}
ERRORS = {"timeout": ErrorType.TIMED_OUT, "quota": ErrorType.UNABLE_TO_ALLOCATE_RESOURCE}  # any other code is ERROR

def constant(value):
    # Written into the SQL, not sent as a parameter, because an index of an expression serves only the same expression.
    return literal(value, Text, literal_execute=True)

def columns_of(job):
    """Describe the tasks of Job, or of a window on it."""
    task = cast(job.id, Text).label("task")
    names = {constant(state): constant(status) for state, status in STATUS.items()}  # another state: NULL
    status = cast(case(names, value=job.state), Text).label("status")  # CREATE INDEX refuses a bare CASE
    operation = (constant(f"{SERVICE}.") + job.kind + constant("$task")).label("operation")
    return TaskColumns(
        task=task, operation=operation, service=constant(SERVICE), status=status, user=job.owner,
        order=(job.created.desc(), job.id.desc()),  # the newest first; the id makes the order total
        row=(task, operation, status, job.owner, job.created, job.started, job.ended, job.payload),
        to_item=to_item,
        exact=True)  # PostgreSQL compares text byte by byte, unless the collation is nondeterministic

class Failure(BaseModel):
    code: str = ""
    reason: str = "The job failed."

class Payload(BaseModel):  # a ValidationError means an unreadable row (L-4), not a bug (E-7)
    label: str
    percent: int = 0
    output: Any = None
    failure: Failure | None = None

def to_item(row):
    payload = Payload.model_validate(row.payload)
    message = LocalizableMessage(id=f"{SERVICE}.label", default_message=payload.label)
    fields: dict[str, Any] = {}
    if row.status != "PENDING":  # U-1: all other states need a start and a progress
        fields["start_time"] = row.started or row.created
        fields["progress"] = Progress(total=100, completed=payload.percent, message=message)
    if row.status in ("SUCCEEDED", "FAILED"):  # U-1: they also need an end
        fields["end_time"] = row.ended or fields["start_time"]
        fields["result"] = payload.output
    if row.status == "FAILED":
        failure = payload.failure or Failure()
        reason = LocalizableMessage(id=f"{SERVICE}.failure", default_message=failure.reason)
        fields["error"] = ErrorValue(messages=[reason], error_type=ERRORS.get(failure.code, ErrorType.ERROR))
    return ListItem(task=row.task, info=Info(
        description=message, service=SERVICE, operation=row.operation, status=row.status, user=row.owner,
        cancelable=row.status == "RUNNING", **fields))

# Past 1000 tasks a caller gets RESOURCE_INACCESSIBLE and no list (L-2). A window has fewer tasks; for the caller, a job
# outside of it does not exist.
def last(days):
    """Return the jobs of the last days. The indexes of the table serve this query."""
    return aliased(Job, select(Job).where(Job.created > func.now() - timedelta(days=days)).subquery())

def newest(count):
    """Return the newest jobs of each owner, at most `count`. Without a user, PostgreSQL ranks the whole table."""
    rank = func.row_number().over(partition_by=Job.owner, order_by=(Job.created.desc(), Job.id.desc())).label("rank")
    ranked = select(Job, rank).subquery()
    return aliased(Job, select(ranked).where(ranked.c.rank <= count).subquery())

jobs = columns_of(Job)
INDEXES = [  # first the compared column, then the order, so that PostgreSQL stops at row 1001
    Index("jobs_task", jobs.task, unique=True),
    Index("jobs_operation", jobs.operation, Job.created, Job.id),
    Index("jobs_status", jobs.status, Job.created, Job.id),
    Index("jobs_owner", Job.owner, Job.created, Job.id),
    Index("jobs_created", Job.created, Job.id),
]

engine = create_engine(os.environ["DATABASE_URL"])
callers = {"Bearer admin": Caller(user="admin", privileges={SYSTEM_READ, "Jobs.Admin"}),
           "Bearer user-7": Caller(user="user-7", privileges={SYSTEM_READ})}

def visibility(caller):
    return EVERYTHING if "Jobs.Admin" in caller.privileges else Grants([FilterSpec(users={caller.user})])

service = rest.Service(SqlTaskSource(engine, columns_of(last(days=30))), challenge="Bearer", visibility=visibility,
    authenticate=lambda asked: callers.get(asked.header("authorization") or ""),
    on_error=logging.exception)  # for an unreadable row, the log names the row and the wrong field

app = Flask(__name__)

@app.before_request  # as in flask_app.py
def snapservice():
    if request.path.startswith("/api/snapservice/"):
        target, body = (request.environ.get("RAW_URI") or request.environ["REQUEST_URI"]).encode("latin-1"), b""
        while len(body) < 3 and (part := request.stream.read(65536)):
            body += part.translate(None, b" \t\r\n")
        answer = service.handle(rest.Request(request.method, target, request.headers, body))
        return Response([answer.body], answer.status, answer.headers)

if __name__ == "__main__":
    for index in INDEXES:
        index.create(engine, checkfirst=True)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE jobs"))  # gathers statistics about the expressions
