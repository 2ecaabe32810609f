"""TaskIndex: tasks in memory, found without looking at the others (L-5, L-7, L-8).

Decided here: how tasks are kept, so that a filter, grants and the cap are answered from counts and references. Not
known here: who asks, and how an answer travels.

Every field of a filter has one value per task, so that tasks are partitioned and not intersected: a *cell* holds the
tasks of one service, operation and status; the tasks of a user are kept apart, in cells of their own once they are
many and somebody has asked for some of them. Tasks are numbered as they come, and a replaced one keeps its number:
answers are in the order of the numbers.
"""

from .task_index import TaskIndex

__all__ = ["TaskIndex"]
