"""Print help and usage errors.

Decides their form. Does not know the commands, except that list has a file.
"""

from __future__ import annotations

import argparse
import shlex
from typing import Any, NoReturn

from .._text import escape, safe_repr
from .remedies import did_you_mean

__all__ = ["Parser", "Version"]


class Parser(argparse.ArgumentParser):
    """Parse arguments: keep the lines of help texts, escape every argument in an error (W-5), and suggest known names.

    An error in a command prints the usage of this command.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:  # without this, argparse leaves them to the parser of all commands
            # An argument after an unknown option is its value, or a FILE whose place its value took.
            options = [argument for argument in unknown if argument.startswith("-")]
            if options:
                hint = did_you_mean(options[0], self._option_string_actions)
            else:
                hint = "repeat an option for each of its values" if any(arg.startswith("--") for arg in args) else ""
            self.error(f"unrecognized arguments: {' '.join(options or unknown)}; {hint}".removesuffix("; "))
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            rule = f"must be one of {', '.join(action.choices)} (found {safe_repr(value)})"
            hint = did_you_mean(value, action.choices)
            if "list" in action.choices and "." in value:  # a file instead of a command
                hint = f"to list a file: snaptasks list {shlex.quote(value)}"
            raise argparse.ArgumentError(action, f"{rule}; {hint}".removesuffix("; "))

    def error(self, message: str) -> NoReturn:
        super().error(escape(message))


class Version(argparse.Action):
    """Print the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        print(f"snaptasks {version('snaptasks')}")
        parser.exit()
