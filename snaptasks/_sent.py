"""Every message that this library sends, in one table (E-9).

Decides their ids and texts. Knows nothing of when they are sent, and of whom they reach.
"""

from __future__ import annotations

from typing import Final

from .messages import LocalizableMessage

__all__ = ["sent"]

_PREFIX: Final = "com.vmware.snapservice.tasks"

# The text of each id, with places for its args. Texts that tell a caller why, or what is hidden, would be leaks: those of
# access errors, of a state that cannot be read (L-4) and of a failure (E-7) say nothing of it.
_TEXTS: Final = {
    "changed": "The tasks were changed by another writer; nothing was put.",
    "internal_server_error": "The server failed in a way that it did not expect.",
    "no_body": "A request must have no body; a filter goes into the query: ?status=FAILED. [Q-5]",
    "no_call": "There is no such operation; there are {1}.list and {1}.get. [J-3] (found {0})",
    "no_method": "The method must be one of {1}. [W-3] (found {0})",
    "no_operation": "There is no operation at this path; there are {1} and {1}/{{task}}. [W-3] (found {0})",
    "no_scope": "The filter must name {0} or {1}.",
    "not_found": "The task '{0}' was not found.",
    "too_many": "More than {0} tasks match. Narrow the filter.",
    "unauthenticated": "The caller is not authenticated.",
    "unauthorized": "The caller is not authorized.",
    "unavailable": "The task database cannot be reached.",
    "unreadable": "The state of a task that must be examined cannot be read.",
    "unreadable_response": "The body of a response of status {0} cannot be read as {1}: {2}",
    # Of a request that cannot be read: the text of its first violation; args are its field, value, rule, and how many
    # violations were found (E-5).
    "invalid_argument": None,
    "unexpected_input": None,
}


def sent(id: str, *args: str, text: str | None = None) -> LocalizableMessage:
    """Return the message of this id with these args; `text` is given for those ids of which the table has none."""
    default_message = text or (_TEXTS[id] or "").format(*args)
    return LocalizableMessage(id=f"{_PREFIX}.{id}", default_message=default_message, args=args)
