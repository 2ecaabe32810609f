"""Define the arguments of the command line: commands, options and their help.

Decides names, help texts, and which arguments are refused before a command runs. Does not know what a command does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from .. import FilterSpec, Status, parse_filter
from .usage import Parser, Version

__all__ = ["SHELLS", "parser"]

SHELLS: Final = ("bash", "zsh")

# The longest timeout, in seconds, inclusive; a longer one is refused, because a system may not support it.
_A_DAY: Final = 86_400

# The largest seed and the largest number of questions, inclusive; a larger number is refused.
_MAX_NUMBER: Final = 2**32

_FILTER_OPTIONS: Final = {
    "--task": ("tasks", "ID", "only these tasks"),
    "--operation": ("operations", "NAME", "only tasks of these operations"),
    "--service": ("services", "NAME", "only tasks of these services"),
    "--status": ("status", "NAME", f"only tasks in these states: {', '.join(Status)}"),
    "--user": ("users", "NAME", "only tasks that these users started"),
}

# A part of the help of each command with errors of the API.
_ERRORS: Final = "An error is text on a terminal, and a line of JSON elsewhere."

_EXIT_STATUSES: Final = """\
exit status:
  0    done
  1    an error of the API; check: a violation; conform: a wrong answer
  2    wrong usage, or a file or stream that the system refuses"""


def parser(commands: Mapping[str, Callable[[argparse.Namespace], int]]) -> argparse.ArgumentParser:
    """Return the parser of all commands.

    Args:
        commands: the function of each command by its name; that of the empty name runs without a command.
    """
    parser = Parser(
        prog="snaptasks",
        description="Tasks of the vSAN Data Protection snapservice.",
        epilog=f"'snaptasks COMMAND --help' has examples. NO_COLOR=1 turns colours off.\n\n{_EXIT_STATUSES}",
    )
    parser.add_argument("--version", action=Version, nargs=0, help="show the version and exit")
    parser.set_defaults(run=commands[""])
    subparsers = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, help: str, description: str, *examples: str, usage: str | None = None) -> Parser:
        epilog = "\n".join(["examples:", *(f"  {example}" for example in examples), "", _EXIT_STATUSES])
        added = subparsers.add_parser(name, help=help, description=description, epilog=epilog, usage=usage)
        added.set_defaults(run=commands[name])
        return added

    _add_listing(
        command(
            "list",
            "list the tasks of a response body that match a filter",
            "List the tasks that match every given field. A task matches a field if it has\n"
            f"one of the names given for it.\n{_ERRORS}",
            "snaptasks list tasks.json --status FAILED --user 'CORP\\ops-team'",
            "snaptasks list tasks.json --grant 'users=CORP%5Cops-team&status=FAILED'",
            "snaptasks list tasks.json --status FAILED --format name | head -n 1",
        )
    )
    showing = command(
        "show",
        "show one task with its messages, the causes of its error, and its times",
        f"Show one task. The identifier must be complete.\n{_ERRORS}",
        "id=$(snaptasks list tasks.json --status FAILED --format name | head -n 1)",
        'snaptasks show "$id" tasks.json',
    )
    showing.add_argument("task", metavar="TASK", help="the identifier of the task, as list shows it")
    _add_file(showing)
    showing.add_argument(
        "--format",
        choices=("text", "json"),
        help="json: the state as in a response of the API; default: text on a terminal, json elsewhere",
    )
    checking = command(
        "check",
        "report the violations in a response body, or the kind of another file",
        "Report every violation of a rule, every lint (a value that is valid, but odd),\n"
        "and the number of tasks by status. For a file that is not a response body,\n"
        "report its kind, and how to make a response body from it.",
        "snaptasks check tasks.json",
        "snaptasks check --strict --format github *.json",
    )
    _add_file(checking, several=True)
    checking.add_argument("--strict", action="store_true", help="exit status 1 for a lint, too")
    checking.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="github: annotations of a workflow; default: text",
    )
    command(
        "openapi",
        "print the OpenAPI document of the two operations",
        "Print an OpenAPI 3.1 document of the operations that list tasks and get one.",
        "snaptasks openapi > openapi.json",
    )
    _add_conforming(
        command(
            "conform",
            "check an implementation in any language against the specification",
            "Ask an implementation every vector, and draw questions for every law. The exit\n"
            "status is 1 if an answer is wrong.",
            "snaptasks conform --examples 0 -- python3 adapter.py",
            usage="snaptasks conform [options] (--python MODULE:FACTORY | --url URL --load COMMAND | -- COMMAND ...)",
        )
    )
    completing = command(
        "completion",
        "print a script that completes commands and options in a shell",
        "Print a script that completes commands, options and files in a shell. It needs\n"
        "an extra: pip install 'snaptasks[completion]'.",
        'eval "$(snaptasks completion bash)"',
    )
    completing.add_argument("shell", metavar="SHELL", choices=SHELLS, help=" or ".join(SHELLS))
    return parser


def _add_listing(parser: Parser) -> None:
    _add_file(parser)
    for option, (field, metavar, help) in _FILTER_OPTIONS.items():
        parser.add_argument(
            option,
            dest="members",
            action="append",
            type=partial(_member, field),
            metavar=metavar,
            default=[],
            help=f"{help}; repeat it to allow several",
        )
    parser.add_argument(
        "--grant",
        dest="grants",
        action="append",
        type=_grant,
        metavar="QUERY",
        help="show only tasks that match this filter, a query string such as 'services=a&users=b' (%%26 for & itself); "
        "repeat it to show tasks that match any of them; without it every task is visible",
    )
    parser.add_argument("--require-scope", action="store_true", help="refuse a filter without a --task or --service")
    parser.add_argument(
        "--format",
        choices=("table", "wide", "name", "json", "jsonl"),
        help="table: fits the terminal; wide: all columns, uncut; name: identifiers; json: a response body; "
        "jsonl: one task on each line; default: table on a terminal, json elsewhere",
    )


def _add_file(parser: Parser, several: bool = False) -> None:
    help = 'a response body, {"items":[...]}; - or no FILE: standard input'
    if several:
        parser.add_argument("files", metavar="FILE", nargs="*", help=help)
    else:
        parser.add_argument("file", metavar="FILE", nargs="?", help=help)


def _member(field: str, name: str) -> tuple[str, str]:
    names = name.split(",")
    if field == "status" and len(names) > 1 and {*names} <= {*Status}:
        raise argparse.ArgumentTypeError(f"write --status {' --status '.join(dict.fromkeys(names))}")
    return field, name


def _grant(query: str) -> FilterSpec:
    grant = parse_filter(query)
    if grant.is_empty:
        raise argparse.ArgumentTypeError("must constrain something; without a grant every task is visible")
    return grant


def _add_conforming(parser: Parser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--python", metavar="MODULE:FACTORY", help="a class or function that makes an implementation")
    target.add_argument("--url", metavar="URL", help="an HTTP server, such as http://127.0.0.1:8000; needs --load")
    parser.add_argument("--load", metavar="COMMAND", help="reads the tasks as JSON, and loads them into the server")
    parser.add_argument(
        "--routes", action="store_true", help="also ask a server for paths where it may have other routes"
    )
    parser.add_argument(
        "--examples",
        metavar="N",
        type=_number,
        default=None,
        help="about how many questions are drawn (default: 6000); 0: only the vectors",
    )
    parser.add_argument("--seed", metavar="N", type=_number, help="draw the same questions as a run with this seed")
    parser.add_argument("--case", metavar="JSON", help="ask one case again, as a report shows it")
    parser.add_argument(
        "--only", metavar="ID", action="append", help="ask only this vector, law or rule; repeat it to name several"
    )
    parser.add_argument(
        "--skips", metavar="FILE", help="lines of an id or a rule, a blank, and the reason for skipping it"
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        help="the longest wait for an answer (default: 10, at most a day)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="also write the report as JUnit XML")
    parser.add_argument("command", metavar="COMMAND", nargs="*", help="after --: a program that speaks JSON lines")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _A_DAY:
        raise argparse.ArgumentTypeError(f"must be more than 0 and at most {_A_DAY} (a day)")
    return seconds


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_NUMBER)) else -1
    if not 0 <= number <= _MAX_NUMBER:
        raise argparse.ArgumentTypeError(f"must be an integer from 0 to {_MAX_NUMBER}")
    return number
