"""A filter as a query string, and back (Q).

Decided here: the parameters, their separators and escapes, and how much of them is read. Not known here: HTTP, paths,
who asks, and what a filter matches.

What is right is read in a few long strides. Only when something is wrong are the pairs walked one by one, to find
every mistake in the order in which they stand.
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

# Bytes of a query string, inclusive, separators and escapes among them; of pairs that are taken apart already, the
# characters of names and values. Past it nothing is read: INVALID_ARGUMENT. It leaves 52 bytes for each of
# MAX_MEMBERS members, and is more than the common servers take in a request line.
MAX_QUERY_LENGTH: Final = 2**20

# Pairs of a name and a value, inclusive, over all fields together, each repetition counted. Past it nothing is
# decoded: INVALID_ARGUMENT. It is twenty times what a listing can return, and read in some ten milliseconds.
MAX_MEMBERS: Final = 20_000

# the parameters are the fields, without a prefix.
_PARAMETERS: Final = tuple(FilterSpec.model_fields)

# A name first and a value last: bytes as they travelled, or text that somebody else has decoded.
_Pair: TypeAlias = tuple[_T, ...]


def parse_filter(query: str | bytes | Iterable[tuple[str, str]]) -> FilterSpec:
    """The filter that a query string asks for, such as `status=FAILED&status=RUNNING` (Q-1).

    `query` is what stands behind the `?`, with percent-escapes of UTF-8: at most MAX_QUERY_LENGTH bytes and
    MAX_MEMBERS members (Q-4). Or it is pairs of a name and a value, taken apart and decoded by a framework. A comma
    or a semicolon is part of a value, `+` is a space (Q-3); an empty pair is skipped, a repeated member counts once.

    Raises UnexpectedInput for an unknown parameter; InvalidArgument for an empty value, a broken escape, what is not
    UTF-8 (Q-2), an unknown status (F-7) and a query past a bound: for the first mistake in order of appearance, while
    its `__cause__` lists them all. Raises TypeError for what is no query.
    """
    if isinstance(query, str | bytes):
        raw = _split(query)
        try:
            return FilterSpec.model_validate(_decoded(_grouped(raw)))
        except (UnicodeDecodeError, ValidationError):  # it tells of the whole; the walk tells where
            mistakes = _violations_of_pairs(raw)
    else:
        given = _given(query)
        try:
            return FilterSpec.model_validate(_grouped(given))
        except ValidationError:
            mistakes = _violations_of_pairs(given)
    raise _error_of(list(islice(mistakes, MAX_VIOLATIONS + 1)))


def format_filter(spec: FilterSpec) -> str:
    """The query string of a filter, percent-encoded and in a fixed order; empty for the filter of everything (Q-1).

    `parse_filter` makes an equal filter of it, where it is within MAX_QUERY_LENGTH and MAX_MEMBERS.
    """
    return "&".join(
        f"{field}={quote(member, safe='')}" for field in _PARAMETERS for member in sorted(getattr(spec, field))
    )


def refuse_any(query: bytes) -> None:
    """Raise UnexpectedInput, which names the first parameter, if there is any (Q-5)."""
    first = query.lstrip(b"&").partition(b"&")[0]
    if first:
        name, _ = _read(first.partition(b"=")[0])
        violation = Violation(
            format_path([name]), "", "must be left out: this operation has no parameters", "unknown_parameter", "Q-5"
        )
        raise _error_of([_ParameterViolation(violation, unexpected_input)], "query")


def _split(query: str | bytes) -> list[_Pair[bytes]]:
    """The pairs as they travelled, without the empty ones (Q-2); nothing but & and the first = separates (Q-3)."""
    _check_length(len(query), "bytes")
    if isinstance(query, str):
        # A lone surrogate becomes bytes that are not UTF-8, and is refused as such where it stands.
        query = query.encode(errors="surrogatepass")
        _check_length(len(query), "bytes")
    pairs: list[_Pair[bytes]] = [part.partition(b"=") for part in query.split(b"&") if part]
    _check_count(len(pairs))
    return pairs


def _given(query: object) -> list[tuple[str, str]]:
    """The pairs that were taken apart already; of an endless iterable not more than the bound is asked for."""
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
        rule = f"a query must have at most {MAX_QUERY_LENGTH} {unit}"
        raise _error_of([_ParameterViolation(Violation("", str(length), rule, "too_long", "Q-4"))])


def _check_count(count: int) -> None:
    if count > MAX_MEMBERS:
        rule = f"a query must have at most {MAX_MEMBERS} members"
        raise _error_of([_ParameterViolation(Violation("", f"at least {count}", rule, "too_long", "Q-4"))])


def _grouped(pairs: Iterable[_Pair[_T]]) -> dict[_T, list[_T]]:
    """The values of each name."""
    members: dict[_T, list[_T]] = {}
    for pair in pairs:
        try:
            members[pair[0]].append(pair[-1])
        except KeyError:
            members[pair[0]] = [pair[-1]]
    return members


def _decoded(members: Mapping[bytes, list[bytes]]) -> dict[str, list[str]]:
    """The same as text; one name may be escaped in several ways. Raises UnicodeDecodeError."""
    decoded: dict[str, list[str]] = {}
    for name, values in members.items():
        # All values of a name in one go, for a call for each would cost more than all the rest. There is no & in a
        # value: where more parts come back than went in, one was escaped.
        texts = _text(b"&".join(values)).split("&")
        decoded.setdefault(_text(name), []).extend(texts if len(texts) == len(values) else map(_text, values))
    return decoded


def unescaped(raw: bytes) -> str:
    """The text that percent-escapes of UTF-8 stand for (Q-1). Raises UnicodeDecodeError."""
    if b"%" in raw:
        # Python's own escapes of bytes are decoded in C: \x2f for %2f, once every backslash stands for itself.
        raw = raw.replace(b"\\", rb"\\").replace(b"%", rb"\x").decode("unicode_escape").encode("latin-1")
    return raw.decode()


def _text(raw: bytes) -> str:
    """The same in a query, where + is a space (Q-3)."""
    return unescaped(raw.replace(b"+", b" "))


class _ParameterViolation(NamedTuple):
    """One mistake, and the error that answers it if it is the first."""

    violation: Violation
    answer: Callable[[InvalidValue], Error] = invalid_argument


def _violations_of_pairs(pairs: Iterable[_Pair[bytes] | _Pair[str]]) -> Iterator[_ParameterViolation]:
    """Every mistake, in order of appearance (Q-2)."""
    for raw_name, *_, raw_value in pairs:
        name, fault = _read(raw_name)
        if fault is not None:
            yield _ParameterViolation(
                Violation(format_path([name]), "", f"the name of a parameter {fault}", "not_decodable", "Q-2")
            )
        elif name not in _PARAMETERS:
            rule = f"must be a parameter, one of {', '.join(_PARAMETERS)}"
            rule += "; leave the ? out" if name.startswith("?") else _hint(name)
            yield _ParameterViolation(Violation(format_path([name]), "", rule, "unknown_parameter", "Q-2"), unexpected_input)
        else:
            value, fault = _read(raw_value)
            code = "not_decodable" if fault else "empty"
            if fault is None and not value:
                fault = "must not be empty; leave the parameter out"
            if fault is not None:
                yield _ParameterViolation(Violation(name, safe_repr(value), fault, code, "Q-2"))
            else:
                yield from _violations_of_member(name, value)


# A parameter as other APIs write it: filter.status, filter[status], status[], status[0], Status.
_DIALECT: Final = re.compile(r"(?:filter[.[])?(\w+)\]?(?:\[\d*\])?", re.IGNORECASE | re.ASCII)


def _hint(name: str) -> str:
    """Say how a name in the dialect of another API is written here (Q-2)."""
    dialect = _DIALECT.fullmatch(name)
    parameter = dialect[1].lower() if dialect else ""
    return f"; write {parameter}=... and repeat it for each member" if parameter in _PARAMETERS else ""


def _read(raw: bytes | str) -> tuple[str, str | None]:
    """A name or a value as text, and what is wrong with it; then the text is only good to be shown."""
    if isinstance(raw, str):
        return raw, None
    try:
        return _text(raw), None
    except UnicodeDecodeError as error:
        escape = "must have no broken escape: write % and two hexadecimal digits, and %25 for % itself"
        fault = escape if error.encoding == "unicodeescape" else "must be valid UTF-8"
        return raw.decode(errors="backslashreplace"), fault


def _violations_of_member(field: str, value: str) -> Iterator[_ParameterViolation]:
    """What the filter itself has against one member: an unknown status (F-7), a lone surrogate (V-5)."""
    try:
        FilterSpec.model_validate({field: [value]})
    except ValidationError as error:
        refused = violation_of(error.errors(include_url=False)[0], (field,))
        if field == "status" and "," in value:  # no separator
            refused = replace(refused, rule=f"{refused.rule}; repeat the parameter for each member")
        yield _ParameterViolation(refused)


def _error_of(mistakes: Sequence[_ParameterViolation], kind: str = FilterSpec.__name__) -> Error:
    """The answer to the first mistake; its cause lists all."""
    violations = [mistake.violation for mistake in mistakes[:MAX_VIOLATIONS]]
    invalid = InvalidValue(kind, violations, is_complete=len(mistakes) <= MAX_VIOLATIONS)
    error = mistakes[0].answer(invalid)
    error.__cause__ = invalid
    return error
