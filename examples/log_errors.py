# Put errors into structured logs, with the standard library or with structlog.
import json
import logging
from collections.abc import MutableMapping
from typing import Any

from snaptasks import Error

def fields(error: Error) -> dict[str, Any]:
    """Return an error as the fields of a structured log. Search for its type, not for its text."""
    return {
        "type": str(error.error_type),
        "status": error.received_status or error.http_status,
        "may_retry": error.may_retry,
        "text": str(error),
        "value": error.value.to_python(),
    }

class JsonFormatter(logging.Formatter):
    """Write JSON with the standard library: logging.error("not listed", extra={"error": error})."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {"time": record.created, "level": record.levelname, "event": record.getMessage()}
        if isinstance(error := getattr(record, "error", None), Error):
            entry["error"] = fields(error)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)

def error_processor(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Convert errors for structlog, before its JSONRenderer: log.error("not listed", error=error)."""
    if isinstance(event.get("error"), Error):
        event["error"] = fields(event["error"])
    return event
