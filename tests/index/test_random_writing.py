"""Compare an index with the plain scan after random writes (L-1 to L-8, A-4, F-1)."""

from typing import Any, ClassVar

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from snaptasks import EVERYTHING, FilterSpec, Grants, ListItem, OverLimit, Status, TaskIndex, Visibility
from tests.building import ITEM, plain_item
from tests.index.filings import check_parts
from tests.source_calls import select
from tests.strategies import filters, statuses

names = st.sampled_from(["a", "b", "c", "d"])
items = st.builds(
    lambda task, service, operation, status, user: ListItem(task=task, info=made(service, operation, status, user)),
    st.integers(0, 60).map("t{}".format),
    names,
    names,
    statuses,
    st.none() | names,
)
wanted = filters(names | st.integers(0, 60).map("t{}".format))


def made(service: str, operation: str, status: Status, user: str | None) -> Any:
    started = status is not Status.PENDING
    return plain_item(
        "t",
        service=service,
        operation=operation,
        status=status,
        user=user,
        start_time=ITEM.info.start_time if started else None,
        end_time=ITEM.info.end_time if status.is_terminal else None,
        progress=ITEM.info.progress if started else None,
    ).info


def usable(spec: FilterSpec) -> FilterSpec:
    """Return a filter without the fields that are given as empty sets."""
    return FilterSpec(**{name: members for name in FilterSpec.model_fields if (members := getattr(spec, name))})


class IndexMachine(RuleBasedStateMachine):
    """Write to a TaskIndex and to a dict, and compare the index with the plain scan of the dict."""

    def __init__(self) -> None:
        super().__init__()
        self.index = TaskIndex()
        self.model: dict[str, ListItem] = {}

    @rule(item=items)
    def put(self, item: ListItem) -> None:
        self.index.put(item)
        self.model[item.task] = item

    @rule(many=st.lists(items, max_size=60))
    def put_all(self, many: list[ListItem]) -> None:
        self.index.put_all(many)
        self.model |= {item.task: item for item in many}

    @rule(user=names, count=st.integers(30, 40))
    def put_more_than_a_few(self, user: str, count: int) -> None:
        for number in range(count):
            self.put(ListItem(task=f"t{number}", info=made("a", "b" if number % 2 else "c", Status.FAILED, user)))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), item=items)
    def replace(self, data: st.DataObject, item: ListItem) -> None:
        self.put(item.evolve(task=data.draw(st.sampled_from(sorted(self.model)))))

    @rule(number=st.integers(0, 60))
    def remove(self, number: int) -> None:
        assert self.index.remove(f"t{number}") is (self.model.pop(f"t{number}", None) is not None)

    @rule(spec=wanted, at_most=st.sampled_from([0, 1, 3, 10, 1000]))
    def everything(self, spec: FilterSpec, at_most: int) -> None:
        self.same(spec, EVERYTHING, at_most)

    @rule(spec=wanted, granted=st.lists(wanted, max_size=4), at_most=st.sampled_from([0, 1, 3, 10, 1000]))
    def grants(self, spec: FilterSpec, granted: list[FilterSpec], at_most: int) -> None:
        self.same(spec, Grants([usable(each) for each in granted if not each.is_empty]), at_most)

    @rule(spec=wanted, seen=st.sets(names), at_most=st.sampled_from([0, 1, 3, 10, 1000]))
    def predicate(self, spec: FilterSpec, seen: set[str], at_most: int) -> None:
        self.same(spec, lambda item: item.info.service in seen, at_most)

    listings: ClassVar[int] = 0

    def same(self, spec: FilterSpec, visibility: Visibility, at_most: int) -> None:
        IndexMachine.listings += 1
        found = select(self.index, spec, visibility, at_most)
        expected = [item for item in self.model.values() if spec.matches(item) and visibility(item)]
        if len(expected) > at_most:
            assert isinstance(found, OverLimit) or len(found) > at_most
        else:
            assert not isinstance(found, OverLimit)
            assert [*found] == expected

    @invariant()
    def tasks_are_those_of_the_model(self) -> None:
        assert list(self.index) == list(self.model.values())
        assert len(self.index) == len(self.model)
        assert {task: self.index.find(task) for task in self.model} == self.model

    @invariant()
    def parts_agree(self) -> None:
        check_parts(self.index)


@pytest.mark.slow
@pytest.mark.parametrize("bounds", [{}, {"_HUGE": 20, "_MOST_DIVIDED": 25}, {"_MOST_STEPS": 40}], ids=repr)
def test_select_after_random_writes_gives_the_plain_scan(
    bounds: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L-1 to L-8, A-4, F-1: Compare filters, grants and predicates.

    Lower bounds lead to the code paths that otherwise only many tasks and long filters take.
    """
    for name, bound in bounds.items():
        monkeypatch.setattr(f"snaptasks.index.{'filing' if name == '_MOST_STEPS' else 'users'}.{name}", bound)
    IndexMachine.listings = 0
    run_state_machine_as_test(IndexMachine, settings=settings(deadline=None, stateful_step_count=30))
    assert IndexMachine.listings > 100  # the 20 examples of the quick profile make about 200
