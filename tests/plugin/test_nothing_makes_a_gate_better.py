"""Whatever a plugin or a judge does to a run, no gate ends better than its lines, and a NO-GO never has status 0."""

import shutil
from pathlib import Path

import pytest

from tests.plugin.conftest import Rehearse
from tests.report.samples import seal

LOAD_RUDE = "[tool.pytest]\npythonpath = ['.']\naddopts = ['-p', 'rude']\n"
LINE = "test_every_acknowledged_answer_is_kept"
RUDE = {
    "the test of a line is skipped": (
        f"import pytest\ndef pytest_runtest_setup(item):\n    if item.name == {LINE!r}: pytest.skip('not today')\n"
    ),
    "the test of a gate fails although its judge passed": (
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_call(item):\n"
        "    yield\n"
        "    if item.name == 'test_zero_data_loss': raise ValueError('broken afterwards')\n"
    ),
}
JUDGE = """
from pytest_examday.public import Line
def judge(measured, findings):
    {body}
def pytest_examday_lines(suite):
    return [Line("own", "Own line", 1, (), judge, {gates})] if suite == "exam" else []
"""
EXITS = (
    "raise SystemExit(0)",
    "import pytest; pytest.exit('enough', returncode=0)",
    "import pytest; pytest.skip('no')",
)


@pytest.mark.parametrize("case", RUDE)
def test_a_gate_is_as_bad_as_what_was_seen_of_it_and_of_its_lines(rehearse: Rehearse, case: str) -> None:
    run = rehearse(files={"rude.py": RUDE[case], "pyproject.toml": LOAD_RUDE}, apart=True)
    assert run.exit_status != 0, run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("zero-data-loss")["outcome"] == "inconclusive"


@pytest.mark.parametrize("body", EXITS)
def test_a_judge_that_would_end_the_run_makes_its_line_inconclusive(rehearse: Rehearse, body: str) -> None:
    conftest = JUDGE.format(body=body, gates='("error-rate",)')
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status != 0, run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("error-rate")["outcome"] == "inconclusive"
    assert "the judge of own crashed" in run.gate("error-rate")["reason"]


def test_a_red_line_that_counts_for_no_gate_is_named_on_the_board(rehearse: Rehearse) -> None:
    conftest = JUDGE.format(body="findings.fail('the lamp is off')", gates="()")
    run = rehearse("-m", "gates", files={"conftest.py": conftest})
    assert run.exit_status == 0, run.output
    board = run.output.partition("exam-day rehearsal")[2]
    assert "for information; these lines count for no gate:" in board
    assert "Own line: the lamp is off" in board


def test_a_reason_of_several_lines_stays_one_line_on_the_board(rehearse: Rehearse) -> None:
    conftest = JUDGE.format(body="findings.fail('bad\\n  VERDICT: GO')", gates='("error-rate",)')
    run = rehearse("-m", "gates", files={"conftest.py": conftest})
    assert run.exit_status == 1
    assert "\n  VERDICT: GO" not in run.output.partition("= exam-day rehearsal")[2]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            ("when_unmeasured='blocks'", "when_unmeasured='Blocks'"),
            "when_unmeasured is 'Blocks'; valid: blocks, ignored",
        ),
        (('"own"', '"../own"'), "line '../own': write lower-case letters"),
        (('"own"', '"missing_answers"'), "two tests of lines are called test_missing_answers"),
    ],
)
def test_a_line_that_cannot_be_judged_or_named_is_refused(
    rehearse: Rehearse, change: tuple[str, str], complaint: str
) -> None:
    conftest = JUDGE.format(body="findings.add_fact('fine')", gates="(), when_unmeasured='blocks'").replace(*change)
    run = rehearse("-m", "gates", files={"conftest.py": conftest})
    assert run.exit_status == 4, run.output
    assert complaint in run.output


def test_evidence_that_no_suite_judges_is_refused(rehearse: Rehearse, go_run: Path) -> None:
    earlier = shutil.copytree(go_run, go_run.with_name("with_more"), dirs_exist_ok=True)
    shutil.copy(earlier / "evidence" / "load.json", earlier / "evidence" / "drill_mystery.json")
    seal(earlier)
    run = rehearse("--env", "local", "--examday-evidence", str(earlier), env=None)
    assert run.exit_status == 4
    assert "no suite has an activity for evidence/drill_mystery.json" in run.output
