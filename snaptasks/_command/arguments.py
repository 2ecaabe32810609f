"""What the command line takes: commands, options, and what each says of itself.

Decided here: names, texts, and what is refused before anything runs. Not known here: what a command does.
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

# Seconds of the longest timeout, inclusive: nobody waits longer, and a system cannot be told to.
_A_DAY: Final = 86_400

# The largest seed and number of questions, inclusive: more than anyone waits for, and short enough to be written.
_MAX_NUMBER: Final = 2**32

_FILTER_OPTIONS: Final = {
    "--task": ("tasks", "ID", "only these tasks"),
    "--operation": ("operations", "NAME", "only tasks of these operations"),
    "--service": ("services", "NAME", "only tasks of these services"),
    "--status": ("status", "NAME", f"only tasks in these states: {', '.join(Status)}"),
    "--user": ("users", "NAME", "only tasks that these users started"),
}

# What the help of a command says whose errors are those of the API.
_ERRORS: Final = "An error is text on a terminal, and a line of JSON elsewhere."

_EXIT_STATUSES: Final = """\
exit status:
  0    done
  1    an error of the API; check: a violation; conform: a wrong answer
  2    wrong usage, or a file or stream that the system refuses"""


def parser(commands: Mapping[str, Callable[[argparse.Namespace], int]]) -> argparse.ArgumentParser:
    """The parser of all commands; what each runs is given by its name, and what runs without one by the empty one."""
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
            "List the tasks that match: any of the names given for one field, and every field\n"
            f"that is given.\n{_ERRORS}",
            "snaptasks list tasks.json --status FAILED --user 'CORP\\ops-team'",
            "snaptasks list tasks.json --grant 'users=CORP%5Cops-team&status=FAILED'",
            "snaptasks list tasks.json --status FAILED --format name | head -n 1",
        )
    )
    showing = command(
        "show",
        "show one task with its messages, the causes of its error, and its times",
        f"Show one task. Its identifier counts only whole.\n{_ERRORS}",
        "id=$(snaptasks list tasks.json --status FAILED --format name | head -n 1)",
        'snaptasks show "$id" tasks.json',
    )
    showing.add_argument("task", metavar="TASK", help="the identifier of the task, as list shows it")
    _add_file(showing)
    showing.add_argument(
        "--format",
        choices=("text", "json"),
        help="json: its state, as the API answers; default: text on a terminal, json otherwise",
    )
    checking = command(
        "check",
        "tell what is wrong with a response body, or with a file of another kind",
        "Tell every violation of a rule, what is odd, and how many tasks have which\n"
        "status. Of a file that is not a response body, tell what it is, and how to make\n"
        "one of it.",
        "snaptasks check tasks.json",
        "snaptasks check --strict --format github *.json",
    )
    _add_file(checking, several=True)
    checking.add_argument("--strict", action="store_true", help="exit status 1 for what is odd, too")
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
            "hold an implementation in any language against the specification",
            "Ask an implementation every vector. Exit status 1 for a wrong answer.",
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
        help="see only what this filter matches, a query string such as 'services=a&users=b' (%%26 for & itself); "
        "repeat it to see what any of them matches; without it every task is seen",
    )
    parser.add_argument("--require-scope", action="store_true", help="refuse a filter without a --task or --service")
    parser.add_argument(
        "--format",
        choices=("table", "wide", "name", "json", "jsonl"),
        help="table: fits a terminal; wide: with all columns, uncut; name: identifiers; json: a response body, which "
        "can be piped on; jsonl: a task a line; default: table on a terminal, json otherwise",
    )


def _add_file(parser: Parser, several: bool = False) -> None:
    help = 'a response body, {"items":[...]}; - or nothing: standard input'
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
        raise argparse.ArgumentTypeError("it constrains nothing; without a grant every task is seen")
    return grant


def _add_conforming(parser: Parser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--python", metavar="MODULE:FACTORY", help="a class or function that makes an implementation")
    target.add_argument("--url", metavar="URL", help="an HTTP server, such as http://127.0.0.1:8000; needs --load")
    parser.add_argument("--load", metavar="COMMAND", help="gets the tasks as JSON on its input, and loads the server")
    parser.add_argument(
        "--routes", action="store_true", help="ask a server for paths where it may have other routes, too"
    )
    parser.add_argument(
        "--examples",
        metavar="N",
        type=_number,
        default=None,
        help="questions to draw (default: 6000); 0: the vectors only",
    )
    parser.add_argument("--seed", metavar="N", type=_number, help="draw the same questions again")
    parser.add_argument("--case", metavar="JSON", help="ask one case again, as a report shows it")
    parser.add_argument(
        "--only", metavar="ID", action="append", help="a vector, law or rule; repeat it to name several"
    )
    parser.add_argument("--skips", metavar="FILE", help="lines of an id or a rule, and the reason why it is not asked")
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        help="until an answer counts as none (default: 10, at most a day)",
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit XML, too")
    parser.add_argument("command", metavar="COMMAND", nargs="*", help="after --: a program that speaks JSON lines")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _A_DAY:
        raise argparse.ArgumentTypeError(f"must be more than 0 and at most {_A_DAY}, a day")
    return seconds


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_NUMBER)) else -1
    if not 0 <= number <= _MAX_NUMBER:
        raise argparse.ArgumentTypeError(f"must be an integer from 0 to {_MAX_NUMBER}")
    return number
