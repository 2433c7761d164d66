"""The plan of a load in which candidates sit an exam."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from pytest_examday.config.profiles import Habits
from pytest_examday.load.k6.k6_plan import K6Files, K6Plan, PlanForK6
from pytest_examday.load.k6.translate import translated
from pytest_examday.load.load_plan import PlannedActor
from pytest_examday.load.request import Origin
from pytest_examday.suites.exam.load.candidate_script import Schedule, Script, write_script
from pytest_examday.suites.exam.load.k6_files import files_for_k6

_TOKENS = ("access_token", "refresh_token", "lifetime", "owner")
_SHOWN = ("questions", "wording", "expires_at", "remaining")
FOUND: dict[str, tuple[str, ...]] = {
    "login": _TOKENS,
    "refresh": _TOKENS,
    "create": ("session_id", *_SHOWN),
    "read": ("session_id", "answers", *_SHOWN),
    "answer": ("saved",),
    "clear": (),
    "submit": ("score",),
    "review": ("answers", "score", "correct"),
}
"""The operations of a candidate, and the values that it reads from each reply."""
_ACTIONS_AFTER = 8
"""Actions after the deadline that may each take all of a candidate's patience, for the limit of k6's run."""


class ExamPlan(PlanForK6):
    """Candidates who sit an exam with this many questions by a schedule. `habits` say how they behave; `keyless`: some
    of those who submit twice do it without an idempotency key."""

    program: ClassVar[str] = "pytest_examday.suites.exam.load.candidates_process"
    who: ClassVar[str] = "candidates"
    working_write: ClassVar[str] = "answer"
    script: ClassVar[str] = "exam.js"

    schedule: Schedule
    questions: int
    habits: Habits
    keyless: bool = True

    def scripts(self) -> Iterator[Script]:
        """The script of each candidate, in the order of the accounts."""
        for number in range(self.first_actor, self.arrivals, self.stride):
            place = number / self.arrivals
            script = write_script(f"{self.seed}-{number}", place, self.schedule, self.questions, self.habits)
            yield script if self.keyless else replace(script, keyless_doubles=False)

    def actors(self) -> Iterator[PlannedActor]:
        """The candidates with their writes: the session, its answers and its submission."""
        for account, script in zip(self.accounts, self.scripts(), strict=True):
            yield PlannedActor(account.email, script.arrives_at, script.opens_at, script.due())

    @property
    def arriving_seconds(self) -> float:
        """Seconds until the last candidate arrives."""
        return self.schedule.arrive_seconds

    @property
    def longest_pause_seconds(self) -> float:
        """All of a candidate's patience, a last request that gets no reply, and the longest think time (seconds)."""
        return self.habits.patience_seconds + self.habits.timeout_seconds + self.habits.think_seconds[1]

    def k6_files(self, lead_ms: int, runners: int = 1) -> K6Files:
        """The files that `k6/exam.js` reads, by name; see `PlanForK6.k6_files`."""
        habits, schedule = self.habits, self.schedule
        ends_after = schedule.deadline + _ACTIONS_AFTER * (habits.patience_seconds + habits.timeout_seconds)
        about = {
            "activity": self.activity,
            "api_url": _without_password(self.api_url),
            "shape": schedule.shape,
            "submits": schedule.submits,
            "questions": self.questions,
            "asked_for": self.questions if self.contract.create.sends("question_count") else None,
            "earliest_submit_ms": round(self.contract.earliest_submit_seconds * 1000),
            "timeout_ms": round(habits.timeout_seconds * 1000),
            "patience_ms": round(habits.patience_seconds * 1000),
            "longest_seconds": round(ends_after),
            "contract": translated(self.contract, FOUND),
        }
        return files_for_k6(zip(self.accounts, self.scripts(), strict=True), about, lead_ms, runners)

    def for_k6(self, k6: str, folder: str, secrets: str) -> "K6ExamPlan":
        """The same candidates in one k6."""
        return K6ExamPlan(**dict(self), k6=k6, folder=folder, secrets=secrets)


class K6ExamPlan(ExamPlan, K6Plan):
    """The plan of one k6 that runs an exam."""

    program: ClassVar[str] = "pytest_examday.suites.exam.load.k6_candidates_process"


def _without_password(api_url: str) -> str:
    """The address without a user name and password in it; the built-in candidates do not send these either."""
    origin = Origin.of(api_url)
    return f"{'https' if origin.tls else 'http'}://{origin.authority}{origin.prefix}"
