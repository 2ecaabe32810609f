"""Read and write a filter as a query string (Q).

Decides the parameters, their separators and escapes, and how much of a query is read. Does not know HTTP, paths,
callers, or which tasks a filter matches.

A valid query is decoded and validated in a few calls, for all pairs together. An invalid query is walked pair by pair,
to report all violations in its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from ._text import format_path, safe_repr
from ._value.violations import MAX_VIOLATIONS, InvalidValue, Violation, violation_of
from .errors import Error, invalid_argument, unexpected_input
from .filters import FilterSpec

__all__ = ["MAX_MEMBERS", "MAX_QUERY_LENGTH", "format_filter", "parse_filter", "refuse_any", "unescaped"]

_T = TypeVar("_T", bytes, str)

# Bytes of a query string, inclusive, with separators and escapes; of decoded pairs, the characters of names and values.
# Past it nothing is read: INVALID_ARGUMENT. It leaves 52 bytes for each of MAX_MEMBERS members, and the common
# servers accept less in a request line.
MAX_QUERY_LENGTH: Final = 2**20

# Pairs of a name and a value, inclusive, over all fields together, with each repetition. Past it nothing is decoded:
# INVALID_ARGUMENT. It is twenty times the number of tasks that a listing can return. Reading as many takes some
# ten milliseconds.
MAX_MEMBERS: Final = 20_000

# the parameters are the fields, without a prefix.
_PARAMETERS: Final = tuple(FilterSpec.model_fields)

# A name first and a value last: raw bytes of the query, or decoded text.
_Pair: TypeAlias = tuple[_T, ...]


def parse_filter(query: str | bytes | Iterable[tuple[str, str]]) -> FilterSpec:
    """Read a filter from a query string, such as `status=FAILED&status=RUNNING` (Q-1).

    A comma or a semicolon is part of a value, and `+` is a space (Q-3). An empty pair is skipped, and a repeated member
    counts once. The error is that of the first violation in the query; its `__cause__` lists all violations.

    Args:
        query: The part of a URL after the `?`, with percent-escapes of UTF-8. Or pairs of a name and a value that a
            framework has decoded. At most MAX_QUERY_LENGTH bytes and MAX_MEMBERS members (Q-4).

    Raises:
        UnexpectedInput: A parameter is unknown (Q-2).
        InvalidArgument: A value is empty or not UTF-8, or an escape is broken (Q-2). Or a status is unknown (F-7), or
            the query is past a bound (Q-4).
        TypeError: `query` is not text, bytes or pairs of texts.
    """
    if isinstance(query, str | bytes):
        raw = _split(query)
        try:
            return FilterSpec.model_validate(_decode(_group(raw)))
        except (UnicodeDecodeError, ValidationError):  # this error has no place in the query; the walk finds the place
            violations = _violations_of_pairs(raw)
    else:
        pairs = _checked_pairs(query)
        try:
            return FilterSpec.model_validate(_group(pairs))
        except ValidationError:
            violations = _violations_of_pairs(pairs)
    raise _error_of(list(islice(violations, MAX_VIOLATIONS + 1)))


def format_filter(spec: FilterSpec) -> str:
    """Write a filter as a query string, percent-encoded and in a fixed order; empty for FilterSpec() (Q-1).

    `parse_filter` reads an equal filter from it, within MAX_QUERY_LENGTH and MAX_MEMBERS.
    """
    return "&".join(
        f"{field}={quote(member, safe='')}" for field in _PARAMETERS for member in sorted(getattr(spec, field))
    )


def refuse_any(query: bytes) -> None:
    """Return if a query has no parameter.

    Raises UnexpectedInput for the first parameter (Q-5), and InvalidArgument past MAX_QUERY_LENGTH bytes (Q-4).
    """
    _check_length(len(query), "bytes")
    first = query.lstrip(b"&").partition(b"&")[0]
    if first:
        name, _ = _decode_or_explain(first.partition(b"=")[0])
        violation = Violation(
            format_path([name]), "", "must be left out: this operation has no parameters", "unknown_parameter", "Q-5"
        )
        raise _error_of([_ParameterViolation(violation, unexpected_input)], "query")


def _split(query: str | bytes) -> list[_Pair[bytes]]:
    """Split a query into raw pairs, without the empty ones (Q-2); only & and the first = separate (Q-3)."""
    _check_length(len(query), "bytes")
    if isinstance(query, str):
        # A lone surrogate becomes bytes that are not UTF-8, which are refused in their pair.
        query = query.encode(errors="surrogatepass")
        _check_length(len(query), "bytes")
    pairs: list[_Pair[bytes]] = [part.partition(b"=") for part in query.split(b"&") if part]
    _check_count(len(pairs))
    return pairs


def _checked_pairs(query: object) -> list[tuple[str, str]]:
    """Return the decoded pairs of an iterable. Read at most MAX_MEMBERS + 1 pairs, because it can be endless."""
    if isinstance(query, Mapping) or not isinstance(query, Iterable):
        raise TypeError(f"a query must be text, bytes, or pairs of a name and a value, not {type(query).__name__}")
    pairs = list(islice(query, MAX_MEMBERS + 1))
    if not all(isinstance(pair, tuple) and [*map(type, pair)] == [str, str] for pair in pairs):
        raise TypeError("each pair of a query must be a tuple of two texts, a name and a value")
    _check_count(len(pairs))
    _check_length(sum(len(name) + len(value) for name, value in pairs), "characters")
    return pairs


def _check_length(length: int, unit: str) -> None:
    if length > MAX_QUERY_LENGTH:
        rule = f"must be a query of at most {MAX_QUERY_LENGTH} {unit}"
        raise _error_of([_ParameterViolation(Violation("", str(length), rule, "too_long", "Q-4"))])


def _check_count(count: int) -> None:
    if count > MAX_MEMBERS:
        rule = f"must be a query of at most {MAX_MEMBERS} members"
        raise _error_of([_ParameterViolation(Violation("", f"at least {count}", rule, "too_long", "Q-4"))])


def _group(pairs: Iterable[_Pair[_T]]) -> dict[_T, list[_T]]:
    """Return the values of each name."""
    members: dict[_T, list[_T]] = {}
    for pair in pairs:
        try:
            members[pair[0]].append(pair[-1])
        except KeyError:
            members[pair[0]] = [pair[-1]]
    return members


def _decode(members: Mapping[bytes, list[bytes]]) -> dict[str, list[str]]:
    """Decode names and values; a name can be escaped in several ways. Raises UnicodeDecodeError."""
    decoded: dict[str, list[str]] = {}
    for name, values in members.items():
        # All values of a name are decoded in one call, because a call for each takes more than all other work. A raw
        # value has no &: if decoding returns more parts than values, a value has an escaped &.
        texts = _text(b"&".join(values)).split("&")
        decoded.setdefault(_text(name), []).extend(texts if len(texts) == len(values) else map(_text, values))
    return decoded


def unescaped(raw: bytes) -> str:
    """Decode percent-escapes of UTF-8 (Q-1). Raises UnicodeDecodeError."""
    if b"%" in raw:
        # %2f becomes \x2f, an escape that Python decodes in C; before that, every backslash is doubled. 1,000 joined
        # ids with two escapes each take 0.14 ms. urllib's unquote_to_bytes takes 0.52 ms, or 1.15 ms with a call for
        # each id. A whole query of 1,000 ids must take at most 0.5 ms.
        raw = raw.replace(b"\\", rb"\\").replace(b"%", rb"\x").decode("unicode_escape").encode("latin-1")
    return raw.decode()


def _text(raw: bytes) -> str:
    """Decode a name or a value of a query, where + is a space (Q-3)."""
    return unescaped(raw.replace(b"+", b" "))


class _ParameterViolation(NamedTuple):
    """Hold a violation, and the function that makes the error if the violation is the first."""

    violation: Violation
    make_error: Callable[[InvalidValue], Error] = invalid_argument


def _violations_of_pairs(pairs: Iterable[_Pair[bytes] | _Pair[str]]) -> Iterator[_ParameterViolation]:
    """Yield every violation, in the order of the query (Q-2)."""
    for raw_name, *_, raw_value in pairs:
        name, rule = _decode_or_explain(raw_name)
        if rule is not None:
            rule = f"must be a parameter; its name {rule}"
            yield _ParameterViolation(Violation(format_path([name]), "", rule, "not_decodable", "Q-2"))
        elif name not in _PARAMETERS:
            rule = f"must be a parameter, one of {', '.join(_PARAMETERS)}"
            rule += "; leave the ? out" if name.startswith("?") else _hint(name)
            violation = Violation(format_path([name]), "", rule, "unknown_parameter", "Q-2")
            yield _ParameterViolation(violation, unexpected_input)
        else:
            value, rule = _decode_or_explain(raw_value)
            code = "not_decodable" if rule else "empty"
            if rule is None and not value:
                rule = "must not be empty; leave the parameter out"
            if rule is not None:
                yield _ParameterViolation(Violation(name, safe_repr(value), rule, code, "Q-2"))
            else:
                yield from _violations_of_member(name, value)


# A parameter as other APIs write it: filter.status, filter[status], status[], status[0], Status.
_DIALECT: Final = re.compile(r"(?:filter[.[])?(\w+)\]?(?:\[\d*\])?", re.IGNORECASE | re.ASCII)


def _hint(name: str) -> str:
    """Return how to write a parameter that is in the form of another API; empty for another name (Q-2)."""
    dialect = _DIALECT.fullmatch(name)
    parameter = dialect[1].lower() if dialect else ""
    return f"; write {parameter}=... and repeat it for each member" if parameter in _PARAMETERS else ""


def _decode_or_explain(raw: bytes | str) -> tuple[str, str | None]:
    """Return a name or a value as text, and the rule that it breaks. A text that breaks a rule is only for display."""
    if isinstance(raw, str):
        return raw, None
    try:
        return _text(raw), None
    except UnicodeDecodeError as error:
        escape = "must have no broken escape: write % and two hexadecimal digits, and %25 for % itself"
        rule = escape if error.encoding == "unicodeescape" else "must be valid UTF-8"
        return raw.decode(errors="backslashreplace"), rule


def _violations_of_member(field: str, value: str) -> Iterator[_ParameterViolation]:
    """Yield the violation of one member by the rules of a filter: an unknown status (F-7), a lone surrogate (V-5)."""
    try:
        FilterSpec.model_validate({field: [value]})
    except ValidationError as error:
        violation = violation_of(error.errors(include_url=False)[0], (field,))
        if field == "status" and "," in value:  # a comma is not a separator
            violation = replace(violation, rule=f"{violation.rule}; repeat the parameter for each member")
        yield _ParameterViolation(violation)


def _error_of(found: Sequence[_ParameterViolation], kind: str = FilterSpec.__name__) -> Error:
    """Make the error of the first violation; its cause lists all of them."""
    violations = [each.violation for each in found[:MAX_VIOLATIONS]]
    invalid = InvalidValue(kind, violations, is_complete=len(found) <= MAX_VIOLATIONS)
    error = found[0].make_error(invalid)
    error.__cause__ = invalid
    return error
