"""Build implementations that answer most questions rightly and a few wrongly, because of particular data.

Each mistake is realistic in some language or database, and list and get show it. `Planned` is right and has the steps
in which such mistakes happen. A fault replaces one step with a wrong one.
"""

import fnmatch
import itertools
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from snaptasks import EVERYTHING, ListItem
from snaptasks.testing import Asker
from tests.contract.faults import Reference, Refused, Tree
from tests.naive import FIELDS, STATUSES

Sets = dict[str, set[str]]  # the members of the fields that constrain
Steps = dict[str, Any]
Key = Callable[[str], str]
Prepare = Callable[[set[str]], Callable[[str], bool]]  # makes a test of a value from members


class Planned(Reference):
    """Treat a grant as one more filter, and a field as one look-up."""

    def grants(self, caller: Asker | None) -> list[Sets]:
        """Return the grants, of which a visible task matches one; an empty grant matches every task."""
        if caller is None or caller.visibility is EVERYTHING:
            return [{}]
        filters = getattr(caller.visibility, "filters", ())
        return [{field: {str(name) for name in names} for field, names in each if names} for each in filters]

    def own(self, tree: Tree, field: str) -> str | None:
        """Return the value that grants compare; filters compare `value`."""
        return Reference.value(self, tree, field)

    def granted(self, tree: Tree, grant: Sets) -> bool:
        return all(self.own(tree, field) in names for field, names in grant.items())

    def is_visible(self, tree: Tree, grants: list[Sets]) -> bool:
        return any(self.granted(tree, grant) for grant in grants)

    def trees(self) -> list[Tree]:
        return [tree for _, tree in self.stored.values()]

    def visible(self, caller: Asker | None) -> list[Tree]:
        grants = self.grants(caller)
        return [tree for tree in self.trees() if self.is_visible(tree, grants)]

    def matches_field(self, tree: Tree, field: str, members: set[str]) -> bool:
        return self.value(tree, field) in members

    def first(self, trees: Iterable[Tree]) -> Any:
        """Return the info of the first task, or raise NOT_FOUND."""
        for tree in trees:
            return tree["info"]
        raise Refused("NOT_FOUND")


P = Planned
DATA_FAULTS: dict[str, type[Reference]] = {}


def fault(clause: str, name: str, **steps: Any) -> None:
    """Add a planned implementation with other steps."""
    if "written" in steps:
        steps["written"] = staticmethod(steps["written"])
    assert f"{clause} {name}" not in DATA_FAULTS
    DATA_FAULTS[f"{clause} {name}"] = type(name.title().replace(" ", ""), (Planned,), steps)


def members(change: Callable[[list[str]], Iterable[str]], *fields: str) -> Steps:
    """Change the sorted members of each field."""
    fields = fields or FIELDS
    return {
        "members": lambda s, q: {
            f: {*change(sorted(names))} if f in fields else names for f, names in P.members(s, q).items()
        }
    }


def keyed(key: Key, *fields: str) -> Steps:
    """Compare values and members by a key."""
    quick, fields = lru_cache(5000)(key), fields or FIELDS

    def value(self: P, tree: Tree, field: str) -> str | None:
        own = P.value(self, tree, field)
        return own if own is None or field not in fields else quick(own)

    return members(lambda names: map(quick, names), *fields) | {"value": value}


class Tested(set[str]):
    """Represent members by a test of a value."""

    def __init__(self, names: set[str], prepare: Prepare) -> None:
        super().__init__(names)
        self.test = prepare(names)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self.test(value)


def tested(prepare: Prepare) -> Steps:
    return {"members": lambda s, q: {f: Tested(m, prepare) for f, m in P.members(s, q).items()}}


# Comparison of texts (F-5)

NUMBER: Final = re.compile(r"[1-9][0-9]*")
IGNORABLE: Final = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def as_float(text: str) -> str:
    try:
        return f"#{float(text) + 0.0}"
    except ValueError:
        return text


def each_char(change: Callable[[str], str]) -> Key:
    return lambda text: "".join(map(change, text))


TEXTS: Final[dict[str, Key]] = {
    "only the first 64 characters": lambda t: t[:64],
    "only the first 255 characters": lambda t: t[:255],
    "only the first 255 bytes": lambda t: t.encode()[:255].decode(errors="ignore"),
    "sixteen bits a character": each_char(lambda c: chr(ord(c) & 0xFFFF)),
    "characters past the basic plane are equal": each_char(lambda c: "?" if c > "\uffff" else c),
    "the first half of a surrogate pair": each_char(lambda c: c if c <= "\uffff" else chr(0xD7C0 + (ord(c) >> 10))),
    "characters past latin 1 are equal": lambda t: t.encode("latin-1", "replace").decode("latin-1"),
    "numbers as floats": as_float,
    "large integers as doubles": lambda t: f"{float(t):.0f}" if NUMBER.fullmatch(t) else t,
    "digits of other scripts": each_char(lambda c: str(unicodedata.decimal(c, c))),
    "accents": lambda t: "".join(c for c in unicodedata.normalize("NFD", t) if not unicodedata.combining(c)),
    "case beyond ascii": each_char(lambda c: c if c.isascii() else c.casefold()),
    "case of ascii": each_char(lambda c: c.lower() if c.isascii() else c),
    "the four letters i": lambda t: re.sub("[Iİı]", "i", t),
    "sharp s": lambda t: t.replace("ß", "ss"),
    "padding with spaces": lambda t: t.rstrip(" "),
    "invisible characters": lambda t: IGNORABLE.sub("", t),
    "text after a nul": lambda t: t.partition("\0")[0],
    "nul characters": lambda t: t.replace("\0", ""),
    "ends of lines": lambda t: t.replace("\r\n", "\n").replace("\r", "\n"),
}
for name, key in TEXTS.items():
    fault("F-5", f"{name} in a filter", **keyed(key))
fault("F-5", "a domain before the user", **keyed(lambda t: t.rpartition("\\")[2], "users"))
fault("F-5", "a domain after the user", **keyed(lambda t: t.partition("@")[0], "users"))
fault("F-5", "case of a domain", **keyed(lambda t: re.sub("@.*", lambda found: found[0].lower(), t), "users"))
fault("F-2", "a column of 255", value=lambda s, t, f: (P.value(s, t, f) or "")[:255] or None)


@lru_cache(5000)
def compiled(pattern: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(pattern, re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(pattern))


def patterns(special: str, translate: Key) -> Prepare:
    """Take members with a special character as patterns."""

    def prepare(names: set[str]) -> Callable[[str], bool]:
        several = [compiled(translate(name)) for name in sorted(names) if {*special} & {*name}]
        return lambda value: set.__contains__(names, value) or any(each.fullmatch(value) for each in several)

    return prepare


def like(wildcards: str) -> Prepare:
    meant = {"_": ".", "%": ".*"}
    return patterns(wildcards, each_char(lambda c: meant[c] if c in wildcards else re.escape(c)))


fault("F-5", "an underscore is any character", **tested(like("_")))
fault("F-5", "a percent sign is any text", **tested(like("%")))
fault("F-5", "regular expressions", **tested(patterns(r".^$*+?{}[]\|()", str)))
fault("F-5", "file patterns", **tested(patterns("*?[", fnmatch.translate)))


# The number and the values of members


def all_there(self: P, caller: Asker | None, members: Sets, *, is_error: bool) -> list[Tree]:
    """Find nothing, or refuse, unless every one of several ids is visible."""
    ids = members.get("tasks", set())
    if len(ids) > 1 and not ids <= {tree["task"] for tree in self.visible(caller)}:
        if is_error:
            raise Refused("NOT_FOUND")
        return []
    return P.found(self, caller, members)


known: Final = {*STATUSES}
fault("F-2", "twelve members", **members(lambda names: names[:12]))
fault("F-2", "a thousand members", **members(lambda names: names[:1000]))
fault("F-2", "the last batch of 999", **members(lambda names: names[(len(names) - 1) // 999 * 999 :]))
fault("F-2", "whole batches of 100", **members(lambda names: names[: len(names) // 100 * 100] or names))
fault("F-3", "a member 0 is dropped", **members(lambda names: [n for n in names if n != "0"]))
fault(
    "F-2", "all five statuses are no constraint", **members(lambda names: () if {*names} == known else names, "status")
)
fault("F-2", "an unknown status matches no filter", matches=lambda s, t, m: P.matches(s, t, m)
      and (not m or t["info"]["status"] in known))  # fmt: skip
fault("F-2", "an unknown status is pending", value=lambda s, t, f: "PENDING" if f == "status"
      and t["info"]["status"] not in known else P.value(s, t, f))  # fmt: skip
fault("F-4", "no user drops out of a filter", matches=lambda s, t, m: P.matches(s, t, m)
      and (not m or "user" in t["info"]))  # fmt: skip
fault("F-4", "no user matches two users", matches_field=lambda s, t, f, m: P.matches_field(s, t, f, m)
      or (f == "users" and len(m) > 1 and s.value(t, f) is None))  # fmt: skip
fault("F-2", "one index for all fields", matches_field=lambda s, t, f, m: any(s.value(t, each) in m for each in FIELDS))
fault("F-6", "an unknown id among several is not found", found=lambda s, c, m: all_there(s, c, m, is_error=True))
fault("F-6", "an unknown id among several empties the list", found=lambda s, c, m: all_there(s, c, m, is_error=False))


# Several grants, and a filter beside them


def over_grants(change: Callable[[list[Sets]], list[Sets]]) -> Steps:
    return {"grants": lambda s, c: [{}] if P.grants(s, c) == [{}] else change(P.grants(s, c))}


def without_field(field: str) -> Steps:
    """Ignore a field of a grant that has another field."""
    return over_grants(lambda grants: [{f: m for f, m in g.items() if f != field or len(g) == 1} for g in grants])


def united(grants: Sequence[Sets]) -> Sets:
    """Unite grants field by field."""
    return {f: set().union(*(each[f] for each in grants)) for f in FIELDS if all(f in each for each in grants)}


def family(self: P, caller: Asker | None, *, up: bool) -> list[Tree]:
    """Show also the parents, or the children, of the granted tasks."""
    seen = P.visible(self, caller)
    ids = {tree["task"] for tree in seen}
    if up:
        parents = ids | {tree["info"].get("parent") for tree in seen}
        return [tree for tree in self.trees() if tree["task"] in parents]
    return [tree for tree in self.trees() if {tree["task"], tree["info"].get("parent")} & ids]


def planned(plan: Callable[[list[Sets], Sets], list[Sets]]) -> Steps:
    """Combine the grants and the filter into one plan."""

    def found(self: P, caller: Asker | None, members: Sets) -> list[Tree]:
        sets = plan(self.grants(caller), members)
        return self.capped([tree for tree in self.trees() if self.is_visible(tree, sets)])

    return {"found": found}


def both(one: Sets, other: Sets) -> Sets:
    """Combine a grant and a filter; a contradiction leaves an empty set of members."""
    return one | {field: one.get(field, names) & names for field, names in other.items()}


def until_it_contradicts(grants: list[Sets], members: Sets) -> list[Sets]:
    return [*itertools.takewhile(lambda each: all(each.values()), (both(grant, members) for grant in grants))]


for name, change in {
    "a fourth grant is ignored": lambda grants: grants[:3],
    "only the first and the last grant": lambda grants: [*grants[:1], *grants[1:][-1:]],
    "only the first field of a grant": lambda grants: [dict([*each.items()][:1]) for each in grants],
    "only the first two fields of a grant": lambda grants: [dict([*each.items()][:2]) for each in grants],
    "many grants are everything": lambda grants: grants if len(grants) <= 20 else [{}],
    "a field of many members is ignored": lambda grants: [
        {f: m for f, m in g.items() if len(m) <= 100} for g in grants],
    "all five statuses are no constraint in a grant": lambda grants: [
        {f: m for f, m in g.items() if m != known} for g in grants],
    "grants are united field by field": lambda grants: [united(grants)] if grants else [],
    "one grant for the same users": lambda grants: [*{frozenset(g.get("users", {str(g)})): g for g in grants}.values()],
}.items():  # fmt: skip
    fault("A-4", name, **over_grants(change))
for field in FIELDS:
    fault("A-4", f"{field} of a grant are ignored", **without_field(field))
fault("A-4", "two users of a grant show the system", granted=lambda s, t, g: P.granted(s, t, g)
      or (len(g.get("users", ())) > 1 and "user" not in t["info"] and P.granted(s, t, g | {"users": {None}})))  # fmt: skip
fault("A-4", "an unknown status is hidden by grants", granted=lambda s, t, g: P.granted(s, t, g)
      and (not g or t["info"]["status"] in known))  # fmt: skip
fault("A-4", "parents of granted tasks", visible=lambda s, c: family(s, c, up=True))
fault("A-4", "children of granted tasks", visible=lambda s, c: family(s, c, up=False))
for name, plan in {
    "a filter overrides a grant": lambda grants, m: [each | m for each in grants],
    "a filter widens a grant": lambda grants, m: [
        each | {f: each.get(f, n) | n if each.get(f, n) & n else set() for f, n in m.items()} for each in grants],
    "a contradiction is no constraint": lambda grants, m: [{f: n for f, n in both(g, m).items() if n} for g in grants],
    "a contradiction ends the plan": until_it_contradicts,
}.items():  # fmt: skip
    fault("A-3", name, **planned(plan))
fault("F-1", "a grant overrides a filter", **planned(lambda grants, m: [m | each for each in grants]))
fault("F-1", "the filter binds to eight grants",
      **planned(lambda grants, m: [*(both(g, m) for g in grants[:8]), *grants[8:]]))  # fmt: skip


# Caches


def remembered(self: Any, key: object, give: Callable[[], Any]) -> Any:
    memory = self.__dict__.setdefault("memory", {})
    if key not in memory:
        memory[key] = give()
    return memory[key]


def forgetting(self: Any, items: list[ListItem]) -> None:
    self.memory = {}
    P.load(self, items)


fault("A-3", "grants are remembered by user", grants=lambda s, c: remembered(s, c.user, lambda: P.grants(s, c)))
fault("L-5", "answers are remembered past a load", listed=lambda s, q, c: s.check(c)
      or remembered(s, (q, c), lambda: P.listed(s, q, c)))  # fmt: skip
fault("A-3", "answers are remembered by query", load=forgetting, listed=lambda s, q, c: s.check(c)
      or remembered(s, q, lambda: P.listed(s, q, c)))  # fmt: skip


# The cap, and the order


def per_grant(self: P, caller: Asker | None, members: Sets, end: Callable[[P, list[Tree]], list[Tree]]) -> list[Tree]:
    """List the tasks of each grant and combine the lists with `end`."""
    trees = [tree for tree in self.trees() if self.matches(tree, members)]
    grants = self.grants(caller)
    return end(self, [t for each in grants for t in self.capped([t for t in trees if self.granted(t, each)])])


def in_order(self: P, found: list[Tree]) -> list[Tree]:
    ids = {tree["task"] for tree in found}
    return [tree for tree in self.trees() if tree["task"] in ids]


def before(field: str) -> Callable[[P, Asker | None, Sets], list[Tree]]:
    """Take the first 1001 tasks before one field is compared."""

    def found(self: P, caller: Asker | None, members: Sets) -> list[Tree]:
        others = {f: m for f, m in members.items() if f != field}
        some = [tree for tree in self.visible(caller) if self.matches(tree, others)][:1001]
        return self.capped([tree for tree in some if self.matches(tree, members)])

    return found


def after(change: Callable[[list[Tree], Sets], list[Tree]]) -> Steps:
    return {"found": lambda s, c, m: change(P.found(s, c, m), m)}


for field in ("users", "status", "services", "tasks"):
    fault("L-1", f"the first 1001 before {field}", found=before(field))
fault("L-1", "a cap for each grant", found=lambda s, c, m: per_grant(s, c, m, in_order))
fault("L-1", "counted twice", found=lambda s, c, m: per_grant(s, c, m, lambda s, trees: in_order(s, s.capped(trees))))
fault("L-5", "listed twice", found=lambda s, c, m: per_grant(s, c, m, lambda s, trees: s.capped(trees)))
fault("L-5", "a grant after the other", found=lambda s, c, m: per_grant(s, c, m, lambda s, trees: s.capped(
      [*{t["task"]: t for t in trees}.values()])))  # fmt: skip
fault("L-2", "no cap under a filter of ids", found=lambda s, c, m: [t for t in s.visible(c) if s.matches(t, m)]
      if m.get("tasks") else P.found(s, c, m))  # fmt: skip
for name, step in {
    "sorted by time under a filter": lambda found, m: sorted(found, key=lambda t: (m and t["info"].get("start_time")) or ""),
    "sorted by status under two": lambda found, m: sorted(found, key=lambda t: t["info"]["status"])
    if len(m.get("status", ())) > 1 else found,
    "sorted by id under many": lambda found, m: sorted(found, key=lambda t: t["task"])
    if len(m.get("tasks", ())) > 12 else found,
    "sorted by id past a hundred": lambda found, m: sorted(found, key=lambda t: t["task"]) if len(found) > 100 else found,
    "every 256th is lost": lambda found, m: [t for n, t in enumerate(found, 1) if n % 256],
    "a last full page is lost": lambda found, m: found if len(found) % 100 else found[:-100],
    "pages overlap": lambda found, m: [t for n in range(0, len(found), 100) for t in found[max(n - 1, 0) : n + 100]],
}.items():  # fmt: skip
    fault("L-5", name, **after(step))


# The caller, and the messages of errors


def checked(is_enough: Callable[[list[str]], bool]) -> Steps:
    def check(self: P, caller: Asker | None) -> None:
        if caller is None or not is_enough(sorted(caller.privileges)):
            P.check(self, caller and replace(caller, privileges=frozenset()))

    return {"check": check}


def hinted(kind: str, hint: Callable[[Any, str, Any], str], step: str) -> Steps:
    """Add a hint to the message of an error."""

    def hinted_step(self: Any, what: str, caller: Asker | None) -> Any:
        self.hint = hint(self, what, caller)
        return getattr(P, step)(self, what, caller)

    def error(self: Any, error_type: str, primary: str) -> Tree:
        messages = [{"id": "m", "default_message": self.hint, "args": []}] if error_type == kind else []
        return P.error(self, error_type, primary) | {"messages": messages}

    return {step: hinted_step, "error": error}


def got_by(see: Callable[[Any, Any], Callable[[Tree], bool]]) -> Steps:
    """Replace the grants in get with another check."""
    return {"got": lambda s, t, c: s.check(c) or s.first(filter(see(s, c), [x for x in s.trees() if x["task"] == t]))}


fault("A-1", "only the first privilege", **checked(lambda names: names[:1] == ["System.Read"]))
fault("A-1", "beginnings of privileges", **checked(lambda names: any(n.startswith("System.Read") for n in names)))
fault("A-5", "the error past the cap has the number of tasks",
      **hinted("RESOURCE_INACCESSIBLE", lambda s, q, c: str(len(s.stored)), "listed"))  # fmt: skip
fault("A-6", "a hidden task differs from a missing one",
      **hinted("NOT_FOUND", lambda s, t, c: f"hidden {t in s.stored}", "got"))  # fmt: skip
fault("A-6", "get checks the first grant", **got_by(lambda s, c: lambda x: s.is_visible(x, s.grants(c)[:1])))
fault("A-6", "get checks only users", **got_by(lambda s, c: lambda x: any(
      s.granted(x, {"users": g["users"]} if "users" in g else g) for g in s.grants(c))))  # fmt: skip
fault("G-1", "get is a listing under the cap",
      got=lambda s, t, c: s.check(c) or (s.capped(s.visible(c)), P.got(s, t, c))[1])  # fmt: skip


# The written body


def changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change every value inside, from the inside out."""
    if isinstance(value, dict):
        return change({key: changed(each, change) for key, each in value.items()})
    return change([changed(each, change) for each in value] if isinstance(value, list) else value)


def of(kind: type, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change the values of one type in an answer."""
    return lambda answer: changed(answer, lambda value: change(value) if type(value) is kind else value)


fault("U-1", "texts of more than 255 are cut", written=of(str, lambda v: v[:255]))
fault("U-1", "texts of three bytes a character", written=of(str, TEXTS["characters past the basic plane are equal"]))
fault("U-1", "a message has ten arguments", written=of(dict, lambda v: v
      | ({"args": v["args"][:10]} if "args" in v else {})))  # fmt: skip
fault("V-3", "integers are doubles", written=of(int, lambda v: int(float(v)) if abs(v) < 2**1000 else v))
fault("V-3", "an empty object is an array", written=of(dict, lambda v: v or []))
fault("V-3", "nulls inside are left out", written=of(dict, lambda v: {k: e for k, e in v.items() if e is not None}))
fault("V-3", "arrays in arrays are flattened", written=of(list, lambda v: [
      e for each in v for e in (each if isinstance(each, list) else [each])]))  # fmt: skip
