"""Run the contract: ask an implementation every vector, and draw questions for every law, without a test runner.

Decides the order of the questions, and when a run ends early. Does not know how an implementation is asked, what it
must answer, or how a report reads.

A crash of the implementation is a wrong answer. A crash of the kit is reported as a fault of the suite, never of the
implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from .._text import safe_repr
from . import cases
from .cases import Case
from .comparison import find_problem, find_twin_problem
from .report import NO_ANSWER, Again, Report, Skipped, SuiteFault, Violation
from .target import Implementation, NoAnswer, OutOfBounds, Target, TargetFailed
from .wording import describe_answer, describe_answers, describe_end

if TYPE_CHECKING:
    from .properties import Law

__all__ = [
    "EXAMPLES",
    "SEEDS",
    "ask_vectors",
    "class_of_tests",
    "contract_tests",
    "explain_unknown",
    "known_ids",
    "laws_of",
    "reproduce",
    "run_contract",
]

# The default number of drawn questions, for all laws together, before each law rounds its share up to whole stores:
# enough to find the faults that depend on data with every seed. An implementation in Python answers them in some 20
# seconds.
EXAMPLES: Final = 6000

# Cases without an answer before the first answer, inclusive: then the run ends, because there is nothing to check. A
# page for each of hundreds of cases would say no more.
_MOST_SILENT: Final = 5

# The upper bound of a drawn seed, exclusive, so that a seed is short to write.
SEEDS: Final = 2**32


def run_contract(
    implementation: Implementation,
    *,
    examples: int = EXAMPLES,
    seed: int | None = None,
    only: Collection[str] | None = None,
    skip: Mapping[str, str] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Ask an implementation every vector, and draw questions for the laws.

    The run loads other tasks again and again. It never raises an exception of the implementation.

    Args:
        implementation: the implementation to check.
        examples: about how many questions are drawn for all laws together; 0 asks only the vectors, and needs no
            hypothesis.
        seed: the seed of the questions; with the same seed every implementation gets the same questions. By default the
            seed is random, and the report shows it.
        only: ids of vectors and laws, and clauses; all others are left out.
        skip: ids and clauses that are skipped and counted, each with the reason. Features in `lacks` are skipped, too.
        progress: gets the number of finished cases, and the number of all cases.

    Returns:
        The report.

    Raises:
        ValueError: `examples` is negative, an id is unknown, or `lacks` names an unknown feature.
        TypeError: `only` or `skip` has a wrong type, or `lacks` is not a mapping of texts.
        ModuleNotFoundError: questions are to be drawn, and hypothesis is missing.
    """
    if type(examples) is not int or examples < 0:
        raise ValueError(f"examples must be an integer of at least 0 (found {safe_repr(examples)})")
    if isinstance(only, str) or not isinstance(skip, Mapping | None):
        raise TypeError("only must be a collection of ids, and skip must be a mapping of ids to reasons")
    skip, laws = skip or {}, laws_of(examples, only)
    _refuse_unknown(only)
    _refuse_unknown(skip)
    chosen = [case for case in cases.vectors() if only is None or case.id in only or case.clause in only]
    report = Report()
    target = Target(implementation)
    again = Again(getattr(implementation, "conform_arguments", None), f"{type(implementation).__name__}()")
    total = len(chosen) + (examples if laws else 0)
    try:
        ask_vectors(chosen, target, report, skip, again, lambda number: progress and progress(number, total))
        drawn = [law for law in laws if law.id not in skip and law.clause not in skip]
        report.not_drawn = {law.id: skip.get(law.id) or skip[law.clause] for law in laws if law not in drawn}
        if drawn and report.ended is None:
            from .findings import draw_laws  # noqa: PLC0415 - hypothesis is slow to import

            report.seed = SystemRandom().randrange(SEEDS) if seed is None else seed
            draw_laws(
                drawn, target, report, seed=report.seed, examples=examples, again=again,
                progress=lambda number: progress and progress(len(chosen) + min(number, examples), total),
            )  # fmt: skip
    finally:
        target.close()
    return report


def laws_of(examples: int, only: Collection[str] | None) -> Sequence[Law]:
    if not examples:
        return ()
    try:
        from .laws import LAWS  # noqa: PLC0415 - hypothesis is slow to import, and no vector needs it
    except ModuleNotFoundError as missing:
        text = "drawn questions need hypothesis: pip install 'snaptasks[testing]', or draw none with examples=0"
        raise ModuleNotFoundError(text, name=missing.name) from missing
    return [law for law in LAWS if only is None or law.id in only or law.clause in only]


def known_ids() -> set[str]:
    """Return the ids of all vectors and laws, and the clauses."""
    return {each for case in cases.vectors() for each in (case.id, case.clause)} | {law.id for law in _laws_if_any()}


def _laws_if_any() -> Sequence[Law]:
    try:
        return laws_of(1, None)
    except ModuleNotFoundError:
        return ()


def explain_unknown(ids: Iterable[str]) -> str | None:
    """Return why no case has some of these ids; None if each is known."""
    unknown = sorted({*ids} - known_ids())
    unasked = [f"no case asks the rule {id}" for id in unknown if cases.is_rule(id)]
    others = [id for id in unknown if not cases.is_rule(id)]
    if others:
        unasked.append(f"there is no vector, law or rule with the id {', '.join(others)}")
    return "; ".join(unasked) or None


def _refuse_unknown(ids: Collection[str] | None) -> None:
    text = explain_unknown(ids or ())
    if text is not None:
        raise ValueError(text)


def ask_vectors(
    chosen: Sequence[Case],
    target: Target,
    report: Report,
    skip: Mapping[str, str],
    again: Again,
    progress: Callable[[int], object],
) -> None:
    in_order = sorted(chosen, key=lambda case: case.population.name)  # stable, so that each population is loaded once
    silent, is_heard = 0, False
    for number, case in enumerate(in_order):
        progress(number)
        reason = skip.get(case.id, skip.get(case.clause, target.lacks(case)))
        if reason is not None:
            report.skipped.append(Skipped(case, reason))
            continue
        try:
            violation = _violation(target, case)
            is_heard = True
        except OutOfBounds as bound:
            report.skipped.append(Skipped(case, str(bound)))
            continue
        except NoAnswer as none:
            violation = Violation(case, NO_ANSWER, str(none), is_form=True)
            silent += 1
            if silent == _MOST_SILENT and not is_heard:
                report.ended = f"the first {silent} cases got no answer"
        except TargetFailed as failed:
            report.ended = describe_end(failed, case.id, target.last)
            report.not_asked = len(in_order) - number
            return
        except Exception as error:  # noqa: BLE001 - any exception here is a fault of the kit
            report.faults.append(SuiteFault(case.id, error))
            continue
        if violation is None:
            report.passed.append(case)
        else:
            report.violations.append(violation._replace(again=again.of_vector(case)))
        if report.ended is not None:
            report.not_asked = len(in_order) - number - 1
            return


def _violation(target: Target, case: Case) -> Violation | None:
    """Return the violation of the answer to a case; None if the answer is right."""
    target.load(case.population, case.callers)
    answer = target.answer(case)
    wrong = find_problem(case, answer)
    got = describe_answer(answer)
    if wrong is None and case.twin is not None:
        target.load(case.twin, case.callers)
        twin = target.answer(case)
        wrong = find_twin_problem(case, answer, twin)
        if wrong is not None:
            got = describe_answers(answer, twin)
            if wrong.clause is not None and "get" in case.request:  # a vector of A-5 has gets, too
                case = replace(case, clause=wrong.clause, level=cases.level(wrong.clause))
    return None if wrong is None else Violation(case, wrong.text, got, wrong.hint, wrong.is_form)


def reproduce(case: str, implementation: Implementation) -> Violation | None:
    """Ask one case again.

    Args:
        case: the id of a vector, or a drawn case in JSON, as a report shows it.
        implementation: the implementation to ask.

    Returns:
        The violation; None if the answer is right.

    Raises:
        ValueError: it is not a case, or the implementation lacks a feature that the case needs.
    """
    if case in {law.id for law in _laws_if_any()}:
        raise ValueError(f"{case} is a law; draw its questions with run_contract(..., only=[{case!r}], seed=...)")
    if not case.lstrip().startswith("{"):
        report = run_contract(implementation, only={case}, examples=0)
    else:
        report, target = Report(), Target(implementation)
        again = Again(getattr(implementation, "conform_arguments", None), f"{type(implementation).__name__}()")
        try:
            ask_vectors([Case.from_json(case)], target, report, {}, again, lambda number: None)
        finally:
            target.close()
    if not report.passed and not report.violations:
        raise ValueError(f"{case[:100]} was not asked: {report}")
    return report.violations[0] if report.violations else None


def contract_tests(
    make_implementation: Callable[[], Implementation], *, examples: int = EXAMPLES, seed: int | None = None
) -> type:
    """Build a class of pytest tests, one for each clause and each law: `TestMine = contract_tests(Mine)`.

    Each call builds a new class, so that one run can test several implementations.

    Args:
        make_implementation: makes the implementation, once for each test.
        examples: about how many questions are drawn for all laws together.
        seed: the seed of the questions; by default it is random.
    """

    def run(name: str, share: int) -> Report:
        return run_contract(make_implementation(), only={name}, examples=share, seed=seed)

    clauses = dict.fromkeys(case.clause for case in cases.vectors())
    return class_of_tests("TestContract", clauses, laws_of(examples, None), run, examples)


def class_of_tests(
    name: str, clauses: Iterable[str], laws: Sequence[Law], run: Callable[[str, int], Report], examples: int
) -> type:
    """Build a class of tests, one for each clause and each law. A test calls `run`, and fails with its report."""

    def test_of(name: str, doc: str, share: int) -> Callable[[Any], None]:
        def test(self: object) -> None:
            import pytest  # noqa: PLC0415 - an extra, which only a test needs

            report = run(name, share)
            if report.violations or report.faults or report.ended is not None:
                pytest.fail(str(report), pytrace=False)
            if not report.ok:
                pytest.skip("; ".join({*(skipped.reason for skipped in report.skipped), *report.not_drawn.values()}))

        test.__doc__ = doc
        return test

    tests: dict[str, Any] = {
        f"test_{clause.replace('-', '_')}": test_of(clause, f"{clause}: {cases.sentence(clause)}", 0)
        for clause in clauses
    }
    for law in laws:
        share = -(-examples * law.share // 100)
        tests[f"test_{law.id.replace('-', '_').replace('/', '_')}"] = test_of(
            law.id, f"{law.clause}: {law.sentence}.", share
        )
    return type(name, (), tests)
