"""What a rehearsal says nothing about stands in the summary of each report, and in full further below."""

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_examday.core.verdict import LineRecord
from pytest_examday.report.not_rehearsed import gaps, gaps_in_full, gaps_in_short
from pytest_examday.report.plain_document import plain_document
from pytest_examday.report.view import View
from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests import builders
from tests.report import samples
from tests.report.judged_run import JudgedRun, judge

_DRILLS = "11 drills: Worker restart, Worker pause, Network delay and 8 more"
_BROWSER = "2 statements (needs a browser): No spinner hangs, Graceful error messages on retries"
_EMBEDDED = (
    "Rehearsed on the embedded platform, which comes with pytest-examday: the verdict is about that one and says "
    "nothing of yours"
)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> JudgedRun:
    """A GO of the smallest profile, which leaves most drills out."""
    folder = tmp_path_factory.mktemp("smoke")
    return judge(samples.write_run(folder / "earlier"), folder / "run")


def _of(view: View) -> str:
    return gaps_in_short(gaps([view]))


def test_a_go_says_on_top_of_every_report_what_was_not_rehearsed(smoke: JudgedRun) -> None:
    assert smoke.verdict["verdict"] == "GO"
    summary = smoke.read("report.md").split("**Key Findings**")[0]
    assert f"**Not Rehearsed**: {_DRILLS}; {_BROWSER}; all of it under [Not Rehearsed](#not-rehearsed)" in summary
    assert f"{_DRILLS}; {_BROWSER}" in smoke.read("report.html").split("GO/NO-GO gates")[0]
    assert f"  not rehearsed: {_DRILLS}; {_BROWSER}\n" in smoke.terminal


def test_further_below_each_report_lists_all_of_it_with_the_reasons(smoke: JudgedRun) -> None:
    document, page = smoke.read("report.md"), smoke.read("report.html")
    for text in (document.split("### Not Rehearsed")[1], page.split('aria-label="Not rehearsed"')[1]):
        assert "drill: System restart (not part of this run, profile smoke)" in text
        assert "statement: No spinner hangs (needs a browser)" in text


def test_a_drill_that_was_made_is_not_named() -> None:
    view = samples.view(samples.everything(drill_network_delay=samples.drill("drill_network_delay")))
    assert "Network delay" not in "; ".join(gaps_in_full(gaps([view])))
    assert "10 drills" in _of(view)


def test_a_line_that_could_not_be_measured_is_named_with_its_reason() -> None:
    view = samples.view(samples.everything())
    lines = tuple(_unmeasured(line) if line.key == "timer-behaves-correctly" else line for line in view.lines)
    view = replace(view, lines=lines)
    assert "1 line not measured: Timer behaves correctly" in _of(view)
    assert "line: Timer behaves correctly (no clock)" in gaps_in_full(gaps([view]))


def _unmeasured(line: LineRecord) -> LineRecord:
    return line.model_copy(update={"outcome": "inconclusive", "reason": "no clock"})


def test_a_run_of_one_phase_names_the_other_phases_once() -> None:
    view = samples.view(samples.everything())
    alone = replace(view, verdict=None, evidence={}, lines=view.of_phase(5))
    assert "6 phases: 1 Pre-Exam Freeze, 2 Load Generation, 3 Failure Injection and 3 more" in _of(alone)
    assert "drill" not in _of(alone)


def test_a_suite_without_a_document_of_its_own_says_it_too() -> None:
    document = plain_document(samples.view(samples.everything()))
    assert f"**Not Rehearsed**: {_DRILLS}" in document
    assert "- drill: System restart (" in document.split("## Not Rehearsed")[1]


def test_a_suite_of_which_everything_was_rehearsed_says_nothing() -> None:
    suite = replace(EXAM, drills=(), never_measured={})
    assert gaps([replace(samples.view(samples.everything()), suite=suite)]) == ()


def test_a_verdict_on_the_embedded_platform_says_on_top_that_it_is_about_no_other(smoke: JudgedRun) -> None:
    assert smoke.verdict["embedded"] is True
    assert f"**Notice**: {_EMBEDDED}\n" in smoke.read("report.md").split("**Overall Assessment**")[0]
    assert f'<p class="ed-notice">{_EMBEDDED}</p>' in smoke.read("report.html").split("GO/NO-GO gates")[0]
    assert "VERDICT: GO, on the embedded platform, judged again from " in smoke.terminal
    for text in (smoke.read("report.md"), smoke.read("report.html")):
        assert f"{len(EXAM.gates)} gates passed; this is a verdict on the embedded platform, not on yours." in text
        assert "may go ahead" not in text


def test_a_verdict_on_another_platform_says_whether_the_exam_may_go_ahead(tmp_path: Path) -> None:
    elsewhere = samples.preflight().model_copy(update={"runtime": "docker"})
    run = judge(samples.write_run(tmp_path / "earlier", samples.everything(preflight=elsewhere)), tmp_path / "run")
    assert run.verdict["embedded"] is False
    assert f"{len(EXAM.gates)} gates passed, so the exam may go ahead." in run.read("report.md")
    assert "embedded platform" not in run.terminal


def test_what_is_not_promised_is_named_everywhere_as_not_part_of_the_run(tmp_path: Path) -> None:
    config = tmp_path / "examday.toml"
    config.write_text('[env.local]\nnot_promised = ["timer-behaves-correctly"]\n')
    run = judge(samples.write_run(tmp_path / "earlier"), tmp_path / "run", options=(f"--examday-config={config}",))
    why = "env.local.not_promised names it"
    assert run.verdict["verdict"] == "GO"
    assert run.verdict["not_promised"] == {"timer-behaves-correctly": why}
    assert "timer-behaves-correctly" not in [line["key"] for line in run.verdict["lines"]]
    assert not [test for test in run.tests if "timer" in test]
    assert "1 line not promised by the platform: Timer behaves correctly" in run.terminal
    for text in (run.read("report.md"), run.read("report.html")):
        assert f"line: Timer behaves correctly (not promised: {why})" in text
    assert f"- [ ] Timer behaves correctly (not measured: not promised, {why})" in run.read("report.md")


def test_lines_without_a_description_are_listed_once_for_each_cause(tmp_path: Path) -> None:
    config = tmp_path / "examday.toml"
    config.write_text('[env.local.contract]\npreset = "reference"\nabsent = ["idempotency_header"]\n')
    run = judge(samples.write_run(tmp_path / "earlier"), tmp_path / "run", options=(f"--examday-config={config}",))
    assert "5 lines without a description of what they need: One idempotency key opens one exam, " in run.terminal
    (told,) = [line for line in run.read("report.md").splitlines() if line.startswith("- 5 lines: ")]
    assert told.count("; ") == 4
    assert told.endswith(" (the contract has no idempotency key, neither in a header nor as {key})")
    assert "not promised by the platform" not in run.terminal


def test_a_promise_that_the_earlier_run_was_excused_from_cannot_be_judged_again() -> None:
    why = "env.staging.not_promised names it"
    excused = {"trials": (), "not_promised": {"timer-behaves-correctly": why}}
    view = samples.view(samples.everything(experience=builders.experience().model_copy(update=excused)))
    assert f"line: Timer behaves correctly (timer-behaves-correctly was not tried: {why})" in gaps_in_full(gaps([view]))
