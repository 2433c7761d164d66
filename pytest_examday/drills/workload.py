"""What a suite supplies for its drills: actors who work, and a prober that tries operations beside them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from pytest_examday.drills.watched_services import WatchedService
from pytest_examday.evidence.figures import ActorFate, GeneratorFigures, OperationFigures
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.load.ledger import Write
from pytest_examday.load.samples import Sample


class Actors(Protocol):
    """Actors who work until they are told to finish. Entering the `with` block starts them, leaving it ends them, even
    if they are still at work."""

    @property
    def activity(self) -> str:
        """The name of the activity that they belong to."""

    @property
    def alive(self) -> bool:
        """Whether all of their processes still run."""

    @property
    def ledgers(self) -> tuple[str, ...]:
        """The names of their ledgers, below `ledger/` of the run directory."""

    @property
    def samples_files(self) -> tuple[Path, ...]:
        """The files with their requests."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *ended: Any) -> None: ...

    def wait_for_work(self, seconds: float) -> None:
        """Wait until a write is acknowledged; raises Unmeasurable if none is within `seconds`."""

    def finish(self) -> None:
        """Tell the actors to finish what they do."""

    def wait(self, seconds: float) -> GeneratorFigures:
        """Wait until every actor has ended; returns the figures of the generator.

        Raises Unmeasurable if a process fails, or if it takes longer than `seconds`.
        """

    def samples(self) -> Iterator[Sample]:
        """Every request that has ended so far."""

    def follow(self) -> Callable[[], Iterator[Sample]]:
        """A function that returns, each time it is called, the requests that have ended since the last call."""

    def writes(self) -> Iterator[Write]:
        """The writes of their ledgers; raises Unmeasurable if one is damaged."""

    def fates(self) -> tuple[ActorFate, ...]:
        """The fates of the actors that have ended so far."""


class OperationReply(NamedTuple):
    """The reply to one operation that was tried."""

    operation: str
    accepted: bool
    """Whether the platform did it."""
    text: str
    """The reply in words."""
    worker: str | None = None
    """The worker that sent it, if the reply names one."""
    too_slow: bool = False
    """No reply came in time, to the operation or to another one that has to come before it."""


class ContinuedWork(Protocol):
    """Work that was begun before the fault and is finished after it."""

    def finish(self) -> tuple[Probe, ...]:
        """Finish the work as a client does; returns a probe for each step since its beginning."""


class Workers(NamedTuple):
    """The workers whose recovery is watched."""

    named: tuple[str, ...] = ()
    """Watched by the names in replies."""
    by_address: tuple[WatchedService, ...] = ()
    """Watched at their own addresses."""
    why_unwatched: str | None = None
    """Which workers are not watched, and why; None if all are."""
    name_mistake: str | None = None
    """A sentence with the two lists if runtime and replies name different workers, which is a mistake in the
    configuration; None if there is no such mistake."""


class Workload(Protocol):
    """The actors of one drill, and a prober: one more actor, with which the drill tries operations."""

    @property
    def actors(self) -> Actors:
        """The actors, not started yet."""

    @property
    def prober(self) -> Any:
        """The prober; the functions of a drill that try something take it as their second argument."""

    @property
    def actors_in_words(self) -> str:
        """The actors in words, for messages: `10 candidates`."""

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations whose recovery is watched."""

    @property
    def absent_operations(self) -> tuple[str, ...]:
        """The operations whose recovery would be watched if the platform had them."""

    def try_operations(self) -> Iterator[OperationReply]:
        """Try each of `operations` once, on new connections. An operation that cannot be tried, because one before it
        failed, counts as not accepted. The words of a refusal are the same each time."""

    def workers(self) -> Workers:
        """The workers, and how each is watched. It is called before the fault goes in."""

    def stores(self) -> tuple[WatchedService, ...]:
        """The stores behind the operations."""

    def fates(self) -> tuple[ActorFate, ...]:
        """The fates of the actors, who have ended."""

    def figures_of_earlier_load(self) -> tuple[OperationFigures, ...]:
        """The figures of each operation in an earlier activity of the run that put no fault in; empty if there was
        none."""

    def losses_of_earlier_load(self) -> tuple[int, int]:
        """How many acknowledged writes of an earlier activity that put no fault in are lost now, and how many were
        acknowledged; (0, 0) if there was none. Raises Unmeasurable if they cannot be compared."""

    def healthy(self) -> bool:
        """Whether the platform's health endpoint accepts a request."""

    def begin_work(self) -> ContinuedWork:
        """Begin work that will be finished after the fault."""

    def reconcile(self) -> Reconciliation:
        """Compare the actors' ledgers with what is stored; raises Unmeasurable if that is impossible."""
