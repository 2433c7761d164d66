"""What the load's processes are told to do."""

from collections.abc import Iterator
from typing import Literal

from pytest_examday.config.profiles import Habits
from pytest_examday.contract.operations import Contract
from pytest_examday.record import Record
from pytest_examday.suites.exam.load.candidate_script import Schedule, Script, write_script


class PlannedAccount(Record):
    """A candidate's login in the clear, or tokens made before: a plan goes through a pipe and is never written to
    the run directory."""

    email: str
    password: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None


class Plan(Record):
    """One load, or the share of it that one process has: who, how many questions, how they behave, and where they
    write what happened.

    `until` says when candidates stop answering: when the `schedule` has them leave, or when they are `told`.
    These candidates are the `first` and every `every`-th after it of all `arrivals` of the load.
    """

    activity: str
    api_url: str
    contract: Contract
    accounts: tuple[PlannedAccount, ...]
    first: int = 0
    every: int = 1
    arrivals: int
    schedule: Schedule
    questions: int
    habits: Habits
    until: Literal["schedule", "told"] = "schedule"
    seed: int
    ledger: str
    samples: str
    fates: str

    def scripts(self) -> Iterator[Script]:
        """What each candidate intends, in the order of the accounts."""
        for number in range(self.first, self.arrivals, self.every):
            place = number / self.arrivals
            yield write_script(f"{self.seed}-{number}", place, self.schedule, self.questions, self.habits)
