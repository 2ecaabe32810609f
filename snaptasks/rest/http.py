"""What travels: a request and a response as plain values.

Decided here: what of a request is kept, and what of it shows. Not known here: sockets, servers, paths, operations.
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
    """What has items: a dict, and the headers of every HTTP library."""

    def items(self) -> Iterable[tuple[_Text, _Text]] | ItemsView[str, str] | ItemsView[bytes, bytes]: ...


Headers: TypeAlias = _Mapping | Iterable[tuple[_Text, _Text]]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


def header_pairs(headers: Headers) -> Pairs:
    """The headers as pairs of a lower-case name and a value; bytes are read as HTTP reads them, in Latin-1."""
    given: Any = headers.items() if hasattr(headers, "items") else headers
    return tuple((_latin_1(name).lower(), _latin_1(value)) for name, value in given)


def _latin_1(text: _Text) -> str:
    if isinstance(text, bytes):
        return text.decode("latin-1")
    if isinstance(text, str):
        return text
    raise TypeError(f"a header must be a pair of two texts, not of {type(text).__name__}")


def header(headers: Pairs, name: str) -> str | None:
    """The value of a header whatever its case, several joined as HTTP joins them; None where there is none."""
    values = [value for its, value in headers if its == name.lower()]
    return ", ".join(values) if values else None


@final
@sealed
@dataclass(frozen=True, slots=True, init=False, repr=False)
class Request:
    """A request as it came; `target` is raw: the path and the query with their escapes.

    `target` may be text or bytes; bytes where a server has decoded nothing, for an escaped slash in a task's id must
    still be one (Q-1). An absolute URL is a target, too. `headers` are pairs or a mapping, of text or bytes. Raises
    TypeError for anything else. Headers, query and body do not show in the repr (W-5).
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
        raw = target if isinstance(target, bytes) else target.encode(errors="surrogatepass")  # refused when it is read
        for name, value in zip(
            self.__slots__, (str.__str__(method), raw, header_pairs(headers), bytes(body)), strict=True
        ):
            object.__setattr__(self, name, value)

    @property
    def path(self) -> bytes:
        """The path with its escapes; that of a URL, empty where there is none."""
        path = self.target.partition(b"?")[0]
        if not path.startswith(b"/"):  # a URL, of which a host may name a user and a password (W-5), or no path at all
            _, slash, path = path.partition(b"://")[2].partition(b"/")
            path = slash + path
        return path

    @property
    def query(self) -> bytes:
        """What stands behind the first `?`, with its escapes."""
        return self.target.partition(b"?")[2]

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case; several of one name joined with a comma; None: there is none."""
        return header(self.headers, name)

    def __repr__(self) -> str:
        return f"Request(method={safe_repr(self.method)}, path={safe_repr(self.path)})"


@final
@sealed
@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """A response to send: an HTTP status, pairs of a lower-case name and a value in ASCII, and a body.

    Headers and body do not show in the repr (W-5).
    """

    status: int
    headers: Pairs = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its case; None: there is none."""
        return header(self.headers, name)

    def __repr__(self) -> str:
        return f"Response(status={self.status}, {len(self.body)} bytes)"
