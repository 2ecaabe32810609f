"""Find tasks in memory without a scan: the TaskIndex (L-5, L-7, L-8, L-10).

Decides how tasks are stored, so that counts and references answer a filter, grants and the cap. Does not know callers,
or how an answer travels.

**The idea.** A task has one service, one operation, one status and at most one user. Therefore the index divides the
tasks and never intersects sets. A *cell* holds the tasks of one service, operation and status. Each new task gets the
next *number*, and a replaced task keeps its number. An answer is in the order of L-5 when its numbers ascend.

::

    task_index.py   tasks      t1    t2    t3    t4    t5    t6      the truth, in the order of L-5
                               |     |     |     |     |     |
    filing.py       number     0     1     2     3     4     5       all below is derived from the tasks
                               |     |     |     |     |     |
    cells.py        cell       A     B     A     A     B     A       A = (sites, add, FAILED)
                               |     |     |     |     |     |       B = (sites, add, RUNNING)
    users.py        user      ann   ann    -    bob   ann   ann      t3 has no user

    The same tasks, as the index holds them:

    cells      A -> {0: t1, 2: t3, 3: t4, 5: t6}      B -> {1: t2, 4: t5}
    by field   sites -> A, B      add -> A, B      FAILED -> A      RUNNING -> B
    plans      (sites, any operation, FAILED) -> A, with its tasks in order: t1, t3, t4, t6
    users      ann -> {0: t1, 1: t2, 4: t5, 5: t6}, and by cell: A -> {0: t1, 5: t6}, B -> {1: t2, 4: t5}
               bob -> {3: A}: a user of few tasks has only the cell of each

A *filing* is all of this except the tasks. A *plan* remembers the cells that match one set of services, operations and
statuses.

**What a question costs.**

- An id costs one lookup in the tasks, without the lock.
- Services, operations and statuses cost one plan. The index makes it from the cells of one field and remembers it. The
  lengths of the cells show whether more tasks match than the cap allows. A plan also remembers the tasks of its cells,
  until one of these cells changes.
- Users cost the shorter of two walks: over each user's own cells in the plan, or over all tasks in the plan's cells.
- Several filters, as grants make them, cost the sum of their costs. Filters that differ only in users cost as much as
  one.
- A predicate costs the tasks that the filter matches, sorted outside the lock. If these are more than a quarter of all
  tasks, or more than 100,000, it costs a walk over all tasks.

**What a task costs**, measured at 100,000 tasks. A task takes 172 bytes: 38 in the tasks, 70 in the numbers, and the
rest in cells and users. It takes 54 more once questions have asked for a part of each user's tasks. To put a task takes
2.0 us, to replace one 3.1 us, and to remove one 1.8 us. To file all tasks again takes 1.1 us a task, and 1.7 us a task
at a million.

**What always holds (L-10).**

1. The tasks are the truth, and each write changes them in one step. An interruption leaves them as before or as after
   that step. `find`, `in` and `len` read only the tasks, and never wait.
2. A whole filing has each task in its cell, under its user if it has one, and nowhere else. It has no empty cell, user
   or bucket. A write sets `Filing.is_whole` to False before its first change, and to True after its last.
3. A call that holds the lock and finds no whole filing makes one from the tasks. So an interrupted write only slows the
   next listing, by about 1.7 s at a million tasks.
4. A listing changes no task and moves none. It builds what it remembers (plans, a user's cells, all tasks in order)
   aside, and stores it in one step.
5. A signal handler or a finalizer can call the index from within a call of the same thread. The inner call is done. It
   changes no filing, because the outer call is using it: a write drops the filing, and a listing makes its own if it
   needs one.
6. A forked child frees a lock that belongs to a thread of the parent. A filing that this thread was changing is not
   whole.

**What the index assumes of Python.** A C call on a dict with keys of str or int is one step. No handler runs in the
middle of it, and another thread sees the dict before or after it. The GIL guarantees this; in free-threaded builds the
dict's own lock does. A handler runs between two opcodes. A fork copies no dict in the middle of such a step. A
`threading.RLock` knows its owner.

**What the index does not promise.**

- Two exceptions within the last opcodes of one call can keep the lock.
- A signal handler can fork while the call that it interrupts waits for another thread. In the child, that call waits
  for ever.
- Finalizers of two indexes that call one another from two threads can deadlock, as with any two locks. The finalizer of
  a replaced or removed task cannot, because the task ends after the lock is released.
- A dict never gives back the room of the most tasks that it ever had.
"""

from .task_index import TaskIndex

__all__ = ["TaskIndex"]
