"""The load of a rehearsal as it is: `LoadRun` with `Candidate`, `Attempts`, `CandidateTokens`, `Script` and
`PageComparison`.

Without a rate and without think time candidates answer until they are stopped, each as soon as it can. Otherwise
they keep to a schedule, whose think time makes the rate. The figures are read from the samples by whoever started it.
"""

import asyncio
import json
import ssl
import time

import uvloop

from benchmarks.canned import QUESTIONS
from benchmarks.generators.figures import Told
from pytest_examday.config.profiles import Habits
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.load.actor_process import LoadContext, LoadRun
from pytest_examday.load.garbage_collection import collect_garbage_rarely
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.load.samples import SampleWriter
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.candidates_process import candidates
from pytest_examday.suites.exam.load.exam_plan import ExamPlan

_ARRIVE_SECONDS = 2.0
_AT_ONCE = 1e-9
"""A think time (seconds) that is over before it begins."""


def plan_of(told: Told) -> ExamPlan:
    """The plan: every candidate logs in, starts its exam and answers, clicks once and does not reload."""
    spread = told.connections / told.rate if told.rate else 0.0
    think = (spread * 0.5, spread * 1.5) if told.rate else told.think if told.think[1] else (_AT_ONCE, _AT_ONCE)
    paced = bool(told.rate or told.think[1])
    end = _ARRIVE_SECONDS + told.seconds
    people = (f"candidate-{number:05}@exam.example" for number in range(told.connections))
    return ExamPlan(
        activity="load",
        api_url=told.url,
        contract=CONTRACT,
        accounts=tuple(PlannedAccount(email=email, password="pw") for email in people),
        arrivals=told.connections,
        schedule=Schedule("answers", _ARRIVE_SECONDS, end, end),
        questions=QUESTIONS,
        habits=Habits(think_seconds=think, double_click_share=0, resume_share=0),
        until="schedule" if paced else "stopped",
        seed=1,
        ledger=str(told.folder / "load.ledger.jsonl"),
        samples=str(told.folder / "load.samples.jsonl"),
        fates=str(told.folder / "load.fates.jsonl"),
    )


async def main(told: Told) -> None:
    """Run the load, and print the time whose rate and p95 count: from the last arrival on."""
    plan = plan_of(told)
    ledger, samples = LedgerWriter(told.folder / "load.ledger.jsonl"), SampleWriter(told.folder / "load.samples.jsonl")
    context = LoadContext(ledger, samples, asyncio.Event(), ssl.create_default_context())
    run = LoadRun(plan, context, candidates(plan, context))
    collect_garbage_rarely()
    begun = time.time()
    asyncio.get_running_loop().call_later(_ARRIVE_SECONDS + told.seconds, context.stop.set)
    await run.run(begun)
    print(json.dumps({"since": begun + _ARRIVE_SECONDS, "until": begun + _ARRIVE_SECONDS + told.seconds}))


if __name__ == "__main__":
    uvloop.run(main(Told.by_command_line()))
