"""What a load has written, whoever ran it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.ledger import Write, replay
from pytest_examday.load.load_plan import LoadPlan
from pytest_examday.load.samples import Follower, Sample, read_samples


class LoadFiles:
    """Ledgers, samples and fates of a load, which may still grow; it began at `begun` (epoch)."""

    engine = "candidates"
    """Who ran it, for the report."""
    watched = True
    """Whether what is seen of the platform between `__enter__` and `wait` was seen during the whole load."""

    def __init__(self, plans: Sequence[LoadPlan]) -> None:
        self.plans: tuple[LoadPlan, ...] = tuple(plans)
        self.activity = plans[0].activity
        self.begun = 0.0

    @property
    def ledgers(self) -> tuple[str, ...]:
        """The names of its ledgers, below `ledger/` of the run directory."""
        return tuple(Path(plan.ledger).name for plan in self.plans)

    @property
    def samples_files(self) -> tuple[Path, ...]:
        """Where its requests are written."""
        return tuple(Path(plan.samples) for plan in self.plans)

    def samples(self) -> Iterator[Sample]:
        """Every request that has ended so far."""
        return chain.from_iterable(read_samples(path) for path in self.samples_files if path.exists())

    def follow(self) -> Callable[[], Iterator[Sample]]:
        """Gives, each time it is called, the requests that have ended since the call before."""
        followers = {path: Follower(path) for path in self.samples_files}
        return lambda: chain.from_iterable(one.new() for path, one in followers.items() if path.exists())

    def writes(self) -> Iterator[Write]:
        """The ledger as it stands, write by write; raises Unmeasurable where it is damaged."""
        try:
            for plan in self.plans:
                yield from replay(Path(plan.ledger))
        except (OSError, ValueError) as problem:
            raise Unmeasurable(f"the ledger cannot be read: {problem}") from None

    def fates(self) -> tuple[ActorFate, ...]:
        """How it ended for the actors that have ended."""
        lines = chain.from_iterable(Path(plan.fates).read_text(encoding="utf-8").splitlines() for plan in self.plans)
        return tuple(ActorFate.model_validate_json(line) for line in lines)
