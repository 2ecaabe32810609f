"""Make the tasks and the questions of all benchmarks, with a seed, so that every run and every peer gets the same ones.

There are 4 services of 5 operations, one of them rare. 87 % of the tasks have succeeded, 8 % have failed, and some
2,000 are running at every number of tasks. There are 1,000 users by a Zipf law; one task in five has no user.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from snaptasks import FilterSpec, Grants, Info, ListItem, LocalizableMessage, Progress, Status

SERVICES: Final = [f"com.example.snapservice.service{number}" for number in range(4)]
OPERATIONS: Final = {service: [f"{service}.operation{number}$task" for number in range(5)] for service in SERVICES}
RARE: Final = OPERATIONS[SERVICES[0]][4]
USERS: Final = [f"CORP\\user{number:04}" for number in range(1000)]
_WEIGHTS: Final = [1 / (rank + 1) for rank in range(len(USERS))]
_TEXT: Final = LocalizableMessage(id="com.example.snapservice.message", default_message="Create a snapshot of 'vm-1'")
_PROGRESS: Final = Progress(total=100, completed=100, message=_TEXT)
_START: Final = datetime(2025, 11, 4, 12, tzinfo=UTC)


def population(count: int) -> list[ListItem]:
    """Return this number of tasks."""
    return list(_tasks(count, random.Random(8)))


def _tasks(count: int, chance: random.Random) -> Iterator[ListItem]:
    users = chance.choices(USERS, _WEIGHTS, k=count)
    for number in range(count):
        service = chance.choice(SERVICES)
        operation = chance.choice(OPERATIONS[service][:4] if chance.random() < 0.96 else OPERATIONS[service])
        status = _status(count, chance)
        start = _START + timedelta(seconds=number)
        yield ListItem(
            task=f"snapservice:task:{chance.getrandbits(64):016x}",
            info=Info(
                description=_TEXT,
                service=service,
                operation=operation,
                status=status,
                cancelable=False,
                start_time=None if status is Status.PENDING else start,
                end_time=start if status.is_terminal else None,
                progress=None if status is Status.PENDING else _PROGRESS,
                user=users[number] if chance.random() < 0.8 else None,
            ),
        )


def _status(count: int, chance: random.Random) -> Status:
    if chance.random() < 2000 / count:
        return Status.RUNNING
    dice = chance.random()
    if dice < 0.87:
        return Status.SUCCEEDED
    return Status.FAILED if dice < 0.95 else Status.BLOCKED if dice < 0.975 else Status.PENDING


class Shape(NamedTuple):
    """Describe a question, and the comparisons that it belongs to."""

    name: str
    filter: FilterSpec
    is_conjunction: bool = False
    is_by_name: bool = False  # one id, or an unknown user
    keeps_size: bool = False  # the answer has the same length at every number of tasks


def shapes(items: list[ListItem]) -> list[Shape]:
    """Return the questions that indexes answer."""
    chance = random.Random(9)
    ids = [item.task for item in chance.sample(items, 100)]
    service = SERVICES[1]
    few = min(2_000_000 // len(items), 200)  # a user with some 20 tasks at every number of tasks
    # Users that have about the same number of tasks at every number of tasks, so that answers have similar lengths.
    five, hundreds = (max(1, rank * len(items) // 1_000_000) for rank in (200, 300))
    return [
        Shape("one id", FilterSpec(tasks={ids[0]}), is_by_name=True, keeps_size=True),
        Shape("100 ids", FilterSpec(tasks=ids), keeps_size=True),
        Shape("service, RUNNING", FilterSpec(services={service}, status={"RUNNING"}), True, keeps_size=True),
        Shape("one user, few", FilterSpec(users={USERS[-few]})),
        Shape("one user, some hundred", FilterSpec(users={USERS[_rank(items, 700)]})),
        Shape("rare operation, heavy user", FilterSpec(operations={RARE}, users={USERS[2]}), True),
        Shape("unknown user", FilterSpec(users={"CORP\\nobody"}), is_by_name=True, keeps_size=True),
        Shape(
            "service, FAILED, 5 users",
            FilterSpec(services={service}, status={"FAILED"}, users=USERS[five : five + 5]),
            True,
        ),
        Shape(
            "operation, 2 statuses, 200 users",
            FilterSpec(
                operations={OPERATIONS[service][1]},
                status={"FAILED", "BLOCKED"},
                users=USERS[hundreds : hundreds + 200],
            ),
            True,
        ),
    ]


def _rank(items: list[ListItem], wanted: int) -> int:
    """Return the rank of the user with about `wanted` tasks, or of the first user."""
    total = 0.8 * len(items) / sum(_WEIGHTS)
    return max(0, min(len(USERS) - 1, round(total / wanted) - 1))


OVER_THE_CAP: Final = FilterSpec(status={"SUCCEEDED"})


def twenty_grants(items: list[ListItem]) -> Grants:
    """Return twenty grants of a service and a user, which show some 800 tasks."""
    rank = min(_rank(items, 160), len(USERS) - 21)
    return Grants([FilterSpec(services={SERVICES[n % 4]}, users={USERS[rank + n]}) for n in range(20)])
