"""Every place at which a staging rehearsal shows the outcome of a line or gate says what the judge says."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_examday.core.line import LineResult
from pytest_examday.core.outcome import Outcome, worst
from pytest_examday.record import Record
from pytest_examday.session.items import LineItem
from pytest_examday.suites.staging.not_yet_rehearsed import NOT_YET_REHEARSED
from pytest_examday.suites.staging.phases import IN_OVERVIEW, PHASES
from pytest_examday.suites.staging.report import critical_issues, sections
from pytest_examday.suites.staging.suite import SUITE
from tests.report.judged_run import JudgedRun, judge
from tests.report.places import _Page, _plain
from tests.suites.staging.report import samples

_STATES: dict[str, Outcome] = {"PASS": "pass", "FAIL": "fail", "INCONCLUSIVE": "inconclusive"}
Records = dict[str, Record | None]

PLANTED: dict[str, Callable[[], Records]] = {
    "what can be rehearsed is good": lambda: _records(samples.migrations(), samples.webhooks()),
    "what can be rehearsed is bad": lambda: _records(samples.broken_migrations(), samples.broken_webhooks()),
    "only migrations were measured": lambda: _records(samples.migrations(), None),
    "nothing was measured": dict,
}


def _records(migrations: Record | None, webhooks: Record | None) -> Records:
    return {"staging_preflight": samples.preflight(), "migrations": migrations, "webhooks": webhooks}


def _run(records: Records, folder: Path) -> JudgedRun:
    earlier = samples.write_run(folder / "earlier", **records)
    return judge(earlier, folder / "run", options=("--examday-suite=staging",))


class _Report:
    """`report.md` by its parts."""

    def __init__(self, text: str) -> None:
        self.text = _plain(text)

    def below(self, heading: str) -> str:
        """What stands below a heading, up to the next one of its level or of a higher one."""
        level = heading.partition(" ")[0]
        after = self.text.split(f"\n{heading}\n", 1)[1]
        return re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]

    def boxes(self, phase: int) -> dict[str, tuple[bool, str, str]]:
        """Label -> whether the box is ticked, its state, its note."""
        found = re.findall(
            r"^- \[(x| )\] (.+?) - (PASS|FAIL|INCONCLUSIVE)(?: - (.*))?$",
            self.below(f"### {phase}. {PHASES[phase]}"),
            re.MULTILINE,
        )
        return {label: (tick == "x", state, note) for tick, label, state, note in found}

    def overview(self, phase: int) -> str:
        """The state of a section in the overview."""
        row = re.search(rf"^\| {re.escape(IN_OVERVIEW[phase])} \| \S+ (\w+) \|", self.text, re.MULTILINE)
        assert row is not None
        return row[1]

    def status(self, phase: int) -> str:
        """The state below the heading of a section."""
        found = re.search(r"\*\*Status:\*\* (\w+)", self.below(f"### {phase}. {PHASES[phase]}"))
        assert found is not None
        return found[1]

    def criteria(self) -> dict[str, tuple[bool, str]]:
        """Title of a gate -> whether its box is ticked, and its state."""
        boxes = self.below("### Go Criteria Met")
        found = re.findall(r"^- \[(x| )\] (.+?) \((PASS|FAIL|INCONCLUSIVE): ", boxes, re.MULTILINE)
        return {title: (tick == "x", state) for tick, title, state in found}

    def critical(self) -> list[tuple[str, str, str]]:
        """Severity, description and whether it has to be resolved, of each issue."""
        table = self.below("## Critical Issues Requiring Resolution")
        return re.findall(r"^\| ISSUE-\d+ \| (\w+) \| (.*) \| .* \| (YES|NO) \|$", table, re.MULTILINE)


def _disagreements(run: JudgedRun, records: Records) -> Iterator[str]:
    judged = samples.results(**records)
    report, page, verdict = _Report(run.read("report.md")), _Page.of(run.read("report.html")), run.verdict
    shown = {line["key"]: line["outcome"] for line in verdict["lines"]}
    for key, result in judged.items():
        yield from _of_line(run, report, page, result, shown.get(key))
    for phase in PHASES:
        expected = worst(result.outcome for result in judged.values() if result.line.phase == phase)
        for place, said in (("overview", report.overview(phase)), ("status", report.status(phase))):
            if _STATES[said] != expected:
                yield f"section {phase}: the {place} says {said}, its lines are {expected}"
    criteria = report.criteria()
    for gate in SUITE.gates:
        expected = worst(result.outcome for result in judged.values() if gate.name in result.line.gates)
        result = next(one for one in verdict["gates"] if one["name"] == SUITE.full_name(gate))
        ticked, state = criteria[str(gate.words)]
        told = {"verdict.json": result["outcome"], "report.md": _STATES[state], "box": "pass" if ticked else expected}
        told["report.html"] = page.gates[SUITE.full_name(gate)].outcome
        for place, outcome in told.items():
            if outcome != expected or (expected != "pass" and ticked):
                yield f"gate {gate.name}: {place} says {outcome}, its lines are {expected}"


def _of_line(run: JudgedRun, report: _Report, page: _Page, result: LineResult, in_verdict: str | None) -> Iterator[str]:
    key, expected, phase = result.line.key, result.outcome, result.line.phase
    failure = run.tests[f"examday::staging::phase{phase}::{result.line.test}"]
    html = page.lines.get(key)
    told: dict[str, str | None] = {
        "verdict.json": in_verdict,
        "test": "pass" if failure is None else "inconclusive" if "INCONCLUSIVE" in failure else "fail",
        "report.html": None if html is None else html.outcome,
    }
    box = report.boxes(phase).get(result.words)
    if box is not None:
        told["box"] = "pass" if box[0] else _STATES[box[1]]
        if box[0] != (expected == "pass") or _STATES[box[1]] != expected:
            yield f"line {key}: its box says {box}, its judge says {expected}"
    else:
        told["box"] = None
    severities = {"fail": "HIGH", "inconclusive": "MEDIUM"}
    if expected != "pass":
        issue = [row for row in report.critical() if result.words in row[1] and result.reason in row[1]]
        if [(row[0], row[2]) for row in issue] != [(severities[expected], "YES")]:
            yield f"line {key}: the critical issues say {issue}, its judge says {expected}"
        if result.reason not in report.below("### Immediate Actions (Blockers)"):
            yield f"line {key}: no action is recommended for {result.reason}"
    for place, outcome in told.items():
        if outcome != expected:
            yield f"line {key}: {place} says {outcome}, its judge says {expected}"


@pytest.mark.parametrize("planted", PLANTED)
def test_every_place_says_what_the_judge_says(planted: str, tmp_path: Path) -> None:
    records = PLANTED[planted]()
    run = _run(records, tmp_path)
    assert run.exit_status == 1, run.terminal
    assert list(_disagreements(run, records)) == []


def test_the_planted_evidence_shows_lines_in_every_state() -> None:
    unbuilt = {line.key for section in NOT_YET_REHEARSED for line in section.lines}
    good = samples.results(**PLANTED["what can be rehearsed is good"]())
    assert {key for key, result in good.items() if result.outcome != "pass"} == unbuilt
    bad = samples.results(**PLANTED["what can be rehearsed is bad"]())
    assert {result.outcome for key, result in bad.items() if key not in unbuilt} == {"pass", "fail", "inconclusive"}


def test_no_verdict_is_go_while_a_section_is_not_rehearsed(tmp_path: Path) -> None:
    """Everything that can be rehearsed passes, and the verdict is NO-GO with one sentence for each other section."""
    run = _run(PLANTED["what can be rehearsed is good"](), tmp_path)
    assert run.verdict["verdict"] == "NO-GO"
    outcomes = {gate["name"]: gate["outcome"] for gate in run.verdict["gates"]}
    passed = {"staging:migrations-execute", "staging:webhooks-end-to-end"}
    assert {name for name, outcome in outcomes.items() if outcome == "pass"} == passed
    head = run.read("report.md").partition("## Executive Summary")[0]
    assert [section.reason for section in NOT_YET_REHEARSED if section.reason not in head] == []
    assert "Database Migration Testing, Webhook Processing Pipeline" in head


def test_migrations_are_listed_with_what_happened_to_each(tmp_path: Path) -> None:
    run = _run(_records(samples.broken_migrations(), None), tmp_path)
    report = run.read("report.md")
    assert "- [x] 001_init.sql - PASS - " in report
    assert "- [ ] 002_more.sql - FAIL - fails on an empty database: 002_more.sql:3: no such table" in report


def test_the_box_for_migration_rollbacks_shows_the_worst_of_their_lines(tmp_path: Path) -> None:
    good = _Report(_run(PLANTED["what can be rehearsed is good"](), tmp_path / "good").read("report.md"))
    assert good.boxes(5)["Migration rollback tested"] == (True, "PASS", "8 lines passed")
    bad = _Report(_run(PLANTED["what can be rehearsed is bad"](), tmp_path / "bad").read("report.md"))
    assert bad.boxes(5)["Migration rollback tested"][:2] == (False, "INCONCLUSIVE")


def _tick_every_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "_box", lambda label, lines: sections.CheckBox(label, True, "PASS", "fine"))


def _tell_no_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(critical_issues, "_of_lines", lambda view: iter(()))


def _pass_the_test_of_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LineItem, "runtest", lambda item: None)


@pytest.mark.parametrize(
    ("decides_for_itself", "told"),
    [
        (_tick_every_box, "line webhooks-signature: its box says (True, 'PASS', 'fine'), its judge says fail"),
        (_tell_no_issue, "line webhooks-signature: the critical issues say [], its judge says fail"),
        (_pass_the_test_of_every_line, "line webhooks-signature: test says pass, its judge says fail"),
    ],
)
def test_a_place_that_decides_for_itself_is_noticed(
    decides_for_itself: Callable[[pytest.MonkeyPatch], None], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = PLANTED["what can be rehearsed is bad"]()
    with monkeypatch.context() as patched:
        decides_for_itself(patched)
        run = _run(records, tmp_path)
    assert told in list(_disagreements(run, records))
