"""One candidate who sits the exam of the fake platform, and the plan and the script that a test gives it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from pytest_examday.config.profiles import Habits
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.ledger import LedgerWriter, Write, replay
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.load.samples import Sample, SampleWriter, read_samples
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.load.candidate import Candidate
from pytest_examday.suites.exam.load.candidate_script import PlannedAnswer, Schedule, Script
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from tests.load.fake_exam import FakeExam, client_of
from tests.virtual_time import run_in_virtual_time

CALM = Habits(
    think_seconds=(0, 0),
    blank_share=0,
    change_share=0,
    double_click_share=0,
    resume_share=0,
    timeout_seconds=2,
    patience_seconds=5,
)


@dataclass(frozen=True)
class Sat:
    """What one exam left behind."""

    fate: ActorFate
    writes: list[Write]
    samples: list[Sample]
    exam: FakeExam
    connections: int

    def write(self, kind: str, number: int = 0) -> Write:
        """The n-th write of a kind."""
        return [write for write in self.writes if write.kind == kind][number]


def plan_for(folder: Path, habits: Habits = CALM, **fields: Any) -> ExamPlan:
    """A plan of one candidate and three questions."""
    values: dict[str, Any] = {
        "activity": "load",
        "api_url": "http://exam.example",
        "contract": CONTRACT,
        "accounts": (PlannedAccount(email="ada@exam.example", password="pw"),),
        "arrivals": 1,
        "schedule": Schedule("exam", 0.01, 0.3, 0.6),
        "questions": 3,
        "habits": habits,
        "seed": 1,
        "ledger": str(folder / "load.ledger.jsonl"),
        "samples": str(folder / "load.samples.jsonl"),
        "fates": str(folder / "load.fates.jsonl"),
    }
    return ExamPlan(**{**values, **fields})


@dataclass(frozen=True)
class Written(Script):
    """A script that a test wrote: these answers; if the candidate goes on, they come again."""

    written: tuple[PlannedAnswer, ...] = ()

    def endless_answers(self) -> Iterator[PlannedAnswer]:
        """Without end."""
        return cycle(self.written)

    def planned_answers(self) -> Iterator[PlannedAnswer]:
        """As written."""
        return iter(self.written)


def script(
    *questions: int,
    think_seconds: float = 0,
    double_click: bool = False,
    resume_before: int | None = None,
    double_submit: bool = False,
    leaves_at: float = 0.3,
    clears: int | None = None,
) -> Written:
    """Answers to these questions, the submission at `leaves_at` seconds. The answer with the number `clears` takes an
    answer back."""
    return Written(
        arrives_at=0,
        opens_at=0,
        leaves_at=leaves_at,
        submits=True,
        answers=True,
        resume_before=resume_before,
        double_submit=double_submit,
        seed="1",
        questions=3,
        habits=CALM,
        written=tuple(
            PlannedAnswer(
                (place + 1) * think_seconds,
                think_seconds,
                number,
                0.4,
                marked=False,
                double_click=double_click,
                clears=place == clears,
            )
            for place, number in enumerate(questions)
        ),
    )


TWICE = script(0, double_click=True, double_submit=True)
"""An answer and a submission, each by a double click."""


def sit(
    exam: FakeExam,
    folder: Path,
    written: Script | None = None,
    habits: Habits = CALM,
    stop: asyncio.Event | None = None,
    **fields: Any,
) -> Sat:
    """One candidate sits the exam, in virtual time."""
    plan = plan_for(folder, habits, **fields)

    async def live() -> tuple[ActorFate, int]:
        client = client_of(exam, habits.timeout_seconds, plan.contract)
        samples, ledger = SampleWriter(Path(plan.samples)), LedgerWriter(Path(plan.ledger))
        event = stop or asyncio.Event()
        candidate = Candidate(plan, plan.accounts[0], written or script(0, 1, 2), client, ledger, samples, event)
        fate = await candidate.take_part(now())
        ledger.close()
        samples.close()
        return fate, client.opened

    fate, connections = run_in_virtual_time(live())
    return Sat(fate, list(replay(Path(plan.ledger))), list(read_samples(Path(plan.samples))), exam, connections)
