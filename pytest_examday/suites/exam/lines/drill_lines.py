"""Makes the lines of drills (seed 000, phases 3 and 7). The module of each drill chooses among them."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import PER_CENT, SECONDS, against, exact, share
from pytest_examday.core.line import Judge, Line, Words
from pytest_examday.core.measured import Measured
from pytest_examday.drills.drill import Drill
from pytest_examday.evidence.drill_outcome import DrillEvidence, Recovery
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.suites.exam.evidence import WATCHED_OPERATIONS
from pytest_examday.suites.exam.lines.load import judge_submissions

GATE_FAILURES_HANDLED = "failures-handled"
GATE_RECOVERY_TESTED = "recovery-tested"
GATE_NO_MANUAL_FIXES = "no-manual-fixes"
CONTINUITY = ("resume after", "submit after")
"""Probes of an exam that was begun before the fault and is finished after it."""

_Judge = Callable[[DrillEvidence, Measured, Findings], None]


@dataclass(frozen=True)
class LinesOf:
    """Makes the lines of one drill.

    `activity` is the name of the drill's evidence. `prefix` begins the keys of its lines, and `title` their words.
    `phase` is 3 for a failure of one part, and 7 for a restart of everything.
    """

    activity: str
    prefix: str
    title: str
    phase: int = 3

    def tried(self, key: str, words: str, *names: str) -> Line:
        """For each of these names, at least one probe with the name in its own was made, and all of them worked."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            made = [probe for probe in drill.probes if any(name in probe.name for name in names)]
            untried = [name for name in names if not any(name in probe.name for probe in made)]
            findings.doubt_if(bool(untried), f"{drill.drill}: nothing was tried for {', '.join(untried)}")
            _judge_probes(drill, made, findings)

        return self._line(key, words, judge, GATE_FAILURES_HANDLED)

    def everything_tried(self, key: str = "expected-behavior", words: str = "everything that was tried worked") -> Line:
        """Every probe worked, and at least one was made."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            findings.doubt_if(not drill.probes, f"{drill.drill}: nothing was tried while the fault was in")
            _judge_probes(drill, drill.probes, findings)

        return self._line(key, words, judge, GATE_FAILURES_HANDLED)

    def no_crash(self) -> Line:
        """Candidates sent requests while the fault was in, and none crashed, except those whose connection the fault
        cut."""
        return self._line("no-request-crashes", "no request crashes", _no_crash, GATE_FAILURES_HANDLED, quoted=True)

    def harm_within_limits(self, gate: str = GATE_FAILURES_HANDLED) -> Line:
        """The drill was not stopped on harm, and no candidate waited longer than the limit."""
        words = "the drill is not stopped on harm, and no candidate waits too long"
        return self._line("harm-stays-within-limits", words, _harm, gate)

    def warnings_logged(self) -> Line:
        """The platform logged a warning while the fault was in."""
        return self._line("warnings-are-logged", "warnings logged", _warnings, GATE_FAILURES_HANDLED)

    def nothing_lost(self, gate: str = GATE_FAILURES_HANDLED) -> Line:
        """Every acknowledged answer of the drill is stored as it was acknowledged."""
        return self._line("no-lost-answers", "no lost answers", _nothing_lost, gate)

    def nothing_tried_failed(self, gate: str) -> Line:
        """No probe failed. For a drill that may try nothing besides the candidates' own requests."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            _judge_probes(drill, drill.probes, findings)

        return self._line("nothing-tried-fails", "nothing that was tried fails", judge, gate)

    def everyone_submits(self, key: str = "everyone-submits", words: str = "every candidate submits") -> Line:
        """Every candidate of the drill submitted, if need be after several tries, and without a person's help."""
        return self._line(key, words, _everyone_submits, GATE_NO_MANUAL_FIXES, quoted=True)

    def recovered(self) -> Line:
        """The fault is gone, and everything that was watched answered again within the limit."""
        return Line(
            f"{self.prefix}-recovery-time",
            lambda limits: f"{self.title}: recovery time (within {exact(limits.recovery_seconds)} s)",
            self.phase,
            (self.activity,),
            self._judge(_recovered),
            (GATE_RECOVERY_TESTED,),
        )

    def restored(self, key: str, words: str, name: str) -> Line:
        """The operation, store or worker of this name answered again within the limit."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            found = [recovery for recovery in drill.recoveries if recovery.name == name]
            findings.doubt_if(not found, f"{drill.drill}: the recovery of {name} was not watched")
            _judge_recoveries(drill, found, measured.limits.recovery_seconds, findings)
            for recovery in found:
                findings.tell(recovery.detail if recovery.seconds is None else f"after {recovery.seconds:.1f} s")

        return Line(key, words, self.phase, (self.activity,), self._judge(judge), (GATE_RECOVERY_TESTED,), quoted=False)

    def restarted(self) -> Line:
        """The restart was timed, and the fault is gone."""
        return self._line("restart-time", "restart time", _restarted, GATE_RECOVERY_TESTED)

    def few_errors_afterwards(self) -> Line:
        """Requests succeed after the recovery."""
        words: Words = lambda limits: f"{self.title}: errors after the recovery (< {share(limits.error_rate)})"  # noqa: E731 # read where it is used
        key = f"{self.prefix}-requests-succeed-afterwards"
        judge = self._judge(_afterwards)
        return Line(key, words, self.phase, (self.activity,), judge, (GATE_RECOVERY_TESTED,), quoted=False)

    def usual(self, *, continues: bool) -> tuple[Line, ...]:
        """The lines that nearly every drill has. `continues`: an exam that was begun before the fault is finished after
        it."""
        safely = "clients retry safely: an exam begun before is finished after"
        continuity = (self.tried("clients-retry-safely", safely, *CONTINUITY),) if continues else ()
        return (
            self.everything_tried(),
            self.no_crash(),
            self.harm_within_limits(),
            self.nothing_lost(),
            *continuity,
            self.everyone_submits(),
            self.recovered(),
            self.few_errors_afterwards(),
        )

    def _line(self, key: str, words: str, judge: _Judge, gate: str, *, quoted: bool = False) -> Line:
        return Line(
            f"{self.prefix}-{key}",
            f"{self.title}: {words}",
            self.phase,
            (self.activity,),
            self._judge(judge),
            (gate,),
            quoted=quoted,
        )

    def _judge(self, judge: _Judge) -> Judge:
        return lambda measured, findings: judge(measured.record(self.activity, DrillEvidence), measured, findings)


def lines_of(drill: Drill) -> tuple[Line, ...]:
    """The drill's own lines; where it has none, the usual ones, whose keys begin with the drill's name."""
    maker = LinesOf(drill.activity, drill.name.replace("_", "-"), drill.title, drill.phase)
    return drill.lines or maker.usual(continues=drill.continues)


def _judge_probes(drill: DrillEvidence, probes: list[Probe] | tuple[Probe, ...], findings: Findings) -> None:
    for probe in probes:
        findings.fail_if(not probe.passed, f"{drill.drill}: {probe.name}: {probe.detail}")
    worked = f"{sum(probe.passed for probe in probes)} of {len(probes)} probes worked"
    findings.tell(worked if probes else "nothing was tried besides the candidates' own requests")


def _no_crash(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    during = drill.during.overall
    findings.doubt_if(during.judged == 0, f"{drill.drill}: no candidate sent anything while the fault was in")
    total = 0
    for figures in drill.during.operations:
        crashed = drill.crashed(figures)
        total += crashed
        count = f"{crashed} of {figures.judged}"
        findings.fail_if(crashed > 0, f"{drill.drill}: {count} {figures.operation} requests crashed")
    crashed = drill.crashed(during)
    findings.fail_if(crashed > total, f"{drill.drill}: {crashed} of {during.judged} requests crashed")
    told = "nobody could be served" if drill.outage else f"{max(crashed, total)} crashed"
    findings.tell(f"{drill.scenario}: {during.judged} requests, {told}")


def _harm(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    findings.fail_if(drill.stopped is not None, f"{drill.drill}: stopped on harm: {drill.stopped}")
    waited = [harm for harm in drill.harmed if harm.harm == "waited-too-long"]
    findings.fail_if(bool(waited), f"{drill.drill}: {waited[0].actor} {waited[0].story}" if waited else "")
    findings.tell(f"held for {drill.held_seconds:.1f} s, {len(waited)} candidates waited too long")


def _warnings(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    logged = drill.warnings_logged
    if logged is None:
        findings.doubt_if(True, f"{drill.drill}: warnings were not looked for: {drill.warning_sample}")
        return
    findings.fail_if(logged == 0, f"{drill.drill}: no warning was logged while the fault was in")
    findings.tell(f"{logged} warnings logged")


def _nothing_lost(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    found = drill.reconciliation
    if found is None:
        why = "" if drill.uncompared is None else f": {drill.uncompared}"
        findings.doubt_if(True, f"{drill.drill}: its ledger was not compared with the database{why}")
        return
    findings.doubt_if(found.acknowledged == 0, f"{drill.drill}: no answer was acknowledged, so none could be lost")
    findings.doubt_if(found.unread > 0, f"{drill.drill}: {found.unread} sessions could not be read back")
    lost = f"{drill.drill}: {found.losses} acknowledged writes were lost or changed"
    findings.fail_if(found.losses > 0, f"{lost}{_when_acknowledged(drill, found)}")
    findings.tell(f"{found.kept} of {found.acknowledged} acknowledged answers kept")


_LOSSES = ("lost", "stale", "vanished", "lost_submit")


def _when_acknowledged(drill: DrillEvidence, found: Reconciliation) -> str:
    """When the lost writes that are told were acknowledged, and the first of them: a drill's candidates work before the
    fault and after it too, and what they lose then is not the fault's doing."""
    lost = [finding for finding in found.findings if finding.kind in _LOSSES]
    moments = [finding.answered_at for finding in lost if finding.answered_at is not None]
    if not moments:
        return ""
    before = sum(moment < drill.injected for moment in moments)
    after = sum(moment > drill.removed for moment in moments)
    during = len(moments) - before - after
    times = f"{before} acknowledged before the fault, {during} while it was in, {after} after it"
    return f": of {len(moments)} that are told {times} (first: {lost[0].told})"


def _everyone_submits(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    judge_submissions(drill.fates, drill.drill, findings)


def _recovered(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    findings.fail_if(not drill.fault_gone, f"{drill.drill}: {drill.fault_gone_detail}")
    watched = {recovery.name for recovery in drill.recoveries}
    unwatched = [name for name in WATCHED_OPERATIONS if name not in watched]
    findings.doubt_if(bool(unwatched), f"{drill.drill}: the recovery of {', '.join(unwatched)} was not watched")
    _judge_recoveries(drill, list(drill.recoveries), measured.limits.recovery_seconds, findings)
    if drill.recovery_seconds is not None:
        findings.tell(f"{drill.scenario}: recovered in {drill.recovery_seconds:.1f} s")


def _restarted(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    findings.doubt_if(drill.restart_seconds is None, f"{drill.drill}: the restart was not timed")
    findings.fail_if(not drill.fault_gone, f"{drill.drill}: {drill.fault_gone_detail}")
    if drill.restart_seconds is not None:
        findings.tell(f"started again within {drill.restart_seconds:.1f} s")


def _judge_recoveries(drill: DrillEvidence, recoveries: list[Recovery], limit: float, findings: Findings) -> None:
    for recovery in recoveries:
        if recovery.seconds is None:
            told = f"{drill.drill}: {recovery.name} had not recovered after {exact(limit)} s {recovery.detail}".strip()
            findings.fail_if(True, told)
        else:
            late = recovery.seconds > limit
            told = f"{drill.drill}: {recovery.name} recovered after {against(recovery.seconds, limit, SECONDS)}"
            findings.fail_if(late, told)


def _afterwards(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
    after = drill.after.overall
    rate = after.error_rate
    if rate is None:
        findings.doubt_if(True, f"{drill.drill}: no candidate sent anything after the recovery")
        return
    limit = measured.limits.error_rate
    told = (
        f"{drill.drill}: {after.errors} of {after.judged} requests failed after the recovery "
        f"({against(rate, limit, PER_CENT)})"
    )
    findings.fail_if(rate >= limit, told)
    findings.tell(told)
