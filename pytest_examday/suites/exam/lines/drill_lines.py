"""Makes the lines of drills (source document 000, phases 3 and 7). The module of each drill chooses among them."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import PER_CENT, SECONDS, against, exact, share
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.drills.baseline import Failures, no_worse_than_before, too_few_requests_for_a_rate
from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.drill_evidence import READ_BACK, DrillEvidence, FaultReading, Recovery
from pytest_examday.evidence.figures import ERRORS, OperationFigures
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.suites.exam.evidence import WATCHED_OPERATIONS
from pytest_examday.suites.exam.gates import FAILURES_HANDLED, NO_MANUAL_FIXES, RECOVERY_TESTED
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.integrity import LOSSES, losses_in
from pytest_examday.suites.exam.lines.judge_probes import judge_probes, worked
from pytest_examday.suites.exam.lines.late_afterwards import judge_late_afterwards
from pytest_examday.suites.exam.lines.load import judge_submissions, longest_wait, waited_too_long

_NOT_RUNNING = "not running: "
_SHORT_SECONDS = 0.5
"""A fault may be held for this much less than the planned time."""
_LONG_WAIT_SECONDS = 5.0
"""Whoever waits so long has sent a request several times, and each of them counts as failed."""
NOT_READY_WITHOUT_IT = "not ready without it"
"""The probe of what the readiness endpoint says while a store is away."""
CONTINUITY = ("resume after", "submit after")
"""Probes of an exam that was begun before the fault and is finished after it."""

NOT_REACHED = "not reached"
"""The words for an operation that was not tried, because an operation before it was not accepted."""
OWNER_AFTER, REFRESH_AFTER = "exam of another candidate after", "refresh after"
"""The names of the probes of `ownership_probes`."""
AS_BEFORE = ("exam mode after", "protected operations after", "rate limit after", OWNER_AFTER, REFRESH_AFTER)
"""Probes of what a worker has to do again after it was started again."""

_Judge = Callable[[DrillEvidence, Measured, Findings], None]


@dataclass(frozen=True)
class LinesOf:
    """Makes the lines of one drill.

    `activity` is the name of the drill's evidence. `prefix` begins the keys of its lines, and `title` their words.
    `phase` is 3 for a failure of one part, and 7 for a restart of everything.
    """

    drill: str
    title: str
    phase: int = 3

    @property
    def activity(self) -> str:
        """The name of the drill's evidence."""
        return f"drill_{self.drill}"

    @property
    def prefix(self) -> str:
        """How the keys of its lines begin."""
        return self.drill.replace("_", "-")

    def tried(self, key: str, words: str, *names: str) -> Line:
        """The probes of exactly these names were made, and all of them worked."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            made = [probe for probe in drill.probes if probe.name in names]
            untried = [name for name in names if name not in {probe.name for probe in made}]
            findings.doubt_if(bool(untried), f"{drill.drill}: nothing was tried for {', '.join(untried)}")
            _judge_probes(drill, made, findings)

        return self._line(key, words, judge, FAILURES_HANDLED)

    def everything_tried(self, *, but: tuple[str, ...] = ()) -> Line:
        """Every probe worked, and at least one was made. Probes with the names in `but` are left out, because another
        line judges them."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            made = [probe for probe in drill.probes if probe.name not in but]
            findings.doubt_if(not made, f"{drill.drill}: nothing was tried while the fault was in")
            _judge_probes(drill, made, findings)

        return self._line("expected-behavior", "everything that was tried worked", judge, FAILURES_HANDLED)

    def no_worse_than_before(self) -> Line:
        """As before the restart, every worker runs in exam mode, refuses protected operations, limits the same calls
        and knows the owner of an exam."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            made = [probe for probe in drill.probes if probe.name in AS_BEFORE]
            judge_probes(made, findings, where=f"{drill.drill}: ")
            details = "; ".join(f"{probe.name}: {probe.detail}" for probe in made)
            findings.add_fact(details or "neither exam mode nor a rate limit was seen before the fault")

        words = (
            "workers that were started again have exam mode, protected operations, rate limits and owners of exams as "
            "before"
        )
        return self._line("workers-are-as-before", words, judge, RECOVERY_TESTED)

    def no_crash(self) -> Line:
        """Candidates sent requests while the fault was in, and none crashed, except those whose connection the fault
        cut."""
        return self._line("no-request-crashes", "no request crashes", _no_crash, FAILURES_HANDLED, reason_of_gate=True)

    def harm_within_limits(self, gate: str = FAILURES_HANDLED) -> Line:
        """The drill was not stopped on harm, and no candidate waited longer than the limit."""
        words = "the drill is not stopped on harm, and no candidate waits too long"
        return self._line("harm-stays-within-limits", words, _harm, gate)

    def not_ready_without(self, what: str) -> Line:
        """The readiness endpoint said that `what` was away, or does not promise to say so."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            made = [probe for probe in drill.probes if probe.name == NOT_READY_WITHOUT_IT]
            judge_probes(made, findings, where=f"{drill.drill}: ", failed=lambda probe: probe.detail)
            for probe in made:
                findings.add_fact(probe.detail)
            findings.doubt_if(not made, f"{drill.drill}: the readiness endpoint was not asked without {what}")

        return self._line(
            "not-ready-without-it", f"the readiness endpoint does not say ready without {what}", judge, FAILURES_HANDLED
        )

    def fault_is_felt(self, gate: str = FAILURES_HANDLED) -> Line:
        """The fault showed for as long as it was to be in: read back, and felt at the platform's own addresses."""
        return self._line(
            "fault-is-felt", "the fault is in, and shows its effect, for as long as it is held", _felt, gate
        )

    def warnings_logged(self) -> Line:
        """The platform logged a warning while the fault was in."""
        return self._line("warnings-are-logged", "warnings are logged", _warnings, FAILURES_HANDLED)

    def nothing_lost(self, gate: str = FAILURES_HANDLED) -> Line:
        """Every acknowledged answer of the drill is stored as it was acknowledged."""
        return self._line("no-lost-answers", "no answers are lost", _nothing_lost, gate)

    def shown_as_acknowledged(self, gate: str = FAILURES_HANDLED) -> Line:
        """Candidates of the drill were shown what was acknowledged. Something that is stored wrongly is reported by
        another line."""
        words = "candidates see what was acknowledged"
        return self._line("candidates-see-what-was-acknowledged", words, _shown, gate)

    def nothing_tried_failed(self, gate: str) -> Line:
        """No probe failed. For a drill that may try nothing besides the candidates' own requests."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            _judge_probes(drill, drill.probes, findings)

        return self._line("nothing-tried-fails", "nothing that was tried fails", judge, gate)

    def everyone_submits(self, key: str = "everyone-submits", words: str = "every candidate submits") -> Line:
        """Every candidate of the drill submitted, if need be after several tries, and without a person's help."""
        return self._line(key, words, _everyone_submits, NO_MANUAL_FIXES, reason_of_gate=True)

    def recovered(self) -> Line:
        """The fault is gone, and everything that was watched answered again within the limit."""
        return Line(
            f"{self.prefix}-recovery-time",
            lambda limits: f"{self.title}: everything answers again within {exact(limits.recovery_seconds)} s",
            self.phase,
            (self.activity,),
            self._judge(_recovered),
            (RECOVERY_TESTED,),
        )

    def restored(self, key: str, words: str, name: str) -> Line:
        """The operation, store or worker of this name answered again within the limit."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            found = [recovery for recovery in drill.recoveries if recovery.name == name]
            findings.doubt_if(not found, f"{drill.drill}: the recovery of {name} was not watched")
            _judge_recoveries(drill, found, measured.limits.recovery_seconds, findings)
            for recovery in found:
                findings.add_fact(recovery.detail if recovery.seconds is None else f"after {recovery.seconds:.1f} s")

        return Line(
            key, words, self.phase, (self.activity,), self._judge(judge), (RECOVERY_TESTED,), reason_of_gate=False
        )

    def restarted(self) -> Line:
        """The restart was timed, and the fault is gone."""
        return self._line("restart-time", "everything is started again", _restarted, RECOVERY_TESTED)

    def few_errors_afterwards(self) -> Line:
        """Requests succeed after the recovery."""

        def words(limits: Thresholds) -> str:
            return f"{self.title}: fewer than {share(limits.error_rate)} of requests fail after the recovery"

        key = f"{self.prefix}-requests-succeed-afterwards"
        judge = self._judge(_afterwards)
        return Line(key, words, self.phase, (self.activity,), judge, (RECOVERY_TESTED,), reason_of_gate=False)

    def fast_afterwards(self) -> Line:
        """Candidates wait no longer after the recovery than before the fault."""
        words = "candidates wait no longer after the recovery than before the fault"
        return self._line("requests-are-fast-afterwards", words, judge_late_afterwards, RECOVERY_TESTED)

    def usual(self, *, continues: bool, restarts: bool = False) -> tuple[Line, ...]:
        """The lines that nearly every drill has. `continues`: an exam that was begun before the fault is finished after
        it; `restarts`: workers are started again, and tried by the probes `AS_BEFORE`."""
        safely = "clients retry safely: an exam begun before is finished after"
        continuity = (self.tried("clients-retry-safely", safely, *CONTINUITY),) if continues else ()
        return (
            self.fault_is_felt(),
            self.everything_tried(but=AS_BEFORE if restarts else ()),
            self.no_crash(),
            self.harm_within_limits(),
            self.nothing_lost(),
            self.shown_as_acknowledged(),
            *continuity,
            self.everyone_submits(),
            self.recovered(),
            self.few_errors_afterwards(),
            self.fast_afterwards(),
            *((self.no_worse_than_before(),) if restarts else ()),
        )

    def _line(self, key: str, words: str, judge: _Judge, gate: str, *, reason_of_gate: bool = False) -> Line:
        return Line(
            f"{self.prefix}-{key}",
            f"{self.title}: {words}",
            self.phase,
            (self.activity,),
            self._judge(judge),
            (gate,),
            reason_of_gate=reason_of_gate,
        )

    def _judge(self, judge: _Judge) -> Judge:
        return lambda measured, findings: judge(measured.record(self.activity, DrillEvidence), measured, findings)


def lines_of(drill: Drill) -> tuple[Line, ...]:
    """The drill's own lines; if it has none, the usual ones, whose keys begin with the drill's name."""
    maker = LinesOf(drill.name, drill.title, drill.phase)
    return drill.lines or maker.usual(continues=drill.continues)


def _judge_probes(drill: DrillEvidence, probes: list[Probe] | tuple[Probe, ...], findings: Findings) -> None:
    judged = [_as_without_fault(drill, probe) for probe in probes]
    judge_probes(judged, findings, where=f"{drill.drill}: ")
    promised = [probe for probe in probes if probe.promised]
    message = f"{worked(promised)} of {len(promised)} probes worked"
    findings.add_fact(message if promised else "nothing was tried besides the candidates' own requests")
    for probe in probes:
        if not probe.promised:
            findings.add_fact(f"{probe.name}: {probe.detail}")


def _as_without_fault(drill: DrillEvidence, probe: Probe) -> Probe:
    """The probe. It counts as untried if it failed with a reply that also came before the fault."""
    same = [words for words in drill.failed_before.values() if words != NOT_REACHED and words in probe.detail]
    if probe.passed is not False or not same:
        return probe
    return Probe.untried(probe.name, f"{probe.detail}; the reply was the same before the fault")


def _no_crash(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
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
    message = "nobody could be served" if drill.outage else f"{max(crashed, total)} crashed"
    findings.add_fact(f"{drill.scenario}: {during.judged} requests, {message}")


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


def _harm(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    findings.fail_if(drill.stopped_because is not None, f"{drill.drill}: stopped on harm: {drill.stopped_because}")
    longest = measured.limits.drill_wait_seconds + (drill.held_seconds if drill.outage else 0.0)
    waited = waited_too_long(drill.fates, longest)
    message = f"{drill.drill}: {waited[0].actor} {waited[0].story}" if waited else ""
    judge_slow(drill, bool(waited), message, findings)
    findings.add_fact(f"held for {drill.held_seconds:.1f} s, {len(waited)} candidates waited too long")
    if worst := longest_wait(drill.fates):
        findings.add_fact(worst)


def _warnings(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    logged = drill.warnings_logged
    if logged is None:
        findings.doubt(f"{drill.drill}: warnings were not looked for: {drill.warning_sample}")
        return
    findings.fail_if(logged == 0, f"{drill.drill}: no warning was logged while the fault was in")
    findings.add_fact(f"{logged} warnings logged")


def _nothing_lost(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    found = drill.reconciliation
    if found is None:
        why = "" if drill.not_compared_because is None else f": {drill.not_compared_because}"
        findings.doubt(f"{drill.drill}: its ledger was not compared with the database{why}")
        return
    nothing = found.nothing_compared
    findings.doubt_if(nothing is not None, f"{drill.drill}: {nothing}")
    findings.doubt_if(found.unread > 0, f"{drill.drill}: {found.unread} sessions could not be read back")
    later = _lost_later(drill, found)
    lost = "; ".join(losses_in(found))
    if found.losses > later:
        message = f"{drill.drill}: {lost}{_when_acknowledged(drill, found)}"
        now = Failures(min(found.losses - later, found.acknowledged), found.acknowledged)
        as_before = no_worse_than_before(Failures(drill.undisturbed_losses, drill.undisturbed_writes), now)
        findings.fail_if(not as_before, message)
        load = f"{drill.undisturbed_losses} of {drill.undisturbed_writes} writes of the load are lost too"
        findings.doubt_if(as_before, f"{message}; {load}, so nobody can tell whether the fault lost them")
    findings.add_fact(f"{found.kept} of {found.acknowledged} acknowledged answers kept")
    if 0 < found.losses <= later:
        findings.add_fact(f"{lost}; all of them acknowledged after the recovery, not in this fault")


def _shown(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    found = drill.reconciliation
    stored_wrongly = (
        set() if found is None else {*found.harmed, *(difference.actor for difference in found.differences)}
    )
    wrong = [fate for fate in drill.fates if fate.shown_wrongly and fate.actor not in stored_wrongly]
    pages = sum(sum(fate.compared.values()) for fate in drill.fates)
    if wrong:
        first = f"first: {wrong[0].actor}, session {wrong[0].subject}: {wrong[0].shown_wrongly[0]}"
        message = f"{len(wrong)} of {len(drill.fates)} candidates were shown something else than was acknowledged"
        findings.fail(f"{drill.drill}: {message}; {first}")
    findings.add_fact(f"{pages} pages of {len(drill.fates)} candidates compared")


def _lost_later(drill: DrillEvidence, found: Reconciliation) -> int:
    """How many of the reported losses were acknowledged only after the recovery, so that this fault did not cause
    them."""
    losses = [difference for difference in found.differences if difference.kind in LOSSES]
    return sum(
        difference.answered_at is not None and difference.answered_at >= drill.after.started for difference in losses
    )


def _when_acknowledged(drill: DrillEvidence, found: Reconciliation) -> str:
    """The times at which the reported losses were acknowledged. Candidates of a drill work before and after the fault
    too, and the fault is not the cause of what they lose then."""
    lost = [difference for difference in found.differences if difference.kind in LOSSES]
    moments = [difference.answered_at for difference in lost if difference.answered_at is not None]
    if not moments:
        return ""
    before = sum(moment < drill.injected for moment in moments)
    after = sum(moment > drill.removal_began for moment in moments)
    during = len(moments) - before - after
    times = f"{before} acknowledged before the fault, {during} while it was in, {after} after it"
    return f": of {len(moments)} reported losses {times}"


def _everyone_submits(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    judge_submissions(drill.fates, drill.drill, findings)


def _recovered(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    findings.fail_if(not drill.fault_gone, f"{drill.drill}: {drill.fault_gone_detail}")
    watched = {recovery.name for recovery in drill.recoveries}
    unwatched = [name for name in WATCHED_OPERATIONS if name not in watched and name not in drill.absent]
    findings.doubt_if(bool(unwatched), f"{drill.drill}: the recovery of {', '.join(unwatched)} was not watched")
    _judge_recoveries(drill, list(drill.recoveries), measured.limits.recovery_seconds, findings)
    findings.doubt_if(drill.workers_mistaken is not None, f"{drill.drill}: {drill.workers_mistaken}")
    if drill.workers_unwatched is not None:
        findings.add_fact(drill.workers_unwatched)
    if drill.recovery_seconds is not None:
        findings.add_fact(f"{drill.scenario}: recovered in {drill.recovery_seconds:.1f} s")


def _restarted(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    findings.doubt_if(drill.restart_seconds is None, f"{drill.drill}: the restart was not timed")
    findings.fail_if(not drill.fault_gone, f"{drill.drill}: {drill.fault_gone_detail}")
    if drill.restart_seconds is not None:
        findings.add_fact(f"started again within {drill.restart_seconds:.1f} s")


def _judge_recoveries(drill: DrillEvidence, recoveries: list[Recovery], limit: float, findings: Findings) -> None:
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


def _afterwards(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
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
    retried = f"; {longest_wait(waits)}" if waits else ""
    findings.fail_if(rate >= limit and not as_before and not few, f"{message}{_how(after)}{retried}")
    findings.add_fact(message)
    if rate >= limit and as_before:
        findings.add_fact(f"{was.failed} of {was.judged} failed before the fault already")
    elif rate >= limit and few:
        findings.add_fact(f"one failure alone among fewer than {1 / limit:.0f} requests is not judged as a rate")


def _felt(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
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
