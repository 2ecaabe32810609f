"""Recognize the kind of a file that is not a listing.

Decides the kinds, and how each is recognized. Does not know the violations inside a file, or the remedies.
"""

from __future__ import annotations

import json
import re
import zlib
from contextlib import suppress
from typing import Any, Final

from pydantic_core import from_json

from .. import InvalidValue, ListResult, Violation, invalid_argument
from .._text import MAX_EXCERPT, safe_repr
from ..rest import MAX_BODY_LENGTH
from ..rest.error_body import error_in

__all__ = ["KINDS", "read_listing", "recognize_file"]

# The kinds of a file, by the code of the violation.
KINDS: Final = {
    "bare_array": "an array",
    "byte_order_mark": "text that begins with a byte order mark",
    "compressed": "compressed with gzip",
    "empty_file": "empty",
    "error_body": "an error of the API",
    "http_response": "an HTTP response, whose headers stand before its body",
    "json_lines": "JSON lines",
    "markup": "HTML or XML",
    "one_info": "the state of one task, which does not have its identifier",
    "one_item": "one task of a listing",
    "other_encoding": "in another encoding than UTF-8",
    "other_object": "an object with other members",
    "other_text": "not JSON from the first character on",
    "wrapped": "wrapped in a value, as older servers answer",
}

# The most bytes that are unpacked from a compressed file, inclusive: the limit of a plain file.
_MAX_UNPACKED: Final = MAX_BODY_LENGTH

# Kinds that no command converts to a listing, so that it does not matter whether they are compressed.
_HOPELESS: Final = {"empty_file", "error_body", "markup", "other_object", "other_text"}

_JSON_START: Final = re.compile(rb"""\s*([{["]|-?\d|(true|false|null)\b)""")

_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31  # zlib's number for a window of 15 bits with a gzip header


def read_listing(text: bytes) -> ListResult:
    """Read a listing.

    Raises:
        InvalidArgument: it is not a listing; the text names the kind if it is known (E-5).
    """
    try:
        return ListResult.from_json(text)
    except InvalidValue as invalid:
        other = recognize_file(text)
        refused = invalid if other is None else InvalidValue(invalid.kind, [other])
        raise invalid_argument(refused) from refused


def recognize_file(text: bytes) -> Violation | None:
    """Return the violation that names the kind of a text; None if it is a listing, even a broken one, or is unknown."""
    kind = _kind(text)
    if kind is None:
        return None
    code, found = kind
    rule = f'must be a listing, {{"items":[...]}}, and this is {KINDS[code]}'
    return Violation("", found, rule, code, "V-13")


def _kind(text: bytes) -> tuple[str, str] | None:
    """Return the code of the kind of a text, and a short quotation; None as for `recognize_file`."""
    if not text.strip():
        return "empty_file", ""
    if text.startswith(_GZIP):
        return _kind_of_compressed(text)
    encoding = json.detect_encoding(text)
    if encoding == "utf-8-sig":
        return "byte_order_mark", ""
    start = text[:MAX_EXCERPT].decode(encoding, "replace").strip("\ufeff \t\r\n")
    if encoding != "utf-8" and start.startswith(("{", "[")):
        return "other_encoding", encoding.upper().replace("-LE", "LE").replace("-BE", "BE")
    if start.startswith("<"):
        return "markup", safe_repr(start)
    if start.startswith("HTTP/"):
        return "http_response", ""
    try:
        return _kind_of_tree(from_json(text))
    except ValueError:
        if _has_json_lines(text):
            return "json_lines", ""
        return None if _JSON_START.match(text) else ("other_text", safe_repr(start))


def _kind_of_compressed(text: bytes) -> tuple[str, str]:
    """Return the code of the kind of a compressed file, and a short text about its content."""
    try:
        unpacked = zlib.decompressobj(_GZIP_WINDOW).decompress(text, _MAX_UNPACKED + 1)
    except zlib.error:
        return "compressed", "damaged"
    if len(unpacked) > _MAX_UNPACKED:
        return "compressed", f"more than {_MAX_UNPACKED} bytes inside"
    code, found = ("compressed", "") if unpacked.startswith(_GZIP) else _kind(unpacked) or ("", "")
    if code in _HOPELESS:
        return code, f"compressed with gzip: {found}".removesuffix(": ")
    return "compressed", f"inside: {KINDS.get(code, 'possibly a listing')}"


def _has_json_lines(text: bytes) -> bool:
    """Return whether the first two lines are JSON objects."""
    try:
        return [type(from_json(line)) for line in text.lstrip().split(b"\n", 2)[:2]] == [dict, dict]
    except ValueError:
        return False


def _kind_of_tree(tree: Any) -> tuple[str, str] | None:
    if isinstance(tree, list):
        return "bare_array", ""
    if not isinstance(tree, dict) or "items" in tree:
        return None
    with suppress(InvalidValue):
        error, _ = error_in(tree)
        return "error_body", safe_repr(": ".join(filter(None, [error.error_type, error.display()])))
    if tree.keys() == {"value"}:
        return "wrapped", ""
    if {"task", "info"} <= tree.keys():
        return "one_item", ""
    if {"status", "operation"} <= tree.keys():
        return "one_info", ""
    return ("other_object", safe_repr([*tree])) if tree else None
