"""Count how often drawn questions reach each boundary.

`python -m tests.contract.count_boundaries [QUESTIONS] [SEED]` prints the table. The module watches the questions to an
implementation and decides each boundary by itself, on the JSON of the cases.
"""

import json
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from snaptasks.testing import EXAMPLES, Case, run_contract
from snaptasks.testing.laws import LAWS
from snaptasks.testing.target import Target
from tests.contract.implementations import Scanned
from tests.naive import naive_match

FIELDS: Final = {"operations": "operation", "services": "service", "status": "status", "users": "user"}


class Question:
    """Represent one question with its tasks, caller and filter."""

    def __init__(self, case: Case) -> None:
        self.tasks = case.population.tasks
        self.who = case.who or {}
        self.grants: list[Mapping[str, list[str]]] = self.who["sees"] if isinstance(self.who.get("sees"), list) else []
        self.filter: Mapping[str, list[str]] = case.request.get("filter", {})
        self.get: str | None = case.request.get("get")
        self.is_listing = "filter" in case.request
        self.sees_all = self.who.get("sees") == "everything"
        self.members = max((len(members) for members in self.filter.values()), default=0)
        self.is_read = "System.Read" in self.who.get("privileges", ())

    def visible(self) -> list[Any]:
        return [t for t in self.tasks if self.sees_all or any(naive_match(grant, t) for grant in self.grants)]

    def found(self) -> int:
        return (
            sum(naive_match(self.filter, task) for task in self.visible()) if self.is_listing and self.is_read else -1
        )

    def near(self, key: Callable[[str], str]) -> bool:
        """Decide whether the filter has a name that differs from a name of a task but has the same key."""
        for field, members in self.filter.items():
            own = {t["task"] if field == "tasks" else t["info"].get(FIELDS[field]) for t in self.tasks[:20]}
            keys = {key(name) for name in own if name} if field != "status" else set()
            if any(key(member) in keys and member not in own for member in members[:40]):
                return True
        return False

    def overlaps(self) -> bool:
        """Decide whether the filter and a grant share some members of a field, but not all."""
        return any(
            {*members} & {*grant.get(field, ())} and {*members} - {*grant[field]}
            for grant in self.grants
            for field, members in self.filter.items()
        )

    def contradicts(self) -> bool:
        return any(
            members and grant.get(field) and not {*members} & {*grant[field]}
            for grant in self.grants
            for field, members in self.filter.items()
        )

    def shown_by(self, number: int) -> bool:
        """Decide whether the grant with this number shows a task that no earlier grant shows."""
        return len(self.grants) > number and any(
            naive_match(self.grants[number], t) and not any(naive_match(grant, t) for grant in self.grants[:number])
            for t in self.tasks[:40]
        )


def cut(length: int) -> Callable[[str], str]:
    return lambda name: name[:length]


# The boundaries, each with the least count in a run with the default number of questions.
BOUNDARIES: Final[dict[str, tuple[int, Callable[[Question], bool]]]] = {
    "no task at all": (100, lambda c: not c.tasks),
    "one task": (30, lambda c: len(c.tasks) == 1),
    "more than 1000 tasks": (200, lambda c: len(c.tasks) > 1000),
    "999 tasks are found": (4, lambda c: c.found() == 999),
    "1000 tasks are found": (4, lambda c: c.found() == 1000),
    "1001 tasks are found": (4, lambda c: c.found() == 1001),
    "more are found with than without hidden ones": (20, lambda c: c.found() in range(1, 1001) and len(c.tasks) > 1000),
    "the caller is unauthenticated": (100, lambda c: not c.who),
    "without the privilege": (100, lambda c: bool(c.who) and not c.is_read),
    "the privilege is not the first one": (100, lambda c: c.is_read and c.who["privileges"][0] != "System.Read"),
    "everything is seen": (500, lambda c: c.sees_all),
    "no grant": (100, lambda c: c.who.get("sees") == []),
    "one grant": (100, lambda c: len(c.grants) == 1),
    "four grants": (100, lambda c: len(c.grants) == 4),
    "thirty grants": (50, lambda c: len(c.grants) == 30),
    "only the fourth grant shows a task": (60, lambda c: c.shown_by(3)),
    "only the ninth grant shows a task": (10, lambda c: c.shown_by(8)),
    "a grant of three fields": (100, lambda c: any(len(grant) >= 3 for grant in c.grants)),
    "a grant of more than 100 members": (20, lambda c: any(len(m) > 100 for g in c.grants for m in g.values())),
    "a grant and the filter overlap in part": (100, lambda c: c.overlaps()),
    "a grant and the filter contradict each other": (300, lambda c: c.contradicts()),
    "two grants show the same task": (100, lambda c: any(sum(naive_match(g, t) for g in c.grants) > 1 for t in c.tasks[:20])),
    "no filter": (200, lambda c: c.is_listing and not any(c.filter.values())),
    "an empty field is named": (400, lambda c: any(not members for members in c.filter.values())),
    "one member": (400, lambda c: c.members == 1),
    "twelve members": (10, lambda c: c.members == 12),
    "thirteen members": (20, lambda c: c.members == 13),
    "64 or 65 members": (10, lambda c: c.members in {64, 65}),
    "999 members": (4, lambda c: c.members == 999),
    "1000 members": (4, lambda c: c.members == 1000),
    "more than 1000 members": (20, lambda c: c.members > 1000),
    "all five statuses": (50, lambda c: len(c.filter.get("status", ())) == 5),
    "a newer status under all five": (30, lambda c: len(c.filter.get("status", ())) == 5 and any(t["info"]["status"] == "FROZEN" for t in c.tasks)),
    "a system task under users": (100, lambda c: bool(c.filter.get("users")) and any("user" not in t["info"] for t in c.tasks)),
    "names that fold to one": (50, lambda c: c.near(str.casefold)),
    "names of one normal form": (20, lambda c: c.near(lambda name: unicodedata.normalize("NFC", name))),
    "names of one compatibility form": (50, lambda c: c.near(lambda name: unicodedata.normalize("NFKC", name))),
    "names that trimming makes one": (50, lambda c: c.near(str.strip)),
    "names of one beginning of 64": (30, lambda c: c.near(cut(64))),
    "names of one beginning of 255": (20, lambda c: c.near(cut(255))),
    "names of the same 16 bits": (10, lambda c: c.near(lambda name: "".join(chr(ord(each) & 0xFFFF) for each in name))),
    "names of the same first half": (10, lambda c: c.near(lambda name: name.encode("utf-16-be", "surrogatepass")[:2].hex() if name > "\U00010000" else name)),
    "names that end at a NUL": (50, lambda c: c.near(lambda name: name.partition("\0")[0])),
    "numbers that are equal": (30, lambda c: c.near(lambda name: str(int(name)) if name.isdecimal() else name)),
    "users of one name in two domains": (10, lambda c: c.near(lambda name: name.rpartition("\\")[2])),
    "a get of a visible or hidden task": (300, lambda c: c.get in {t["task"] for t in c.tasks}),
    "a get of an unknown task": (100, lambda c: c.get is not None and c.get not in {t["task"] for t in c.tasks}),
    "a get among more than 1000": (30, lambda c: c.get is not None and len(c.tasks) > 1000),
}  # fmt: skip


def count_reached(questions: int, seed: int) -> tuple[int, Counter[str]]:
    """Count the questions of a run, and the questions that reach each boundary."""
    counts: Counter[str] = Counter()
    total = 0
    answer = Target.answer

    def watched(self: Target, case: Case) -> Any:
        nonlocal total
        total += 1
        seen = Question(case)
        counts.update(name for name, (_, is_reached) in BOUNDARIES.items() if is_reached(seen))
        return answer(self, case)

    Target.answer = watched  # type: ignore[method-assign]
    try:
        report = run_contract(Scanned(), only={law.id for law in LAWS}, seed=seed, examples=questions)
    finally:
        Target.answer = answer  # type: ignore[method-assign]
    assert report.ok, str(report)
    return total, counts


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]] + [EXAMPLES, 1][len(sys.argv) - 1 :]
    asked, found = count_reached(*numbers[:2])
    sys.stdout.write(f"of {asked} questions with the seed {numbers[1]}\n")
    for boundary, (least, _) in BOUNDARIES.items():
        sys.stdout.write(
            f"{found[boundary]:6}  {json.dumps(boundary)[1:-1]}{'' if found[boundary] >= least else f'   FEWER THAN {least}'}\n"
        )
