"""One process of candidates: `python -m pytest_examday.suites.exam.load.candidates_process`; see `actor_process`."""

import sys
from collections.abc import Iterator

from pytest_examday.load.actor_process import LoadContext, run_actors
from pytest_examday.load.client import Client
from pytest_examday.suites.exam.load.candidate import Candidate
from pytest_examday.suites.exam.load.exam_plan import ExamPlan


def candidates(plan: ExamPlan, context: LoadContext) -> Iterator[Candidate]:
    """The candidates of the plan, each with connections of its own."""
    for account, script in zip(plan.accounts, plan.scripts(), strict=True):
        client = Client(plan.api_url, plan.contract, plan.habits.timeout_seconds, context.tls, account.email)
        yield Candidate(plan, account, script, client, context.ledger, context.samples, context.stop)


if __name__ == "__main__":
    sys.exit(run_actors(ExamPlan, candidates))
