"""Check the types of the public names with a type checker; nothing here runs.

`assert_type` states the type that a user's checker infers. Each ignore marks an error that a checker must find: if it
finds none, mypy reports the ignore as unused.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import Message
from typing import Any, Literal, assert_never, assert_type

from sqlalchemy import JSON, Connection, Engine, MetaData, Select, SQLColumnExpression, Table, Text, case, cast, literal
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column

from snaptasks import (
    EVERYTHING,
    LIST_ERRORS,
    MAX_RESULTS,
    NOTHING,
    OVER_LIMIT,
    SYSTEM_READ,
    ArgumentLocations,
    AsyncTaskSource,
    Caller,
    DateTimeFormat,
    DynamicID,
    Error,
    ErrorType,
    ErrorValue,
    FilterSpec,
    Grants,
    Info,
    InvalidArgument,
    InvalidValue,
    ListItem,
    ListResult,
    LocalizableMessage,
    LocalizationParam,
    NestedLocalizableMessage,
    NotFound,
    OverLimit,
    Progress,
    Source,
    Status,
    TaskIndex,
    TaskSource,
    TransientIndication,
    Unauthenticated,
    Violation,
    Visibility,
    Wanted,
    authorize,
    format_filter,
    get_task,
    http_status_candidates,
    invalid_argument,
    jsonrpc,
    list_tasks,
    parse_filter,
    rest,
    value_type,
)
from snaptasks.sql import AsyncSqlTaskSource, SqlTaskSource, TaskColumns, select_tasks, task_table


def values(text: LocalizableMessage, progress: Progress, now: datetime) -> None:
    info = Info(
        description=text,
        service="s",
        operation="o",
        status=Status.RUNNING,
        cancelable=True,
        start_time=now,
        progress=progress,
        result={"any": ["json", 1]},
    )
    assert_type(info.description, LocalizableMessage)
    assert_type(info.status, Status)
    assert_type(info.progress, Progress | None)
    assert_type(info.start_time, datetime | None)
    assert_type(info.error, ErrorValue | None)
    assert_type(info.target, DynamicID | None)
    assert_type(info.user, str | None)
    assert_type(info.evolve(user=None), Info)
    assert_type(Info.from_json(b"{}"), Info)
    assert_type(Info.from_json("{}"), Info)
    assert_type(Info.from_json(bytearray()), Info)
    assert_type(info.to_json(), bytes)
    assert_type(info.to_python(), dict[str, Any])
    assert_type(ListItem(task="t", info=info).task, str)
    assert_type(ListResult(items=[ListItem(task="t", info=info)]).items, tuple[ListItem, ...])
    assert_type(progress.may_follow(progress), bool)
    assert_type(text.args, tuple[str, ...])
    assert_type(text.params, Mapping[str, LocalizationParam] | None)
    assert_type(text.display(), str)
    assert_type(text.localize(lambda message: message.localized), LocalizableMessage)
    assert_type(LocalizationParam(dt=now, format="SHORT_DATE").format, DateTimeFormat | None)
    assert_type(LocalizationParam(l=NestedLocalizableMessage(id="m")).l, NestedLocalizableMessage | None)
    assert_type(Status("NEW").is_known, bool)
    assert_type(Status.FAILED.is_terminal, bool)
    assert_type(Info.from_python({}), Info)
    assert_type(progress.fraction, float | None)
    result = ListResult(items=[])
    as_sequence: Sequence[ListItem] = result
    assert_type(result[0], ListItem)
    assert_type(result[:2], tuple[ListItem, ...])
    assert_type([item.task for item in result], list[str])
    assert_type(len(as_sequence), int)
    assert_type(ListItem(task="t", info=info).evolve(task="u"), ListItem)
    assert_type(progress.evolve(completed=1), Progress)
    assert_type(text.evolve(localized=None), LocalizableMessage)
    assert_type(replace(info, user=None), Info)


@value_type
class Row(ListItem):
    """Represent a task with a note, as an embedder declares it."""

    note: str = ""


def more_fields(item: ListItem) -> None:
    row = Row(task="t", info=item.info, note="n")
    assert_type(row, Row)
    assert_type(row.note, str)
    assert_type(row.info, Info)
    assert_type(Row.from_json(b""), Row)
    row.note = "m"  # type: ignore[misc]
    Row(task="t", info=item.info, node="n")  # type: ignore[call-arg]


def values_with_wrong_types(text: LocalizableMessage, info: Info) -> None:
    Info(description=text, service="s", operation="o", status="RUNNING")  # type: ignore[call-arg]
    Info(description="text", service="s", operation="o", status="RUNNING", cancelable=True)  # type: ignore[arg-type]
    Info(description=text, service="s", operation="o", status=5, cancelable=True)  # type: ignore[arg-type]
    Info(description=text, service="s", operation="o", status="RUNNING", cancelable=True, id="t")  # type: ignore[call-arg]
    LocalizableMessage("id", "text")  # type: ignore[call-arg]
    LocalizableMessage(id="id", default_message="text", args="text")  # type: ignore[arg-type]
    ListResult(items={ListItem(task="t", info=info)})  # type: ignore[arg-type]
    info.user = "u"  # type: ignore[misc]
    info.status = Status.FAILED  # type: ignore[misc]
    text.args.append("more")  # type: ignore[attr-defined]
    if text.params is not None:
        text.params["p"] = LocalizationParam(s="s")  # type: ignore[index]
    # Misspelt names.
    Info(description=text, service="s", operation="o", status="FALED", cancelable=True)  # type: ignore[arg-type]
    ErrorValue(messages=[text], error_type="NOT_FUND")  # type: ignore[arg-type]
    LocalizationParam(s="s", format="LONG")  # type: ignore[arg-type]
    ListItem(task="t", info=info).evolve(tsk="u")  # type: ignore[call-arg]
    ListItem(task="t", info=info).evolve(task=3)  # type: ignore[arg-type]
    info.evolve(status="FALED")  # type: ignore[arg-type]
    info.evolve(usr="u")  # type: ignore[call-arg]


def filters(item: ListItem) -> None:
    FilterSpec(tasks={"t"}, operations=["o"], services=("s",), users=frozenset({"u"}), status=None)
    FilterSpec(status={Status.FAILED})
    FilterSpec(status={"FAILED"})
    FilterSpec(status=[Status.FAILED])
    FilterSpec(status=["FAILED", "RUNNING"])
    FilterSpec(status=(Status.FAILED, "RUNNING"))
    spec = FilterSpec()
    assert_type(spec.tasks, frozenset[str])
    assert_type(spec.status, frozenset[Status])
    assert_type(spec.is_empty, bool)
    assert_type(spec.matches(item), bool)
    assert_type(parse_filter("status=FAILED"), FilterSpec)
    assert_type(parse_filter(b"status=FAILED"), FilterSpec)
    assert_type(parse_filter([("status", "FAILED")]), FilterSpec)
    assert_type(parse_filter({"status": "FAILED"}.items()), FilterSpec)
    assert_type(format_filter(spec), str)
    assert_type(Grants.from_json("[]"), Grants)
    assert_type(Grants.from_python([]), Grants)
    assert_type(Grants([spec]).to_json(), bytes)
    assert_type(Grants([spec]).filters, tuple[FilterSpec, ...])


def filters_with_wrong_types(item: ListItem) -> None:
    FilterSpec(tasks="t")  # type: ignore[arg-type]
    FilterSpec(tasks={1})  # type: ignore[arg-type]
    FilterSpec(task={"t"})  # type: ignore[call-arg]
    FilterSpec({"t"})  # type: ignore[call-arg]
    FilterSpec().matches(item.info)  # type: ignore[arg-type]
    FilterSpec(status={"FALED"})  # type: ignore[arg-type]
    FilterSpec(status="FAILED")  # type: ignore[arg-type]
    FilterSpec().evolve(status=["FALED"])  # type: ignore[list-item]
    parse_filter(FilterSpec())  # type: ignore[arg-type]
    parse_filter(None)  # type: ignore[arg-type]
    parse_filter({"status": "FAILED"})  # type: ignore[dict-item]
    parse_filter([("status", ["FAILED"])])  # type: ignore[list-item]
    parse_filter("status=FAILED").tasks.add("t")  # type: ignore[attr-defined]


class Trusted:
    """Represent a TaskSource, which is one by its methods only."""

    def select(self, wanted: Wanted, at_most: int) -> Sequence[ListItem] | OverLimit:
        return OVER_LIMIT

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        yield from ()

    def find(self, task: str) -> ListItem | None:
        return None


class Careless:
    """Represent a class that is not a TaskSource: select returns Infos."""

    def select(self, wanted: Wanted, at_most: int) -> Sequence[Info]:
        return []

    def scan(self, wanted: Wanted) -> Iterator[ListItem]:
        yield from ()

    def find(self, task: str) -> ListItem | None:
        return None


async def hidden(item: ListItem) -> bool:
    return False


def candidates(filter: FilterSpec) -> Iterator[ListItem]:
    yield from ()


def list_and_get(items: Iterable[ListItem], infos: list[Info]) -> None:
    trusted: TaskSource = Trusted()
    anything: Source = candidates
    assert_type(list_tasks(items, visibility=EVERYTHING), ListResult)
    assert_type(list_tasks(candidates, FilterSpec(), visibility=NOTHING, require_scope=True), ListResult)
    assert_type(list_tasks(source=trusted, filter=None, visibility=Grants([FilterSpec(tasks={"t"})])), ListResult)
    assert_type(list_tasks(anything, visibility=lambda item: item.info.user == "u"), ListResult)
    assert_type(get_task(items, "t", visibility=EVERYTHING), Info)
    assert_type(get_task(source=trusted, task="t", visibility=Grants([]).__call__), Info)
    assert_type(MAX_RESULTS, Literal[1000])
    assert_type(Grants([]).filters, tuple[FilterSpec, ...])
    assert_type(authorize(None), Caller)
    assert_type(authorize(Caller(user="u", privileges={SYSTEM_READ}), SYSTEM_READ).privileges, frozenset[str])

    list_tasks(items)  # type: ignore[call-arg]
    list_tasks(items, FilterSpec(), EVERYTHING)  # type: ignore[call-arg]
    list_tasks(infos, visibility=EVERYTHING)  # type: ignore[arg-type]
    list_tasks(items, visibility=True)  # type: ignore[arg-type]
    list_tasks(items, visibility=hidden)  # type: ignore[arg-type]
    list_tasks(items, visibility=lambda item: item.info.user)  # type: ignore[arg-type, return-value]
    list_tasks(Careless(), visibility=EVERYTHING)  # type: ignore[arg-type]
    get_task(items, "t")  # type: ignore[call-arg]
    get_task(items, 5, visibility=EVERYTHING)  # type: ignore[arg-type]
    authorize("u")  # type: ignore[arg-type]
    Grants(FilterSpec())  # type: ignore[arg-type]
    Grants([]).filters = ()  # type: ignore[misc]


def task_index(items: Iterable[ListItem], item: ListItem, wanted: Wanted) -> None:
    index = TaskIndex(items)
    index.put(item)
    index.put_all(items)
    assert_type(index.remove("t"), bool)
    assert_type(index.find("t"), ListItem | None)
    assert_type(index.select(wanted, 10), Sequence[ListItem] | OverLimit)
    assert_type(next(iter(index)), ListItem)
    index.put("t")  # type: ignore[arg-type]
    index.put_all(["t"])  # type: ignore[list-item]
    index.remove(item)  # type: ignore[arg-type]


def errors(message: LocalizableMessage, invalid: InvalidValue) -> None:
    error = NotFound(message, message, data=DynamicID(type="t", id="i"))
    assert_type(error.value, ErrorValue)
    assert_type(error.http_status, int)
    assert_type(error.error_type, ErrorType)
    assert_type(error.is_transient, bool | None)
    assert_type(error.may_retry, bool)
    assert_type(error.retry_after, timedelta | datetime | None)
    assert_type(error.received_status, int | None)
    assert_type(error.data_as(ArgumentLocations), ArgumentLocations | None)
    assert_type(error.data_as(TransientIndication), TransientIndication | None)
    assert_type(Error.from_value(error.value, received_status=404), Error)
    assert_type(Unauthenticated(message, challenge="Basic").value.challenge, str | None)
    assert_type(invalid_argument(invalid), InvalidArgument)
    assert_type(invalid.violations, tuple[Violation, ...])
    assert_type(invalid.violations[0].clashes, tuple[str, ...])
    assert_type(invalid.violations[0].code, str)
    assert_type(invalid.is_complete, bool)
    assert_type(error.value.display(), str)
    assert_type(ErrorType.NOT_FOUND.http_status, int)
    assert_type(ErrorType.NOT_FOUND.canonical_name, str)
    assert_type(ErrorType.NOT_FOUND.exception, type[Error])
    assert_type(ErrorType("NEW"), ErrorType)
    assert_type(http_status_candidates(400), frozenset[ErrorType])
    assert_type(LIST_ERRORS, frozenset[ErrorType])

    NotFound("gone")  # type: ignore[arg-type]
    NotFound(message, data=5)  # type: ignore[arg-type]
    NotFound(message, data={}, challenge=None)
    Unauthenticated(message, data=None, challenge="Basic")
    NotFound(message, chalenge="Basic")  # type: ignore[call-arg]
    Error.from_value(message)  # type: ignore[arg-type]
    error.value = error.value  # type: ignore[misc]


def item_of(task: str) -> ListItem:
    return ListItem.from_json(task)


class Remote:
    """Represent an AsyncTaskSource of an embedder, which is one by its methods only."""

    async def select(self, wanted: Wanted, at_most: int) -> list[ListItem] | OverLimit:
        return OVER_LIMIT

    async def scan(self, wanted: Wanted) -> AsyncIterator[ListItem]:
        yield item_of("task-1")

    async def find(self, task: str) -> ListItem | None:
        return None


def requests(mapping: dict[str, str], raw: list[tuple[bytes, bytes]], pairs: Iterable[tuple[str, str]]) -> None:
    request = rest.Request("GET", "/", mapping, b"")
    rest.Request("GET", b"/", raw)
    rest.Request("GET", b"/", pairs, bytearray())
    rest.Request("GET", b"/", Message())
    assert_type(request.method, str)
    assert_type(request.target, bytes)
    assert_type(request.path, bytes)
    assert_type(request.headers, tuple[tuple[str, str], ...])
    assert_type(request.header("host"), str | None)

    rest.Request("GET")  # type: ignore[call-arg]
    rest.Request("GET", "/", body="text")  # type: ignore[arg-type]
    request.method = "HEAD"  # type: ignore[misc]


def rest_service(request: rest.Request, items: list[ListItem], remote: AsyncTaskSource) -> None:
    def authenticate(request: rest.Request) -> Caller | None:
        return None

    def visibility(caller: Caller) -> Visibility:
        return EVERYTHING

    async def authenticate_async(request: rest.Request) -> Caller | None:
        return None

    service = rest.Service(items, authenticate=authenticate, visibility=visibility, on_error=print)
    response = service.handle(request)
    assert_type(response, rest.Response)
    assert_type(response.status, int)
    assert_type(response.headers, tuple[tuple[str, str], ...])
    assert_type(response.body, bytes)
    assert_type(rest.openapi(), dict[str, Any])

    unparametrized: rest.Service = service
    assert_type(unparametrized.handle(request), rest.Response)

    rest.Service(items)  # type: ignore[call-overload]
    rest.Service(items, authenticate=authenticate)  # type: ignore[call-overload]
    rest.Service(items, authenticate=authenticate, visibility=EVERYTHING)  # type: ignore[arg-type]
    rest.Service(items, authenticate=authenticate_async, visibility=visibility).handle(request)  # type: ignore[misc]
    rest.Service(remote, authenticate=authenticate, visibility=visibility).handle(request)  # type: ignore[misc]


async def rest_service_awaited(request: rest.Request, items: list[ListItem]) -> None:
    async def authenticate(request: rest.Request) -> Caller | None:
        return None

    async def visibility(caller: Caller) -> Visibility:
        return EVERYTHING

    async def candidates(filter: FilterSpec) -> list[ListItem]:
        return items

    for source in (Remote(), candidates):
        answer = await rest.Service(source, authenticate=authenticate, visibility=visibility).handle_async(request)
        assert_type(answer, rest.Response)
    service = rest.Service(items, authenticate=lambda request: None, visibility=lambda caller: NOTHING)
    assert_type(await service.handle_async(request), rest.Response)
    rest.Service(items, authenticate=authenticate)  # type: ignore[call-overload]


def jsonrpc_service(request: jsonrpc.Request, items: list[ListItem], remote: AsyncTaskSource) -> None:
    def authenticate(call: jsonrpc.Call) -> Caller | None:
        assert_type(call.service, str)
        assert_type(call.operation, str)
        assert_type(call.security, Mapping[str, Any])
        assert_type(call.headers, tuple[tuple[str, str], ...])
        assert_type(call.header("authorization"), str | None)
        return None

    def visibility(caller: Caller) -> Visibility:
        return EVERYTHING

    def authenticate_request(request: rest.Request) -> Caller | None:
        return None

    async def authenticate_async(call: jsonrpc.Call) -> Caller | None:
        return None

    service = jsonrpc.Service(
        items, authenticate=authenticate, visibility=visibility, require_scope=True, challenge="Bearer", on_error=print
    )
    assert_type(service.handle(request), jsonrpc.Response)
    assert_type(service.handle(rest.Request("POST", "/")), rest.Response)
    assert_type(jsonrpc.MAX_CALL_LENGTH, Literal[2097152])

    unparametrized: jsonrpc.Service = service
    assert_type(unparametrized.handle(request), jsonrpc.Response)

    jsonrpc.Service(items)  # type: ignore[call-overload]
    jsonrpc.Service(items, authenticate=authenticate)  # type: ignore[call-overload]
    jsonrpc.Service(items, authenticate=authenticate, visibility=EVERYTHING)  # type: ignore[arg-type]
    jsonrpc.Service(items, authenticate=authenticate_request, visibility=visibility)  # type: ignore[arg-type]
    jsonrpc.Service(items, authenticate=authenticate, visibility=visibility, prefix="/")  # type: ignore[call-overload]
    jsonrpc.Service(items, authenticate=authenticate_async, visibility=visibility).handle(request)  # type: ignore[misc]
    jsonrpc.Service(remote, authenticate=authenticate, visibility=visibility).handle(request)  # type: ignore[misc]
    jsonrpc.Call("s", "o", {}, ()).service = "x"  # type: ignore[misc]


async def jsonrpc_service_awaited(request: jsonrpc.Request, items: list[ListItem], remote: AsyncTaskSource) -> None:
    async def authenticate(call: jsonrpc.Call) -> Caller | None:
        return None

    async def visibility(caller: Caller) -> Visibility:
        return EVERYTHING

    for source in (remote, candidates):
        answer = await jsonrpc.Service(source, authenticate=authenticate, visibility=visibility).handle_async(request)
        assert_type(answer, jsonrpc.Response)
    service = jsonrpc.Service(items, authenticate=lambda call: None, visibility=lambda caller: NOTHING)
    assert_type(await service.handle_async(request), jsonrpc.Response)
    jsonrpc.Service(items, authenticate=authenticate)  # type: ignore[call-overload]


def responses(headers: Message, error: Error, info: Info, result: ListResult) -> None:
    assert_type(rest.read_list(200, headers, b""), ListResult)
    assert_type(rest.read_list(200, headers, bytearray()), ListResult)
    assert_type(rest.read_info(200, {}, ""), Info)
    assert_type(rest.error_response(error), rest.Response)
    assert_type(rest.info_response(info), rest.Response)
    assert_type(rest.list_response(result), rest.Response)

    rest.read_list(200, b"")  # type: ignore[call-arg]
    rest.list_response(info)  # type: ignore[arg-type]


def every_status(status: Status) -> str:
    """Return a word for each status: a checker sees that none is missing.

    An unknown status is a Status, too, so that it must be excluded first.
    """
    if not status.is_known:
        return "unknown"
    match status:
        case Status.PENDING | Status.RUNNING | Status.BLOCKED:
            return "not yet"
        case Status.SUCCEEDED | Status.FAILED:
            return "at an end"
    assert_never(status)


def databases(engine: Engine, connection: Connection, jobs: Table, item: ListItem) -> None:
    table = task_table(MetaData(), "tasks")
    assert_type(table, Table)
    source = SqlTaskSource(engine, table)
    as_source: TaskSource = source
    wanted = Wanted.of(FilterSpec(), Grants([]))
    assert_type(wanted, Wanted | None)
    if wanted is None:
        wanted = Wanted([FilterSpec()])
    assert_type(source.select(wanted, MAX_RESULTS), Sequence[ListItem] | OverLimit)
    assert_type([*source.scan(wanted)], list[ListItem])
    assert_type(source.find("task-1"), ListItem | None)
    assert_type(source.remove("task-1"), bool)
    source.put_all(each for each in [item])
    assert_type(list_tasks(source, visibility=EVERYTHING), ListResult)
    columns = TaskColumns(
        task=cast(jobs.c.id, Text),
        operation=jobs.c.kind,
        service=jobs.c.owner,
        status=jobs.c.state,
        user=jobs.c.account,
        order=(jobs.c.queued, jobs.c.id),
        row=(jobs.c.info,),
        to_item=lambda row: ListItem.from_json(row[0]),
    )
    SqlTaskSource(connection, columns)
    assert_type(select_tasks(columns, wanted, None), Select[Any])
    SqlTaskSource("sqlite://", table)  # type: ignore[arg-type]
    SqlTaskSource(engine, "tasks")  # type: ignore[arg-type]
    select_tasks(table, None, 5)  # type: ignore[arg-type]
    select_tasks(table, FilterSpec(), 5)  # type: ignore[arg-type]
    source.put_all([None])  # type: ignore[list-item]
    del as_source


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    owner: Mapped[str | None]
    info: Mapped[dict[str, Any]] = mapped_column(JSON)


def orm_databases(engine: Engine) -> None:
    task = cast(Job.id, Text).label("task")
    columns = TaskColumns(
        task=task,
        operation=Job.kind,
        service=literal("com.example.jobs"),
        status=case({"done": "SUCCEEDED"}, value=Job.state),
        user=Job.owner,
        order=(Job.id.desc(), Job.kind),
        row=(task, Job.id, Job.info),
        to_item=lambda row: ListItem(task=row.task, info=Info.from_python(row.info)),
    )
    assert_type(columns.user, SQLColumnExpression[str | None])
    recent = aliased(Job)
    replace(columns, task=recent.kind, user=recent.kind, order=(recent.id,), row=(recent.info,))
    replace(columns, user=literal(None, Text))
    SqlTaskSource(engine, columns)
    TaskColumns(
        task=Job.id,  # type: ignore[arg-type]
        operation=Job.kind,
        service="com.example.jobs",  # type: ignore[arg-type]
        status=Job.owner,  # type: ignore[arg-type]
        user=None,  # type: ignore[arg-type]
        order=("id",),  # type: ignore[arg-type]
        row=(Job,),  # type: ignore[arg-type]
        to_item=lambda row: ListItem.from_python(row.info),
    )


async def asynchronous_databases(engine: AsyncEngine, table: Table, item: ListItem) -> None:
    source = AsyncSqlTaskSource(engine, table)
    as_source: AsyncTaskSource = source
    assert_type(await source.find("task-1"), ListItem | None)
    assert_type(await source.remove("task-1"), bool)
    await source.put_all([item])
    list_tasks(source, visibility=EVERYTHING)  # type: ignore[arg-type]
    del as_source
