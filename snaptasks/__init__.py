"""List the tasks of the vSAN Data Protection snapservice: values, filter, visibility, cap and errors.

Call:       list_tasks(source, filter, visibility=...) -> ListResult      get_task(source, task, visibility=...) -> Info
Source:     an iterable of ListItems, a function from a filter to candidates, or a TaskSource, which answers a Wanted,
            such as TaskIndex: .put(item), .put_all(items), .remove(task), .find(task); millions of tasks, many threads
            a database: snaptasks.sql.SqlTaskSource(engine, table), with the extra `sql`
Filter:     FilterSpec(status={"FAILED"})       parse_filter("status=FAILED")       format_filter(spec)
Caller:     authorize(Caller(user=..., privileges=...))
Visibility: EVERYTHING, NOTHING, Grants([FilterSpec(...)]), or a function of a ListItem that returns True or False
Task:       ListItem(task=..., info=Info(...)); its Status, Progress, LocalizableMessage, DynamicID
Error:      one of 25 classes below Error, such as NotFound; its .value, .http_status, .may_retry, .data_as(kind)
HTTP:       from snaptasks import rest; rest.Service(source, authenticate=..., visibility=...).handle(request)
JSON-RPC:   from snaptasks import jsonrpc; jsonrpc.Service(source, authenticate=..., visibility=...).handle(request)

Every value has X.from_json(text), .to_json(), .to_python() and .evolve(field=...). Reading an invalid text raises
InvalidValue with its violations. SPEC.md beside this file explains each id in brackets, such as (L-1).
"""

from ._value.model import Value as Value, value_type as value_type
from ._value.violations import MAX_VIOLATIONS as MAX_VIOLATIONS, InvalidValue as InvalidValue, Violation as Violation
from .access import SYSTEM_READ as SYSTEM_READ, Caller as Caller, authorize as authorize
from .errors import (
    GET_ERRORS as GET_ERRORS,
    LIST_ERRORS as LIST_ERRORS,
    AlreadyExists as AlreadyExists,
    AlreadyInDesiredState as AlreadyInDesiredState,
    ArgumentLocations as ArgumentLocations,
    Canceled as Canceled,
    ConcurrentChange as ConcurrentChange,
    DynamicID as DynamicID,
    Error as Error,
    ErrorType as ErrorType,
    ErrorTypeName as ErrorTypeName,
    ErrorValue as ErrorValue,
    FeatureInUse as FeatureInUse,
    FileLocations as FileLocations,
    InternalServerError as InternalServerError,
    InvalidArgument as InvalidArgument,
    InvalidElementConfiguration as InvalidElementConfiguration,
    InvalidElementType as InvalidElementType,
    InvalidRequest as InvalidRequest,
    NotAllowedInCurrentState as NotAllowedInCurrentState,
    NotFound as NotFound,
    OperationNotFound as OperationNotFound,
    ResourceBusy as ResourceBusy,
    ResourceInaccessible as ResourceInaccessible,
    ResourceInUse as ResourceInUse,
    ServiceUnavailable as ServiceUnavailable,
    TimedOut as TimedOut,
    TransientIndication as TransientIndication,
    UnableToAllocateResource as UnableToAllocateResource,
    Unauthenticated as Unauthenticated,
    Unauthorized as Unauthorized,
    UnexpectedInput as UnexpectedInput,
    Unsupported as Unsupported,
    UnverifiedPeer as UnverifiedPeer,
    http_status_candidates as http_status_candidates,
    invalid_argument as invalid_argument,
)
from .filters import FilterSpec as FilterSpec
from .index import TaskIndex as TaskIndex
from .listing import MAX_RESULTS as MAX_RESULTS, get_task as get_task, list_tasks as list_tasks
from .messages import (
    Catalog as Catalog,
    DateTimeFormat as DateTimeFormat,
    DateTimeFormatName as DateTimeFormatName,
    LocalizableMessage as LocalizableMessage,
    LocalizationParam as LocalizationParam,
    NestedLocalizableMessage as NestedLocalizableMessage,
)
from .query import (
    MAX_MEMBERS as MAX_MEMBERS,
    MAX_QUERY_LENGTH as MAX_QUERY_LENGTH,
    format_filter as format_filter,
    parse_filter as parse_filter,
)
from .sources import (
    OVER_LIMIT as OVER_LIMIT,
    AsyncSource as AsyncSource,
    AsyncTaskSource as AsyncTaskSource,
    OverLimit as OverLimit,
    Source as Source,
    TaskSource as TaskSource,
    Wanted as Wanted,
)
from .tasks import (
    CommonInfo as CommonInfo,
    Info as Info,
    ListItem as ListItem,
    ListResult as ListResult,
    Progress as Progress,
    Status as Status,
    StatusName as StatusName,
)
from .visibility import (
    EVERYTHING as EVERYTHING,
    NOTHING as NOTHING,
    Grants as Grants,
    Visibility as Visibility,
)

__all__ = [
    "EVERYTHING",
    "GET_ERRORS",
    "LIST_ERRORS",
    "MAX_MEMBERS",
    "MAX_QUERY_LENGTH",
    "MAX_RESULTS",
    "MAX_VIOLATIONS",
    "NOTHING",
    "OVER_LIMIT",
    "SYSTEM_READ",
    "AlreadyExists",
    "AlreadyInDesiredState",
    "ArgumentLocations",
    "AsyncSource",
    "AsyncTaskSource",
    "Caller",
    "Canceled",
    "Catalog",
    "CommonInfo",
    "ConcurrentChange",
    "DateTimeFormat",
    "DateTimeFormatName",
    "DynamicID",
    "Error",
    "ErrorType",
    "ErrorTypeName",
    "ErrorValue",
    "FeatureInUse",
    "FileLocations",
    "FilterSpec",
    "Grants",
    "Info",
    "InternalServerError",
    "InvalidArgument",
    "InvalidElementConfiguration",
    "InvalidElementType",
    "InvalidRequest",
    "InvalidValue",
    "ListItem",
    "ListResult",
    "LocalizableMessage",
    "LocalizationParam",
    "NestedLocalizableMessage",
    "NotAllowedInCurrentState",
    "NotFound",
    "OperationNotFound",
    "OverLimit",
    "Progress",
    "ResourceBusy",
    "ResourceInUse",
    "ResourceInaccessible",
    "ServiceUnavailable",
    "Source",
    "Status",
    "StatusName",
    "TaskIndex",
    "TaskSource",
    "TimedOut",
    "TransientIndication",
    "UnableToAllocateResource",
    "Unauthenticated",
    "Unauthorized",
    "UnexpectedInput",
    "Unsupported",
    "UnverifiedPeer",
    "Value",
    "Violation",
    "Visibility",
    "Wanted",
    "authorize",
    "format_filter",
    "get_task",
    "http_status_candidates",
    "invalid_argument",
    "list_tasks",
    "parse_filter",
    "value_type",
]
