# A server whose tasks make progress, for trying a client: SPEED=2 uvicorn moving_app:app
import logging
import os
import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from snaptasks import (
    EVERYTHING, SYSTEM_READ, Caller, ErrorValue, FilterSpec, Info, ListItem, LocalizableMessage,
    LocalizationParam as Param, NestedLocalizableMessage, Progress, ServiceUnavailable, Status, TransientIndication,
    rest,
)

SPEED = float(os.environ.get("SPEED", "1"))  # seconds of the simulation in one real second
SEED = os.environ.get("SEED", "0")  # the same seed makes the same tasks
TROUBLE = float(os.environ.get("TROUBLE", "0.2"))  # the share of failing requests: 0 none, 1 all
EVERY, LISTED = 30, 10  # a backup begins every 30 seconds of the simulation, and the last 10 are listed
STARTED = time.monotonic() - EVERY / SPEED  # so that backup-0 has ended, and backup-1 begins
BEGIN = datetime.now(UTC) - timedelta(seconds=EVERY / SPEED)
PREFIX = "com.vmware.snapservice"

def text(id: str, default: str, *args: str, **params: Param) -> LocalizableMessage:
    return LocalizableMessage(id=f"{PREFIX}.{id}", default_message=default, args=args, params=params or None)

def item(task: str, now: float, begin: float, end: float, noun: str, progress: Progress,
         error: ErrorValue | None, **more: Any) -> ListItem:
    """Return a task at a moment: it waits, has an unknown status for two seconds, runs, and ends."""
    more |= {"service": f"{PREFIX}.{noun}.snapshots", "operation": f"{PREFIX}.{noun}.snapshots.create$task"}
    if now >= begin:
        more |= {"start_time": BEGIN + timedelta(seconds=begin / SPEED), "progress": progress}
    if now >= end:
        more |= {"end_time": BEGIN + timedelta(seconds=end / SPEED), "error": error}
    ended = Status.FAILED if error else Status.SUCCEEDED
    steps = [(end, ended), (begin + 2, Status.RUNNING), (begin, Status("QUIESCING"))]
    status = next((status for since, status in steps if now >= since), Status.PENDING)
    return ListItem(task=task, info=Info(status=status, cancelable=now < end, **more))

def backup(number: int, now: float) -> list[ListItem]:
    """Return a backup and its machines: every second backup fails, and the progress of the first machine falls once."""
    draw, task, group = random.Random(f"{SEED} {number}"), f"backup-{number}", f"group-{number}"
    space = text("error.space", "Datastore 'vsan-01' has 22.1 GiB free, 141.39 GiB are needed.",
                 name=Param(s="vsan-01"), free=Param(d=22.1, precision=1), need=Param(d=141.39, precision=2))
    failed = text("error.snapshots", f"The snapshot of protection group '{group}' failed.", group)
    begin = number * EVERY
    ends = [begin + 3 * at + draw.uniform(8, 12) for at in range(draw.randint(2, 4))]
    machines = []
    for at, end in enumerate(ends):
        fails, part = number % 2 and at == len(ends) - 1, min(max((now - begin - 2) / (end - begin - 2), 0), 1)
        percent = 200 * part if at == 0 and part < 0.4 else min(100 * part, 60 if fails else 100)
        progress = Progress(total=100, completed=int(percent), message=text(
            "progress.percent", f"{percent:.1f} % completed", percent=Param(d=percent, precision=1)))
        machines.append(item(
            f"{task}.{at}", now, begin + 2, end, "virtual_machines", progress,
            ErrorValue(messages=[space], error_type="UNABLE_TO_ALLOCATE_RESOURCE") if fails else None, parent=task,
            description=text("vm.snapshot", f"Create snapshot of virtual machine 'vm-{at}'", f"vm-{at}")))
    done, total = sum(machine.info.status.is_terminal for machine in machines), len(machines)
    progress = Progress(total=total, completed=done, message=text(
        "progress.machines", f"Committing: {done} of {total} virtual machines", done=Param(i=done),
        total=Param(i=total), phase=Param(l=NestedLocalizableMessage(id=f"{PREFIX}.phase.commit"))))
    return [item(
        task, now, begin + 1, max(ends) + 1, "protection_groups", progress,
        ErrorValue(messages=[failed, space], error_type="ERROR") if number % 2 else None, user="ops",
        description=text("pg.snapshot", f"Create snapshot of protection group '{group}'", group)), *machines]

def tasks_at(now: float) -> list[ListItem]:
    last = int(now // EVERY)
    return [each for number in range(max(0, last - LISTED + 1), last + 1) for each in backup(number, now)]

troubles = random.Random(SEED)

def candidates(filter: FilterSpec) -> list[ListItem]:
    if troubles.random() < TROUBLE:
        down = text("error.down", "The appliance restarts.")
        raise ServiceUnavailable(down, data=TransientIndication(is_transient=True))
    return tasks_at((time.monotonic() - STARTED) * SPEED)

app = FastAPI()
callers = {"Bearer ops": Caller(user="ops", privileges={SYSTEM_READ})}
service = rest.Service(candidates, challenge="Bearer", on_error=logging.exception,
    authenticate=lambda asked: callers.get(asked.header("authorization") or ""), visibility=lambda caller: EVERYTHING)

@app.get("/api/snapservice/{path:path}")
def snapservice(request: Request) -> Response:
    target = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    answer = service.handle(rest.Request("GET", target, request.headers.raw))
    headers = dict(answer.headers)
    if answer.status == 503:  # Retry-After is a number of seconds, or a date
        soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
        headers["Retry-After"] = troubles.choice(["1", soon])
    return Response(answer.body, answer.status, headers)
