"""Propose a remedy for a finding.

Decides one remedy for each code. Does not know how a finding is made or printed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from typing import Final

from .. import ErrorType, FilterSpec, Info, ListItem, Progress, Status, Violation

__all__ = ["REMEDIES", "did_you_mean", "remedy", "suggest_name"]

# The longest name that is compared with the known names, in characters, inclusive: no known name is half as long. A
# longer name gets no suggestion, because the time to compare grows with the square of the length.
_MAX_COMPARED: Final = 80

_AGAIN: Final = "| snaptasks check"

# FILE stands for the name of the file, ENCODING for the found value.
REMEDIES: Final = {
    # Files of another kind: a command converts the file to a listing if that is possible.
    "bare_array": f"""run: {{ printf '{{"items":'; cat FILE; printf '}}'; }} {_AGAIN}""",
    "byte_order_mark": f"run: tail -c +4 FILE {_AGAIN}",
    "compressed": f"run: gzip -dc FILE {_AGAIN}",
    "empty_file": "find out why nothing was written; curl --fail-with-body --show-error shows the error of a server",
    "error_body": "repeat the request when its cause is gone; curl --fail-with-body makes a script stop at an error",
    "http_response": f"use curl without -i, or run: sed '1,/^[[:space:]]*$/d' FILE {_AGAIN}",
    "json_lines": f"""run: {{ printf '{{"items":['; paste -sd, FILE; printf ']}}'; }} {_AGAIN}""",
    "markup": "check the address and the session: this is the answer of a proxy or a sign-in page, not of the API",
    "one_info": f"""replace TASK by the identifier, and run: {{ printf '{{"items":[{{"task":"TASK","info":'; cat FILE; printf '}}]}}'; }} {_AGAIN}""",
    "one_item": f"""run: {{ printf '{{"items":['; cat FILE; printf ']}}'; }} {_AGAIN}""",
    "other_encoding": f"run: iconv -f ENCODING -t UTF-8 FILE {_AGAIN}",
    "other_object": """if a member has the tasks, rename it to items, an array of {"task":"ID","info":{...}}; if not, check the address""",
    "other_text": "convert it to JSON, or check the program that wrote it: the API answers with JSON",
    "wrapped": f"""run: python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["value"]))' < FILE {_AGAIN}""",
    # Violations of a rule.
    "empty": "write the identifier; it has at least one character",
    "forbidden_by_status": "remove the field, or correct the status",
    "missing": "add the field, or correct its misspelt name; null counts as missing",
    "not_a_time": "write the time as in 2025-11-04T12:10:06.183Z",
    "not_alone": "keep only one of s, dt, i, d and l; format needs dt, and precision needs d",
    "not_finite": "write a number; JSON does not have NaN and infinity",
    "not_json": "look there for an extra comma, a missing quote, or a missing end",
    "out_of_range": "write a 64-bit integer that the rule allows; write a larger number as text",
    "required_by_status": "add the field, or correct the status",
    "surrogate": "write the character itself, or both halves of its escape, as in \\ud83d\\ude00",
    "too_deep": "flatten it: put the inner parts side by side, or into a text",
    "too_long": "request fewer tasks with a filter, or split the items into several files",
    "wrong_type": "write the JSON type of the rule: an array in [], an object in {}, text in quotes, others without quotes",
    # Lints.
    "odd_number": "check the service that counts; the number is read as it is",
    "odd_time": "check the clocks of the service; the time is read as it is",
    "repeated": "find out why the task is there twice; a listing has each task once",
    "unknown_field": "correct the name if it is misspelt; if not, a newer server has added it, and list leaves it out",
    "unknown_name": "correct the name if it is misspelt; if not, a newer server has added it",
}

# The known names, by the code of the violation for an unknown name.
_KNOWN_NAMES: Final = {
    "unknown_field": sorted({field.name for kind in (ListItem, Info, Progress) for field in fields(kind)}),
    "unknown_name": [*Status, *ErrorType],
    "unknown_parameter": [*FilterSpec.model_fields],
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question with the known name that is most similar, ignoring case; empty if no known name is similar."""
    by_folded = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), by_folded, 1) if len(name) <= _MAX_COMPARED else []
    return f"did you mean {by_folded[close[0]]}?" if close else ""


def suggest_name(violation: Violation) -> str:
    """Return the question of did_you_mean for the name of a violation; empty if no known name is similar."""
    name = violation.value if violation.code == "unknown_name" else violation.path.rpartition(".")[2]
    return did_you_mean(name, _KNOWN_NAMES.get(violation.code, ()))


def remedy(violation: Violation, file: str | None) -> str:
    """Return the remedy for a violation.

    Args:
        violation: the violation.
        file: the name of the file; None for standard input.
    """
    text = REMEDIES[violation.code].replace("ENCODING", violation.value)
    return f"{suggest_name(violation)} {text.replace('FILE', shlex.quote(file) if file else 'FILE')}".lstrip()
