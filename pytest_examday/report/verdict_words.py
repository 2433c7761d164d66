"""The verdict in words, the same in all reports: the gates, who was harmed, and the assessment in one sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_examday.core.activity import PREFLIGHT, preflight_of
from pytest_examday.core.gate import GateResult
from pytest_examday.core.suite import Suite
from pytest_examday.core.verdict import JudgedAgain, LineRecord, Verdict
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.options import PROFILES
from pytest_examday.record import Record
from pytest_examday.report.figure_words import SYMBOLS, moment, plural, printable_line

NO_VERDICT = "No verdict: the gates were not part of this run, so it says neither GO nor NO-GO."
EMBEDDED = "Rehearsed on the embedded platform, which comes with pytest-examday"
WEAKENED = ", by limits weaker than the default ones"
STORIES_SHOWN = 20
_SMALLEST = PROFILES[0]


def first_measured_at(evidence: Mapping[str, Evidence[Record]]) -> str | None:
    """The time at which the first activity of the run began to measure; None if nothing was measured."""
    starts = [item.started for item in evidence.values() if item.record is not None]
    return moment(min(starts)) if starts else None


def date_of_rehearsal(verdict: Verdict, first: str | None) -> str:
    """The date of the rehearsal; if the evidence of an earlier run is judged, the date of that run."""
    if verdict.judged_from == verdict.directory:
        return moment(verdict.started)
    return f"{first or 'nothing was measured'} (judged again {moment(verdict.started)})"


@dataclass(frozen=True)
class GateRow:
    """One gate for reports: its statement, its outcome in words, and the reason."""

    name: str
    title: str
    outcome: str
    state: str
    reason: str
    hard: bool

    @property
    def passed(self) -> bool:
        """Whether the gate passed, so that its box is ticked."""
        return self.outcome == "pass"


def gate_row(gate: GateResult) -> GateRow:
    """The row of a gate."""
    return GateRow(
        name=gate.name,
        title=gate.title or gate.name,
        outcome=gate.outcome,
        state=SYMBOLS[gate.outcome],
        reason=printable_line(gate.reason) or "no reason given",
        hard=gate.hard,
    )


@dataclass(frozen=True)
class LineRow:
    """One line for reports: its statement, its outcome in words, what was found, and the gates that it counts for."""

    key: str
    words: str
    outcome: str
    state: str
    reason: str
    gates: tuple[str, ...]


def line_row(line: LineRecord, suite: Suite) -> LineRow:
    """The row of a line of this suite. A line that is not counted if it was not measured is marked as optional."""
    known = suite.line_by_key.get(line.key)
    optional = " (optional)" if known is not None and known.when_unmeasured == "ignored" else ""
    return LineRow(
        key=line.key,
        words=line.words,
        outcome=line.outcome,
        state=SYMBOLS[line.outcome],
        reason=printable_line(line.reason) or "no reason given",
        gates=tuple(f"{gate}{optional}" for gate in line.gates) or ("information only",),
    )


def gate_rows(verdict: Verdict | None) -> tuple[GateRow, ...]:
    """All gates of the verdict in its order."""
    return tuple(gate_row(gate) for gate in verdict.gates) if verdict else ()


@dataclass(frozen=True)
class GateGroup:
    """Gates with the same outcome and the same reason, reported together: one unreachable source may fail every
    gate."""

    outcome: str
    state: str
    titles: str
    reason: str


def gates_not_passed(rows: Iterable[GateRow]) -> tuple[GateGroup, ...]:
    """Groups of the gates that did not pass: failed ones first, then inconclusive ones."""
    groups: dict[tuple[str, str], list[GateRow]] = {}
    for row in rows:
        if not row.passed:
            groups.setdefault((row.outcome, row.reason), []).append(row)
    made = [
        GateGroup(outcome, SYMBOLS[outcome], "; ".join(row.title for row in members), reason)
        for (outcome, reason), members in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: ("fail", "inconclusive").index(group.outcome)))


@dataclass(frozen=True)
class StoryWords:
    """What happened to one harmed actor, in words."""

    actor: str
    harm: str
    text: str
    when: str


def stories(verdict: Verdict | None, suites: Iterable[Suite]) -> tuple[StoryWords, ...]:
    """Every harm of the verdict, in the words of the suites."""
    wording = _wording(suites)
    harms = verdict.candidates.stories if verdict else ()
    return tuple(
        StoryWords(
            printable_line(harm.actor),
            wording.get(harm.harm, harm.harm.replace("-", " ")),
            printable_line(harm.story),
            _activity(harm.activity, wording),
        )
        for harm in harms
    )


def took_part(evidence: Mapping[str, Evidence[Record]], suites: Iterable[Suite]) -> str:
    """How many actors took part in which activity, in the words of the suites; empty if nobody took part."""
    wording = _wording(suites)
    counted = {name: len(getattr(item.record, "fates", ())) for name, item in evidence.items()}
    return ", ".join(f"{count} {_activity(name, wording)}" for name, count in counted.items() if count)


def small_trial(
    verdict: Verdict | None, evidence: Mapping[str, Evidence[Record]], suites: Sequence[Suite]
) -> tuple[str, ...]:
    """The sentence that the smallest profile was rehearsed, with the actors of its largest activity; nothing for
    another profile, and if nobody took part."""
    counted = {name: len(getattr(item.record, "fates", ())) for name, item in evidence.items()}
    largest = max(counted, key=lambda name: counted[name], default="")
    if verdict is None or verdict.profile != _SMALLEST or not counted.get(largest):
        return ()
    who = f"{plural(counted[largest], actor_word(suites))} {_activity(largest, _wording(suites))}"
    return (f"A small rehearsal: {who} (profile {_SMALLEST}); {_occasion(suites)} may have more",)


def _wording(suites: Iterable[Suite]) -> dict[str, str]:
    """The words of the suites for kinds of harm and for activities. A drill that a suite has no words for, such as one
    of the user's, is told by its title."""
    listed = tuple(suites)
    titles = {drill.activity: f'in the drill "{drill.title}"' for suite in listed for drill in suite.drills}
    return titles | {key: words for suite in listed for key, words in suite.wording.items()}


def _activity(name: str, wording: Mapping[str, str]) -> str:
    return wording.get(name, f"in {name.replace('_', ' ')}")


def harm_sentence(verdict: Verdict, actor: str, unmeasured: Sequence[str]) -> str:
    """The number of harmed actors in one sentence; `actor` is the word for one of them.

    `unmeasured` names what was not measured; if it is not empty, the sentence says that harm may have gone unseen.
    """
    total, harmed = verdict.candidates.total, verdict.candidates.harmed
    if total == 0:
        return f"No {actor} took part in the rehearsal, so nothing is known about harm"
    were = f"{harmed} of {plural(total, actor)} {'was' if harmed == 1 else 'were'}"
    if not unmeasured:
        return f"{were} harmed"
    return f"{were} seen to be harmed, and harm was not fully measured (missing: {', '.join(unmeasured)})"


def actor_word(suites: Iterable[Suite]) -> str:
    """The suites' word for a user of the platform; `actor` if the suites differ."""
    words = {suite.actor for suite in suites}
    return words.pop() if len(words) == 1 else "actor"


def assessment(verdict: Verdict | None, suites: Sequence[Suite], unmeasured: Sequence[str]) -> str:
    """The assessment of the rehearsal in one sentence for the person who signs."""
    if verdict is None:
        return NO_VERDICT
    if verdict.candidates.total == 0 and all(not suite.drills and suite.unmeasured_harm is None for suite in suites):
        return assessment_by_gates(verdict, suites)
    return f"{harm_sentence(verdict, actor_word(suites), unmeasured)}; {_gates_sentence(verdict, _occasion(suites))}."


def assessment_by_gates(verdict: Verdict | None, suites: Sequence[Suite]) -> str:
    """The same without a word on harm, for suites that do not judge it."""
    if verdict is None:
        return NO_VERDICT
    sentence = _gates_sentence(verdict, _occasion(suites))
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _occasion(suites: Iterable[Suite]) -> str:
    return " and ".join(dict.fromkeys(suite.occasion for suite in suites))


def _gates_sentence(verdict: Verdict, occasion: str) -> str:
    count = {state: sum(gate.outcome == state for gate in verdict.gates) for state in SYMBOLS}
    all_gates = plural(len(verdict.gates), "gate")
    if verdict.verdict == "GO":
        return f"all {all_gates} passed{_so(verdict, f'{occasion} may go ahead')}"
    wrong = [f"{count['fail']} failed"] if count["fail"] else []
    wrong += [f"{count['inconclusive']} could not be judged"] if count["inconclusive"] else []
    counts = [f"of {all_gates} {' and '.join(wrong)}"] if wrong else []
    so = _so(verdict, f"{occasion} must not go ahead")
    return f"{'; '.join([*counts, *map(printable_line, verdict.obstacles)])}{so}"


def _so(verdict: Verdict, then: str) -> str:
    """The conclusion from the gates. Gates of the embedded platform say nothing about another platform."""
    return "; this is a verdict on the embedded platform, not on yours" if verdict.embedded else f", so {then}"


def qualified(verdict: Verdict) -> str:
    """The word of the verdict with what weakens it."""
    where = ", on the embedded platform" if verdict.embedded else ""
    return f"{verdict.verdict}{where}{weakened(verdict)}"


def weakened(verdict: Verdict | None) -> str:
    """The words to add to the verdict if its limits are weaker than the default ones, or if this run measured nothing;
    otherwise empty."""
    if verdict is None:
        return ""
    again = f", judged again from {evidence_of(verdict.judged_again)}" if verdict.judged_again is not None else ""
    return f"{WEAKENED if verdict.weaker_limits else ''}{again}"


def evidence_of(earlier: JudgedAgain) -> str:
    """The evidence of an earlier run, named by the run's id and date."""
    return f"the evidence of run {printable_line(earlier.run)} of {moment(earlier.began)}"


def notices(verdict: Verdict | None) -> tuple[str, ...]:
    """The sentences above the verdict that limit what it means: a rehearsal that did not begin, the embedded
    platform, weaker limits, and suites that were left out."""
    if verdict is None:
        return ()
    embedded = f"{EMBEDDED}: the verdict is about that one and says nothing of yours"
    weaker = f"Judged by limits weaker than the default ones: {', '.join(verdict.weaker_limits)}"
    left_out = (f"Suite {name} was left out: {printable_line(why)}" for name, why in verdict.left_out.items())
    obstacle = verdict.unmeasured.get(PREFLIGHT)
    reached_none = (
        f"The preflight of suite {suite} failed: {printable_line(why)}"
        for suite in verdict.suites
        if (why := verdict.unmeasured.get(preflight_of(suite))) is not None
    )
    found = (
        obstacle and f"The rehearsal did not begin: {printable_line(obstacle)}",
        *reached_none,
        verdict.embedded and embedded,
        verdict.weaker_limits and weaker,
    )
    return (*(notice for notice in found if isinstance(notice, str) and notice), *left_out)


def checks_in_words(verdict: Verdict | None) -> str:
    """The number of tests of the phases that passed, in words."""
    if verdict is None or not verdict.tests:
        return "the phases' own checks were not part of this run"
    failed = sum(check.outcome != "passed" for check in verdict.tests)
    return f"{len(verdict.tests) - failed} of {plural(len(verdict.tests), 'check')} of the phases passed"
