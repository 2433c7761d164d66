"""A workload without processes: actors whose requests end as the test says, operations that answer as it says."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

from pytest_examday.drills.watched_services import WatchedService
from pytest_examday.drills.workload import OperationReply, Workers
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate, GeneratorFigures, OperationFigures, RequestOutcome
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.load.samples import Sample

ACTIVITY = "drill_redis_stopped"


class FakeActors:
    """Actors whose requests end as `outcome` says, `at_once` of them at each look."""

    activity = ACTIVITY
    alive = True
    ledgers = ("drill.ledger.jsonl",)
    samples_files = (Path("drill.samples.jsonl"),)

    def __init__(self, outcome: Callable[[], RequestOutcome] = lambda: "ok", at_once: int = 10) -> None:
        self.outcome = outcome
        self.at_once = at_once
        self._sent: list[Sample] = []
        self.begun: list[str] = []

    def __enter__(self) -> Self:
        self.begun.append("started")
        return self

    def __exit__(self, *ended: Any) -> None:
        self.begun.append("ended")

    def samples(self) -> Iterator[Sample]:
        """All requests so far, and those of another look."""
        list(self._new())
        return iter(self._sent)

    def follow(self) -> Callable[[], Iterator[Sample]]:
        """What is new at each look."""
        return self._new

    def _new(self) -> Iterator[Sample]:
        now = time.time()
        new = [Sample("answer", f"c{n}", now, 1.0, 200, self.outcome(), "ed-1") for n in range(self.at_once)]
        self._sent += new
        return iter(new)

    def writes(self) -> Iterator[Any]:
        """None."""
        return iter(())

    def fates(self) -> tuple[ActorFate, ...]:
        """Of one actor."""
        return (
            ActorFate(
                actor="cyd",
                subject="s-1",
                finished=True,
                worst_wait_ms=5.0,
                worst_wait_operation="answer",
                story="sat the exam and submitted",
            ),
        )

    def wait_for_work(self, seconds: float) -> None:
        """They work."""

    def finish(self) -> None:
        """They are told."""
        self.begun.append("told to finish")

    def wait(self, seconds: float) -> GeneratorFigures:
        """They are done."""
        return GeneratorFigures(
            planned_actors=1,
            started_actors=1,
            finished_actors=1,
            planned_actions=1,
            delivered_actions=1,
            lag_p95_ms=1.0,
            lag_max_ms=1.0,
            cpu_share=0.1,
        )


class FakeWorkload:
    """Its operations are `first` and `second`; `refused` ones fail, `down` stores do not answer."""

    prober = None
    actors_in_words = "10 actors"
    operations = ("first", "second")
    absent_operations: tuple[str, ...] = ()

    def __init__(
        self,
        actors: FakeActors | None = None,
        *,
        refused: tuple[str, ...] = (),
        down: tuple[str, ...] = (),
        workers: tuple[str, ...] = ("worker-1",),
    ) -> None:
        self.actors = actors or FakeActors()
        self.refused = refused
        self.is_healthy = True
        self.finished: tuple[Probe, ...] = ()
        self._down = down
        self._workers = workers

    def try_operations(self) -> Iterator[OperationReply]:
        """Both of them; the first names the worker that answers."""
        for name, worker in (("first", "worker-1"), ("second", None)):
            refused = name in self.refused
            yield OperationReply(name, not refused, "HTTP 503" if refused else "HTTP 200", worker=worker)

    def fates(self) -> tuple[ActorFate, ...]:
        """Those of the actors."""
        return self.actors.fates()

    def figures_of_earlier_load(self) -> tuple[OperationFigures, ...]:
        """There was no load."""
        return ()

    def losses_of_earlier_load(self) -> tuple[int, int]:
        """There was no load."""
        return 0, 0

    def workers(self) -> Workers:
        """The workers that are to recover."""
        return Workers(self._workers)

    def stores(self) -> tuple[WatchedService, ...]:
        """A database and a cache."""
        return tuple(WatchedService(name, partial(self._ask, name)) for name in ("database", "cache"))

    def _ask(self, name: str) -> tuple[bool, str]:
        return name not in self._down, "asked"

    def healthy(self) -> bool:
        """As the test says."""
        return self.is_healthy

    def begin_work(self) -> "FakeWorkload":
        """Work whose end the test gives."""
        return self

    def finish(self) -> tuple[Probe, ...]:
        """What the test gives."""
        return self.finished

    def reconcile(self) -> Reconciliation:
        """Nothing is compared."""
        raise Unmeasurable("nothing is stored")
