"""Write the script of `snaptasks completion`, which completes the command line in a shell.

Decides the completions that argparse does not know: files and statuses. Does not know shells, because shtab does.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .. import Status
from .files import Unreadable

__all__ = ["script"]


def script(parser: argparse.ArgumentParser, shell: str) -> bytes:
    """Return the script for a shell.

    Raises:
        Unreadable: the extra is not installed.
    """
    try:
        import shtab  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as missing:
        raise Unreadable("completion needs an extra: pip install 'snaptasks[completion]'") from missing
    for action in _actions(parser):
        if "--status" in action.option_strings:
            action.choices = [*Status]
        elif action.metavar == "FILE":
            vars(action)["complete"] = shtab.FILE
    return f"{shtab.complete(parser, shell)}\n".encode()


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no public access to them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from _actions(command)
