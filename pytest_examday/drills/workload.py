"""What a suite brings to its drills: the actors at work, and somebody who tries the platform beside them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from pytest_examday.drills.stores import Store
from pytest_examday.evidence.figures import ActorFate, Generator
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.load.ledger import Write
from pytest_examday.load.samples import Sample


class Actors(Protocol):
    """Actors who work until they are told to finish. Entering the `with` block starts them, leaving it ends them,
    whatever happened inside."""

    @property
    def activity(self) -> str:
        """The activity whose actors they are."""

    @property
    def alive(self) -> bool:
        """Whether all of their processes still run."""

    @property
    def ledgers(self) -> tuple[str, ...]:
        """The names of their ledgers, below `ledger/` of the run directory."""

    @property
    def samples_files(self) -> tuple[Path, ...]:
        """Where their requests are written."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *ended: Any) -> None: ...

    def wait_for_work(self, seconds: float) -> None:
        """Wait until a write was acknowledged; raises Unmeasurable where none is within `seconds`."""

    def finish(self) -> None:
        """Tell the actors to finish what they do."""

    def wait(self, seconds: float) -> Generator:
        """Wait until every actor has ended; raises Unmeasurable where a process died or it took longer."""

    def samples(self) -> Iterator[Sample]:
        """Every request that has ended so far."""

    def follow(self) -> Callable[[], Iterator[Sample]]:
        """Gives, each time it is called, the requests that have ended since the call before."""

    def writes(self) -> Iterator[Write]:
        """Their ledger, write by write; raises Unmeasurable where it is damaged."""

    def fates(self) -> tuple[ActorFate, ...]:
        """How the actors ended that have ended."""


class Answer(NamedTuple):
    """One operation of the platform that was tried: whether the platform did it, what it answered in words, and the
    worker that answered, where the answer names one."""

    operation: str
    accepted: bool
    text: str
    worker: str | None = None


class Continued(Protocol):
    """Work that was begun before the fault."""

    def finish(self) -> tuple[Probe, ...]:
        """Finish it as a client does, and tell of every step since its beginning."""


class Workload(Protocol):
    """The actors of one drill, and a prober: one more actor, who does what the drill tries."""

    @property
    def actors(self) -> Actors:
        """The actors, not started yet."""

    @property
    def prober(self) -> Any:
        """What the probes of a drill are given; it can use the platform already."""

    @property
    def about(self) -> str:
        """Who is at work, for people: `10 candidates`."""

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations whose recovery is watched."""

    def try_operations(self) -> Iterator[Answer]:
        """Try each of the operations once, on fresh connections; an operation that another one prevents counts as
        tried in vain."""

    def workers(self) -> tuple[str, ...]:
        """The workers whose return the answers can show; none where answers do not name them."""

    def stores(self) -> tuple[Store, ...]:
        """The stores behind the operations."""

    def healthy(self) -> bool:
        """Whether the platform's health endpoint says that it is well."""

    def begin(self) -> Continued:
        """Begin work that is to be finished after the fault."""

    def reconcile(self) -> Reconciliation:
        """Compare the actors' ledgers with what is stored; raises Unmeasurable where that cannot be done."""
