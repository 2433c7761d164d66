"""What every report of a run says, in words: the gates, who was harmed, and the whole in one sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_examday.core.gate import GateResult
from pytest_examday.core.suite import Suite
from pytest_examday.core.verdict import LineRecord, Verdict
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.report.figure_words import SYMBOLS, moment, one_line, plural

NO_VERDICT = "No verdict: the gates were not part of this run, so it says neither GO nor NO-GO."
STORIES_SHOWN = 20


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
    """One gate for the board: its words in the criteria, its state in words, and the reason."""

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


def gate_row(gate: GateResult) -> GateRow:
    """A gate in words."""
    return GateRow(
        name=gate.name,
        title=gate.title or gate.name,
        outcome=gate.outcome,
        state=SYMBOLS[gate.outcome],
        reason=one_line(gate.reason) or "no reason given",
        hard=gate.hard,
    )


@dataclass(frozen=True)
class LineRow:
    """One line for the page: its words, its state in words, what was found, and the gates for which it counts."""

    key: str
    words: str
    outcome: str
    state: str
    reason: str
    gates: tuple[str, ...]


def line_row(line: LineRecord) -> LineRow:
    """A line in words."""
    return LineRow(
        key=line.key,
        words=line.words,
        outcome=line.outcome,
        state=SYMBOLS[line.outcome],
        reason=one_line(line.reason) or "no reason given",
        gates=line.gates or ("information only",),
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
    """What happened to one person who was harmed."""

    actor: str
    harm: str
    text: str
    when: str


def stories(verdict: Verdict | None, suites: Iterable[Suite]) -> tuple[Story, ...]:
    """Every harm that the verdict tells of, in the words of the suites."""
    wording = {key: words for suite in suites for key, words in suite.wording.items()}
    told = verdict.candidates.stories if verdict else ()
    return tuple(
        Story(
            one_line(harm.actor),
            wording.get(harm.harm, harm.harm.replace("-", " ")),
            one_line(harm.story),
            wording.get(harm.activity, f"in {harm.activity.replace('_', ' ')}"),
        )
        for harm in told
    )


def harm_sentence(verdict: Verdict, actor: str, unmeasured: Sequence[str]) -> str:
    """How many were harmed. Where not everything was measured (`unmeasured` names what) it claims no more than was
    seen; `actor` is the word for one of them."""
    total, harmed = verdict.candidates.total, verdict.candidates.harmed
    if total == 0:
        return f"No {actor} took part in the rehearsal, so nothing is known about harm"
    were = f"{harmed} of {plural(total, actor)} {'was' if harmed == 1 else 'were'}"
    if not unmeasured:
        return f"{were} harmed"
    return f"{were} seen to be harmed, and harm was not fully measured (missing: {', '.join(unmeasured)})"


def actor_word(suites: Iterable[Suite]) -> str:
    """The word for who uses the platform; `actor` where the suites differ in it."""
    words = {suite.actor for suite in suites}
    return words.pop() if len(words) == 1 else "actor"


def assessment(verdict: Verdict | None, suites: Sequence[Suite], unmeasured: Sequence[str]) -> str:
    """The whole rehearsal in one sentence for the person who signs."""
    if verdict is None:
        return NO_VERDICT
    occasion = " and ".join(dict.fromkeys(suite.occasion for suite in suites))
    return f"{harm_sentence(verdict, actor_word(suites), unmeasured)}; {_gates_sentence(verdict, occasion)}."


def _gates_sentence(verdict: Verdict, occasion: str) -> str:
    count = {state: sum(gate.outcome == state for gate in verdict.gates) for state in SYMBOLS}
    all_gates = plural(len(verdict.gates), "gate")
    if verdict.verdict == "GO":
        return f"all {all_gates} passed, so {occasion} may go ahead"
    if verdict.verdict == "CONDITIONAL GO":
        return f"{count['waived']} of {all_gates} waived, so {occasion} may go ahead on the conditions named"
    wrong = [f"{count['fail']} failed"] if count["fail"] else []
    wrong += [f"{count['inconclusive']} could not be judged"] if count["inconclusive"] else []
    return f"of {all_gates} {' and '.join(wrong) or 'none was judged'}, so {occasion} must not go ahead"


def notices(verdict: Verdict | None) -> tuple[str, ...]:
    """What a reader must know before the verdict: limits that are weaker than the seeds', suites that were left out."""
    if verdict is None:
        return ()
    weaker = f"Judged by limits weaker than the seeds': {', '.join(verdict.weaker_limits)}"
    left_out = (f"Suite {name} was left out: {one_line(why)}" for name, why in verdict.left_out.items())
    return (*([weaker] if verdict.weaker_limits else []), *left_out)


def checks_in_words(verdict: Verdict | None) -> str:
    """How the tests of the phases ended."""
    if verdict is None or not verdict.checks:
        return "the phases' own checks were not part of this run"
    failed = sum(check.outcome != "passed" for check in verdict.checks)
    return f"{len(verdict.checks) - failed} of {plural(len(verdict.checks), 'check')} of the phases passed"
