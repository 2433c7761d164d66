"""`report.md` as the exam's owner reads it."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.verdict import OutcomeOfTest
from pytest_examday.evidence.figures import HarmedActor
from pytest_examday.record import Record
from pytest_examday.suites.exam.activities import drill_activity
from pytest_examday.suites.exam.report.markdown import markdown
from pytest_examday.suites.exam.report.source import Sources
from pytest_examday.suites.exam.report.template_fields import further
from pytest_examday.suites.exam.suite import SUITE
from tests.drills.redis_drill import redis_drill
from tests.report import samples
from tests.suites.exam.report.labels import LABELS

_BROKEN: dict[str, Record | str | None] = {
    "integrity_after": samples.integrity(samples.lost()),
    "observability": "the log files cannot be read",
    "experience": None,
}
_HOSTILE = "a|b\n## Owned <script>alert(1)</script> [click](javascript:alert(1)) `code` *bold*\r\n| x | y |"


def _render(evidence: samples.Everything, **verdict: object) -> str:
    """The report of a run; `verdict` are fields of its verdict that are others."""
    return markdown(samples.view_with(samples.view(evidence), **verdict))


def _section(report: str, heading: str, level: str = "##") -> str:
    """The text under one heading, down to the next of its level."""
    return report.split(f"\n{level} {heading}\n", 1)[1].split(f"\n{level} ", 1)[0]


@pytest.mark.parametrize(
    "evidence", [samples.everything(), samples.everything(**_BROKEN), {}], ids=["GO", "NO-GO", "nothing"]
)
def test_every_label_of_the_template_appears_in_its_order(evidence: samples.Everything) -> None:
    report = _render(evidence)
    at = 0
    for before, label in pairwise(("the beginning", *LABELS)):
        found = report.find(label, at)
        assert found >= 0, f"{label!r} does not follow {before!r}"
        at = found + len(label)


@pytest.mark.parametrize(
    "evidence", [samples.everything(), samples.everything(**_BROKEN), {}], ids=["GO", "NO-GO", "nothing"]
)
def test_no_field_is_empty(evidence: samples.Everything) -> None:
    lines = [line for line in _render(evidence).splitlines() if line]
    open_fields = [
        line
        for line, following in pairwise(lines)
        if line.startswith(("- ", "**")) and line.endswith(":") and not following.startswith("- ")
    ]
    assert open_fields == []
    assert not [line for line in lines if "None" in line]


def test_a_good_rehearsal_is_go_and_says_that_nobody_was_harmed() -> None:
    report = _render(samples.everything())
    assert report.count("**Status**: [x] GO  [ ] NO-GO") == 2
    assert f"**Overall Assessment**: 0 of 80 candidates were harmed; all {len(SUITE.gates)} gates passed" in report
    assert "of 400 acknowledged answers 400 are stored as acknowledged" in _section(report, "Executive Summary")
    assert _section(report, "Blockers", "###").strip() == "none"


def test_figures_have_their_units() -> None:
    report = _render(samples.everything())
    for line in (
        "- p95 latency: 40.0 ms",
        "- Success rate: 100.00%",
        "- **Duration**: 24.0 s",
        "- Errors: 0 (0.00%)",
    ):
        assert line in report
    assert (
        "**Recovery Time**: 0.7 s from the start of the fault's removal until everything answered again (health "
        in report
    )
    assert "- Peak usage: 30.0%" in report


def test_what_was_met_before_anything_was_done_is_told() -> None:
    met = samples.preflight().model_copy(
        update={"healed": ("Redis stopped (redis): taken out",), "clock_skew": {"worker-1": 0.2, "worker-2": -3.0}}
    )
    summary = _section(_render(samples.everything(preflight=met)), "Executive Summary")
    assert "- left by an earlier rehearsal: Redis stopped (redis): taken out" in summary
    assert "- the clock of worker-2 is -3.0 s off" in summary
    assert "worker-1" not in summary


def test_boxes_are_ticked_only_by_what_was_measured_and_good() -> None:
    good, nothing = _render(samples.everything()), _render({})
    assert "- [x] Auth still works" in good
    assert "- [ ] No spinner hangs (not measured: needs a browser)" in good
    assert "- [ ] Graceful error messages on retries (not measured: needs a browser)" in good
    assert "**Data Consistency**: [x] Verified  [ ] Issues found" in good
    assert "[x]" not in nothing.replace("[ ] GO  [x] NO-GO", "")


def test_a_lost_answer_is_no_go_with_the_candidates_story_and_a_blocker() -> None:
    report = _render(samples.everything(**_BROKEN))
    summary = _section(report, "Executive Summary")
    assert "[ ] GO  [x] NO-GO" in summary
    assert "1 of 80 candidates was harmed" in summary
    assert "- FAIL: Zero data loss verified: acknowledged answers lost: 1" in summary
    assert "**load-07@exam.example** lost an answer" in summary
    assert "acknowledged B and nothing is stored" in summary
    assert "- Zero data loss verified (FAIL)" in _section(report, "Blockers", "###")
    assert "- [ ] Zero data loss verified (FAIL" in _section(report, "Hard Gates", "###")
    assert "gate zero-data-loss (FAIL)" in _section(report, "Phase 4: Data Integrity Verification")
    assert "**Data Consistency**: [ ] Verified  [x] Issues found (acknowledged answers lost: 1 (first: " in report


def test_failures_come_before_what_could_not_be_judged() -> None:
    findings = _section(_render(samples.everything(**_BROKEN)), "Executive Summary").split("**Key Findings**:")[1]
    assert findings.index("- FAIL:") < findings.index("- INCONCLUSIVE:")


def test_what_was_not_measured_says_why_and_becomes_a_risk() -> None:
    report = _render(samples.everything(**_BROKEN))
    assert "- p95: not measured: the log files cannot be read" in _section(report, "Phase 6: Observability Review")
    assert "- [ ] Timer behaves correctly (experience was not measured: never measured in this run)" in report
    risks = _section(report, "Risk Register")
    assert "Not known: Logs sufficient for audit; No silent failures" in risks
    assert "   - **Likelihood**: Medium" in risks


def test_a_network_delay_that_was_rehearsed_has_its_figures() -> None:
    drill = samples.drill("drill_network_delay").model_copy(update={"scenario": "500 ms", "cuts_connections": False})
    delay = _section(_render(samples.everything(drill_network_delay=drill)), "C) Network Delay", "###")
    assert "**Scenario**: 500 ms (held for " in delay
    assert "**Expected Behavior**: everybody is served" in delay
    assert "**Issues Found**: none (11 lines passed)" in delay


def test_every_further_drill_has_its_section_measured_or_not() -> None:
    drill = samples.drill("drill_worker_pause").model_copy(
        update={"outage": True, "stopped_because": "30 of 30 requests failed"}
    )
    report = _render(samples.everything(drill_worker_pause=drill, drill_proxy_restart="there is no proxy"))
    pause, proxy = _section(report, "Worker pause", "###"), _section(report, "Proxy restart", "###")
    assert "**Expected Behavior**: nobody is served while it lasts" in pause
    assert "stopped on harm: 30 of 30 requests failed" in pause
    assert "**Recovery Time**: " in pause
    assert "(FAIL): drill_worker_pause: stopped on harm: 30 of 30 requests failed" in pause
    assert "(INCONCLUSIVE): drill_proxy_restart was not measured: there is no proxy" in proxy


def test_the_network_delay_is_not_rehearsed() -> None:
    delay = _section(_render(samples.everything()), "C) Network Delay", "###")
    assert delay.count("not rehearsed in this run") == 4


def test_harm_is_not_denied_where_it_could_not_be_seen() -> None:
    report = _render(samples.everything(integrity_after="the database cannot be reached"))
    assert "0 of 80 candidates were seen to be harmed, and harm was not fully measured" in report
    assert "0 of 80 candidates were harmed" not in report
    assert "No candidate took part in the rehearsal, so nothing is known about harm" in _render({})


def test_the_second_look_at_the_database_is_told_where_it_differs() -> None:
    after = samples.integrity()
    dirty = after.model_copy(update={"checks": tuple(c.model_copy(update={"count": 2}) for c in after.checks)})
    report = _render(samples.everything(integrity_after=dirty))
    assert "**Orphaned Answers**: 0 in phase 4, 2 after the recovery drill (Expected: 0)" in report


def test_the_event_history_is_shown_beside_the_ledger() -> None:
    stored = samples.integrity()
    logged = {"event_missing": 2, "event_disagrees": 1, "losses_in_history": 1, "lost": 1}
    changed = stored.model_copy(update={"reconciliation": stored.reconciliation.model_copy(update=logged)})
    phase = _section(_render(samples.everything(integrity_after=changed)), "Phase 4: Data Integrity Verification")
    assert "**Acknowledged Answers** (the ledger against the database, after the recovery drill)" in phase
    assert (
        "**Platform's Event History**: of 400 kept answers 2 not in it, 1 with another value; "
        "of the answers lost or changed it has 1" in phase
    )
    assert "**Not Judged**: nothing" in phase


def test_what_only_the_api_told_is_called_so_and_the_rest_not_measured() -> None:
    told = samples.told_by_the_api()
    report = _render(samples.everything(integrity=told, integrity_after=told))
    phase = _section(report, "Phase 4: Data Integrity Verification")
    unmeasured = "not measured: the SQL checks need env.staging.database_url, which is not set"
    assert "(the ledger against what the API shows its candidates, after the recovery drill)" in phase
    assert f"**Orphaned Answers**: {unmeasured} (Expected: 0)" in phase
    assert f"- Total sessions: {unmeasured}" in phase
    assert "**Platform's Event History**: not measured: it was not read" in phase
    assert "**Not Judged**: sessions that changed their owner, the platform's event history" in phase
    assert f"**Data Consistency**: [ ] Verified  [ ] Issues found ({unmeasured}; " in report


def test_sessions_that_could_not_be_read_back_are_no_kept_answers() -> None:
    told = samples.told_by_the_api(unread=2, uncompared=20, kept=380)
    report = _render(samples.everything(integrity=told, integrity_after=told))
    assert "380 are stored as acknowledged, 0 lost, 0 changed, 20 could not be read back" in report
    assert "harm was not fully measured (missing: 2 sessions that could not be read back)" in report


@pytest.mark.parametrize(
    ("change", "risk"),
    [
        ({"load": samples.load(p95=320)}, "Slow replies: p95 384 ms in the slowest window, limit 500 ms"),
        ({"load": samples.load(peak_usage=0.7)}, "70% of a worker's pool for a while, limit 80%"),
        ({"load": samples.load(unknown=3)}, "3 writes never got a reply"),
        (
            {"drill_backend_restart": samples.drill("drill_backend_restart", took=31)},
            "Slow recovery (full backend restart): 31.0 s, limit 60.0 s",
        ),
    ],
    ids=["latency", "pool", "unanswered writes", "drill_backend_restart"],
)
def test_a_figure_near_its_limit_is_a_risk_of_a_go(change: dict[str, Record], risk: str) -> None:
    evidence = samples.everything(**change)
    assert samples.verdict(evidence).verdict == "GO"
    assert risk in _section(_render(evidence), "Risk Register")


def test_a_good_run_reports_no_risk_and_calls_nothing_untested_safe() -> None:
    register = _section(_render(samples.everything()), "Risk Register")
    assert "none observed in what was rehearsed; of what was not rehearsed nothing is known" in register
    assert "No step is planned" in register


@pytest.mark.parametrize(
    ("evidence", "risk"),
    [
        (_BROKEN, "**Risk**: Failed: Zero data loss verified (acknowledged answers lost: 1 (first: "),
        (_BROKEN, "**Risk**: Not known: Logs sufficient for audit; No silent failures ("),
        (
            {"observability": samples.observability().model_copy(update={"redis_reconnects": None})},
            "**Risk**: Not measured: Redis reconnects are counted",
        ),
        (
            {"observability": samples.observability().model_copy(update={"p95_ms": 900.0})},
            "**Risk**: Failed: Request duration in the platform's own logs: p95 stays below 500 ms",
        ),
    ],
    ids=["failed gate", "gate in doubt", "unmeasured line of a GO", "failed line of a GO"],
)
def test_the_risks_name_what_is_red_and_what_was_not_measured(
    evidence: dict[str, Record | str | None], risk: str
) -> None:
    register = _section(_render(samples.everything(**evidence)), "Risk Register")
    assert risk in register
    assert "none observed" not in register
    assert "no weak point" not in register


def test_figures_that_differ_say_what_they_are_of() -> None:
    load = samples.load().model_copy(update={"planned": {"create": 40, "answer": 380, "submit": 40}})
    report = _render(samples.everything(load=load))
    phase2, phase4 = (
        _section(report, title) for title in ("Phase 2: Load Generation", "Phase 4: Data Integrity Verification")
    )
    assert 'The gate p95-latency judges the time\nafter the arrivals ("after the ramp")' in phase2
    assert "for 380 planned writes: double clicks and repeated attempts are requests of their own" in phase2
    assert "all workers together" in phase2
    assert "of the busiest worker's pool" in phase2
    assert "beside the 40 sessions of the load and the drills those of single tries" in phase4
    assert "(40 sessions of the load and the drills; each save of an answer counts)" in phase4
    assert "p95 of submit after the ramp" in _section(report, "Hard Gates", "###")
    candidates = (
        'The candidates: 40 under load, 10 in the drill "Redis outage", 10 in the drill "Worker loss", '
        '10 in the drill "PostgreSQL crash", 10 around the full'
    )
    assert candidates in _section(report, "Harmed candidates", "###")


def test_a_drill_tells_of_requests_before_during_and_after_the_fault() -> None:
    report = _section(_render(samples.everything()), "Phase 7: Recovery Drill")
    assert (
        "10 candidates of this drill's own were working. Before the fault: 60 of 60 requests succeeded; p95 of"
        in report
    )
    assert (
        "While the fault was in or was being taken out: 0 of 60 requests succeeded, 60 failed (100%); p95 of these "
        "requests, failed" in report
    )
    assert "After the recovery: 100 of 100 requests succeeded; p95 of these requests 40.0 ms" in report
    assert "0.4 s to start the backend again, after it had been stopped for 5.0 s" in report


def test_what_succeeds_in_an_outage_is_explained() -> None:
    down = samples.drill("drill_system_restart").model_copy(update={"outage": True})
    report = _render(samples.everything(drill_system_restart=down))
    assert "; those that succeeded were sent while services were going down or coming up." in report


def test_a_further_drill_stands_under_the_phase_of_its_lines() -> None:
    names = ("drill_system_restart", "drill_worker_pause")
    report = _render(samples.everything(**{name: samples.drill(name) for name in names}))
    failures, recovery = _section(report, "Phase 3: Failure Injection"), _section(report, "Phase 7: Recovery Drill")
    assert "### Worker pause\n" in failures
    assert "### System restart\n" in recovery
    assert "### System restart\n" not in failures


@pytest.mark.parametrize("phase", SUITE.phases)
def test_a_run_of_one_phase_does_not_say_that_nothing_was_measured(phase: int) -> None:
    view = samples.view(samples.everything())
    lines = view.of_phase(phase)
    needed = {name for line in lines for name in SUITE.line_by_key[line.key].needs}
    evidence = {name: item for name, item in view.evidence.items() if name in needed}
    report = markdown(replace(view, verdict=None, evidence=evidence, lines=lines))
    assert "nothing was measured" not in report
    assert "**Date**: 2026-" in report


def test_lines_that_did_not_pass_are_the_issues_of_their_phase_and_drill() -> None:
    off = samples.freeze().model_copy(update={"exam_mode_readings": (True, False)})
    redis = samples.drill("drill_redis_outage")
    locked_out = tuple(
        probe.model_copy(update={"passed": "login" not in probe.name, "detail": "HTTP 500"}) for probe in redis.probes
    )
    report = _render(samples.everything(freeze=off, drill_redis_outage=redis.model_copy(update={"probes": locked_out})))
    freeze = _section(report, "Phase 1: Pre-Exam Freeze")
    assert "- EXAM_MODE is on in every reading (FAIL): exam mode is not on in 1 of 2 readings" in freeze
    assert "- gate exam-mode-verified (FAIL): exam mode is not on in 1 of 2 readings" in freeze
    told = (
        "A) Redis Failure: login and refresh still work; A) Redis Failure: everything that was tried "
        "worked (FAIL): drill_redis_outage: "
    )
    assert f"{told}login during: HTTP 500" in _section(report, "A) Redis Failure", "###")
    assert "- [ ] Auth still works (drill_redis_outage: login during: HTTP 500)" in report
    assert "HTTP 500" not in _section(report, "B) Backend Worker Restart", "###")


def test_the_users_own_failed_tests_are_issues_of_their_phase() -> None:
    checks = (
        OutcomeOfTest(nodeid="a", title="doors are locked", phase=1, outcome="passed"),
        OutcomeOfTest(nodeid="b", title="phones are off", phase=1, outcome="failed", message="two rang\nsecond line"),
        OutcomeOfTest(nodeid="c", title="the generator starts", phase=2, outcome="error", message="no fuel"),
    )
    report = markdown(samples.view(samples.everything(), checks=checks))
    assert "**Issues Found**: phones are off: two rang second line" in _section(report, "Phase 1: Pre-Exam Freeze")
    assert "**Issues Found**: the generator starts: no fuel" in _section(report, "Phase 2: Load Generation")
    assert "doors" not in report
    assert "1 of 3 checks of the phases passed" in _section(report, "Decision", "###")


def test_an_answer_lost_in_a_drill_is_told_under_that_drill() -> None:
    found = samples.reconciliation(samples.lost(), acknowledged=200)
    report = _render(samples.everything(drill_worker_loss=samples.drill("drill_worker_loss", found=found)))
    drill = _section(report, "B) Backend Worker Restart", "###")
    assert "- [ ] No lost answers (drill_worker_loss: acknowledged answers lost: 1 (first: " in drill
    assert (
        "**Issues Found**: B) Backend Worker Restart: no answers are lost (FAIL): drill_worker_loss: acknowledged"
        in drill
    )
    assert "answers lost: " not in _section(report, "A) Redis Failure", "###")


@pytest.mark.parametrize("phase", [3, 7])
def test_a_drill_stands_under_its_own_phase_whatever_its_lines_say(phase: int) -> None:
    added = redis_drill(phase=phase, name="dark", title="Dark")
    suite = replace(
        SUITE,
        activities=(*SUITE.activities, drill_activity(added)),
        drills=(*SUITE.drills, added),
        lines=(
            *SUITE.lines,
            replace(SUITE.line_by_key["redis-outage-recovery-time"], key="dark", needs=("drill_dark",)),
        ),
    )
    view = replace(samples.view(samples.everything(drill_dark=samples.drill("drill_dark"))), suite=suite)
    shown = {number: [fields["title"] for fields in further(view, Sources(view), number)] for number in (3, 7)}
    assert ("Dark" in shown[phase], "Dark" in shown[10 - phase]) == (True, False)


def test_a_drill_that_never_recovered_names_what_stayed_away() -> None:
    report = _render(samples.everything(drill_backend_restart=samples.drill("drill_backend_restart", took=None)))
    phase = _section(report, "Phase 7: Recovery Drill")
    assert "**Recovery Time**: not recovered while watched: health, ready, create, answer, submit and 1 more" in phase
    assert "- [ ] Health endpoint (drill_backend_restart: health had not recovered after 60 s HTTP 200)" in phase


def test_without_a_verdict_it_still_tells_what_was_measured() -> None:
    report = markdown(replace(samples.view(samples.everything()), verdict=None))
    assert "**Status**: [ ] GO  [ ] NO-GO (no verdict)" in report
    assert "- p95 latency: 40.0 ms" in report
    assert "| none | INCONCLUSIVE | the gates were not part of this run |" in report


def test_evidence_of_an_earlier_run_keeps_its_date() -> None:
    evidence = samples.everything()
    assert "**Date**: 2026-01-15 08:30 UTC (judged again 2026-01-15 08:30 UTC)" in (
        _render(evidence, judged_from="/earlier")
    )


def test_environment_and_profile_are_named() -> None:
    assert "**Environment**: staging (profile smoke)" in _render(samples.everything())


def _load(**changes: Any) -> str:
    """Phase 2 of a good rehearsal whose load is changed in this."""
    load = samples.load().model_copy(update=changes)
    return _section(_render(samples.everything(load=load)), "Phase 2: Load Generation")


def test_both_times_of_each_operation_are_told_apart() -> None:
    create = _load().split("**Session Creation**:")[1].split("**Answer Submissions**:")[0]
    assert "- p95 latency: 40.0 ms" in create
    assert "- Response time: p50 21.0 ms, p95 41.0 ms, p99 61.0 ms, longest 81.0 ms" in create
    assert "- Requests by status: 40 2xx" in create


def test_the_delivered_load_is_proved_in_one_line() -> None:
    assert (
        "**Delivered Load**: 440 of 440 planned writes were begun; 40 of 40 candidates arrived, 95 of 100 no later "
        "than 2.4 ms after their time; load engine candidates, 1 process, its own delay 1.5 ms (p95), 30% of a "
        "processor at its busiest\n"
    ) in _load()


def test_what_the_generator_did_not_measure_is_said() -> None:
    generator = samples.load().generator.model_copy(update={"cpu_peak_share": None, "lag_p95_ms": None, "processes": 3})
    assert (
        "arrivals not measured; load engine k6, 3 processes, its own delay not measured (p95), processor use not"
        in (_load(arrivals=None, generator=generator, engine="k6"))
    )


def test_the_parts_of_the_exam_and_its_deadline_are_told() -> None:
    phase = _load()
    assert "- arriving (8.0 s): 120 requests, 0 failed, p95 40.0 ms, response time 41.0 ms\n" in phase
    assert "- before the deadline (6.0 s): 68 requests" in phase
    assert (
        "**Deadline**: 40 of 40 candidates submitted in time, the last submission was accepted 2.0 s before it" in phase
    )


def test_a_submission_after_the_deadline_is_told() -> None:
    fates = samples.fates("load", 40)
    late = fates[7].model_copy(update={"finished_at": (fates[7].finished_at or 0) + 5})
    assert "**Deadline**: 39 of 40 candidates submitted in time, the last submission was accepted 3.0 s after it" in (
        _load(fates=(*fates[:7], late, *fates[8:]))
    )


def test_errors_are_told_by_kind_and_operation() -> None:
    answer = samples.figures("answer", 400, 5)
    overall = samples.figures("all", 488, 5)
    assert "**Errors by Kind**: connection broke: 5 (answer 5)" in _load(operations=(answer,), overall=overall)
    assert "**Errors by Kind**: none" in _load()


def test_a_load_that_tells_nothing_of_its_plan_says_so() -> None:
    bare = {"by_status": {}, "responses": 0, "response_p95_ms": None}
    operations = tuple(one.model_copy(update=bare) for one in samples.load().operations)
    phase = _load(parts=(), schedule=None, arrivals=None, operations=operations)
    assert "**Parts of the Exam**: not measured: the parts of the exam were not distinguished" in phase
    assert "**Deadline**: not measured: the exam of this load had no submission before a deadline" in phase
    assert phase.count("- Response time: not measured: no figure of it was counted") == 3


def test_the_appendices_name_the_files_that_are_there(tmp_path: Path) -> None:
    evidence = samples.everything()
    run = samples.write_run(tmp_path / "run", evidence)
    report = markdown(samples.view(evidence, directory=run))
    appendix = _section(report, "B) Failure Injection Logs", "###")
    assert "- `faults.jsonl`" in appendix
    assert "- `evidence/integrity_after.json`" in _section(report, "C) Data Integrity SQL Results", "###")
    assert "- no logs were kept" in _section(report, "E) System Logs", "###")


def test_text_from_outside_cannot_change_the_report() -> None:
    gate = GateResult(name=_HOSTILE, outcome="fail", reason=_HOSTILE)
    hurt = (HarmedActor(actor=_HOSTILE, harm="lost-answer", story=_HOSTILE, activity=_HOSTILE),)
    check = OutcomeOfTest(nodeid="x", title=_HOSTILE, phase=1, outcome="failed", message=_HOSTILE)
    evidence = samples.everything(load=samples.load(hurt=hurt), experience=_HOSTILE)
    hostile = markdown(samples.view(evidence, gates=(gate,), checks=(check,)))
    own = GateResult(name="own", outcome="fail", reason="no")
    plain = markdown(samples.view(samples.everything(), gates=(own,)))
    assert "<script" not in hostile
    assert "[click]" not in hostile.replace(r"\[click\]", "")
    assert [line for line in hostile.splitlines() if line.startswith("#")] == [
        line for line in plain.splitlines() if line.startswith("#")
    ]
    rows = [line for line in hostile.splitlines() if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in rows} == {4, 6}
    assert len(rows) == 2 + len(SUITE.gates) + 1 + 2 + len(samples.view(evidence).lines)
