"""A line: one statement of a runbook or report template that a machine can judge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.measured import Measured, missing_in_words
from pytest_examday.errors import Unmeasurable

Outcome = Literal["pass", "fail", "inconclusive"]
Words = str | Callable[[Thresholds], str]
"""What a line or gate states; a function where the statement holds a limit, which may be configured."""
Judge = Callable[[Measured, Findings], None]
"""Looks at evidence and notes what it finds. Raises Unmeasurable where evidence is missing."""
Weight = Literal["always", "when measured"]


def in_words(words: Words, limits: Thresholds) -> str:
    """The statement with the limits of this run."""
    return words if isinstance(words, str) else words(limits)


@dataclass(frozen=True)
class Line:
    """One line: its key, its words, its phase, the activities whose evidence it needs, and its one judge.

    The test of the line is named after the key. `gates` are the gates to which it belongs; a line without any is
    information. `weight` says what a line that could not be measured does to its gates: `always` makes them
    inconclusive, `when measured` leaves them as they are (a failure counts in both cases). `quoted`: a gate that
    passes quotes the figure of this line.
    """

    key: str
    words: Words
    phase: int
    needs: tuple[str, ...]
    judge: Judge
    gates: tuple[str, ...] = ()
    weight: Weight = "always"
    quoted: bool = True

    @property
    def test(self) -> str:
        """The name of its test."""
        return f"test_{self.key.replace('-', '_')}"

    def result(self, measured: Measured) -> "LineResult":
        """Judge the line. A judge that crashes or lacks evidence makes it inconclusive, never a pass."""
        findings = Findings()
        missing = measured.missing(self.needs)
        try:
            self.judge(measured, findings)
        except Unmeasurable as reason:
            if not missing:
                findings.doubts.append(str(reason))
        except Exception as problem:  # noqa: BLE001 # a judge that crashes knows nothing
            findings.doubts.append(f"the judge of {self.key} crashed: {type(problem).__name__}: {problem}")
        if not (findings.failures or findings.doubts or findings.facts or missing):
            findings.doubts.append(f"{self.key}: nothing was judged")
        return LineResult(
            line=self,
            words=in_words(self.words, measured.limits),
            failures=tuple(findings.failures),
            doubts=tuple(findings.doubts),
            facts=tuple(findings.facts),
            missing=missing,
        )


@dataclass(frozen=True)
class LineResult:
    """What became of a line. `facts` are the figures that were found; `missing` are activities without evidence, with
    the reason of each."""

    line: Line
    words: str
    failures: tuple[str, ...]
    doubts: tuple[str, ...]
    facts: tuple[str, ...]
    missing: dict[str, str]

    @property
    def outcome(self) -> Outcome:
        """A failure outweighs what was not measured; what was not measured outweighs what was found good."""
        if self.failures:
            return "fail"
        return "inconclusive" if self.doubts or self.missing else "pass"

    @property
    def figure(self) -> str:
        """What was found, whatever the outcome; empty where nothing was."""
        return "; ".join(self.facts)

    @property
    def reason(self) -> str:
        """Why the outcome is what it is, in words for the person who signs."""
        against = (*self.failures, *self.doubts, *missing_in_words(self.missing))
        return "; ".join(dict.fromkeys(against)) or self.figure
