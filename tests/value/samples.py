"""Hold the values that the tests of values start from, and return the violations that a call reports."""

import json
from typing import Any

import pytest

from snaptasks import Info, InvalidValue, LocalizableMessage
from tests.building import ITEM

INFO = ITEM.info
MESSAGE = LocalizableMessage(id="", default_message="")
BODY: dict[str, Any] = INFO.to_python()


def read(**changes: Any) -> Info:
    """Read an Info from the JSON of a valid one with changed fields."""
    return Info.from_json(json.dumps(BODY | changes))


def paths_and_ids(call: Any) -> list[tuple[str, str]]:
    """Return the path and the spec id of each violation that the call reports."""
    with pytest.raises(InvalidValue) as caught:
        call()
    return [(violation.path, violation.spec_id) for violation in caught.value.violations]


def violations_of(call: Any) -> tuple[Any, ...]:
    """Return the violations that the call reports, as they are."""
    with pytest.raises(InvalidValue) as caught:
        call()
    return caught.value.violations
