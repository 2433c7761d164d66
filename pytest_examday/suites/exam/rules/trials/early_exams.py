"""Two exams that are begun before all trials and looked at after them. They show what a platform forgets after some
seconds."""

import time
import uuid
from dataclasses import dataclass

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, submit_exam


@dataclass(frozen=True)
class EarlyExams:
    """One exam that was submitted, with the score in the reply to the submit, and one that was opened with `key` and
    stays open. `since` is when both were ready (`time.monotonic`)."""

    submitted: ProbeCandidate
    score: object
    key: str
    session_id: str
    since: float

    @classmethod
    def begin(cls, sitter: ProbeCandidate, other: ProbeCandidate) -> "EarlyExams":
        """Let one candidate sit an exam, and another one open an exam. Raises Unmeasurable if a call fails."""
        candidate, key = ProbeCandidate(sitter.target, sitter.login), uuid.uuid4().hex
        open_exam(candidate)
        for number in range(2):
            give_answer(candidate, number)
        score = submit_exam(candidate).find("score")
        open_exam(other, key)
        return cls(candidate, score, key, str(other.session_id), time.monotonic())

    @property
    def age_in_words(self) -> str:
        """How old the exams are, in words."""
        return f"{time.monotonic() - self.since:.0f} s"
