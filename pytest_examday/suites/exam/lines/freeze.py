"""Phase 1: exam mode is on at every worker, protected operations refuse, jobs skip, neither has an effect, and exams
can be sat."""

from collections.abc import Callable, Mapping

from pytest_examday.contract.numbers_and_moments import truth
from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Judge, Line, WhenUnmeasured, Words
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.evidence import (
    ExamModeEvidence,
    FreezeEvidence,
    FreezeKind,
    LoadEvidence,
    ObservabilityEvidence,
    TableChange,
)
from pytest_examday.suites.exam.gates import EXAM_MODE_VERIFIED
from pytest_examday.suites.exam.lines.judge_probes import judge_probes, worked
from pytest_examday.suites.exam.workers.tries_needed import MISS, tries_for

HEAVY_ANALYTICS = ("BKT recompute", "rank runs", "IRT calibration")
"""The protected operations of the heavy analytics that source document 000 names."""
_KINDS: Mapping[FreezeKind, str] = {
    "protected": "protected operation",
    "allowed": "allowed operation",
    "job": "background job",
}
_CALLED: Mapping[FreezeKind, str] = {"protected": "protected operation", "allowed": "allowed operation", "job": "job"}
_DONE: Mapping[FreezeKind, str] = {"protected": "refused", "allowed": "accepted as a dry run", "job": "skipped"}
_PROBES: Mapping[FreezeKind, Callable[[FreezeEvidence], tuple[Probe, ...]]] = {
    "protected": lambda freeze: freeze.protected,
    "allowed": lambda freeze: freeze.allowed,
    "job": lambda freeze: freeze.jobs,
}
Among = tuple[str, ...] | None
"""Names to which a line is limited; None for all."""
_ENDPOINTS = {
    "health": ("health-is-accessible", "`/health` is accessible"),
    "ready": ("ready-is-accessible", "`/v1/ready` is accessible"),
    "create": ("session-creation-works", "Session creation works"),
    "answer": ("answer-submission-works", "Answer submission works"),
    "submit": ("session-submit-works", "Session submit works"),
}
"""Probe -> the key and the words of its line (source document 000, phase 1)."""


def _line(
    key: str, words: Words, judge: Judge, when_unmeasured: WhenUnmeasured = "blocks", *, reason_of_gate: bool = False
) -> Line:
    return Line(key, words, 1, ("freeze",), judge, (EXAM_MODE_VERIFIED,), when_unmeasured, reason_of_gate)


def _freeze(measured: Measured) -> FreezeEvidence:
    return measured.record("freeze", FreezeEvidence)


def _reached(measured: Measured, findings: Findings) -> None:
    """API, database and Redis were reached. The preflight leaves a record only if the API answered."""
    preflight = measured.record("preflight", PreflightEvidence)
    findings.add_fact(f"API: readiness answered with HTTP {preflight.ready.get('http')}")
    for name, state in (("database", preflight.database), ("Redis", preflight.cache)):
        findings.doubt_if(state.startswith("not reached"), f"{name} {state}")
        findings.add_fact(f"{name}: {state}")


def _switched(measured: Measured, findings: Findings) -> None:
    switch = measured.record("exam_mode", ExamModeEvidence)
    if switch.was_on:
        findings.add_fact("exam mode was on, so the rehearsal did not switch it")
        return
    if switch.by is None:
        findings.doubt(f"the rehearsal did not switch exam mode on: {switch.not_switched}")
        return
    findings.fail_if(switch.seconds is None, f"exam mode was switched on by {switch.by}, and not every reading says so")
    findings.add_fact(f"exam mode was off, and the rehearsal switched it on by {switch.by}, for the time of the run")
    if switch.seconds is not None:
        findings.add_fact(f"every reading said so after {switch.seconds:.1f} s")


def _exam_mode(measured: Measured, findings: Findings) -> None:
    freeze = _freeze(measured)
    readings, flag = freeze.exam_mode_readings, freeze.exam_mode_flag
    findings.doubt_if(not readings and flag is None, "exam mode was never read")
    off, unknown = readings.count(False), readings.count(None)
    names = ", ".join(name for name, on in freeze.exam_mode_by_worker.items() if on is False)
    at = f": {names}" if names else ""
    findings.fail_if(off > 0 or bool(names), f"exam mode is not on in {off} of {len(readings)} readings{at}")
    message = "; ".join(freeze.unreadable) or "no value was found; correct contract.exam_mode.finds.exam_mode"
    findings.doubt_if(unknown > 0, f"exam mode could not be read in {unknown} of {len(readings)} readings: {message}")
    if readings:
        findings.add_fact(f"exam mode on in {len(readings) - off - unknown} of {len(readings)} readings")
    if flag is not None:
        findings.fail_if(flag.on is False, f"exam mode is off by {flag.whose}")
        findings.doubt_if(flag.on is None, f"exam mode could not be read: {flag.detail}")
        asked = "" if readings else "; the workers were not asked, and one may still see an earlier mode"
        findings.add_fact(f"{'on' if flag.on else 'not on'} by {flag.whose}{asked}")


def _workers(measured: Measured, findings: Findings) -> None:
    """Every worker gave a reading: all workers that the runtime knows, or enough readings to reach every worker."""
    freeze = _freeze(measured)
    by_runtime, seen = freeze.workers_known, freeze.workers_seen
    tries = f"{freeze.connections} connections"
    if not seen:
        findings.doubt_if(not by_runtime, f"neither readings nor the runtime name the workers behind {tries}")
        findings.doubt_if(
            freeze.connections < tries_for(len(by_runtime)),
            f"readings do not name their worker, and {tries} are too few for {len(by_runtime)} workers",
        )
        findings.add_fact(
            f"{tries} reached {len(by_runtime)} workers; one is left out in {MISS:.1%} of such surveys at most"
        )
        return
    unseen = [name for name in by_runtime if name not in seen]
    strangers = [name for name in seen if name not in by_runtime]
    if unseen and strangers and by_runtime:
        lacking = len(seen) < len(by_runtime)
        findings.doubt_if(lacking, f"{tries} reached {len(seen)} workers and the runtime knows {len(by_runtime)}")
    else:
        findings.doubt_if(bool(unseen), f"{', '.join(unseen)} gave no reading on {tries}")
    findings.doubt_if(
        not by_runtime and freeze.connections < tries_for(len(seen) + 1),
        f"{tries} are too few to know that there are no more workers than {', '.join(seen)}",
    )
    findings.add_fact(f"{len(seen)} workers read: {', '.join(seen)}")


def _names(measured: Measured, findings: Findings) -> None:
    """Runtime and readings call the workers by the same names. Another name is a mistake in the configuration."""
    freeze = _freeze(measured)
    by_runtime, seen = freeze.workers_known, freeze.workers_seen
    findings.doubt_if(not by_runtime, "the runtime does not name the workers")
    findings.doubt_if(not seen, "readings do not name the workers")
    strangers = [name for name in seen if name not in by_runtime]
    findings.doubt_if(
        bool(by_runtime and strangers),
        f"readings name {', '.join(strangers)}, which the runtime does not know (it knows {', '.join(by_runtime)}): a "
        "mistake in the configuration of runtime or contract",
    )
    findings.add_fact(f"{len(by_runtime)} workers known to the runtime, {len(seen)} named by readings")


def _environment(measured: Measured, findings: Findings) -> None:
    freeze = _freeze(measured)
    values = freeze.exam_mode_environment
    findings.doubt_if(not values, f"the workers' environment could not be read: {freeze.environment_unread}")
    for worker, value in values.items():
        findings.fail_if(not _is_on(value), f"{worker} runs with exam mode {value!r}")
    findings.add_fact(f"{sum(map(_is_on, values.values()))} of {len(values)} workers were started with exam mode")


def _is_on(value: str | None) -> bool:
    return truth(value) is True


def _cron(measured: Measured, findings: Findings) -> None:
    freeze = _freeze(measured)
    running = freeze.background_processes
    if running is None:
        findings.doubt(f"the platform's processes could not be listed: {freeze.background_unlisted}")
        return
    findings.fail_if(bool(running), f"running: {'; '.join(running)}")
    findings.add_fact(f"{len(running)} schedulers among the platform's processes")


def _judge(freeze: FreezeEvidence, kind: FreezeKind, done: str, findings: Findings, among: Among = None) -> None:
    """Judge the acts of one kind that were tried, and note those that could not be tried, each reason once."""
    words = _KINDS[kind]
    probes = [tried for tried in _PROBES[kind](freeze) if among is None or tried.name in among]
    untried = [tried for tried in freeze.untried if tried.kind == kind and (among is None or tried.name in among)]
    if kind != "allowed" and freeze.not_called is not None:
        findings.doubt(freeze.not_called)
        findings.add_fact(f"no {words} was tried")
        return
    findings.doubt_if(not probes and not untried, f"no {words} was tried: the contract names none")
    judge_probes(probes, findings, where=f"{_CALLED[kind]} ")
    for reason in dict.fromkeys(tried.reason for tried in untried):
        names = ", ".join(tried.name for tried in untried if tried.reason == reason)
        findings.doubt(f"{_CALLED[kind]} {names} could not be tried: {reason}")
    _doubt_changes(freeze, kind, {tried.name for tried in probes}, findings)
    findings.add_fact(f"{worked(probes)} of {len(probes) + len(untried)} {words}s {done}")


def _doubt_changes(freeze: FreezeEvidence, kind: FreezeKind, names: set[str], findings: Findings) -> None:
    """Doubt the act if tables changed and nobody knows whether the change is its effect."""
    for act, changes in _changes_by_act(freeze).items():
        if act[0] != kind or act[1] not in names or any(change.is_effect for change in changes):
            continue
        _doubt_notes(changes, findings)
        once = [change for change in changes if change.named and not change.repeated]
        findings.doubt_if(
            bool(once),
            f"{_changes_in_words(once)}, and not when it was tried again: its effect, or somebody else's",
        )


def _doubt_notes(changes: list[TableChange], findings: Findings) -> None:
    noted = [change for change in changes if change.repeated and change.may_be_own_note]
    findings.doubt_if(
        bool(noted),
        f"{_changes_in_words(noted)}; if that is the platform's note of the call, name the table in the contract's "
        "audit_tables, otherwise in its effects",
    )


def _changes_by_act(freeze: FreezeEvidence) -> dict[tuple[FreezeKind, str], list[TableChange]]:
    grouped: dict[tuple[FreezeKind, str], list[TableChange]] = {}
    for change in freeze.effects.changes if freeze.effects is not None else ():
        grouped.setdefault((change.kind, change.name), []).append(change)
    return grouped


def _changes_in_words(changes: list[TableChange]) -> str:
    """The changes of one act; empty if there are none."""
    if not changes:
        return ""
    first = changes[0]
    workers = sorted({worker for change in changes for worker in change.workers})
    by = f" by {', '.join(workers)}" if workers else ""
    tables = ", ".join(f"{change.table} (rows written: {change.written}, gone: {change.gone})" for change in changes)
    return f"{_CALLED[first.kind]} {first.name}: {_DONE[first.kind]}{by}, and these tables changed: {tables}"


def _effects(measured: Measured, findings: Findings) -> None:
    freeze = _freeze(measured)
    watched = freeze.effects
    if watched is None:
        findings.doubt(f"the database was not looked at: {freeze.effects_unmeasured}")
        return
    findings.doubt_if(watched.compared == 0, "nothing was refused, skipped or accepted that could have had an effect")
    for changes in _changes_by_act(freeze).values():
        effects = [change for change in changes if change.is_effect]
        findings.fail_if(bool(effects), _changes_in_words(effects))
        if not effects:
            _doubt_notes(changes, findings)
    for table, reason in watched.unread.items():
        findings.doubt(f"{table} was not compared: {reason}")
    alone = [change for change in watched.changes if not change.repeated]
    tables = ", ".join(dict.fromkeys((*watched.moving, *(change.table for change in alone))))
    findings.doubt_if(
        bool(tables),
        f"others write to {tables} too, so nothing is known of these; a table of tokens or notes belongs in the "
        "contract's audit_tables",
    )
    findings.add_fact(
        f"{watched.tables} tables counted before and after {watched.compared} protected operations, jobs and dry runs"
    )


def _jobs(measured: Measured, findings: Findings) -> None:
    _judge(_freeze(measured), "job", "skipped", findings)


def _protected(measured: Measured, findings: Findings) -> None:
    freeze = _freeze(measured)
    _judge(freeze, "protected", "refused", findings)
    for missed in dict.fromkeys(calls.missed for calls in freeze.protected_calls if calls.missed):
        names = ", ".join(calls.name for calls in freeze.protected_calls if calls.missed == missed)
        findings.doubt(f"protected operation {names}: not tried on {', '.join(missed)}")


def _still_refused(measured: Measured, findings: Findings) -> None:
    load = measured.record("load", LoadEvidence)
    later = measured.record("observability", ObservabilityEvidence).exam_mode
    tried = (
        ("during the load", load.exam_mode_meanwhile),
        ("after the load", load.exam_mode),
        ("after the drills", later),
    )
    for when, again in tried:
        if again is None or not again.probes:
            reported_by = again.reported_by if again is not None else None
            why = (
                f"{reported_by} reports that they did not hold"
                if reported_by is not None
                else "the evidence gives no reason"
            )
            findings.doubt(f"nothing was tried {when}: {why}")
            continue
        judge_probes(again.probes, findings, where=f"{when}: ")
        for probe in again.probes:
            findings.add_fact(f"{when}: {probe.detail}")


def _heavy(measured: Measured, findings: Findings) -> None:
    _judge(_freeze(measured), "protected", "refused", findings, HEAVY_ANALYTICS)


def _allowed(measured: Measured, findings: Findings) -> None:
    _judge(_freeze(measured), "allowed", "worked", findings)


def _endpoint(name: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        freeze = _freeze(measured)
        made = [probe for probe in freeze.endpoints if probe.name == name]
        findings.doubt_if(not made, freeze.endpoints_untried or f"{name} was not tried")
        _judge_endpoints(made, findings)

    return judge


def _other_endpoints(measured: Measured, findings: Findings) -> None:
    tried = _freeze(measured).endpoints
    findings.doubt_if(not tried, "no operation was tried")
    others = [probe for probe in tried if probe.name not in _ENDPOINTS]
    _judge_endpoints(others, findings)
    findings.add_fact(f"{len(others)} other operations tried")


def _judge_endpoints(probes: list[Probe], findings: Findings) -> None:
    judge_probes(probes, findings, failed=lambda probe: f"{probe.name} does not work: {probe.detail}")
    for probe in probes:
        findings.add_fact(f"{probe.name}: {probe.detail}")


STAYS_REFUSED = Line(
    "protected-operations-stay-refused",
    "Exam mode stays on and protected operations stay refused, during and after the load and after the drills",
    6,
    ("load", "observability"),
    _still_refused,
    (EXAM_MODE_VERIFIED,),
    "ignored",
    reason_of_gate=True,
)
"""The line that tries again what phase 1 found. It is a line of phase 6, because it is known only then."""

LINES: tuple[Line, ...] = (
    Line("api-answers", "API, database and Redis are reached", 1, ("preflight",), _reached),
    Line(
        "exam-mode-was-switched-on",
        "EXAM_MODE was on, or the rehearsal has switched it on",
        1,
        ("exam_mode",),
        _switched,
        (EXAM_MODE_VERIFIED,),
    ),
    _line("exam-mode-is-on", "EXAM_MODE is on in every reading", _exam_mode, reason_of_gate=True),
    _line("every-worker-was-read", "EXAM_MODE was read at every worker", _workers),
    _line("workers-have-one-name", "Runtime and API name the same workers", _names, "ignored"),
    _line(
        "every-worker-runs-with-exam-mode",
        "Every worker was started with EXAM_MODE",
        _environment,
        "ignored",
    ),
    _line("no-cron-jobs-running", "No cron jobs are running", _cron, "ignored"),
    _line("scheduled-tasks-are-skipped", "Scheduled tasks are skipped", _jobs, reason_of_gate=True),
    _line("heavy-analytics-are-disabled", "Heavy analytics are disabled", _heavy, "ignored"),
    _line("protected-operations-are-refused", "Protected operations are refused", _protected, reason_of_gate=True),
    _line("allowed-operations-are-accepted", "Allowed operations and dry runs are accepted", _allowed),
    _line(
        "refusals-and-dry-runs-have-no-effect",
        "What was refused or skipped, and dry runs, changed nothing in the database",
        _effects,
        "ignored",
        reason_of_gate=True,
    ),
    *(_line(key, words, _endpoint(name)) for name, (key, words) in _ENDPOINTS.items()),
    _line("other-operations-work", "Every other operation that was tried works", _other_endpoints),
)
