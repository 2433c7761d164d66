"""The files of a load: ledgers, samples and fates, whichever engine wrote them."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.ledger import Write, replay
from pytest_examday.load.load_plan import LoadPlan
from pytest_examday.load.samples import Follower, Sample, read_samples
from pytest_examday.lone_surrogates import without_lone_surrogates


class LoadFiles:
    """Ledgers, samples and fates of a load, which may still grow; it began at `begun` (epoch)."""

    engine = "candidates"
    """What ran the load, for the report."""
    can_be_watched = True
    """Whether the platform can be watched during the whole load: from `__enter__` to `wait`. False for a load of which
    a part was over before, because k6 ran elsewhere."""

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
        """The files with its requests."""
        return tuple(Path(plan.samples) for plan in self.plans)

    def samples(self) -> Iterator[Sample]:
        """Every request that has ended so far."""
        return chain.from_iterable(read_samples(path) for path in self.samples_files if path.exists())

    def follow(self) -> Callable[[], Iterator[Sample]]:
        """A function that returns, each time it is called, the requests that have ended since the last call."""
        followers = {path: Follower(path) for path in self.samples_files}
        return lambda: chain.from_iterable(follower.new() for path, follower in followers.items() if path.exists())

    def writes(self) -> Iterator[Write]:
        """The writes that the ledgers hold so far; raises Unmeasurable if one is damaged."""
        try:
            for plan in self.plans:
                yield from replay(Path(plan.ledger))
        except (OSError, ValueError) as problem:
            raise Unmeasurable(f"the ledger cannot be read: {problem}") from None

    def fates(self) -> tuple[ActorFate, ...]:
        """The fates of the actors that have ended so far."""
        lines = chain.from_iterable(Path(plan.fates).read_text(encoding="utf-8").split("\n") for plan in self.plans)
        return tuple(map(_fate, filter(None, lines)))


def _fate(line: str) -> ActorFate:
    if "\\ud" in line.lower():  # k6 writes half of a surrogate pair as an escape, which the faster decoder refuses
        line = without_lone_surrogates(json.dumps(json.loads(line), ensure_ascii=False))
    return ActorFate.model_validate_json(line)
