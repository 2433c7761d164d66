"""Judges drills (source document 000, phases 3 and 7) by their evidence."""

from collections.abc import Callable

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import PER_CENT, SECONDS, against, exact
from pytest_examday.core.measured import Measured
from pytest_examday.drills.allowed_wait import allowed_wait
from pytest_examday.drills.baseline import Failures, no_worse_than_before, too_few_requests_for_a_rate
from pytest_examday.evidence.drill_evidence import READ_BACK, DrillEvidence, FaultReading, Recovery
from pytest_examday.evidence.figures import ERRORS, OperationFigures
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.suites.exam.evidence import NOT_REACHED, WATCHED_OPERATIONS
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.integrity import LOSSES, losses_in
from pytest_examday.suites.exam.lines.judge_probes import judge_probes, worked
from pytest_examday.suites.exam.lines.judge_shown import judge_shown
from pytest_examday.suites.exam.lines.load.submissions import judge_submissions
from pytest_examday.suites.exam.lines.load.waits import longest_wait_in_words, waited_too_long
from pytest_examday.suites.exam.probe_names import STAYS_DURING

_NOT_RUNNING = "not running: "
_SHORT_SECONDS = 0.5
"""A fault may be held for this much less than the planned time."""
_LONG_WAIT_SECONDS = 5.0
"""A candidate who has waited so long has repeated its request, and each try counts as failed."""


def judge_drill_probes(drill: DrillEvidence, probes: list[Probe] | tuple[Probe, ...], findings: Findings) -> None:
    """Judge these probes of a drill. One that failed in the same way before the fault is a doubt."""
    judged = [_as_without_fault(drill, probe) for probe in probes]
    judge_probes(judged, findings, where=f"{drill.drill}: ")
    promised = [probe for probe in probes if probe.promised]
    message = f"{worked(promised)} of {len(promised)} probes worked"
    findings.add_fact(message if promised else "nothing was tried besides the candidates' own requests")
    for probe in probes:
        if not probe.promised:
            findings.add_fact(f"{probe.name}: {probe.detail}")


def judge_exam_mode_during(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that exam mode was on and protected operations refused while the fault was in. It is unknown if nothing was
    tried, because exam mode was not seen to be on before the fault."""
    probes = [probe for probe in drill.probes if probe.name in STAYS_DURING]
    findings.doubt_if(
        not probes, f"{drill.drill}: nothing was tried, because exam mode was not seen to be on before the fault"
    )
    judge_probes([_as_without_fault(drill, probe) for probe in probes], findings, where=f"{drill.drill}: ")
    for probe in probes:
        findings.add_fact(f"{probe.name}: {probe.detail}")


def _as_without_fault(drill: DrillEvidence, probe: Probe) -> Probe:
    """The probe. It counts as untried if it failed with a reply that also came before the fault."""
    same = [words for words in drill.failed_before.values() if words != NOT_REACHED and words in probe.detail]
    if probe.passed is not False or not same:
        return probe
    return Probe.untried(probe.name, f"{probe.detail}; the reply was the same before the fault")


def judge_crashes(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that no request crashed while the fault was in, or no more of them than before it."""
    during = drill.during.overall
    findings.doubt_if(during.judged == 0, f"{drill.drill}: no candidate sent anything while the fault was in")
    total = 0
    for figures in drill.during.operations:
        crashed = drill.crashed(figures)
        total += crashed
        message = f"{crashed} of {figures.judged} {figures.operation} requests crashed"
        _blame(drill, figures, message, findings)
    crashed = drill.crashed(during)
    if crashed > total:
        message = f"{crashed} of {during.judged} requests crashed"
        _blame(drill, during, message, findings)
    if drill.outage:
        message = f"{during.errors} of {during.judged} requests failed, as expected while nobody can be served"
    else:
        message = f"{during.judged} requests, {max(crashed, total)} crashed"
    findings.add_fact(f"{drill.scenario}: {message}")


def _blame(drill: DrillEvidence, now: OperationFigures, message: str, findings: Findings) -> None:
    """Note crashes as a failure, or as a fact if as many of these requests crashed before the fault."""
    crashed = drill.crashed(now)
    was = _without_fault(drill, now.operation, drill.crashed)
    as_before = no_worse_than_before(was, Failures(crashed, now.judged))
    findings.fail_if(crashed > 0 and not as_before, f"{drill.drill}: {message}{_how(now)}")
    if crashed > 0 and as_before:
        findings.add_fact(f"{message}, {was.failed} of {was.judged} before the fault already")


def _without_fault(drill: DrillEvidence, operation: str, failures: Callable[[OperationFigures], int]) -> Failures:
    """How many requests of an operation, or of all operations, failed in the seconds before the fault and in the load
    without a fault. A drill is short: rare failures may not have come in these seconds."""
    if operation == drill.before.overall.operation:
        chosen = [drill.before.overall, *drill.undisturbed]
    else:
        chosen = [
            operation_figures
            for operation_figures in (*drill.before.operations, *drill.undisturbed)
            if operation_figures.operation == operation
        ]
    return Failures(sum(map(failures, chosen)), sum(figures.judged for figures in chosen))


def _how(figures: OperationFigures) -> str:
    """The ways in which requests failed, after a colon."""
    ends = [f"{count} {outcome}" for outcome, count in figures.by_outcome.items() if outcome in ERRORS and count]
    statuses = [f"{count} HTTP {name}" for name, count in figures.by_status.items() if name[:1] in ("4", "5") and count]
    return f": {', '.join((*ends, *statuses))}" if ends else ""


def judge_harm(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that the drill was not stopped on harm, and that no candidate waited longer than the limit."""
    findings.fail_if(drill.stopped_because is not None, f"{drill.drill}: stopped on harm: {drill.stopped_because}")
    longest = allowed_wait(measured.limits.drill_wait_seconds, drill.held_seconds, outage=drill.outage)
    waited = waited_too_long(drill.fates, longest)
    message = f"{drill.drill}: {waited[0].actor} {waited[0].story}" if waited else ""
    judge_slow(drill, bool(waited), message, findings)
    findings.add_fact(f"held for {drill.held_seconds:.1f} s, {len(waited)} candidates waited too long")
    if worst := longest_wait_in_words(drill.fates):
        findings.add_fact(worst)


def judge_warnings(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that the platform logged a warning while the fault was in."""
    logged = drill.warnings_logged
    if logged is None:
        findings.doubt(f"{drill.drill}: warnings were not looked for: {drill.warnings_unread}")
        return
    findings.fail_if(logged == 0, f"{drill.drill}: no warning was logged while the fault was in")
    findings.add_fact(f"{logged} warnings logged")


def judge_losses(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that every acknowledged answer of the drill is stored as it was acknowledged."""
    compared = drill.reconciliation
    if compared is None:
        why = "" if drill.not_compared_because is None else f": {drill.not_compared_because}"
        findings.doubt(f"{drill.drill}: its ledger was not compared with the database{why}")
        return
    nothing = compared.nothing_compared
    findings.doubt_if(nothing is not None, f"{drill.drill}: {nothing}")
    findings.doubt_if(compared.unread > 0, f"{drill.drill}: {compared.unread} sessions could not be read back")
    later = _lost_later(drill, compared)
    lost = "; ".join(losses_in(compared))
    if compared.losses > later:
        message = f"{drill.drill}: {lost}{_when_acknowledged(drill, compared)}"
        now = Failures(min(compared.losses - later, compared.acknowledged), compared.acknowledged)
        as_before = no_worse_than_before(Failures(drill.undisturbed_losses, drill.undisturbed_writes), now)
        findings.fail_if(not as_before, message)
        load = f"{drill.undisturbed_losses} of {drill.undisturbed_writes} writes of the load are lost too"
        findings.doubt_if(as_before, f"{message}; {load}, so nobody can tell whether the fault lost them")
    findings.add_fact(f"{compared.kept} of {compared.acknowledged} acknowledged answers kept")
    if 0 < compared.losses <= later:
        findings.add_fact(f"{lost}; all of them acknowledged after the recovery, not in this fault")


def judge_pages(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that pages showed what was acknowledged. What is stored wrongly is judged elsewhere."""
    judge_shown(drill.fates, drill.reconciliation, findings, where=f"{drill.drill}: ")
    pages = sum(sum(fate.compared.values()) for fate in drill.fates)
    findings.add_fact(f"{pages} pages of {len(drill.fates)} candidates compared")


def _lost_later(drill: DrillEvidence, compared: Reconciliation) -> int:
    """How many of the reported losses were acknowledged only after the recovery, so that this fault did not cause
    them."""
    losses = [difference for difference in compared.differences if difference.kind in LOSSES]
    return sum(
        difference.acknowledged_at is not None and difference.acknowledged_at >= drill.after.started
        for difference in losses
    )


def _when_acknowledged(drill: DrillEvidence, compared: Reconciliation) -> str:
    """The times at which the reported losses were acknowledged. Candidates of a drill work before and after the fault
    too, and the fault is not the cause of what they lose then."""
    lost = [difference for difference in compared.differences if difference.kind in LOSSES]
    moments = [difference.acknowledged_at for difference in lost if difference.acknowledged_at is not None]
    if not moments:
        return ""
    before = sum(moment < drill.injected for moment in moments)
    after = sum(moment > drill.removal_began for moment in moments)
    during = len(moments) - before - after
    times = f"{before} acknowledged before the fault, {during} while it was in, {after} after it"
    return f": of {len(moments)} reported losses {times}"


def judge_everyone_submitted(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that every candidate of the drill submitted."""
    judge_submissions(drill.fates, drill.scenario, findings)


def judge_recovery(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that the fault is gone, and that everything that was watched recovered within the limit."""
    findings.fail_if(not drill.fault_gone, f"{drill.drill}: {drill.fault_gone_detail}")
    watched = {recovery.name for recovery in drill.recoveries}
    unwatched = [name for name in WATCHED_OPERATIONS if name not in watched and name not in drill.absent]
    findings.doubt_if(bool(unwatched), f"{drill.drill}: the recovery of {', '.join(unwatched)} was not watched")
    judge_recoveries(drill, list(drill.recoveries), measured.limits.recovery_seconds, findings)
    findings.doubt_if(drill.workers_mistaken is not None, f"{drill.drill}: {drill.workers_mistaken}")
    if drill.workers_unwatched is not None:
        findings.add_fact(drill.workers_unwatched)
    if drill.recovery_seconds is not None:
        findings.add_fact(f"{drill.scenario}: recovered in {drill.recovery_seconds:.1f} s")


def judge_restart(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge that the restart was timed, and that the fault is gone."""
    findings.doubt_if(drill.restart_seconds is None, f"{drill.drill}: the restart was not timed")
    findings.fail_if(not drill.fault_gone, f"{drill.drill}: {drill.fault_gone_detail}")
    if drill.restart_seconds is not None:
        findings.add_fact(f"started again within {drill.restart_seconds:.1f} s")


def judge_recoveries(drill: DrillEvidence, recoveries: list[Recovery], limit: float, findings: Findings) -> None:
    """Judge that each of these recovered within the limit (seconds)."""
    for recovery in recoveries:
        if recovery.seconds is None:
            _judge_unrecovered(drill, recovery, limit, findings)
        else:
            late = recovery.seconds > limit
            message = f"{drill.drill}: {recovery.name} recovered after {against(recovery.seconds, limit, SECONDS)}"
            judge_slow(drill, late, message, findings)


def _judge_unrecovered(drill: DrillEvidence, recovery: Recovery, limit: float, findings: Findings) -> None:
    """Judge something that had not recovered when watching stopped. It fails if it was watched for as long as recovery
    may take: the run that measured may have had a shorter limit. A busy machine excuses replies that did not come in
    time; it excuses neither refusals nor errors. If the same reply came before the fault too, the fault is not its
    cause."""
    watched = recovery.watched_seconds
    what = f"{drill.drill}: {recovery.name}"
    if watched is None:
        findings.doubt(f"{what} was not seen to recover, and it is unknown for how long it was watched")
        return
    never = f"{what} had not recovered after {exact(limit)} s {recovery.detail}".strip()
    before = drill.failed_before.get(recovery.name)
    if before is not None and before == recovery.last_failure:
        findings.doubt(f"{never}; the reply was the same before the fault, so it says nothing about the fault")
        return
    if recovery.too_slow:
        judge_slow(drill, watched >= limit, never, findings)
    else:
        findings.fail_if(watched >= limit, never)
    seen = f"{what} was watched for {watched:.1f} s and had not recovered by then {recovery.detail}".strip()
    findings.doubt_if(watched < limit, f"{seen}; the limit is {exact(limit)} s")


def judge_errors_afterwards(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """Judge the error rate after the recovery."""
    after = drill.after.overall
    rate, limit = after.error_rate, measured.limits.error_rate
    if rate is None:
        findings.doubt(f"{drill.drill}: no candidate sent anything after the recovery")
        return
    message = (
        f"{drill.drill}: {after.errors} of {after.judged} requests failed after the recovery "
        f"({against(rate, limit, PER_CENT)})"
    )
    now = Failures(after.errors, after.judged)
    was = _without_fault(drill, after.operation, lambda figures: figures.errors)
    as_before = no_worse_than_before(was, now)
    few = too_few_requests_for_a_rate(now, limit)
    waits = [fate for fate in drill.fates if fate.worst_wait_ms >= _LONG_WAIT_SECONDS * 1000]
    retried = f"; {longest_wait_in_words(waits)}" if waits else ""
    findings.fail_if(rate >= limit and not as_before and not few, f"{message}{_how(after)}{retried}")
    findings.add_fact(message)
    if rate >= limit and as_before:
        findings.add_fact(f"{was.failed} of {was.judged} failed before the fault already")
    elif rate >= limit and few:
        findings.add_fact(f"one failure alone among fewer than {1 / limit:.0f} requests is not judged as a rate")


def judge_felt(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    """The fault was in for its planned time, and was felt at every address at which it was looked for. A delay has to
    be felt in at least one way."""
    _judge_read_back(drill, findings)
    ways: dict[str, list[FaultReading]] = {}
    for reading in drill.readings:
        if reading.observer != READ_BACK:
            ways.setdefault(reading.observer, []).append(reading)
    felt = [by for by, readings in ways.items() if _is_felt(readings, mostly=drill.delay_ms is not None)]
    not_felt = {by: _first_miss(readings) for by, readings in ways.items() if by not in felt}
    for by, reading in not_felt.items():
        message = f"{drill.drill}: the fault ({drill.target}) was not felt at {by}: {reading.detail}"
        when = f", {reading.seconds:.1f} s after it went in"
        if reading.present is None:
            findings.add_fact(f"read back only; not felt at {by}: {reading.detail}")
        else:
            findings.doubt_if(drill.delay_ms is None or not felt, f"{message}{when}")
    nowhere = "" if ways else "; read back only, no address is known at which it could be felt"
    where = f", felt at {', '.join(felt)}" if felt else nowhere
    findings.add_fact(f"held for {drill.held_seconds:.1f} s{where}")


def _judge_read_back(drill: DrillEvidence, findings: Findings) -> None:
    read = [reading for reading in drill.readings if reading.observer == READ_BACK]
    findings.doubt_if(not drill.readings, f"{drill.drill}: nobody looked whether the fault was in")
    planned = drill.planned_seconds or 0.0
    early = next((reading for reading in read if reading.present is False), None)
    if early is not None:
        of = f" of {planned:g} s" if planned else ""
        message = f"{early.detail} {early.seconds:.1f} s{of} after the fault went in, and no drill had taken it out"
        findings.doubt(f"{drill.drill}: {message}")
        return
    findings.doubt_if(
        bool(read) and all(reading.present is None for reading in read),
        f"{drill.drill}: the fault could not be read back: {read[0].detail if read else ''}",
    )
    parts = [set(look.detail.removeprefix(_NOT_RUNNING).split(", ")) for look in read if _NOT_RUNNING in look.detail]
    returned = sorted(parts[0] - parts[-1]) if parts else []
    findings.doubt_if(bool(returned), f"{drill.drill}: {', '.join(returned)} came back while the fault was to be in")
    short = drill.stopped_because is None and drill.held_seconds < planned - _SHORT_SECONDS
    findings.doubt_if(short, f"{drill.drill}: the fault was held for {drill.held_seconds:.1f} s, not for {planned:g} s")


def _is_felt(readings: list[FaultReading], *, mostly: bool) -> bool:
    """Whether every look with a result felt the fault; with `mostly`, most of them."""
    yes, no = (sum(reading.present is present for reading in readings) for present in (True, False))
    return yes > 0 and (no == 0 or (mostly and yes > no))


def _first_miss(readings: list[FaultReading]) -> FaultReading:
    """The first look that did not feel the fault; if no look had a result, the first of all."""
    return next((reading for reading in readings if reading.present is False), readings[0])
