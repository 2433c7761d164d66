"""A line: a failure outweighs a doubt, a doubt outweighs every fact, and what was not measured is never a pass."""

import pytest

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.core.outcome import Outcome
from pytest_examday.errors import Unmeasurable

from .small_suite import Count, Other, counting, run_of

GOOD = run_of(count=Count())


def _line(judge: Judge, needs: tuple[str, ...] = ()) -> Line:
    return Line("a-line", "A line", 1, needs, judge)


def _says(failure: bool = False, doubt: bool = False, fact: bool = False) -> Line:
    def judge(measured: Measured, findings: Findings) -> None:
        findings.fail_if(failure, "wrong")
        findings.doubt_if(doubt, "unknown")
        if fact:
            findings.add_fact("a figure")

    return _line(judge)


def _crash(measured: Measured, findings: Findings) -> None:
    raise KeyError("a field that is missing")


def _cannot(measured: Measured, findings: Findings) -> None:
    raise Unmeasurable("the database was away")


@pytest.mark.parametrize(
    ("failure", "doubt", "fact", "outcome", "reason"),
    [
        (True, True, True, "fail", "wrong; unknown"),
        (True, False, True, "fail", "wrong"),
        (False, True, True, "inconclusive", "unknown"),
        (False, False, True, "pass", "a figure"),
        (False, False, False, "inconclusive", "a-line: nothing was judged"),
    ],
)
def test_a_line_is_as_bad_as_the_worst_that_was_found(
    failure: bool, doubt: bool, fact: bool, outcome: Outcome, reason: str
) -> None:
    result = _says(failure, doubt, fact).result(GOOD)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize(("failure", "doubt"), [(True, False), (False, True), (False, False)])
def test_the_figure_is_told_whatever_the_outcome(failure: bool, doubt: bool) -> None:
    assert _says(failure, doubt, fact=True).result(GOOD).facts_in_words == "a figure"


def test_a_judge_that_crashes_makes_its_line_inconclusive_and_says_how() -> None:
    result = _line(_crash).result(GOOD)
    assert result.outcome == "inconclusive"
    assert result.reason == "the judge of a-line crashed: KeyError: 'a field that is missing'"


def test_what_a_judge_cannot_measure_makes_its_line_inconclusive() -> None:
    result = _line(_cannot).result(GOOD)
    assert (result.outcome, result.reason) == ("inconclusive", "the database was away")


def test_a_failure_that_was_found_before_the_judge_crashed_stands() -> None:
    def judge(measured: Measured, findings: Findings) -> None:
        findings.fail("wrong")
        raise ZeroDivisionError

    result = _line(judge).result(GOOD)
    assert result.outcome == "fail"
    assert result.reason == "wrong; the judge of a-line crashed: ZeroDivisionError:"


def test_a_line_without_its_evidence_gives_the_reason_once() -> None:
    result = counting().result(run_of(count=None))
    assert (result.outcome, result.reason) == ("inconclusive", "count was not measured: no platform")


def test_a_line_whose_judge_does_not_read_what_it_needs_is_inconclusive_without_it() -> None:
    line = _line(lambda measured, findings: findings.add_fact("a figure"), needs=("count",))
    assert line.result(run_of(count=Count())).outcome == "pass"
    assert line.result(run_of(count=None)).outcome == "inconclusive"


def test_a_failure_that_was_found_stands_although_evidence_is_missing() -> None:
    line = _line(lambda measured, findings: findings.fail("wrong"), needs=("count",))
    result = line.result(run_of(count=None))
    assert (result.outcome, result.reason) == ("fail", "wrong; count was not measured: no platform")


def test_a_record_that_says_that_it_measured_nothing_is_no_evidence() -> None:
    result = counting().result(run_of(count=Count(of=0)))
    assert (result.outcome, result.reason) == ("inconclusive", "count was not measured: it counted nothing")


def test_a_record_of_another_kind_than_the_judge_expects_is_no_evidence() -> None:
    assert counting().result(run_of(count=Other())).outcome == "inconclusive"


def test_a_line_states_the_limits_of_its_run() -> None:
    line = Line("p95", lambda limits: f"p95 < {limits.p95_ms:g} ms", 1, (), _cannot)
    assert line.result(run_of(Thresholds(p95_ms=60000))).words == "p95 < 60000 ms"
    assert line.result(run_of()).words == "p95 < 500 ms"


def test_the_test_of_a_line_is_named_after_its_key() -> None:
    assert counting(key="nothing-is-wrong").test == "test_nothing_is_wrong"
