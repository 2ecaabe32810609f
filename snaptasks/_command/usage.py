"""How the command line explains itself: help, and what it says of a mistake.

Decides their form. Knows of no command, except that list takes a file.
"""

from __future__ import annotations

import argparse
import shlex
from typing import Any, NoReturn

from .._text import escape, safe_repr
from .remedies import did_you_mean

__all__ = ["Parser", "Version"]


class Parser(argparse.ArgumentParser):
    """A parser that keeps the lines of its texts, repeats nothing unescaped (W-5), and asks what was meant.

    A mistake in a command shows the usage of this command.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:  # else argparse leaves them to the parser of all commands
            # What stands beside an unknown option is its value, or a FILE that its value took the place of.
            options = [argument for argument in unknown if argument.startswith("-")]
            if options:
                hint = did_you_mean(options[0], self._option_string_actions)
            else:
                hint = "repeat an option for each of its values" if any(arg.startswith("--") for arg in args) else ""
            self.error(f"unrecognized arguments: {' '.join(options or unknown)}; {hint}".removesuffix("; "))
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            rule = f"must be one of {', '.join(action.choices)}, and not {safe_repr(value)}"
            hint = did_you_mean(value, action.choices)
            if "list" in action.choices and "." in value:  # a file in the place of a command
                hint = f"to list a file: snaptasks list {shlex.quote(value)}"
            raise argparse.ArgumentError(action, f"{rule}; {hint}".removesuffix("; "))

    def error(self, message: str) -> NoReturn:
        super().error(escape(message))


class Version(argparse.Action):
    """Shows the version; it is looked up only when someone asks."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        print(f"snaptasks {version('snaptasks')}")
        parser.exit()
