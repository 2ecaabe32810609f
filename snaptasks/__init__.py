"""Listing the tasks of the vSAN Data Protection snapservice: values, filter, visibility, cap and errors."""

from ._value import (
    MAX_VIOLATIONS as MAX_VIOLATIONS,
)
from ._value import (
    InvalidValue as InvalidValue,
)
from ._value import (
    Value as Value,
)
from ._value import (
    Violation as Violation,
)
from .access import (
    EVERYTHING as EVERYTHING,
)
from .access import (
    NOTHING as NOTHING,
)
from .access import (
    SYSTEM_READ as SYSTEM_READ,
)
from .access import (
    Caller as Caller,
)
from .access import (
    Grants as Grants,
)
from .access import (
    Visibility as Visibility,
)
from .access import (
    authorize as authorize,
)
from .errors import (
    GET_ERRORS as GET_ERRORS,
)
from .errors import (
    LIST_ERRORS as LIST_ERRORS,
)
from .errors import (
    AlreadyExists as AlreadyExists,
)
from .errors import (
    AlreadyInDesiredState as AlreadyInDesiredState,
)
from .errors import (
    ArgumentLocations as ArgumentLocations,
)
from .errors import (
    Canceled as Canceled,
)
from .errors import (
    ConcurrentChange as ConcurrentChange,
)
from .errors import (
    DynamicID as DynamicID,
)
from .errors import (
    Error as Error,
)
from .errors import (
    ErrorType as ErrorType,
)
from .errors import (
    ErrorValue as ErrorValue,
)
from .errors import (
    FeatureInUse as FeatureInUse,
)
from .errors import (
    FileLocations as FileLocations,
)
from .errors import (
    InternalServerError as InternalServerError,
)
from .errors import (
    InvalidArgument as InvalidArgument,
)
from .errors import (
    InvalidElementConfiguration as InvalidElementConfiguration,
)
from .errors import (
    InvalidElementType as InvalidElementType,
)
from .errors import (
    InvalidRequest as InvalidRequest,
)
from .errors import (
    NotAllowedInCurrentState as NotAllowedInCurrentState,
)
from .errors import (
    NotFound as NotFound,
)
from .errors import (
    OperationNotFound as OperationNotFound,
)
from .errors import (
    ResourceBusy as ResourceBusy,
)
from .errors import (
    ResourceInaccessible as ResourceInaccessible,
)
from .errors import (
    ResourceInUse as ResourceInUse,
)
from .errors import (
    ServiceUnavailable as ServiceUnavailable,
)
from .errors import (
    TimedOut as TimedOut,
)
from .errors import (
    TransientIndication as TransientIndication,
)
from .errors import (
    UnableToAllocateResource as UnableToAllocateResource,
)
from .errors import (
    Unauthenticated as Unauthenticated,
)
from .errors import (
    Unauthorized as Unauthorized,
)
from .errors import (
    UnexpectedInput as UnexpectedInput,
)
from .errors import (
    Unsupported as Unsupported,
)
from .errors import (
    UnverifiedPeer as UnverifiedPeer,
)
from .errors import (
    http_status_candidates as http_status_candidates,
)
from .errors import (
    invalid_argument as invalid_argument,
)
from .filters import (
    FilterSpec as FilterSpec,
)
from .listing import (
    MAX_RESULTS as MAX_RESULTS,
)
from .listing import (
    OVER_LIMIT as OVER_LIMIT,
)
from .listing import (
    OverLimit as OverLimit,
)
from .listing import (
    Source as Source,
)
from .listing import (
    TaskSource as TaskSource,
)
from .listing import (
    get_task as get_task,
)
from .listing import (
    list_tasks as list_tasks,
)
from .messages import (
    Catalog as Catalog,
)
from .messages import (
    DateTimeFormat as DateTimeFormat,
)
from .messages import (
    LocalizableMessage as LocalizableMessage,
)
from .messages import (
    LocalizationParam as LocalizationParam,
)
from .messages import (
    NestedLocalizableMessage as NestedLocalizableMessage,
)
from .tasks import (
    CommonInfo as CommonInfo,
)
from .tasks import (
    Info as Info,
)
from .tasks import (
    ListItem as ListItem,
)
from .tasks import (
    ListResult as ListResult,
)
from .tasks import (
    Progress as Progress,
)
from .tasks import (
    Status as Status,
)

__all__ = [
    "EVERYTHING",
    "GET_ERRORS",
    "LIST_ERRORS",
    "MAX_RESULTS",
    "MAX_VIOLATIONS",
    "NOTHING",
    "OVER_LIMIT",
    "SYSTEM_READ",
    "AlreadyExists",
    "AlreadyInDesiredState",
    "ArgumentLocations",
    "Caller",
    "Canceled",
    "Catalog",
    "CommonInfo",
    "ConcurrentChange",
    "DateTimeFormat",
    "DynamicID",
    "Error",
    "ErrorType",
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
    "authorize",
    "get_task",
    "http_status_candidates",
    "invalid_argument",
    "list_tasks",
]
