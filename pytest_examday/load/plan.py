"""What the load process is told to do."""

from typing import Literal

from pytest_examday.config.profiles import Habits
from pytest_examday.contract.model import Record
from pytest_examday.contract.operations import Contract


class PlannedAccount(Record):
    """A candidate's login, in the clear: a plan goes through a pipe and is never written to a file."""

    email: str
    password: str


class Plan(Record):
    """One load: who, how many questions, how they behave, and where they write what happened.

    `until` says when a candidate submits: after its `script`, or when it is `told` to finish.
    """

    activity: str
    api_url: str
    contract: Contract
    accounts: tuple[PlannedAccount, ...]
    questions: int
    arrive_seconds: float
    habits: Habits
    until: Literal["script", "told"]
    seed: int
    ledger: str
    samples: str
    fates: str
    progress: str
