"""The top of the HTML report: the verdict, the gates, who was harmed, and the pictures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_examday.core.verdict import LineRecord, Verdict
from pytest_examday.report import verdict_words
from pytest_examday.report.figure_words import plural
from pytest_examday.report.how_to_read import how_to_read
from pytest_examday.report.not_rehearsed import gaps, gaps_in_full, gaps_in_short
from pytest_examday.report.picture import Picture
from pytest_examday.report.templating import html_templates
from pytest_examday.report.view import View, unmeasured_harm

_TONES = {"GO": "go", "NO-GO": "no-go"}


@dataclass(frozen=True)
class Figure:
    """A large number with its label; `good` is None if the number is neither good nor bad."""

    value: str
    label: str
    good: bool | None = None


def banner(verdict: Verdict | None, views: Sequence[View]) -> str:
    """The HTML of verdict, gates, harmed actors and pictures; it needs no other file. `views` holds one view for each
    suite."""
    suites = [view.suite for view in views]
    stories = verdict_words.stories(verdict, suites)
    drawn = [_pictures(view) for view in views]
    not_rehearsed = gaps(views)
    actor, unmeasured = verdict_words.actor_word(suites), unmeasured_harm(views)
    return (
        html_templates()
        .get_template("banner.html.jinja")
        .render(
            word=verdict.verdict if verdict else "NO VERDICT",
            weakened=verdict_words.weakened(verdict).removeprefix(", "),
            tone=_TONES[verdict.verdict] if verdict else "none",
            line=_subtitle(verdict, views),
            assessment=verdict_words.assessment(verdict, suites, unmeasured),
            notices=(
                *verdict_words.notices(verdict),
                *verdict_words.small_trial(verdict, views[0].evidence, suites),
                *(problem for _, problem in drawn if problem is not None),
            ),
            meanings=how_to_read(actor),
            unrehearsed=gaps_in_short(not_rehearsed),
            gaps=gaps_in_full(not_rehearsed),
            took_part=verdict_words.took_part(views[0].evidence, suites),
            figures=_figures(verdict, actor, sure=not unmeasured),
            gates=verdict_words.gate_rows(verdict),
            actor=actor,
            stories=stories[: verdict_words.STORIES_SHOWN],
            more_stories=len(stories) - verdict_words.STORIES_SHOWN,
            phases=_phases(views),
            pictures=tuple(picture for pictures, _ in drawn for picture in pictures),
            unmeasured=verdict.unmeasured if verdict else {},
        )
    )


def _subtitle(verdict: Verdict | None, views: Sequence[View]) -> str:
    titles = ", ".join(view.suite.title for view in views)
    measured = verdict_words.first_measured_at(views[0].evidence)
    if verdict is None:
        return f"{titles} · measured {measured or 'nothing'}"
    return (
        f"{titles} · environment {verdict.environment} · profile {verdict.profile} · "
        f"{verdict_words.date_of_rehearsal(verdict, measured)} · conducted by {verdict.conducted_by}"
    )


def _figures(verdict: Verdict | None, actor: str, *, sure: bool) -> tuple[Figure, ...]:
    if verdict is None:
        return ()
    counted = verdict.candidates
    sure = sure and counted.total > 0
    harmed = "harmed" if sure else "seen harmed, not fully measured"
    good = False if counted.harmed else True if sure else None
    passed = sum(gate.outcome == "pass" for gate in verdict.gates)
    return (
        Figure(str(counted.total), f"{actor}s"),
        Figure(str(counted.harmed), harmed, good),
        Figure(f"{passed}/{len(verdict.gates)}", "gates passed", passed == len(verdict.gates)),
    )


@dataclass(frozen=True)
class PhaseRows:
    """One phase of a suite and its lines; lines that did not pass come first."""

    title: str
    rows: tuple[verdict_words.LineRow, ...]

    @property
    def open(self) -> bool:
        """Whether the lines are shown without a click: if one did not pass."""
        return any(row.outcome != "pass" for row in self.rows)

    @property
    def counts(self) -> str:
        """The number of lines that passed, failed and were inconclusive, in words."""
        count = Counter(row.outcome for row in self.rows)
        failed = [f"{count['fail']} failed"] if count["fail"] else []
        unmeasured = [f"{count['inconclusive']} inconclusive"] if count["inconclusive"] else []
        return ", ".join([f"{count['pass']} of {plural(len(self.rows), 'line')} passed", *failed, *unmeasured])


def _phases(views: Sequence[View]) -> tuple[PhaseRows, ...]:
    prefixes = [f"{view.suite.title}: " if len(views) > 1 else "" for view in views]
    return tuple(
        PhaseRows(
            f"{prefix}{phase} {title}",
            tuple(verdict_words.line_row(line, view.suite) for line in sorted(lines, key=_passed)),
        )
        for view, prefix in zip(views, prefixes, strict=True)
        for phase, title in view.suite.phases.items()
        if (lines := view.of_phase(phase))
    )


def _passed(line: LineRecord) -> bool:
    return line.outcome == "pass"


def _pictures(view: View) -> tuple[tuple[Picture, ...], str | None]:
    """The pictures of a suite, and None. If the suite's function for them fails: no pictures, and a notice."""
    if view.suite.pictures is None:
        return (), None
    try:
        pictures = tuple(view.suite.pictures(view))
    except Exception as problem:  # noqa: BLE001 # a function of the user's must not cost the report
        return (), f"Suite {view.suite.name} could not draw its pictures: {type(problem).__name__}: {problem}"
    wrong = [picture for picture in pictures if not isinstance(picture, Picture)]
    return (pictures, None) if not wrong else ((), f"Suite {view.suite.name} drew no pictures but {wrong[0]!r}")
