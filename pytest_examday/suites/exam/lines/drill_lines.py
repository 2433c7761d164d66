"""Makes the lines of drills (source document 000, phases 3 and 7). The module of each drill chooses among them."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import exact, share
from pytest_examday.core.line import Judge, Line, WhenUnmeasured
from pytest_examday.core.measured import Measured
from pytest_examday.drills.drill import Drill, activity_of
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.suites.exam.gates import FAILURES_HANDLED, NO_MANUAL_FIXES, RECOVERY_TESTED
from pytest_examday.suites.exam.lines.judge_drill import (
    judge_crashes,
    judge_drill_probes,
    judge_errors_afterwards,
    judge_everyone_submitted,
    judge_exam_mode_during,
    judge_felt,
    judge_harm,
    judge_losses,
    judge_pages,
    judge_recoveries,
    judge_recovery,
    judge_restart,
    judge_warnings,
)
from pytest_examday.suites.exam.lines.judge_probes import judge_probes
from pytest_examday.suites.exam.lines.late_afterwards import judge_late_afterwards
from pytest_examday.suites.exam.probe_names import (
    AS_BEFORE,
    CONTINUITY,
    NOT_READY_WITHOUT_IT,
    RULES_AFTER,
    RULES_PROBES,
)

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
        return activity_of(self.drill)

    @property
    def prefix(self) -> str:
        """How the keys of its lines begin."""
        return self.drill.replace("_", "-")

    def tried(self, key: str, words: str, *names: str) -> Line:
        """The probes of exactly these names were made, and all of them worked."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            probes = [probe for probe in drill.probes if probe.name in names]
            untried = [name for name in names if name not in {probe.name for probe in probes}]
            findings.doubt_if(bool(untried), f"{drill.drill}: nothing was tried for {', '.join(untried)}")
            judge_drill_probes(drill, probes, findings)

        return self._line(key, words, judge, FAILURES_HANDLED)

    def everything_tried(self, *, but: tuple[str, ...] = ()) -> Line:
        """Every probe worked, and at least one was made. Probes with the names in `but` are left out, because another
        line judges them."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            probes = [probe for probe in drill.probes if probe.name not in but]
            findings.doubt_if(not probes, f"{drill.drill}: nothing was tried while the fault was in")
            judge_drill_probes(drill, probes, findings)

        return self._line("expected-behavior", "everything that was tried worked", judge, FAILURES_HANDLED)

    def workers_as_before(self) -> Line:
        """As before the restart, every worker runs in exam mode, refuses protected operations, limits the same calls
        and knows the owner of an exam."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            probes = [probe for probe in drill.probes if probe.name in AS_BEFORE]
            judge_probes(probes, findings, where=f"{drill.drill}: ")
            details = "; ".join(f"{probe.name}: {probe.detail}" for probe in probes)
            findings.add_fact(details or "neither exam mode nor a rate limit was seen before the fault")

        words = (
            "workers that were started again have exam mode, protected operations, rate limits and owners of exams as "
            "before"
        )
        return self._line("workers-are-as-before", words, judge, RECOVERY_TESTED)

    def rules_kept(self) -> Line:
        """As before the restart, the platform keeps some rules of an exam, and logs requests."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            probes = [probe for probe in drill.probes if probe.name in RULES_PROBES]
            judge_probes(probes, findings, where=f"{drill.drill}: ")
            tried = {probe.name for probe in probes}
            findings.doubt_if(
                RULES_AFTER not in tried, f"{drill.drill}: no rule of an exam was tried after the restart"
            )
            for probe in probes:
                findings.add_fact(f"{probe.name}: {probe.detail}")

        words = "workers that were started again keep rules of an exam, and log requests"
        return self._line("rules-are-kept-afterwards", words, judge, RECOVERY_TESTED)

    def no_crash(self) -> Line:
        """Candidates sent requests while the fault was in, and none crashed, except those whose connection the fault
        cut."""
        return self._line(
            "no-request-crashes", "no request crashes", judge_crashes, FAILURES_HANDLED, reason_of_gate=True
        )

    def harm_within_limits(self, gate: str = FAILURES_HANDLED) -> Line:
        """The drill was not stopped on harm, and no candidate waited longer than the limit."""
        words = "the drill is not stopped on harm, and no candidate waits too long"
        return self._line("harm-stays-within-limits", words, judge_harm, gate)

    def not_ready_without(self, what: str) -> Line:
        """The readiness endpoint said that `what` was away, or does not promise to say so."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            probes = [probe for probe in drill.probes if probe.name == NOT_READY_WITHOUT_IT]
            judge_probes(probes, findings, where=f"{drill.drill}: ", failed=lambda probe: probe.detail)
            for probe in probes:
                findings.add_fact(probe.detail)
            findings.doubt_if(not probes, f"{drill.drill}: the readiness endpoint was not asked without {what}")

        return self._line(
            "not-ready-without-it", f"the readiness endpoint does not say ready without {what}", judge, FAILURES_HANDLED
        )

    def exam_mode_stays(self) -> Line:
        """Exam mode was on and protected operations refused while the fault was in. The gate ignores the line if that
        could not be measured, because a sound platform may keep exam mode in the store that is away."""
        words = "exam mode stays on and protected operations stay refused"
        return self._line("exam-mode-stays", words, judge_exam_mode_during, FAILURES_HANDLED, when_unmeasured="ignored")

    def fault_is_felt(self, gate: str = FAILURES_HANDLED) -> Line:
        """The fault showed for as long as it was to be in: read back, and felt at the platform's own addresses."""
        return self._line(
            "fault-is-felt", "the fault is in, and shows its effect, for as long as it is held", judge_felt, gate
        )

    def warnings_logged(self) -> Line:
        """The platform logged a warning while the fault was in."""
        return self._line("warnings-are-logged", "warnings are logged", judge_warnings, FAILURES_HANDLED)

    def nothing_lost(self, gate: str = FAILURES_HANDLED) -> Line:
        """Every acknowledged answer of the drill is stored as it was acknowledged."""
        return self._line("no-lost-answers", "no answers are lost", judge_losses, gate)

    def shown_as_acknowledged(self, gate: str = FAILURES_HANDLED) -> Line:
        """Candidates of the drill were shown what was acknowledged. Something that is stored wrongly is reported by
        another line."""
        words = "candidates see what was acknowledged"
        return self._line("candidates-see-what-was-acknowledged", words, judge_pages, gate)

    def nothing_tried_failed(self, gate: str, *, but: tuple[str, ...] = ()) -> Line:
        """No probe failed. For a drill that may try nothing besides the candidates' own requests. Probes with the names
        in `but` are left out, because another line judges them."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            judge_drill_probes(drill, [probe for probe in drill.probes if probe.name not in but], findings)

        return self._line("nothing-tried-fails", "nothing that was tried fails", judge, gate)

    def everyone_submits(self, key: str = "everyone-submits", words: str = "every candidate submits") -> Line:
        """Every candidate of the drill submitted, if need be after several tries, and without a person's help."""
        return self._line(key, words, judge_everyone_submitted, NO_MANUAL_FIXES, reason_of_gate=True)

    def recovered(self) -> Line:
        """The fault is gone, and everything that was watched answered again within the limit."""
        return Line(
            f"{self.prefix}-recovery-time",
            lambda limits: f"{self.title}: everything answers again within {exact(limits.recovery_seconds)} s",
            self.phase,
            (self.activity,),
            self._judge(judge_recovery),
            (RECOVERY_TESTED,),
        )

    def restored(self, key: str, words: str, name: str) -> Line:
        """The operation, store or worker of this name answered again within the limit."""

        def judge(drill: DrillEvidence, measured: Measured, findings: Findings) -> None:
            found = [recovery for recovery in drill.recoveries if recovery.name == name]
            findings.doubt_if(not found, f"{drill.drill}: the recovery of {name} was not watched")
            judge_recoveries(drill, found, measured.limits.recovery_seconds, findings)
            for recovery in found:
                findings.add_fact(recovery.detail if recovery.seconds is None else f"after {recovery.seconds:.1f} s")

        return Line(
            key, words, self.phase, (self.activity,), self._judge(judge), (RECOVERY_TESTED,), reason_of_gate=False
        )

    def restarted(self) -> Line:
        """The restart was timed, and the fault is gone."""
        return self._line("restart-time", "everything is started again", judge_restart, RECOVERY_TESTED)

    def few_errors_afterwards(self) -> Line:
        """Requests succeed after the recovery."""

        def words(limits: Thresholds) -> str:
            return f"{self.title}: fewer than {share(limits.error_rate)} of requests fail after the recovery"

        key = f"{self.prefix}-requests-succeed-afterwards"
        judge = self._judge(judge_errors_afterwards)
        return Line(key, words, self.phase, (self.activity,), judge, (RECOVERY_TESTED,), reason_of_gate=False)

    def fast_afterwards(self) -> Line:
        """Candidates wait no longer after the recovery than before the fault."""
        words = "candidates wait no longer after the recovery than before the fault"
        return self._line("requests-are-fast-afterwards", words, judge_late_afterwards, RECOVERY_TESTED)

    def usual(self, *, continues: bool, restarts: bool = False, but: tuple[str, ...] = ()) -> tuple[Line, ...]:
        """The lines that nearly every drill has. `continues`: an exam that was begun before the fault is finished after
        it; `restarts`: workers are started again, and tried by the probes `AS_BEFORE`; `but`: the names of probes that
        only another line of the drill judges."""
        safely = "clients retry safely: an exam begun before is finished after"
        continuity = (self.tried("clients-retry-safely", safely, *CONTINUITY),) if continues else ()
        return (
            self.fault_is_felt(),
            self.everything_tried(but=(*but, *AS_BEFORE, *RULES_PROBES) if restarts else but),
            self.no_crash(),
            self.harm_within_limits(),
            self.nothing_lost(),
            self.shown_as_acknowledged(),
            *continuity,
            self.everyone_submits(),
            self.recovered(),
            self.few_errors_afterwards(),
            self.fast_afterwards(),
            *((self.workers_as_before(),) if restarts else ()),
        )

    def _line(
        self,
        key: str,
        words: str,
        judge: _Judge,
        gate: str,
        *,
        when_unmeasured: WhenUnmeasured = "blocks",
        reason_of_gate: bool = False,
    ) -> Line:
        return Line(
            f"{self.prefix}-{key}",
            f"{self.title}: {words}",
            self.phase,
            (self.activity,),
            self._judge(judge),
            (gate,),
            when_unmeasured,
            reason_of_gate,
        )

    def _judge(self, judge: _Judge) -> Judge:
        return lambda measured, findings: judge(measured.record(self.activity, DrillEvidence), measured, findings)


def lines_of(drill: Drill) -> tuple[Line, ...]:
    """The drill's own lines; if it has none, the usual ones, whose keys begin with the drill's name."""
    maker = LinesOf(drill.name, drill.title, drill.phase)
    return drill.lines or maker.usual(continues=drill.continues)
