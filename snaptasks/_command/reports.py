"""Format a report of `snaptasks check` as text, as JSON, or as annotations of GitHub Actions.

Decides words and escapes. Does not know how findings are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import Finding, Report
from .places import lines_of
from .remedies import remedy

__all__ = ["as_annotations", "as_json", "as_lines"]


def as_lines(report: Report, file: str | None, has_others: bool) -> Iterator[str]:
    """Yield the lines of a report as text.

    Args:
        report: the report.
        file: the name of the file; None for standard input.
        has_others: whether there are several files, so that each line begins with the name.
    """
    where = f"{file or 'standard input'}: " if has_others else ""
    for finding in report.findings:
        yield f"{where}{'lint: ' if finding.is_lint else ''}{_sentence(finding)}"
        yield f"  to do: {remedy(finding.first, file)}"
    if not report.is_complete:
        yield f"{where}there are more findings; repair these first"
    if report.tasks is not None:
        yield f"{where}{_counts(report.tasks)}"


def _sentence(finding: Finding) -> str:
    """Return the text of the first violation, and the places of similar ones."""
    others = finding.number - 1
    if not others:
        return str(finding.first)
    named = finding.places[1:]
    rest = f" and {others - len(named)} more" if others > len(named) else ""
    return f"{finding.first}; and {others} like it: {', '.join(named)}{rest}"


def _counts(tasks: Mapping[str, int]) -> str:
    parts = (f"{number} {name.replace('_', ' ')}" for name, number in tasks.items() if number)
    total = sum(tasks.values())
    return f"{total} task{'s' * (total != 1)}: {', '.join(parts) or 'none'}"


def as_json(report: Report, file: str | None, text: bytes) -> dict[str, Any]:
    """Return a report as dicts and lists."""
    starts = _lines(report, text)
    return {
        "file": file,
        "tasks": report.tasks,
        "is_complete": report.is_complete,
        "findings": [
            {
                "level": "lint" if finding.is_lint else "violation",
                "code": finding.first.code,
                "spec_id": finding.first.spec_id,
                "rule": finding.first.rule,
                "found": finding.first.value,
                "count": finding.number,
                "places": [{"path": path, "line": starts[path]} for path in finding.places],
                "remedy": remedy(finding.first, file),
            }
            for finding in report.findings
        ],
    }


def as_annotations(report: Report, file: str | None, text: bytes) -> Iterator[str]:
    """Yield a report as workflow commands: an error for a violation, a warning for a lint."""
    starts = _lines(report, text)
    for finding in report.findings:
        level = "warning" if finding.is_lint else "error"
        place = f"file={_property(file)}," if file else ""
        title = _property(f"snaptasks {finding.first.spec_id}")
        message = _escaped(f"{_sentence(finding)}\nto do: {remedy(finding.first, file)}")
        yield f"::{level} {place}line={starts[finding.first.path]},title={title}::{message}"


def _lines(report: Report, text: bytes) -> Mapping[str, int]:
    return lines_of(text, {path for finding in report.findings for path in finding.places})


def _escaped(text: str) -> str:
    """Escape a message of a workflow command, so that it is one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property of a workflow command, so that it has no separators."""
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
