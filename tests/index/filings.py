"""Return the filing of an index, and check that its parts agree."""

from itertools import chain

from snaptasks import TaskIndex
from snaptasks.index.cells import Bucket
from snaptasks.index.filing import Filing


def filing_of(index: TaskIndex) -> Filing:
    assert index._filing is not None
    return index._filing


def check_parts(index: TaskIndex) -> None:
    """Check that each task stands exactly in the buckets where it belongs, and that ordered buckets are in order.

    Where an interrupted write leaves a filing that is not whole, check the filing that the next listing makes.
    """
    list(index)
    filing = filing_of(index)
    assert filing.is_whole
    assert filing.tasks is index._tasks
    assert filing._numbers.keys() == index._tasks.keys()
    tasks = {filing._numbers[task]: item for task, item in index._tasks.items()}
    assert [*tasks] == sorted(tasks)
    assert all(number < filing._next for number in tasks)
    cells = filing._cells
    cell_of = {number: cell for cell in cells.by_key.values() for number in cell}
    for key, cell in cells.by_key.items():
        assert cell
        assert cell.key == key
        check_order(cell)
        assert {(item.info.service, item.info.operation, item.info.status) for item in cell.values()} == {key}
    assert [*tasks.items()] == sorted((number, cell[number]) for number, cell in cell_of.items())
    assert {*filing._users} == {item.info.user for item in tasks.values()} - {None}
    for name, user in filing._users.items():
        own = {number: item for number, item in tasks.items() if item.info.user == name}
        if not isinstance(user, Bucket):
            assert dict(user) == {number: cell_of[number] for number in own}
            continue
        assert user == own
        check_order(user)
        if user.cells is None:
            continue
        assert {number: cell for cell, bucket in user.cells.items() for number in bucket} == {
            number: cell_of[number] for number in own
        }
        assert {number: item for bucket in user.cells.values() for number, item in bucket.items()} == own
        for bucket in user.cells.values():
            assert bucket
            check_order(bucket)
    for position, cells_of in enumerate(cells.by_field):
        assert all(cell.key[position] == name for name, its in cells_of.items() for cell in its)
        assert {*chain.from_iterable(cells_of.values())} == {*cells.by_key.values()}
    for plan in cells.plans.values():
        assert {*plan.cells} <= {*cells.by_key.values()}
        changes, found = plan.found
        if changes == sum(cell.changes for cell in plan.cells):
            assert [*found] == [tasks[number] for number in sorted(chain.from_iterable(plan.cells))]
    assert filing._all is None or filing._all == tuple(tasks.values())


def check_order(bucket: Bucket) -> None:
    assert not bucket.is_ordered or [*bucket] == sorted(bucket)
    assert bucket.latest >= max(bucket)
