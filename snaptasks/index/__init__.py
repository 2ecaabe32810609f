"""TaskIndex: tasks in memory, found without looking at the others (L-5, L-7, L-8, L-10).

Decides how tasks are kept, so that a filter, grants and the cap are answered from counts and references. Does not know who
asks, and how an answer travels.

**The idea.** A task has one service, one operation, one status and at most one user. So the tasks are divided, and no sets
are intersected: a *cell* holds the tasks of one service, operation and status. Tasks are numbered as they come, and a
replaced task keeps its number: an answer is in order when its numbers are.

::

    tasks     the truth: each id and its task, in the order of L-5                          task_index.py
              t1   t2   t3   t4   t5   t6
    ---------------------------------------------------------------------------------------------------
    filing    made from the tasks                                                           filing.py
    numbers   t1: 0, t2: 1, t3: 2, t4: 3, t5: 4, t6: 5
    cells     A = (sites, add, FAILED)    {0, 2, 3, 5}                                      cells.py
              B = (sites, add, RUNNING)   {1, 4}
              by field:  sites: A, B   add: A, B   FAILED: A   RUNNING: B
              plans:     "sites and FAILED" was asked for: A, and its tasks in order
    users     ann   {0, 1, 4, 5}   and in cells   A: {0, 5}   B: {1, 4}                     users.py
              bob   {3: A}         of few tasks, only the cell of each

**What a question costs.**

- an id: one lookup in the tasks, without the lock;
- services, operations, status: a plan, which is made from the cells of one field and remembered. The cells' lengths say
  whether there are more than the cap; what is in them is remembered, too, until one of them changes;
- users: each user's own cells that the plan has, or the cells' tasks one by one, whichever are fewer;
- several filters, as grants make them: so much for each, or together for those that differ in users only;
- a predicate: what the filter gives, put in order outside the lock; all tasks where that is more than a quarter of them, or
  more than 100,000.

**What a task costs** (measured at 100,000 tasks): 172 bytes, of which the tasks take 38, the numbers 70, and cells and users
the rest; 54 more once a part of each user's tasks was asked for. To put one takes 2.0 us, to replace 3.1 us, to
remove 1.8 us, and to file all again 1.1 us a task, or 1.7 us at a million.

**What holds where (L-10).**

1. The tasks are the truth, and one step changes them: a write is done or not at all, whatever comes in the middle of it.
   `find`, `in` and `len` read them and nothing else, and never wait.
2. A filing that is whole says where each task stands: each in its cell, under its user if it has one, and nowhere else. No
   cell, user or bucket is empty. `Filing.is_whole` is False from before the first change of a write until after the last.
3. Whoever has the lock and finds no filing that is whole makes one from the tasks. So an interrupted write costs the next
   listing some 1.7 s at a million tasks, and nothing else.
4. A listing changes no task and no place. What it keeps for later (plans, a user's cells, all tasks in order) is made aside
   and put there in one step.
5. A call from within a call of the same thread, as a signal handler or a finalizer makes it, is done. It changes no filing,
   because the outer call is in the middle of one: a write drops it, and a listing makes one of its own where it must.
6. In a forked child a lock that belongs to a thread of the parent is free; what that thread was changing is not whole.

**What is assumed of Python.** A call of C on a dict whose keys are str or int is one step: no handler runs in the middle, and
another thread sees before or after it. This is the GIL's doing, and in free-threaded builds that of the dict's own lock. A
handler runs between two opcodes. A fork copies no dict in the middle of such a step. `threading.RLock` knows its owner.

**What is not promised.** Two exceptions within the last opcodes of one call can keep the lock. A signal handler that forks
while the call that it interrupts waits for another thread gives a child in which that call waits for ever. Finalizers of two
indexes that call one another from two threads can wait for each other, as with any two locks; a task that is replaced or
removed ends without the lock, so that its own finalizer cannot. A dict keeps room for the most tasks that it ever had.
"""

from .task_index import TaskIndex

__all__ = ["TaskIndex"]
