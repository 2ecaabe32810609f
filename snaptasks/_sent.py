"""Define every message that this library sends, in one table (E-9).

Decides the ids, the texts and the args of the messages.
Does not know which code sends a message, or which caller receives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from .messages import LocalizableMessage

__all__ = ["MESSAGES", "SentMessage", "sent"]

_PREFIX: Final = "com.vmware.snapservice.tasks"


class SentMessage(NamedTuple):
    """Describe one message of this library, as a row of the table.

    `text` has a place for each arg, by position; None stands for the text of the first violation (E-5). `when` says
    in which case the message is sent. `args` says what each arg is.
    """

    id: str
    text: str | None
    when: str
    args: tuple[str, ...] = ()


# The args of a message about a request that cannot be read (E-5).
_VIOLATION_ARGS: Final = (
    "the path of the first violation",
    "the found value, bounded",
    "the broken rule",
    "the number of violations found",
)

# A text must not reveal a reason or a hidden task. So the texts of access errors, of an unreadable state (L-4)
# and of a failure (E-7) give no details.
_ROWS: Final[Mapping[str, tuple[str | None, str, tuple[str, ...]]]] = {
    "changed": (
        "The tasks were changed by another writer; nothing was put.",
        "A database source puts tasks while another writer changes them.",
        (),
    ),
    "internal_server_error": (
        "The server failed unexpectedly.",
        "A service catches an exception that is not one of the 25 errors (E-7).",
        (),
    ),
    "invalid_argument": (
        None,
        "A request or an input of the command line cannot be read (E-5).",
        _VIOLATION_ARGS,
    ),
    "no_body": (
        "A request must have no body; a filter goes into the query: ?status=FAILED. [Q-5]",
        "An HTTP request has a body.",
        (),
    ),
    "no_call": (
        "The operation must be {1}.list or {1}.get. [J-3] (found {0})",
        "A JSON-RPC call names an unknown operation.",
        ("the found operation, bounded", "the name of the service"),
    ),
    "no_method": (
        "The method must be one of {1}. [W-3] (found {0})",
        "An HTTP request has another method.",
        ("the found method, bounded", "the allowed methods"),
    ),
    "no_operation": (
        "The path must be {1} or {1}/{{task}}. [W-3] (found {0})",
        "An HTTP request has another path.",
        ("the found path, bounded", "the path of the list operation"),
    ),
    "no_scope": (
        "The filter must name {0} or {1}.",
        "A scope is required, and the filter has none.",
        ("one field that gives a scope", "the other field that gives a scope"),
    ),
    "not_found": (
        "The task '{0}' was not found.",
        "A task does not exist, or the caller may not see it.",
        ("the identifier of the task, bounded",),
    ),
    "too_many": (
        "More than {0} tasks match. Narrow the filter.",
        "More visible tasks match than a listing may return.",
        ("the number of tasks that a listing may return",),
    ),
    "unauthenticated": (
        "The caller is not authenticated.",
        "No caller is authenticated (A-1).",
        (),
    ),
    "unauthorized": (
        "The caller is not authorized.",
        "The caller does not have the required privilege (A-1).",
        (),
    ),
    "unavailable": (
        "The task database cannot be reached.",
        "A database source cannot reach its database.",
        (),
    ),
    "unexpected_input": (
        None,
        "A request cannot be read; the first violation is an unknown parameter (Q-2, Q-5).",
        _VIOLATION_ARGS,
    ),
    "unreadable": (
        "The state of a task that must be examined cannot be read.",
        "A source gives an invalid task (L-4).",
        (),
    ),
    "unreadable_response": (
        "The body of a response of status {0} cannot be read as {1}: {2}",
        "A client reads a response whose body is not the expected value.",
        ("the HTTP status", "the name of the expected value", "the reason"),
    ),
}

MESSAGES: Final[Mapping[str, SentMessage]] = {
    name: SentMessage(f"{_PREFIX}.{name}", *row) for name, row in _ROWS.items()
}


def sent(name: str, *args: str, text: str | None = None) -> LocalizableMessage:
    """Build a message of the table.

    Args:
        name: The key of the message in `MESSAGES`.
        args: The args of the message, by position.
        text: The text of the message, if its row has none.
    """
    message = MESSAGES[name]
    default_message = text or (message.text or "").format(*args)
    return LocalizableMessage(id=message.id, default_message=default_message, args=args)
