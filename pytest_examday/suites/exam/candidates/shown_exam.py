"""Reads from a page of an exam everything but the answers: its questions, their words, and its clock.

A later page of the same exam has to show the same. What one of the two pages does not show is not compared.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from pytest_examday.contract.numbers_and_moments import LARGEST_SECONDS, as_number, cut
from pytest_examday.integrity.uuid_spelling import canonical

CLOCK_TOLERANCE_SECONDS = 60.0
"""The ends of an exam on two of its pages may differ by so much: a platform may give whole minutes, and a reply may
have been under way for some seconds."""

Find = Callable[[str], Any]
"""Gives the value of this name in a reply; None if it is absent."""


class _Question(NamedTuple):
    """A question: its id in the usual spelling, and its choices as texts; no choices if the page shows none."""

    id: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class ShownExam:
    """The exam on one page. A value that the page does not show is None.

    `questions` are the questions with their choices. `words` has a hash for each question with its words: the words of
    thousands of candidates would take most of the load's memory. `end` is the end of the exam on the page (seconds
    since the epoch), `left` the seconds that are left at the moment `at` (seconds of the caller's clock).
    """

    questions: tuple[_Question, ...] | None = None
    words: tuple[bytes, ...] | None = None
    end: float | None = None
    left: float | None = None
    at: float = 0.0

    @classmethod
    def of(cls, find: Find, at: float) -> "ShownExam":
        """The exam in the reply in which `find` looks; the reply came at the moment `at`."""
        wording = find("wording")
        return cls(
            _questions(find("questions")),
            tuple(map(words_hash, wording)) if isinstance(wording, list) else None,
            moment_in(find("expires_at")),
            as_number(find("remaining")),
            at,
        )

    def completed_by(self, other: "ShownExam") -> "ShownExam":
        """This page, with what only another page of the same moment shows."""
        lacking = {
            name: getattr(other, name)
            for name in ("questions", "words", "end", "left")
            if getattr(self, name) is None and getattr(other, name) is not None
        }
        return replace(self, **({**lacking, "at": other.at} if "left" in lacking else lacking))

    def differences(self, later: "ShownExam", find: Find, *, more_time: bool = False) -> Iterator[str]:
        """The differences of the later page. `find` gives the values of that page: changed words are quoted from it.

        With `more_time` a later end of the exam is right, because a platform may give the time of an outage back; an
        earlier end is a difference in any case.
        """
        yield from self._other_questions(later)
        if None not in (self.words, later.words) and self.words != later.words:
            yield f"other words for the questions or choices: {_first_other(self.words, later.words, find('wording'))}"
        yield from self._other_clock(later, more_time=more_time)

    def compares(self, later: "ShownExam") -> bool:
        """Whether both pages show something that can be compared."""
        names = ("questions", "words", "end", "left")
        return any(None not in (getattr(self, name), getattr(later, name)) for name in names)

    def _other_questions(self, later: "ShownExam") -> Iterator[str]:
        if self.questions is None or later.questions is None:
            return
        if len(self.questions) != len(later.questions):
            yield f"{len(later.questions)} questions, at the start {len(self.questions)}"
            return
        for number, (begun, shown) in enumerate(zip(self.questions, later.questions, strict=True), 1):
            if begun.id != shown.id:
                yield f"question {number} is {shown.id}, at the start {begun.id}"
                return
            if begun.choices and shown.choices and begun.choices != shown.choices:
                message = f"{', '.join(shown.choices)}, at the start {', '.join(begun.choices)}"
                yield f"the choices of question {number} are {message}"
                return

    def _other_clock(self, later: "ShownExam", *, more_time: bool) -> Iterator[str]:
        if self.end is not None and later.end is not None and _has_moved(later.end - self.end, more_time=more_time):
            yield f"the end of the exam is {in_utc(later.end)}, at the start {in_utc(self.end)}"
        elif self.left is not None and later.left is not None:
            passed = later.at - self.at
            if _has_moved(later.left - (self.left - passed), more_time=more_time):
                yield f"{later.left:.0f} s left, {passed:.0f} s before it were {self.left:.0f} s"


def _has_moved(seconds: float, *, more_time: bool) -> bool:
    """Whether an end that comes so many seconds later (negative: earlier) is another end. With `more_time` a later one
    is not."""
    return seconds < -CLOCK_TOLERANCE_SECONDS or (seconds > CLOCK_TOLERANCE_SECONDS and not more_time)


def moment_in(value: Any) -> float | None:
    """The moment in a value of a platform, in seconds since the epoch; None if it is none, or has no time zone."""
    number = as_number(value)
    if number is not None:
        return number / 1000 if number > LARGEST_SECONDS else number
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def in_utc(moment: float) -> str:
    """A moment (seconds since the epoch) in words."""
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{moment:g}"


def _questions(found: Any) -> tuple[_Question, ...] | None:
    if not isinstance(found, list) or not found:
        return None
    entries = [entry for entry in found if isinstance(entry, dict) and entry.get("id") is not None]
    return tuple(_shared(canonical(str(entry["id"])), _texts(entry.get("choices"))) for entry in entries) or None


def _texts(choices: Any) -> tuple[str, ...]:
    return tuple(str(choice) for choice in choices if choice is not None) if isinstance(choices, list) else ()


@lru_cache(maxsize=2**16)
def _shared(question: str, choices: tuple[str, ...]) -> _Question:
    """One object for equal questions of many candidates."""
    return _Question(question, choices)


def words_hash(entry: Any) -> bytes:
    """Eight bytes that stand for the words of a question."""
    return blake2b(json.dumps(entry, sort_keys=True, default=str).encode(), digest_size=8).digest()


def _first_other(begun: tuple[bytes, ...] | None, shown: tuple[bytes, ...] | None, wording: list[Any]) -> str:
    """The first question whose words differ."""
    begun, shown = begun or (), shown or ()
    if len(begun) != len(shown):
        return f"{len(shown)}, at the start {len(begun)}"
    number = next(number for number, pair in enumerate(zip(begun, shown, strict=True)) if pair[0] != pair[1])
    return f"question {number + 1} is now {cut(wording[number])}"
