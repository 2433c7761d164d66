"""A line: one statement of a runbook or report template that a machine can judge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings, one_line
from pytest_examday.core.measured import Measured, missing_in_words
from pytest_examday.core.outcome import Outcome, outcome_of
from pytest_examday.errors import Unmeasurable

Words = str | Callable[[Thresholds], str]
"""What a line or gate states; a function where the statement holds a limit, which may be configured."""
Judge = Callable[[Measured, Findings], None]
"""A function that reads evidence and notes what it finds. It raises Unmeasurable where evidence is missing."""
WhenUnmeasured = Literal["blocks", "ignored"]
"""When a line counts for its gates: always, so that an unmeasured line makes them inconclusive; or only when it was
measured."""


@dataclass(frozen=True)
class Statement:
    """What a line or gate states, with the limits of this run. Where its words could not be written, `problem` says
    why, and so does the text."""

    text: str
    problem: str | None = None


def statement(words: Words, limits: Thresholds) -> Statement:
    """Write the words. A function that crashes or returns no text leaves a problem."""
    try:
        text: object = words if isinstance(words, str) else words(limits)
    except Exception as problem:  # noqa: BLE001 # words of the user's own must not end the run
        return _unwritten(f"{type(problem).__name__}: {problem}")
    return Statement(text) if isinstance(text, str) else _unwritten(f"they are no text but {text!r}")


def _unwritten(why: str) -> Statement:
    text = one_line(f"its words could not be written: {why}")
    return Statement(text, text)


def in_words(words: Words, limits: Thresholds) -> str:
    """The statement as text, with the limits of this run."""
    return statement(words, limits).text


@dataclass(frozen=True)
class Line:
    """One line: its key, its words, its phase, the activities whose evidence it needs, and its one judge.

    `gates` names the gates to which the line belongs; a line without gates is information. `when_unmeasured` says what happens
    to its gates where the line could not be measured: with `always` they are inconclusive, with `when measured` they
    ignore the line. A failed line fails its gates in both cases. `reason_of_gate`: a passing gate repeats this line's facts as
    its reason.
    """

    key: str
    words: Words
    phase: int
    needs: tuple[str, ...]
    judge: Judge
    gates: tuple[str, ...] = ()
    when_unmeasured: WhenUnmeasured = "blocks"
    reason_of_gate: bool = True

    @property
    def test(self) -> str:
        """The name of the line's test."""
        return f"test_{self.key.replace('-', '_')}"

    def result(self, measured: Measured) -> "LineResult":
        """Judge the line. Where evidence is missing or the judge crashes, the line is inconclusive."""
        findings, broken = Findings(), False
        missing = measured.missing(self.needs)
        try:
            returned: object = self.judge(measured, findings)  # type: ignore[func-returns-value] # the user's may
            broken = returned is not None
            told = f"the judge of {self.key} returned {returned!r}; a judge notes what it finds and returns nothing"
            findings.doubt_if(broken, told)
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
        stated = statement(self.words, measured.limits)
        findings.doubt_if(stated.problem is not None, f"{self.key}: {stated.problem}")
        return LineResult(
            line=self,
            words=stated.text,
            failures=tuple(map(one_line, findings.failures)),
            doubts=tuple(map(one_line, findings.doubts)),
            facts=tuple(map(one_line, findings.facts)),
            missing=missing,
            broken=broken or stated.problem is not None,
        )


@dataclass(frozen=True)
class LineResult:
    """The outcome of one line and the reasons for it.

    `facts` are figures that were found. `missing` maps activities without evidence to the reason of each. `broken`:
    the judge crashed or returned something, or the words could not be written.
    """

    line: Line
    words: str
    failures: tuple[str, ...]
    doubts: tuple[str, ...]
    facts: tuple[str, ...]
    missing: dict[str, str]
    broken: bool = False

    @property
    def outcome(self) -> Outcome:
        """`fail` where there is a failure; otherwise `inconclusive` where something was not measured; otherwise
        `pass`."""
        return outcome_of(self.failures, (*self.doubts, *self.missing))

    @property
    def figure(self) -> str:
        """The figures that were found, as one text; empty where there are none."""
        return "; ".join(self.facts)

    @property
    def reason(self) -> str:
        """The reason of the outcome, in words for the person who signs."""
        against = (*self.failures, *self.doubts, *missing_in_words(self.missing))
        return "; ".join(dict.fromkeys(against)) or self.figure
