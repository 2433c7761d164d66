"""What the processes of a load are told to do, whatever suite it belongs to."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, TypeVar

from pytest_examday.contract.operations import Contract
from pytest_examday.record import Record


class PlannedAccount(Record):
    """An actor's login in the clear, or tokens made before: a plan goes through a pipe and is never written to the
    run directory."""

    email: str
    password: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None


class PlannedActor(NamedTuple):
    """What one actor intends, in seconds from the beginning of the load: when it arrives, when it makes its first
    write, and every write with the moment at which it is due."""

    name: str
    arrives_at: float
    begins_at: float
    writes: Iterator[tuple[str, float]]


class LoadPlan(Record, ABC):
    """One load, or the share of it that one process has: who acts, and where they write what happened. A suite adds
    what its actors do.

    `program` is the module that each process runs, `working_write` the kind of write that actors make again and again:
    once one is acknowledged, the load is at work. `until` says when actors stop: when their schedule has them leave, or
    when they are `told`. These actors are the `first` and every `every`-th after it of all `arrivals` of the load.
    """

    program: ClassVar[str]
    working_write: ClassVar[str]

    activity: str
    api_url: str
    contract: Contract
    accounts: tuple[PlannedAccount, ...]
    first: int = 0
    every: int = 1
    arrivals: int
    until: Literal["schedule", "told"] = "schedule"
    seed: int
    ledger: str
    samples: str
    fates: str

    @abstractmethod
    def actors(self) -> Iterator[PlannedActor]:
        """What each actor intends, in the order of the accounts."""

    def planned_writes(self) -> int:
        """How many writes its actors would make."""
        return sum(1 for actor in self.actors() for _ in actor.writes)

    @property
    @abstractmethod
    def arriving_seconds(self) -> float:
        """How long after the beginning the last actor arrives."""

    @property
    @abstractmethod
    def longest_pause_seconds(self) -> float:
        """The longest time that an actor may spend on one action without a new line in its files."""


AnyPlan = TypeVar("AnyPlan", bound=LoadPlan)


def shares(plan: AnyPlan, processes: int) -> tuple[AnyPlan, ...]:
    """The plan dealt out to so many processes: each gets every n-th actor, and files of its own."""
    if processes == 1:
        return (plan,)
    return tuple(_share(plan, number, processes) for number in range(processes))


def _share(plan: AnyPlan, number: int, processes: int) -> AnyPlan:
    files = {name: _numbered(getattr(plan, name), number + 1) for name in ("ledger", "samples", "fates")}
    return plan.model_copy(
        update={"accounts": plan.accounts[number::processes], "first": number, "every": processes, **files}
    )


def _numbered(path: str, number: int) -> str:
    file = Path(path)
    activity, rest = file.name.split(".", 1)
    return str(file.with_name(f"{activity}-{number}.{rest}"))
