"""What a run says nothing about: phases and drills that it left out, what the platform does not promise, what no
rehearsal measures, and lines that could not be measured."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_examday.core.line import words_with_limits
from pytest_examday.core.suite import Suite
from pytest_examday.report.figure_words import listed, plural, printable_line
from pytest_examday.report.view import View

_NAMED = 3


@dataclass(frozen=True)
class Gap:
    """Things that were not rehearsed: what and how many they are, the name of each, each in full with the reason."""

    what: str
    names: tuple[str, ...]
    in_full: tuple[str, ...]


def gaps(views: Iterable[View]) -> tuple[Gap, ...]:
    """What the run says nothing about, in all suites."""
    return tuple(gap for view in views for gap in _of_suite(view) if gap.names)


def gaps_in_short(found: Iterable[Gap]) -> str:
    """The gaps as one text for the summary; empty if there is none."""
    return "; ".join(f"{gap.what}: {listed(gap.names, _NAMED)}" for gap in found)


def gaps_in_full(found: Iterable[Gap]) -> tuple[str, ...]:
    """Everything that was not rehearsed, each with its reason."""
    return tuple(item for gap in found for item in gap.in_full)


def _of_suite(view: View) -> Iterator[Gap]:
    suite = view.suite
    phases = _phases_left_out(view)
    absent = "not part of this run"
    yield _gap("phase", [f"{number} {suite.phases[number]}" for number in phases], absent)
    profile = f", profile {view.verdict.profile}" if view.verdict else ""
    yield _gap("drill", list(_drills_left_out(view, phases)), f"{absent}{profile}")
    declared = _reasons_in_words(view, suite.not_promised)
    in_full = tuple(f"line: {words} (not promised: {why})" for words, why in declared.items())
    yield Gap(f"{plural(len(in_full), 'line')} not promised by the platform", tuple(declared), in_full)
    lacking = _reasons_in_words(view, suite.not_described)
    in_full = tuple(_in_one(lacking, why) for why in dict.fromkeys(lacking.values()))
    yield Gap(f"{plural(len(lacking), 'line')} without a description of what they need", tuple(lacking), in_full)
    for why, statements in suite.never_measured.items():
        yield _gap("statement", statements, why, f" ({why})")
    unmeasured = {line.words: printable_line(line.reason) for line in view.lines if line.outcome == "inconclusive"}
    in_full = tuple(f"line: {words} ({why})" for words, why in unmeasured.items())
    yield Gap(f"{plural(len(in_full), 'line')} not measured", tuple(unmeasured), in_full)


def _reasons_in_words(view: View, reasons: Mapping[str, str]) -> dict[str, str]:
    """The words of lines -> the reason why they are not part of the run."""
    lines = view.suite.line_by_key
    return {words_with_limits(lines[key].words, view.limits): why for key, why in reasons.items()}


def _in_one(lacking: Mapping[str, str], why: str) -> str:
    """The lines that are left out for the same reason, which is given once."""
    words = [line for line, reason in lacking.items() if reason == why]
    return f"{plural(len(words), 'line')}: {'; '.join(words)} ({why})"


def _gap(thing: str, names: Sequence[str], why: str, suffix: str = "") -> Gap:
    return Gap(
        f"{plural(len(names), thing)}{suffix}", tuple(names), tuple(f"{thing}: {name} ({why})" for name in names)
    )


def _phases_left_out(view: View) -> tuple[int, ...]:
    """The phases that have lines, of which none is part of the run."""
    phases = {line.phase for line in view.lines}
    return tuple(number for number in view.suite.phases if number in _phases_with_lines(view.suite) - phases)


def _phases_with_lines(suite: Suite) -> set[int]:
    return {line.phase for line in suite.lines}


def _drills_left_out(view: View, phases: Sequence[int]) -> Iterator[str]:
    """The titles of drills that left no evidence, except those of phases that are left out as a whole."""
    for drill in view.suite.drills:
        lines = [line for line in view.suite.lines if drill.activity in line.needs]
        of_other_phases = not lines or any(line.phase not in phases for line in lines)
        if drill.activity not in view.evidence and not view.needing(drill.activity) and of_other_phases:
            yield drill.title
