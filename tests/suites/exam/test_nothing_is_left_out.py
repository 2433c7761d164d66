"""Every activity, gate, line, check and drill of the exam is in every table that lists such things."""

import re
from pathlib import Path
from typing import get_args

import pytest

from pytest_examday.core.activity import Activity
from pytest_examday.drills.drill import Drill
from pytest_examday.integrity.harmed_actors import Harm
from pytest_examday.integrity.sql_checks import read_checks
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.lines.drill_lines import lines_of
from pytest_examday.suites.exam.lines.integrity import CHECKS
from pytest_examday.suites.exam.suite import SUITE
from tests import builders
from tests.builders import OPTIONAL_DRILLS

ACTIVITIES = {activity.name for activity in SUITE.activities}
WORDS = {
    "every drill": {drill.activity for drill in DRILLS},
    "drills of the profile": {drill.activity for drill in OPTIONAL_DRILLS},
}
"""What the reference calls several activities."""


def _table(checkout: Path, heading: str) -> dict[str, list[str]]:
    """The rows of the first table under that heading of the reference: first cell without quotes -> the others."""
    text = (checkout / "docs" / "reference.md").read_text().split(f"\n{heading}\n")[1]
    rows = [line for line in text.split("\n| ---")[1].split("\n\n")[0].splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for row in rows for cells in [row.strip("| ").split(" | ")]}


_PHASE = r"^\| (\d) \| ([^|]+) \| ([^|]*?) ?\|"
"""The number of a phase, its title and its activities, in a row of the reference."""


def _is_of(activity: Activity, phase: int) -> bool:
    return activity.phase == phase and activity.name not in WORDS["every drill"]


def _activities_in(words: str) -> set[str]:
    named = [name.strip("`") for name in words.split(", ")]
    return set().union(*(WORDS.get(name, {name}) for name in named))


def test_the_reference_lists_every_gate_with_the_activities_that_it_needs(checkout: Path) -> None:
    told = {name: _activities_in(cells[-1]) for name, cells in _table(checkout, "## Gates").items()}
    drills = [drill.activity for drill in DRILLS]
    assert told == {
        gate.name: {
            *gate.needed(drills),
            *(name for line in SUITE.lines_of(gate, ACTIVITIES) for name in line.needs),
        }
        for gate in SUITE.gates
    }, "correct the rows of the table under `## Gates` of docs/reference.md"


def test_the_reference_lists_every_drill_in_running_order(checkout: Path) -> None:
    told = [
        (name, int(cells[0]), cells[1], set(re.findall(r"`([^`]+)`", cells[-1])))
        for name, cells in _table(checkout, "### Drills").items()
    ]
    assert told == [
        (
            drill.name,
            drill.phase,
            "always" if drill.always else "`standard`, `all`" if drill.standard else "`all`",
            {gate for line in SUITE.lines if drill.activity in line.needs for gate in line.gates},
        )
        for drill in DRILLS
    ], "correct the rows of the table under `### Drills` of docs/reference.md"


def test_the_page_of_results_names_a_planted_defect_for_every_drill(checkout: Path) -> None:
    table = (checkout / "docs" / "drills.md").read_text().split("\n## Each drill can fail\n")[1]
    rows = [line.strip("| ").split(" | ") for line in table.split("\n| ---")[1].splitlines()[1:]]
    told = {name for cells in rows for name in re.findall(r"`([^`]+)`", cells[1])}
    assert told == {drill.name for drill in DRILLS}, "correct the last table of docs/drills.md"


def test_the_reference_lists_every_phase_with_its_title_and_activities(checkout: Path) -> None:
    text = (checkout / "docs" / "reference.md").read_text().split("\n## Phases\n")[1].split("\n## ")[0]
    told = {int(number): (title, activities) for number, title, activities in re.findall(_PHASE, text, re.MULTILINE)}
    assert told == {
        number: (title, ", ".join(f"`{one.name}`" for one in SUITE.activities if _is_of(one, number)))
        for number, title in SUITE.phases.items()
    }, "correct the rows of the table under `## Phases` of docs/reference.md"


def test_the_reference_lists_every_rule_of_an_exam_with_its_gate(checkout: Path) -> None:
    told = {name: cells[1].strip("`") for name, cells in _table(checkout, "### Rules of an exam").items()}
    expected = {key: SUITE.line_by_key[key].gates[0] for key in SUITE.promises}
    assert told == expected, "correct the rows of the table under `### Rules of an exam` of docs/reference.md"


def test_the_reference_lists_every_optional_line_with_its_gate(checkout: Path) -> None:
    told = {key: cells[0].strip("`") for key, cells in _table(checkout, "## Lines").items()}
    expected = {line.key: line.gates[0] for line in SUITE.lines if line.when_unmeasured == "ignored"}
    assert told == expected, "correct the rows of the table under `## Lines` of docs/reference.md"


def test_the_reference_lists_every_limit(checkout: Path) -> None:
    told = list(_table(checkout, "### `[env.NAME.thresholds]`"))
    expected = list(type(builders.run_of().limits).model_fields)
    assert told == expected, "correct the rows of the table under `### [env.NAME.thresholds]` of docs/reference.md"


def test_every_check_with_a_line_of_its_own_is_a_file_of_sql() -> None:
    lacking = CHECKS.keys() - {query.name for query in read_checks()}
    assert not lacking, f"add a file to sql/ for each entry of CHECKS in suites/exam/lines/integrity.py: {lacking}"


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_every_drill_has_lines_of_the_suite_that_need_its_evidence_alone(drill: Drill) -> None:
    lines = {line.key: line.needs for line in lines_of(drill)}
    assert set(lines.values()) == {(drill.activity,)}
    assert {line.key for line in SUITE.lines if drill.activity in line.needs} == lines.keys()


@pytest.mark.parametrize("drill", [one.activity for one in DRILLS])
def test_every_drill_counts_for_recovery_and_for_submissions(drill: str) -> None:
    gates = {gate for line in SUITE.lines if drill in line.needs for gate in line.gates}
    assert gates >= {"recovery-tested", "no-manual-fixes"}


@pytest.mark.parametrize("drill", [one.activity for one in DRILLS if one.activity != "drill_backend_restart"])
def test_every_fault_counts_among_the_failures_that_are_handled(drill: str) -> None:
    assert any("failures-handled" in line.gates for line in SUITE.lines if drill in line.needs)


def test_every_activity_is_needed_by_a_line() -> None:
    unread = ACTIVITIES - {name for line in SUITE.lines for name in line.needs}
    assert not unread, f"add a line that needs them to a module of suites/exam/lines/: {unread}"


def test_every_line_has_the_phase_of_the_last_activity_that_it_needs() -> None:
    phases = {activity.name: activity.phase for activity in SUITE.activities} | {"preflight": 1}
    assert [line.key for line in SUITE.lines if max(phases[name] for name in line.needs) != line.phase] == []


def test_every_phase_of_the_report_template_has_lines() -> None:
    assert {line.phase for line in SUITE.lines} == set(SUITE.phases)


def test_the_lines_stand_in_the_order_of_the_phases() -> None:
    assert [line.phase for line in SUITE.lines] == sorted(line.phase for line in SUITE.lines)


def test_no_two_lines_or_gates_have_tests_of_the_same_name() -> None:
    names = [line.test for line in SUITE.lines] + [gate.test for gate in SUITE.gates]
    assert sorted(set(names)) == sorted(names)


def test_every_harm_and_every_activity_with_harm_has_words() -> None:
    harms = get_args(Harm)
    where = {"load", "drill_backend_restart", "integrity", "integrity_after"}
    assert set(SUITE.wording) == {*harms, *where}, "correct _WORDING in suites/exam/suite.py"


def test_the_hard_gates_are_those_of_the_report_template() -> None:
    assert [gate.name for gate in SUITE.gates if gate.hard] == [
        "zero-data-loss",
        "no-corrupted-sessions",
        "p95-latency",
        "recovery-tested",
        "logs-sufficient",
        "exam-mode-verified",
        "failures-handled",
    ]


def test_titles_hold_the_limits_as_they_are_configured() -> None:
    limits = builders.run_of().limits
    doubled = {name: getattr(limits, name) * factor for name, factor in {"p95_ms": 120, "error_rate": 3.5}.items()}
    weaker = type(limits).model_validate(
        {**doubled, "pool_usage": 0.95, "refused_share": 0.05, "recovery_seconds": 300}
    )
    judged = builders.judged(weaker)
    words = [*(one.words for one in judged.lines.values()), *(one.title for one in judged.gates.values())]
    assert not [text for text in words if re.search(r"< ?(500|1%|80%)|within 60 s", text)]
    assert "p95 latency acceptable (< 60000ms)" in words
    assert "Error rate < 3.5%" in words
    assert "Database pool < 95% usage" in words
