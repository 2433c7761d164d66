"""What the Markdown report and the HTML page both say, so that they say the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_examday.core.verdict import Verdict
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.evidence.phases import DrillEvidence, Stage
from pytest_examday.record import Record
from pytest_examday.report.words import (
    SYMBOLS,
    listed,
    milliseconds,
    moment,
    one_line,
    percent,
    plural,
    seconds,
)
from pytest_examday.suites.exam.gates.bench import Judgement
from pytest_examday.suites.exam.gates.registry import BY_NAME, HARD_GATES
from pytest_examday.suites.exam.report.source import Source, Sources

NO_VERDICT = "No verdict: the gates were not part of this run, so it says neither GO nor NO-GO."
STORIES_SHOWN = 20
_WHEN = {
    "load": "under load",
    "redis_outage": "while Redis was away",
    "worker_loss": "while a worker was down",
    "recovery": "around the full restart",
    "integrity": "found when the stored answers were checked",
    "integrity_after": "found when the stored answers were checked after the last drill",
}
_HARMS = {
    "lost-answer": "lost an answer",
    "changed-answer": "had an answer changed",
    "no-submit": "could not submit",
    "waited-too-long": "waited too long",
    "lost-session": "lost the session",
    "wrong-score": "got a wrong score",
}


def measured(evidence: Mapping[str, Evidence[Record]]) -> str | None:
    """When the first thing was measured, None where nothing was."""
    starts = [item.started for item in evidence.values() if item.record is not None]
    return moment(min(starts)) if starts else None


def environment(verdict: Verdict) -> str:
    """The environment of the run; where the evidence comes from another one, that is named too."""
    elsewhere = verdict.measured_environment
    return f"{verdict.environment}, evidence measured on {elsewhere}" if elsewhere else verdict.environment


def date(verdict: Verdict, first: str | None) -> str:
    """The date of the rehearsal; one that judges an earlier run's evidence has that run's date."""
    if verdict.judged_from == verdict.directory:
        return moment(verdict.started)
    return f"{first or 'nothing was measured'} (judged again {moment(verdict.started)})"


@dataclass(frozen=True)
class GateRow:
    """One gate for the board: its line in the seeds, its state in words, and the reason."""

    name: str
    title: str
    outcome: str
    state: str
    reason: str
    hard: bool

    @property
    def good(self) -> bool:
        """Whether its box is ticked. A waived gate was not met, so its box stays empty."""
        return self.outcome == "pass"


def gate_row(gate: Judgement) -> GateRow:
    """A gate in words; a user's own gate has its name as title."""
    known = BY_NAME.get(gate.name)
    return GateRow(
        name=gate.name,
        title=known.title if known else gate.name,
        outcome=gate.outcome,
        state=SYMBOLS[gate.outcome],
        reason=one_line(gate.reason) or "no reason given",
        hard=gate.name in HARD_GATES,
    )


def gate_rows(verdict: Verdict | None) -> tuple[GateRow, ...]:
    """All gates of the verdict in its order."""
    return tuple(gate_row(gate) for gate in verdict.gates) if verdict else ()


@dataclass(frozen=True)
class GateGroup:
    """Gates of one state for one reason, told together: a dead source is one piece of news, not twelve."""

    outcome: str
    state: str
    titles: str
    reason: str


def grouped(rows: Iterable[GateRow]) -> tuple[GateGroup, ...]:
    """Gates that did not pass, failures first, then what could not be judged, then what was waived."""
    groups: dict[tuple[str, str], list[GateRow]] = {}
    for row in rows:
        if not row.good:
            groups.setdefault((row.outcome, row.reason), []).append(row)
    made = [
        GateGroup(outcome, SYMBOLS[outcome], "; ".join(row.title for row in members), reason)
        for (outcome, reason), members in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: ("fail", "inconclusive", "waived").index(group.outcome)))


@dataclass(frozen=True)
class Story:
    """What happened to one harmed candidate."""

    candidate: str
    harm: str
    text: str
    when: str


def stories(verdict: Verdict | None) -> tuple[Story, ...]:
    """Every harm that the verdict tells of."""
    told = verdict.candidates.stories if verdict else ()
    return tuple(
        Story(
            one_line(harm.candidate),
            _HARMS[harm.harm],
            one_line(harm.story),
            _WHEN.get(harm.activity, f"in {harm.activity.replace('_', ' ')}"),
        )
        for harm in told
    )


def unjudged_harm(sources: Sources) -> tuple[str, ...]:
    """What was not measured although harm could have been seen there."""
    named: Mapping[str, Source[Any]] = {
        "load": sources.load,
        "Redis outage": sources.redis_outage,
        "worker loss": sources.worker_loss,
        "full restart": sources.recovery,
        **{name.removeprefix("drill_").replace("_", " "): source for name, source in sources.further.items()},
        "stored answers after the last drill": sources.integrity_after,
    }
    missing = [name for name, source in named.items() if source.record is None]
    after = sources.integrity_after.record
    if after is not None and after.reconciliation.unread:
        missing.append(f"{plural(after.reconciliation.unread, 'session')} that could not be read back")
    return tuple(missing)


def harm_sentence(verdict: Verdict, sources: Sources) -> str:
    """How many candidates were harmed; where not everything was measured it claims no more than was seen."""
    total, harmed = verdict.candidates.total, verdict.candidates.harmed
    missing = unjudged_harm(sources)
    if total == 0:
        return "No candidate sat the rehearsal, so nothing is known about harm"
    were = f"{harmed} of {plural(total, 'candidate')} {'was' if harmed == 1 else 'were'}"
    if not missing:
        return f"{were} harmed"
    return f"{were} seen to be harmed, and harm was not fully measured (missing: {', '.join(missing)})"


def assessment(verdict: Verdict | None, sources: Sources) -> str:
    """The whole rehearsal in one sentence for the exam's owner."""
    if verdict is None:
        return NO_VERDICT
    return f"{harm_sentence(verdict, sources)}; {_gates_sentence(verdict)}."


def _gates_sentence(verdict: Verdict) -> str:
    count = {state: sum(gate.outcome == state for gate in verdict.gates) for state in SYMBOLS}
    all_gates = plural(len(verdict.gates), "gate")
    if verdict.verdict == "GO":
        return f"all {all_gates} passed, so the exam may go ahead"
    if verdict.verdict == "CONDITIONAL GO":
        return f"{count['waived']} of {all_gates} waived, so the exam may go ahead on the conditions named"
    wrong = [f"{count['fail']} failed"] if count["fail"] else []
    wrong += [f"{count['inconclusive']} could not be judged"] if count["inconclusive"] else []
    return f"of {all_gates} {' and '.join(wrong) or 'none was judged'}, so the exam must not go ahead"


def key_findings(verdict: Verdict | None, sources: Sources) -> tuple[str, ...]:
    """Gates that speak against GO, failures first; where there are none, the figures that speak for it."""
    against = grouped(gate_rows(verdict))
    beforehand = found_beforehand(sources)
    if against:
        return (*(f"{group.state}: {group.titles}: {group.reason}" for group in against), *beforehand)
    return (*notable(sources), *beforehand) or ("nothing was measured",)


def found_beforehand(sources: Sources) -> tuple[str, ...]:
    """What the rehearsal met before it began: faults that an earlier one had left in, and clocks that are off."""
    preflight = sources.preflight.record
    if preflight is None:
        return ()
    left = [f"left by an earlier rehearsal: {one_line(text)}" for text in preflight.healed]
    return (*left, *(f"the clock of {name} is {skew:+.1f} s off" for name, skew in preflight.skewed.items()))


def notable(sources: Sources) -> tuple[str, ...]:
    """Figures worth a reader's minute."""
    found = []
    if sources.stored.record is not None:
        found.append(ledger_sentence(sources.stored.record.reconciliation))
    if (load := sources.load.record) is not None:
        found.append(
            f"under load by {plural(load.candidates, 'candidate')}, 95 of 100 requests took no longer than "
            f"{milliseconds(load.overall.p95_ms) or 'an unmeasured time'}, and {load.overall.errors} of "
            f"{load.overall.judged} failed"
        )
    found += [drill_sentence(source.record) for source in sources.drills if source.record is not None]
    return tuple(found)


def ledger_sentence(found: Reconciliation) -> str:
    """Every acknowledged answer, looked for in what is stored."""
    unknown = found.unknown_kept + found.unknown_absent
    unread = f", {found.uncompared} could not be read back" if found.unread else ""
    return (
        f"of {plural(found.acknowledged, 'acknowledged answer')} {found.kept} are stored as acknowledged, "
        f"{found.lost} lost, {found.stale} changed{unread}; {unknown} more never got a reply"
    )


def drill_sentence(drill: DrillEvidence) -> str:
    """A drill's outcome: what failed while the fault was in, and when everything answered again."""
    during = drill.during.overall
    failed = f"{during.errors} of {plural(during.judged, 'request')} failed meanwhile"
    stopped = "" if drill.stopped is None else f", stopped on harm ({one_line(drill.stopped)})"
    return f"{one_line(drill.scenario)}: {failed}{stopped}, {recovery_sentence(drill)}"


def recovery_sentence(drill: DrillEvidence) -> str:
    """How long until the slowest service answered again, or which one was never seen to."""
    gone = [recovery.name for recovery in drill.recoveries if recovery.seconds is None]
    if not drill.recoveries:
        return "recovery was not watched"
    if gone:
        return f"not recovered while watched: {listed(gone)}"
    return f"everything answered again {seconds(drill.recovery_seconds)} after the fault was taken out"


def stage_sentence(stage: Stage) -> str:
    """What candidates met in one stage of a drill."""
    overall = stage.overall
    if overall.requests == 0:
        return f"{stage.name}: nothing was sent"
    limited = f", {overall.limited} rate limited" if overall.limited else ""
    rate = percent(overall.error_rate, 0) or "no share"
    p95 = milliseconds(overall.p95_ms) or "not measured"
    return f"{stage.name}: {overall.succeeded} succeeded, {overall.errors} failed ({rate}){limited}, p95 {p95}"


def checks_in_words(verdict: Verdict | None) -> str:
    """How the tests of the phases ended."""
    if verdict is None or not verdict.checks:
        return "the phases' own checks were not part of this run"
    failed = sum(check.outcome != "passed" for check in verdict.checks)
    return f"{len(verdict.checks) - failed} of {plural(len(verdict.checks), 'check')} of the phases passed"
