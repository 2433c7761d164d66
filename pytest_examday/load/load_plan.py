"""The plan of a load: what its processes are told to do. Each suite has a plan of its own kind."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, TypeVar

from pytest_examday.config.mint import Signer
from pytest_examday.contract.contract import Contract
from pytest_examday.record import Record
from pytest_examday.run.login_pace import LoginPace


class PlannedAccount(Record):
    """An actor's password or prepared tokens, in the clear: a plan goes through a pipe and is never written to the run
    directory."""

    email: str
    password: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    id: str | None = None


class LoginMeans(Record):
    """How the actors of a load enter, beside what their accounts say.

    `signer` signs the tokens of actors that do not log in. `lifetime` is how long a token lives (seconds) that does not
    tell it itself; tokens of accounts were made at `made_at` (seconds since the epoch). `pace` keeps log-ins apart;
    None: they are sent when they are due.
    """

    signer: Signer | None = None
    lifetime: float | None = None
    made_at: float | None = None
    pace: LoginPace | None = None


class PlannedActor(NamedTuple):
    """What one actor intends: `arrives_at`, `begins_at` (its first write), and every write as its kind and the moment
    at which it is due. All moments are seconds from the beginning of the load."""

    name: str
    arrives_at: float
    begins_at: float
    writes: Iterator[tuple[str, float]]


class LoadPlan(Record, ABC):
    """One load, or the part of it that one process runs: who acts, and the files that record what happens. A suite's
    own plan adds what its actors do.

    `program` is the module that each process runs, `who` the word for its actors in messages. `working_write` is the
    kind of write that actors make again and again: the load is at work once one is acknowledged. `until` says when
    actors stop: at the end of their `schedule`, or when they are `told`. The load has `arrivals` actors; this plan has
    those with the numbers `first_actor`, `first + every`, `first + 2 * every` and so on."""

    program: ClassVar[str]
    who: ClassVar[str]
    working_write: ClassVar[str]

    activity: str
    api_url: str
    contract: Contract
    accounts: tuple[PlannedAccount, ...]
    first_actor: int = 0
    stride: int = 1
    arrivals: int
    until: Literal["schedule", "stopped"] = "schedule"
    seed: int
    ledger: str
    samples: str
    fates: str
    login_means: LoginMeans = LoginMeans()

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
        """The longest time between two lines that an actor writes to its files."""


AnyPlan = TypeVar("AnyPlan", bound=LoadPlan)


def split_plan(plan: AnyPlan, processes: int) -> tuple[AnyPlan, ...]:
    """The plan divided among so many processes: each gets every n-th actor, and files of its own."""
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
