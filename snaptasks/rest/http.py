"""Represent requests and responses as plain values.

Decides which parts of a request are kept, and which parts its repr shows. Does not know sockets, servers, paths or
operations.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, final

from .._sealed import sealed
from .._text import safe_repr

__all__ = ["Headers", "Pairs", "Request", "Response", "header", "header_pairs"]

_Text: TypeAlias = str | bytes


class _Mapping(Protocol):
    """Describe an object with items: a dict, or the headers of any HTTP library."""

    def items(self) -> Iterable[tuple[_Text, _Text]] | ItemsView[str, str] | ItemsView[bytes, bytes]: ...


Headers: TypeAlias = _Mapping | Iterable[tuple[_Text, _Text]]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


def header_pairs(headers: Headers) -> Pairs:
    """Return headers as pairs of a lower-case name and a value; bytes are Latin-1, as in HTTP.

    Raises TypeError for an element that is not a pair, and for a name or value that is neither text nor bytes.
    """
    given: Any = headers.items() if hasattr(headers, "items") else headers
    pairs = []
    for pair in given:
        if not isinstance(pair, tuple | list) or len(pair) != 2:  # noqa: PLR2004 - a pair
            raise TypeError(f"a header must be a pair of texts, not {type(pair).__name__}")
        pairs.append((_latin_1(pair[0]).lower(), _latin_1(pair[1])))
    return tuple(pairs)


def _latin_1(text: _Text) -> str:
    if isinstance(text, bytes):
        return text.decode("latin-1")
    if isinstance(text, str):
        return str.__str__(text)  # a subclass can have methods of its own, and can change
    raise TypeError(f"a header must be a pair of texts, not of {type(text).__name__}")


def header(headers: Pairs, name: str) -> str | None:
    """Return the value of a header, or None; ignore the case of its name, and join several values with a comma."""
    values = [value for its, value in headers if its == name.lower()]
    return ", ".join(values) if values else None


@final
@sealed
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Request:
    """Represent a request as received; its repr shows no headers, query or body (W-5).

    Args:
        method: The HTTP method.
        target: The raw path and query with their escapes, or an absolute URL; as text, or as undecoded bytes. Unescape
            nothing, because an escaped slash in a task's id must stay one (Q-1).
        headers: Pairs or a mapping, of text or bytes.
        body: The body, as bytes.

    Raises TypeError for an argument of another type.
    """

    method: str
    target: bytes
    headers: Pairs
    body: bytes

    def __init__(
        self, method: str, target: str | bytes, headers: Headers = (), body: bytes | bytearray | memoryview = b""
    ) -> None:
        if not isinstance(method, str):
            raise TypeError(f"method must be text, not {type(method).__name__}")
        if not isinstance(target, str | bytes):
            raise TypeError(f"target must be text or bytes, not {type(target).__name__}")
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError(f"body must be bytes, not {type(body).__name__}")
        # A lone surrogate becomes bytes that are not UTF-8, which the server refuses.
        raw = bytes(target) if isinstance(target, bytes) else str.encode(target, errors="surrogatepass")
        for name, value in zip(
            self.__slots__, (str.__str__(method), raw, header_pairs(headers), bytes(body)), strict=True
        ):
            object.__setattr__(self, name, value)

    @property
    def path(self) -> bytes:
        """Return the path with its escapes, also of a URL; empty if there is none."""
        path = self.target.partition(b"?")[0]
        if not path.startswith(b"/"):  # no path, or a URL, whose host part can hold a user and a password (W-5)
            _, slash, path = path.partition(b"://")[2].partition(b"/")
            path = slash + path
        return path

    @property
    def query(self) -> bytes:
        """Return the text after the first `?`, with its escapes."""
        return self.target.partition(b"?")[2]

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None; ignore the case of its name, and join several values with a comma."""
        return header(self.headers, name)

    def __repr__(self) -> str:
        return f"Request(method={safe_repr(self.method)}, path={safe_repr(self.path)})"


@final
@sealed
@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """Represent a response to send: an HTTP status, headers and a body.

    The headers are pairs of a lower-case name and a value, in ASCII. The repr shows no headers and no body (W-5).
    """

    status: int
    headers: Pairs = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None; ignore the case of its name, and join several values with a comma."""
        return header(self.headers, name)

    def __repr__(self) -> str:
        return f"Response(status={self.status}, {len(self.body)} bytes)"
