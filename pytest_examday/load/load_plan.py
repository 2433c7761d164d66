"""The plan of a load, which its processes carry out. Each suite has its own kind of plan."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, TypeVar

from pytest_examday.config.mint import Signer
from pytest_examday.contract.contract import Contract
from pytest_examday.record import Record
from pytest_examday.target.login_pace import LoginPace


class PlannedAccount(Record):
    """An actor's password or prepared tokens, in the clear: a plan goes through a pipe and is never written to the run
    directory."""

    email: str
    password: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    id: str | None = None


class LoginMeans(Record):
    """How the actors of a load get their tokens, in addition to what their accounts say."""

    signer: Signer | None = None
    """Signs the tokens of actors that do not log in."""
    lifetime: float | None = None
    """How long a token lives that does not hold its own end (seconds)."""
    made_at: float | None = None
    """When the tokens of accounts were made (seconds since the epoch)."""
    pace: LoginPace | None = None
    """Limits the rate of log-ins; None: they are sent when they are due."""


class PlannedActor(NamedTuple):
    """The plan of one actor. All times are seconds from the beginning of the load."""

    name: str
    arrives_at: float
    begins_at: float
    """The time of its first write."""
    writes: Iterator[tuple[str, float]]
    """Each write as its kind and the time at which it is due."""


class LoadPlan(Record, ABC):
    """One load, or the part of it that one process runs. A suite's own plan adds what its actors do."""

    program: ClassVar[str]
    """The module that each process runs."""
    who: ClassVar[str]
    """The word for its actors in messages."""
    working_write: ClassVar[str]
    """The kind of write that actors make again and again. The load is at work once one is acknowledged."""

    activity: str
    api_url: str
    contract: Contract
    accounts: tuple[PlannedAccount, ...]
    first_actor: int = 0
    """The number of the first actor of this plan among the actors of the load."""
    stride: int = 1
    """The distance from one actor's number to the next: the plan has `first_actor`, `first_actor + stride` and so
    on."""
    arrivals: int
    """How many actors the whole load has."""
    until: Literal["schedule", "stopped"] = "schedule"
    """When actors end: at the end of their schedule, or when the starter of the load stops them."""
    seed: int
    """The seed of the random generator."""
    ledger: str
    samples: str
    fates: str
    login_means: LoginMeans = LoginMeans()

    @abstractmethod
    def actors(self) -> Iterator[PlannedActor]:
        """The plan of each actor, in the order of the accounts."""

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
        """The longest time between two lines that an actor writes to its files."""


AnyPlan = TypeVar("AnyPlan", bound=LoadPlan)


def split_plan(plan: AnyPlan, processes: int) -> tuple[AnyPlan, ...]:
    """The plan divided among `processes` processes. Each gets every n-th actor, and its own files."""
    if processes == 1:
        return (plan,)
    return tuple(_share(plan, number, processes) for number in range(processes))


def _share(plan: AnyPlan, number: int, processes: int) -> AnyPlan:
    files = {name: _numbered(getattr(plan, name), number + 1) for name in ("ledger", "samples", "fates")}
    return plan.model_copy(
        update={"accounts": plan.accounts[number::processes], "first_actor": number, "stride": processes, **files}
    )


def _numbered(path: str, number: int) -> str:
    file = Path(path)
    activity, rest = file.name.split(".", 1)
    return str(file.with_name(f"{activity}-{number}.{rest}"))
