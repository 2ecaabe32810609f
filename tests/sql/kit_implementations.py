"""Implement the operations over a database, for the conformance kit."""

from sqlalchemy import Engine

from snaptasks import Info, ListItem, ListResult, get_task, list_tasks, parse_filter, rest
from snaptasks.testing import Asker
from tests.contract.implementations import OverHttp, answered, authorized
from tests.sql.tables import emptied


class Stored:
    """Implement list and get over a SqlTaskSource."""

    lacks = {"request": "StoredBehindTheBoundary implements it"}  # noqa: RUF012

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def load(self, items: list[ListItem]) -> None:
        self.source = emptied(self.engine)
        self.source.put_all(items)

    def list(self, query: str, caller: Asker | None) -> ListResult:
        visibility = authorized(caller).visibility
        return list_tasks(self.source, parse_filter(query), visibility=visibility)

    def get(self, task: str, caller: Asker | None) -> Info:
        visibility = authorized(caller).visibility
        return get_task(self.source, task, visibility=visibility)


class StoredBehindTheBoundary(OverHttp):
    """Implement requests by a `rest.Service` over a SqlTaskSource."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def load(self, items: list[ListItem]) -> None:
        self.source = emptied(self.engine)
        self.source.put_all(items)

    def request(self, method: str, target: str, body: bytes, caller: Asker | None) -> rest.Response:
        return answered(self.source, method, target, body, caller)
