"""Build implementations with one realistic mistake each; the kit must catch each at the clause of its name.

`Reference` is right and consists of small steps. A fault replaces one step with a wrong one.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from snaptasks import ListItem, rest
from snaptasks.testing import Asker
from tests.contract.implementations import primary_of
from tests.naive import FIELDS, STATUSES, naive_query, naive_unquote

Tree = dict[str, Any]
STATUS_OF: Final = {
    "INVALID_ARGUMENT": 400, "UNEXPECTED_INPUT": 400, "INVALID_REQUEST": 400, "UNAUTHENTICATED": 401, "UNAUTHORIZED": 403,
    "NOT_FOUND": 404, "OPERATION_NOT_FOUND": 404, "RESOURCE_INACCESSIBLE": 500,
}  # fmt: skip


class Refused(Exception):
    """Refuse a request with the error type in the argument."""


class Reference:
    """Answer rightly from plain JSON, in small steps."""

    lacks: dict[str, str] = {}  # noqa: RUF012
    cap = 1000

    def load(self, items: list[ListItem]) -> None:
        self.stored = {item.task: (item, json.loads(item.to_json())) for item in items}

    # The request

    def members(self, query: str) -> dict[str, set[str]]:
        if len(query) > 2**20 or query.count("&") > 20_000:
            raise Refused("INVALID_ARGUMENT")
        read = naive_query(query.encode())
        if isinstance(read, tuple):
            raise Refused(read[0])
        return read

    def decoded(self, raw: str) -> str:
        text = naive_unquote(raw.encode(), plus="+")
        if text is None:
            raise Refused("NOT_FOUND")
        return text

    # The caller

    def check(self, caller: Asker | None) -> None:
        if caller is None:
            raise Refused("UNAUTHENTICATED")
        if "System.Read" not in caller.privileges:
            raise Refused("UNAUTHORIZED")

    def sees(self, caller: Asker | None, item: ListItem) -> bool:
        return caller is None or caller.visibility(item)  # check has refused an unauthenticated caller

    # The filter

    def value(self, tree: Tree, field: str) -> str | None:
        own: str | None = (
            tree["task"] if field == "tasks" else tree["info"].get({"status": "status"}.get(field, field[:-1]))
        )
        return own

    def same(self, one: str | None, other: str) -> bool:
        return one == other

    def matches_field(self, tree: Tree, field: str, members: set[str]) -> bool:
        return any(self.same(self.value(tree, field), member) for member in members)

    def matches(self, tree: Tree, members: dict[str, set[str]]) -> bool:
        return all(self.matches_field(tree, field, names) for field, names in members.items() if names)

    # The response

    def visible(self, caller: Asker | None) -> list[Tree]:
        return [tree for item, tree in self.stored.values() if self.sees(caller, item)]

    def found(self, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
        found = [tree for tree in self.visible(caller) if self.matches(tree, members)]
        return self.capped(found)

    def capped(self, found: list[Tree]) -> list[Tree]:
        if len(found) > self.cap:
            raise Refused("RESOURCE_INACCESSIBLE")
        return found

    def written(self, value: Any) -> Any:
        return value

    def listed(self, query: str, caller: Asker | None) -> Any:
        self.check(caller)
        return {"items": self.found(caller, self.members(query))}

    def got(self, task: str, caller: Asker | None) -> Any:
        self.check(caller)
        for tree in self.visible(caller):
            if tree["task"] == task:
                return tree["info"]
        raise Refused("NOT_FOUND")

    def error(self, kind: str, primary: str) -> Tree:
        tree: Tree = {"messages": [], "error_type": kind}
        if kind == "INVALID_ARGUMENT":
            tree["data"] = {"primary": primary, "secondary": []}
        return tree

    def status(self, kind: str) -> int:
        return STATUS_OF[kind]

    def answer(self, give: Callable[[], Any], primary: str = "") -> rest.Response:
        headers = [("content-type", "application/json")]
        try:
            status, value = 200, self.written(give())
        except Refused as refused:
            (kind,) = refused.args
            status, value = self.status(kind), self.error(kind, primary)
            headers += [("allow", "GET, HEAD")] if kind == "INVALID_REQUEST" else []
        return rest.Response(status, tuple(headers), json.dumps(value).encode())

    def list(self, query: str, caller: Asker | None) -> rest.Response:
        return self.answer(lambda: self.listed(query, caller), primary_of(f"?{query}"))

    def get(self, task: str, caller: Asker | None) -> rest.Response:
        return self.answer(lambda: self.got(task, caller))

    # HTTP

    def blank(self, body: bytes) -> bool:
        return b"".join(body.split()) in {b"", b"{}"}

    def route(self, path: str) -> str | None:
        """Return the raw id, or None if the path is that of the list."""
        base = "/api/snapservice/tasks"
        if path == base:
            return None
        if not path.startswith(base + "/") or "/" in path[len(base) + 1 :] or path == base + "/":
            raise Refused("OPERATION_NOT_FOUND")
        return path[len(base) + 1 :]

    def method(self, method: str) -> None:
        if method not in {"GET", "HEAD"}:
            raise Refused("INVALID_REQUEST")

    def no_query(self, query: str) -> None:
        if query.strip("&"):
            raise Refused("UNEXPECTED_INPUT")

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> rest.Response:
        path, _, query = target.partition("?")

        def give() -> Any:
            raw = self.route(path)
            task = None if raw is None else self.decoded(raw)
            self.method(method)
            self.check(caller)
            if not self.blank(body):
                raise Refused("INVALID_REQUEST")
            if task is None:
                return self.listed(query, caller)
            self.no_query(query)
            return self.got(task, caller)

        response = self.answer(give, primary_of(target))
        return self.head(response) if method == "HEAD" else response

    def head(self, response: rest.Response) -> rest.Response:
        return rest.Response(response.status, response.headers, b"")


FAULTS: dict[str, type[Reference]] = {}


def fault(clause: str, name: str, **steps: Any) -> None:
    """Add a reference with other steps; each takes the implementation first, except `written`."""
    if "written" in steps:
        steps["written"] = staticmethod(steps["written"])
    FAULTS[f"{clause} {name}"] = type(name.title().replace(" ", ""), (Reference,), steps)


R = Reference


def bad_request(self: R, raw: str) -> str:
    try:
        return R.decoded(self, raw)
    except Refused:
        raise Refused("INVALID_ARGUMENT") from None


def folded(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()


def lenient(query: str) -> dict[str, set[str]]:
    """Read a query as a framework does: ignore unknown names and drop empty values."""
    members: dict[str, set[str]] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in FIELDS and value:
            members.setdefault(name, set()).add(unquote_plus(value))
    return members


def without(query: str, wrong: Callable[[str, str], bool]) -> str:
    """Return the query without the pairs that an implementation ignores."""
    pairs = [pair for pair in query.split("&") if pair]
    return "&".join(pair for pair in pairs if not wrong(*pair.partition("=")[::2]))


def by_keyword(self: R, tree: Tree, members: dict[str, set[str]]) -> bool:
    return any(self.matches_field(tree, field, names) for field, names in members.items()) or not members


def with_children(self: R, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
    ids = members.get("tasks", set())
    wanted = [t for t in self.visible(caller) if self.matches(t, members) or (ids and t["info"].get("parent") in ids)]
    return self.capped(wanted)


def with_parents(self: R, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
    found = R.found(self, caller, members)
    parents = {tree["info"].get("parent") for tree in found} if members.get("tasks") else set()
    return [tree for tree in self.visible(caller) if tree in found or tree["task"] in parents]


def capped_before_visibility(self: R, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
    self.capped([tree for _, tree in self.stored.values() if self.matches(tree, members)])
    return R.found(self, caller, members)


def first_thousand(self: R, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
    some = list(self.stored.values())[:1000]
    return [tree for item, tree in some if self.sees(caller, item) and self.matches(tree, members)]


def counted_before_the_filter(self: R, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
    self.capped(self.visible(caller))
    return R.found(self, caller, members)


def in_order_of_the_filter(self: R, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
    found = R.found(self, caller, members)
    ids = sorted(members.get("tasks", ()), reverse=True)
    return sorted(found, key=lambda tree: ids.index(tree["task"])) if ids else found


def grants_only(self: R, caller: Asker, item: ListItem, combine: Callable[[Iterable[bool]], bool]) -> bool:
    filters = getattr(caller.visibility, "filters", None)
    return caller.visibility(item) if filters is None else combine(each.matches(item) for each in filters)


def forbidden_when_hidden(self: R, task: str, caller: Asker | None) -> Any:
    self.check(caller)
    if task in self.stored and not self.sees(caller, self.stored[task][0]):
        raise Refused("UNAUTHORIZED")
    return R.got(self, task, caller)


def with_number_of_hidden(self: R, query: str, caller: Asker | None) -> Any:
    answer = R.listed(self, query, caller)
    return answer | {"hidden": len(self.stored) - len(self.visible(caller))} if caller else answer


def reversed_pairs(query: str) -> str:
    return "&".join(reversed(query.split("&")))


def without_fractions(value: Any) -> Any:
    return json.loads(json.dumps(value).replace(".000Z", "Z"))


def known_status(value: Any) -> Any:
    return json.loads(json.dumps(value).replace('"FROZEN"', '"UNKNOWN"'))


def bounded_progress(value: Any) -> Any:
    return json.loads(json.dumps(value).replace('"completed": 200', '"completed": 100'))


def no_results(value: Any) -> Any:
    return json.loads(json.dumps(value), object_hook=lambda tree: {k: v for k, v in tree.items() if k != "result"})


def all_integers(value: Any) -> Any:
    return json.loads(json.dumps(value).replace("1.5", "1").replace("true", "1"))


def with_nulls(value: Any) -> Any:
    return json.loads(
        json.dumps(value), object_hook=lambda t: t | ({"user": t.get("user")} if "cancelable" in t else {})
    )


def cancelable(value: Any) -> Any:
    return json.loads(json.dumps(value).replace('"cancelable": false', '"cancelable": true'))


fault("F-1", "or across fields", matches=by_keyword)
fault(
    "F-1",
    "services are ignored",
    matches=lambda s, t, m: R.matches(s, t, {f: n for f, n in m.items() if f != "services"}),
)
fault("F-1", "only one field", matches=lambda s, t, m: R.matches(s, t, dict([*m.items()][:1])))
fault("F-2", "and inside a field", matches_field=lambda s, t, f, m: all(s.same(s.value(t, f), name) for name in m))
fault("F-2", "the last member wins", matches_field=lambda s, t, f, m: s.value(t, f) == max(m))
fault("F-2", "operations are services", value=lambda s, t, f: R.value(s, t, "services" if f == "operations" else f))
fault("F-2", "status is inverted", matches_field=lambda s, t, f, m: R.matches_field(s, t, f, m) != (f == "status"))
fault("F-3", "no filter matches nothing", matches=lambda s, t, m: bool(m) and R.matches(s, t, m))
fault(
    "F-4",
    "no user matches any",
    matches_field=lambda s, t, f, m: (f == "users" and s.value(t, f) is None) or R.matches_field(s, t, f, m),
)
fault("F-4", "no user is the text none", value=lambda s, t, f: str(R.value(s, t, f)))
fault("F-5", "case folding", same=lambda s, a, b: folded(a, b))
fault("F-5", "trimming", same=lambda s, a, b: a is not None and a.strip() == b.strip())
fault(
    "F-5",
    "normalising",
    same=lambda s, a, b: a is not None and unicodedata.normalize("NFC", a) == unicodedata.normalize("NFC", b),
)
fault(
    "F-5",
    "compatibility",
    same=lambda s, a, b: a is not None and unicodedata.normalize("NFKC", a) == unicodedata.normalize("NFKC", b),
)
fault("F-5", "beginnings", same=lambda s, a, b: a is not None and a.startswith(b))
fault(
    "F-5",
    "numbers",
    same=lambda s, a, b: a == b or (a is not None and a.isdigit() and b.isdigit() and int(a) == int(b)),
)
fault("F-5", "wildcards", same=lambda s, a, b: b in {a, "*"})
fault("F-6", "children of a parent", found=with_children)
fault("F-6", "parents of a child", found=with_parents)
fault(
    "F-7",
    "an unknown status is ignored",
    members=lambda s, q: R.members(s, without(q, lambda n, v: n == "status" and unquote(v) not in STATUSES)),
)
fault(
    "F-7", "an unknown status matches nothing", members=lambda s, q: lenient(q) if "status=" in q else R.members(s, q)
)
fault("Q-1", "escapes stay", members=lambda s, q: R.members(s, q.replace("%", "%25")))
fault("Q-1", "decoded twice in a path", decoded=lambda s, raw: unquote(R.decoded(s, raw)))
fault("Q-1", "a plus in a path is a space", decoded=lambda s, raw: R.decoded(s, raw).replace("+", " "))
fault("Q-1", "a path is decoded before it is split", route=lambda s, path: R.route(s, unquote(path)))
fault(
    "Q-2",
    "an unknown parameter is ignored",
    members=lambda s, q: R.members(s, without(q, lambda n, v: n not in FIELDS)),
)
fault(
    "Q-2",
    "an empty value is no constraint",
    members=lambda s, q: R.members(s, without(q, lambda n, v: n in FIELDS and not v)),
)
fault("Q-2", "a broken escape is taken as it stands", members=lambda s, q: lenient(q) if "%" in q else R.members(s, q))
fault("Q-2", "the last violation is reported", members=lambda s, q: R.members(s, reversed_pairs(q)))
fault("Q-2", "an empty pair is refused", members=lambda s, q: R.members(s, q.replace("&&", "&=&")))
fault(
    "Q-3",
    "a comma separates",
    members=lambda s, q: {f: {p for n in m for p in n.split(",")} for f, m in R.members(s, q).items()},
)
fault("Q-3", "a semicolon separates", members=lambda s, q: R.members(s, q.replace(";", "&tasks=")))
fault("Q-3", "a plus stays", members=lambda s, q: R.members(s, q.replace("+", "%2B")))
fault("Q-4", "unlimited members", members=lambda s, q: R.members(s, "&".join(dict.fromkeys(q.split("&")))))
fault("Q-4", "a hundred members", members=lambda s, q: R.members(s, q if q.count("&") < 100 else "&" * 20_001))
fault("Q-5", "a body is ignored", blank=lambda s, body: True)
fault("Q-5", "no body at all", blank=lambda s, body: not body)
fault("Q-5", "a query on get is ignored", no_query=lambda s, q: None)
fault("Q-5", "a trailing slash is the same", route=lambda s, path: R.route(s, path.rstrip("/")))
fault("Q-5", "head has a body", head=lambda s, response: response)
fault("A-1", "an unauthenticated caller may read", check=lambda s, c: None if c is None else R.check(s, c))
fault("A-1", "no privilege is needed", check=lambda s, c: R.check(s, c) if c is None else None)
fault(
    "A-1",
    "privileges are folded",
    check=lambda s, c: None if c and any(folded(p, "System.Read") for p in c.privileges) else R.check(s, c),
)
fault("A-1", "arguments first", listed=lambda s, q, c: (s.members(q), R.listed(s, q, c))[1])
fault("A-2", "the error has data", error=lambda s, k, p: R.error(s, k, p) | {"data": {"needed": "System.Read"}})
fault("A-3", "everything is visible", sees=lambda s, c, i: True)
fault("A-3", "nothing is visible", sees=lambda s, c, i: False)
fault("A-4", "grants are anded", sees=lambda s, c, i: grants_only(s, c, i, all))
fault(
    "A-4",
    "no grant is no constraint",
    sees=lambda s, c, i: c.visibility(i) or getattr(c.visibility, "filters", None) == (),
)
fault("A-4", "only users are compared", sees=lambda s, c, i: c.visibility(i) or (c.user == "u" and i.info.user == "u"))
fault("A-5", "hidden tasks are counted", listed=with_number_of_hidden)
fault("A-6", "a hidden task is forbidden", got=forbidden_when_hidden)
fault(
    "A-6",
    "a hidden task can be got",
    got=lambda s, t, c: s.check(c) or (s.stored[t][1]["info"] if t in s.stored else R.got(s, t, c)),
)
fault("L-1", "a cap of 999", cap=999)
fault("L-1", "a cap of 100", cap=100)
fault("L-1", "the cap before the filter", found=counted_before_the_filter)
fault("L-2", "a truncated list", capped=lambda s, found: found[:1000])
fault("L-2", "no cap", capped=lambda s, found: found)
fault("L-2", "a bad request", status=lambda s, kind: 400 if kind == "RESOURCE_INACCESSIBLE" else R.status(s, kind))
fault("L-3", "the cap before visibility", found=capped_before_visibility)
fault("L-3", "only the first thousand", found=first_thousand)
fault("L-5", "sorted by id", found=lambda s, c, m: sorted(R.found(s, c, m), key=lambda tree: tree["task"]))
fault("L-5", "newest first", found=lambda s, c, m: R.found(s, c, m)[::-1])
fault("L-5", "in the order of the filter", found=in_order_of_the_filter)
fault(
    "L-6",
    "the cap before the filter is read",
    listed=lambda s, q, c: (
        c and s.check(c) is None and s.capped([t for _, t in s.stored.values()]),
        R.listed(s, q, c),
    )[1],
)
fault("G-1", "an unknown task is null", got=lambda s, t, c: R.got(s, t, c) if t in s.stored else (s.check(c), None)[1])
fault("G-1", "ids are trimmed", got=lambda s, t, c: R.got(s, t.strip() or t, c))
fault("G-1", "the item in place of its info", got=lambda s, t, c: {"task": t, "info": R.got(s, t, c)})
fault("U-1", "nulls are written", written=with_nulls)
fault("U-1", "states are changed", written=cancelable)
fault("U-1", "times lose their fraction", written=without_fractions)
fault("U-2", "results of failures are lost", written=no_results)
fault("V-3", "numbers lose their type", written=all_integers)
fault("V-6", "a newer status is replaced", written=known_status)
fault("V-10", "progress is corrected", written=bounded_progress)
fault(
    "W-2",
    "plain text",
    answer=lambda s, give, p="": rest.Response(
        (r := R.answer(s, give, p)).status, (("content-type", "text/plain"),), r.body
    ),
)
fault("W-3", "a wrong method is 405", status=lambda s, kind: 405 if kind == "INVALID_REQUEST" else R.status(s, kind))
fault("W-3", "any method is accepted", method=lambda s, method: None)
fault("W-3", "an undecodable id is a bad request", decoded=bad_request)
fault("W-3", "a longer path is the same", route=lambda s, path: R.route(s, "/".join(path.split("/")[:5])))


class Crashing(Reference):
    """Raise an exception that is not one of the 25 errors."""

    def found(self, caller: Asker | None, members: dict[str, set[str]]) -> list[Tree]:
        raise KeyError("status")


class Silent(Reference):
    """Return None in place of an answer."""

    def list(self, query: str, caller: Asker | None) -> Any:
        return None
