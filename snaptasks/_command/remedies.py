"""What to do about a finding.

Decides one remedy for each code. Knows nothing of how a finding is found and shown.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from typing import Final

from .. import ErrorType, FilterSpec, Info, ListItem, Progress, Status, Violation

__all__ = ["REMEDIES", "did_you_mean", "likely_name", "remedy"]

# Characters of a name that is compared with others, inclusive: no known name is half as long, and comparing takes
# time in proportion to the square. A longer one resembles none.
_MAX_COMPARED: Final = 80

_AGAIN: Final = "| snaptasks check"

# FILE stands for the name of the file, ENCODING for what was found.
REMEDIES: Final = {
    # What is not a listing: the command makes one where that can be done.
    "bare_array": f"""run: {{ printf '{{"items":'; cat FILE; printf '}}'; }} {_AGAIN}""",
    "byte_order_mark": f"run: tail -c +4 FILE {_AGAIN}",
    "compressed": f"run: gzip -dc FILE {_AGAIN}",
    "empty_file": "look why nothing was written: curl --fail-with-body --show-error shows what a server refuses",
    "error_body": "ask again once its cause is gone; curl --fail-with-body lets a script stop at an error",
    "http_response": f"run curl without -i, or here: sed '1,/^[[:space:]]*$/d' FILE {_AGAIN}",
    "json_lines": f"""run: {{ printf '{{"items":['; paste -sd, FILE; printf ']}}'; }} {_AGAIN}""",
    "markup": "look at the address and the session: a proxy or a sign-in page answers like this, the API does not",
    "one_info": f"""run, with its identifier for TASK: {{ printf '{{"items":[{{"task":"TASK","info":'; cat FILE; printf '}}]}}'; }} {_AGAIN}""",
    "one_item": f"""run: {{ printf '{{"items":['; cat FILE; printf ']}}'; }} {_AGAIN}""",
    "other_encoding": f"run: iconv -f ENCODING -t UTF-8 FILE {_AGAIN}",
    "other_object": """if one of them holds the tasks, call it items, an array of {"task":"ID","info":{...}}; if not, look at the address""",
    "other_text": "convert it, or look at what wrote it: the API answers JSON",
    "wrapped": f"""run: python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["value"]))' < FILE {_AGAIN}""",
    # What breaks a rule.
    "empty": "write the identifier; nothing is called by the empty text",
    "forbidden_by_status": "take the field out, or correct the status",
    "missing": "add the field, or correct its misspelt name; null counts as missing",
    "not_a_time": "write the instant as in 2025-11-04T12:10:06.183Z",
    "not_alone": "keep one of s, dt, i, d and l; format goes with dt, and precision with d",
    "not_finite": "write a number: JSON has no NaN and no infinity",
    "not_json": "look there for a comma too many, a quote too few, or an end that was cut off",
    "out_of_range": "write an integer of 64 bits that the rule allows; a longer one travels as text",
    "required_by_status": "add the field, or correct the status",
    "surrogate": "write the character itself, or both halves of its escape, as in \\ud83d\\ude00",
    "too_deep": "flatten it: put the inner parts beside one another, or into a text",
    "too_long": "ask for fewer tasks, with a filter, or split the items into several files",
    "wrong_type": "write the JSON type that the rule names: an array in [], an object in {}, text in quotes, the rest without",
    # What is odd.
    "odd_number": "look at the service that counts; it is read as it is",
    "odd_time": "look at the clocks of the service; it is read as it is",
    "repeated": "look where the second one comes from; a listing has each task once",
    "unknown_field": "correct it if it is misspelt; if not, a newer server knows more, and list leaves it out",
    "unknown_name": "correct it if it is misspelt; if not, a newer server knows more",
}

# The names that one could have meant, by the code of the violation that an unknown one is.
_KNOWN_NAMES: Final = {
    "unknown_field": sorted({field.name for kind in (ListItem, Info, Progress) for field in fields(kind)}),
    "unknown_name": [*Status, *ErrorType],
    "unknown_parameter": [*FilterSpec.model_fields],
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Ask whether the known name was meant that resembles this one most, in any case; empty where none does."""
    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), by_folded, 1) if len(name) <= _MAX_COMPARED else []
    return f"did you mean {by_folded[close[0]]}?" if close else ""


def likely_name(violation: Violation) -> str:
    """Ask as did_you_mean does, where the violation is an unknown name."""
    name = violation.value if violation.code == "unknown_name" else violation.path.rpartition(".")[2]
    return did_you_mean(name, _KNOWN_NAMES.get(violation.code, ()))


def remedy(violation: Violation, file: str | None) -> str:
    """Say what to do about a violation in a file; None for standard input."""
    text = REMEDIES[violation.code].replace("ENCODING", violation.value)
    return f"{likely_name(violation)} {text.replace('FILE', shlex.quote(file) if file else 'FILE')}".lstrip()
