"""Phase 2: how long single candidates waited."""

from collections.abc import Sequence

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    MILLISECONDS,
    against,
    exact,
)
from pytest_examday.core.line import Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import (
    ActorFate,
    HarmedActor,
)
from pytest_examday.integrity.harmed_actors import harmed_by_waiting
from pytest_examday.suites.exam.gates import (
    P95_LATENCY,
)
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.load.record import load_record


def _waits(measured: Measured, findings: Findings) -> None:
    load = load_record(measured)
    findings.doubt_if(not load.fates, "no candidate came to the end of an exam")
    submits = "submit" not in load.left_out
    deadline = load.schedule.deadline if load.schedule is not None and submits else None
    limit = measured.limits.max_wait_seconds
    waited = waited_too_long(load.fates, limit, submits=submits, deadline=deadline)
    first = f"; first: {waited[0].actor} {waited[0].story}" if waited else ""
    judge_slow(load, bool(waited), f"candidates who waited too long: {len(waited)}{first}", findings)
    findings.add_fact(f"{len(waited)} of {len(load.fates)} candidates waited longer than {exact(limit)} s")
    if worst := longest_wait_in_words(load.fates):
        findings.add_fact(worst)


def _slowest_candidates(measured: Measured, findings: Findings) -> None:
    """Judge the slowest candidates: if one of hundreds waits long for every reply, p95 of all requests does not show
    it."""
    load, limit = load_record(measured), measured.limits.p95_ms
    if not load.slowest:
        why = (
            "the evidence does not have them" if load.slowest is None else "nobody sent enough requests after the ramp"
        )
        findings.doubt(f"the waits of single candidates are not known: {why}")
        return
    slow = [wait for wait in load.slowest if wait.p50_ms >= limit]
    worst = load.slowest[0]
    median = against(worst.p50_ms, limit, MILLISECONDS)
    message = f"p50 of {worst.requests} requests of {worst.actor} is {median}"
    more = f"; of {', '.join(wait.actor for wait in slow[1:])} too" if slow[1:] else ""
    judge_slow(load, bool(slow), f"{message}{more}", findings)
    findings.add_fact(message)


def waited_too_long(
    fates: Sequence[ActorFate], limit_seconds: float, *, submits: bool = True, deadline: float | None = None
) -> list[HarmedActor]:
    """The candidates who waited longer than the limit on one action. If one could therefore not submit, or not in time,
    the lines about submissions judge that.

    The harm that the evidence names was found with the limits of the run that measured, which may be others.
    """
    harmed = harmed_by_waiting(fates, limit_seconds, "", submits=submits, deadline=deadline)
    return [harm for harm in harmed if harm.harm == "waited-too-long"]


def longest_wait_in_words(fates: Sequence[ActorFate]) -> str:
    """The longest wait of one candidate for one action, in words; empty if nobody did anything."""
    worst = max(fates, key=lambda fate: fate.worst_wait_ms, default=None)
    if worst is None or worst.worst_wait_operation is None:
        return ""
    return f"the longest wait: {worst.worst_wait_ms / 1000:.1f} s on {worst.worst_wait_operation} ({worst.actor})"


LINES: tuple[Line, ...] = (
    Line(
        "nobody-was-harmed-by-waiting-in-load",
        lambda limits: f"No candidate waited longer than {exact(limits.max_wait_seconds)} s on any action",
        2,
        ("load",),
        _waits,
        (P95_LATENCY,),
        reason_of_gate=False,
    ),
    Line(
        "slowest-candidate-median",
        lambda limits: f"Half of the slowest candidate's requests take less than {exact(limits.p95_ms)} ms",
        2,
        ("load",),
        _slowest_candidates,
        (P95_LATENCY,),
        "ignored",
        reason_of_gate=False,
    ),
)
