"""A line: one statement of a runbook or report template that a machine can judge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings, as_entry
from pytest_examday.core.measured import Measured, missing_in_words
from pytest_examday.core.outcome import Outcome, outcome_of
from pytest_examday.errors import Unmeasurable


@dataclass(frozen=True)
class WordsOfTable:
    """Words of a line that hold limits of the suite's own table (`Suite.settings`)."""

    write: Callable[[Any], str]
    """Takes the record of the table, or None if the environment has no such table, and returns the words."""


Words = str | Callable[[Thresholds], str] | WordsOfTable
"""What a line or gate states; a function if the words hold a limit, which may be configured."""
Judge = Callable[[Measured, Findings], None]
"""A function that reads evidence and notes what it finds. It raises Unmeasurable if evidence is missing."""
WhenUnmeasured = Literal["blocks", "ignored"]
"""What an unmeasured line does to its gates: it makes them inconclusive (`blocks`), or they ignore it (`ignored`)."""


@dataclass(frozen=True)
class WrittenWords:
    """The words of a line or gate, with the limits of this run. If they could not be written, both `text` and `problem`
    say why."""

    text: str
    problem: str | None = None


def write_words(words: Words, limits: Thresholds) -> WrittenWords:
    """Write the words. A function that crashes or returns no text leaves a problem, and so do words of a table that a
    run has not written."""
    if isinstance(words, WordsOfTable):
        return _unwritten("they need the table of a suite, and only lines of a suite may have such words")
    try:
        text: object = words if isinstance(words, str) else words(limits)
    except Exception as problem:  # noqa: BLE001 # words of the user's own must not end the run
        return _unwritten(f"{type(problem).__name__}: {problem}")
    return WrittenWords(text) if isinstance(text, str) else _unwritten(f"they are no text but {text!r}")


def _unwritten(why: str) -> WrittenWords:
    text = as_entry(f"its words could not be written: {why}")
    return WrittenWords(text, text)


def words_with_limits(words: Words, limits: Thresholds) -> str:
    """The words as text, with the limits of this run."""
    return write_words(words, limits).text


@dataclass(frozen=True)
class Line:
    """One line of a runbook or report template."""

    key: str
    words: Words
    """What it states."""
    phase: int
    needs: tuple[str, ...]
    """The activities whose evidence it needs."""
    judge: Judge
    gates: tuple[str, ...] = ()
    """The gates to which it belongs; a line without gates is information."""
    when_unmeasured: WhenUnmeasured = "blocks"
    """What happens to its gates if it could not be measured. A failed line fails its gates in any case."""
    reason_of_gate: bool = True
    """Whether a passing gate gives this line's facts as its reason."""

    @property
    def test(self) -> str:
        """The name of the line's test."""
        return f"test_{self.key.replace('-', '_')}"

    def result(self, measured: Measured) -> "LineResult":
        """Judge the line. If evidence is missing or the judge crashes, the line is inconclusive."""
        findings, broken = Findings(), False
        missing = measured.missing(self.needs)
        try:
            returned: object = self.judge(measured, findings)  # type: ignore[func-returns-value] # the user's may
            broken = returned is not None
            findings.doubt_if(
                broken,
                f"the judge of {self.key} returned {returned!r}; a judge notes what it finds and returns nothing",
            )
        except Unmeasurable as reason:
            if not missing:
                findings.doubt(str(reason))
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # noqa: BLE001 # a judge that crashes or exits knows nothing, and ends no run
            broken = True
            findings.doubt(f"the judge of {self.key} crashed: {type(problem).__name__}: {problem}")
        if not findings.intact:
            findings, broken = Findings(), True
            findings.doubt(f"the judge of {self.key} replaced the lists of its findings; a judge notes what it finds")
        if not (findings.failures or findings.doubts or findings.facts or missing):
            findings.doubt(f"{self.key}: nothing was judged")
        written = write_words(self.words, measured.limits)
        findings.doubt_if(written.problem is not None, f"{self.key}: {written.problem}")
        return LineResult(
            line=self,
            words=written.text,
            failures=tuple(map(as_entry, findings.failures)),
            doubts=tuple(map(as_entry, findings.doubts)),
            facts=tuple(map(as_entry, findings.facts)),
            missing=missing,
            broken=broken or written.problem is not None,
        )


@dataclass(frozen=True)
class LineResult:
    """The outcome of one line and the reasons for it."""

    line: Line
    words: str
    failures: tuple[str, ...]
    doubts: tuple[str, ...]
    facts: tuple[str, ...]
    """Figures that were found, each as a text."""
    missing: dict[str, str]
    """Activity without evidence -> the reason."""
    broken: bool = False
    """Whether the judge crashed or returned something, or the words could not be written."""

    @property
    def outcome(self) -> Outcome:
        """`fail` if there is a failure; else `inconclusive` if something was not measured; else `pass`."""
        return outcome_of(self.failures, (*self.doubts, *self.missing))

    @property
    def facts_in_words(self) -> str:
        """The facts as one text; empty if there are none."""
        return "; ".join(self.facts)

    @property
    def reason(self) -> str:
        """The reason of the outcome, in words for the person who signs."""
        against = (*self.failures, *self.doubts, *missing_in_words(self.missing))
        return "; ".join(dict.fromkeys(against)) or self.facts_in_words
