"""What the command line takes: commands, options, and what each says of itself.

Decided here: names, texts, and what is refused before anything runs. Not known here: what a command does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NoReturn

from .. import FilterSpec, parse_filter
from .._text import escape

__all__ = ["parser"]

# Seconds of the longest timeout, inclusive: nobody waits longer, and a system cannot be told to.
_A_DAY: Final = 86_400

# The largest seed and number of questions, inclusive: more than anyone waits for, and short enough to be written.
_MAX_NUMBER: Final = 2**32

_FILTER_OPTIONS: Final = {
    "--task": "tasks",
    "--operation": "operations",
    "--service": "services",
    "--status": "status",
    "--user": "users",
}


def parser(commands: Mapping[str, Callable[[argparse.Namespace], int]]) -> argparse.ArgumentParser:
    """The parser of all commands; what each runs is given by its name."""
    parser = _Parser(prog="snaptasks", description="Tasks of the vSAN Data Protection snapservice.", allow_abbrev=False)
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = subparsers.add_parser(
        "list",
        allow_abbrev=False,
        help="list the tasks of a response body that match a filter",
        description="List the tasks that match: any of the names given for one field, and every field that is given.",
        epilog="example: snaptasks list tasks.json --status FAILED --grant 'users=CORP%%5Cops&services=a'",
    )
    listing.set_defaults(run=commands["list"])
    _add_file(listing)
    for option, field in _FILTER_OPTIONS.items():
        listing.add_argument(
            option,
            dest="members",
            action="append",
            type=partial(_member, field),
            metavar="NAME",
            default=[],
            help="repeat it to allow several",
        )
    listing.add_argument(
        "--grant",
        dest="grants",
        action="append",
        type=_grant,
        metavar="QUERY",
        help="see only what this filter matches, a query string such as 'services=a&users=b' (%%26 for & itself); "
        "repeat it to see what any of them matches; without it every task is seen",
    )
    listing.add_argument("--require-scope", action="store_true", help="refuse a filter without a --task or --service")
    listing.add_argument(
        "--format",
        choices=("json", "table"),
        help="json: a response body, which can be piped on; default: table on a terminal, json otherwise",
    )
    checking = subparsers.add_parser(
        "check",
        allow_abbrev=False,
        help="tell what is wrong with a response body",
        description="Tell every violation of a rule, what is odd, and how many tasks have which status. "
        "Exit status 1 for a violation.",
    )
    checking.set_defaults(run=commands["check"])
    _add_file(checking)
    checking.add_argument("--strict", action="store_true", help="exit status 1 for what is odd, too")
    describing = subparsers.add_parser(
        "openapi",
        allow_abbrev=False,
        help="print the OpenAPI document of the two operations",
        description="Print an OpenAPI 3.1 document of the operations that list tasks and get one.",
    )
    describing.set_defaults(run=commands["openapi"])
    conforming = subparsers.add_parser(
        "conform",
        allow_abbrev=False,
        help="hold an implementation in any language against the specification",
        description="Ask an implementation every vector. Exit status 1 for a wrong answer.",
        usage="snaptasks conform [options] (--python MODULE:FACTORY | --url URL --load COMMAND | -- COMMAND ...)",
    )
    conforming.set_defaults(run=commands["conform"])
    _add_conforming(conforming)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser that repeats nothing unescaped (W-5)."""

    def error(self, message: str) -> NoReturn:
        super().error(escape(message))


class _Version(argparse.Action):
    """Shows the version; it is looked up only when somebody asks."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        print(f"snaptasks {version('snaptasks')}")
        parser.exit()


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help='a response body, {"items":[...]}; - or nothing: standard input'
    )


def _member(field: str, name: str) -> tuple[str, str]:
    return field, name


def _grant(query: str) -> FilterSpec:
    grant = parse_filter(query)
    if grant.is_empty:
        raise argparse.ArgumentTypeError("it constrains nothing; without a grant every task is seen")
    return grant


def _add_conforming(parser: argparse.ArgumentParser) -> None:
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
