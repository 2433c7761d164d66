"""Phase 2: every candidate submitted, and in time."""

from collections.abc import Sequence

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    SECONDS,
    shown,
)
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import (
    ActorFate,
)
from pytest_examday.suites.exam.gates import (
    NO_MANUAL_FIXES,
)
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.load.operations import is_left_out
from pytest_examday.suites.exam.lines.load.record import load_record


def _submitted(measured: Measured, findings: Findings) -> None:
    """Every candidate submitted, so that nobody has to repair the database by hand."""
    load = load_record(measured)
    # Candidates who sent nothing were refused nothing.
    if is_left_out(load, "submit", findings) or load.overall.requests == 0:
        return
    judge_submissions(load.fates, "load", findings)


def judge_submissions(fates: Sequence[ActorFate], activity: str, findings: Findings) -> None:
    """Judge that every candidate of an activity submitted; each one who could not would need a repair by hand."""
    findings.doubt_if(not fates, f"{activity}: no candidate reached the end of an exam")
    outside = [fate for fate in fates if fate.password_doubted]
    if outside:
        refused = f"{activity}: {len(outside)} of {len(fates)} candidates were refused at log-in"
        message = f"{refused}, during the load and again after it"
        findings.doubt(f"{message}; first: {outside[0].actor}: {outside[0].story}; is the password right?")
    stuck = [fate for fate in fates if not (fate.finished or fate.password_doubted)]
    first = f"; first: {stuck[0].actor}: {stuck[0].story}" if stuck else ""
    message = f"{activity}: {len(stuck)} of {len(fates)} candidates could not submit and would need a repair by hand"
    findings.fail_if(bool(stuck), f"{message}{first}")
    findings.add_fact(f"{activity}: {len(fates) - len(stuck) - len(outside)} of {len(fates)} candidates submitted")


def _in_time(measured: Measured, findings: Findings) -> None:
    """Every submission was accepted before the deadline; otherwise a person has to decide whether it counts."""
    load = load_record(measured)
    if load.schedule is None:
        findings.doubt("the load had no deadline")
        return
    submitted = [fate for fate in load.fates if fate.finished_at is not None]
    findings.doubt_if(not submitted, "it is unknown when submissions were accepted")
    deadline = load.schedule.deadline
    late = [(seconds, fate) for fate in load.fates if (seconds := fate.late_seconds(deadline))]
    if late:
        seconds, worst = max(late, key=lambda entry: entry[0])
        message = (
            f"{len(late)} of {len(load.fates)} submissions were accepted after the deadline; the latest: "
            f"{worst.actor}, {shown(seconds, 0, SECONDS)} late"
        )
        judge_slow(load, True, message, findings)
    findings.add_fact(f"{len(late)} of {len(load.fates)} submissions were accepted after the deadline")


LINES: tuple[Line, ...] = (
    Line("every-candidate-submitted", "Every candidate submitted", 2, ("load",), _submitted, (NO_MANUAL_FIXES,)),
    Line(
        "every-submission-in-time",
        "Every submission was accepted before the deadline",
        2,
        ("load",),
        _in_time,
        (NO_MANUAL_FIXES,),
        "ignored",
        reason_of_gate=False,
    ),
)
