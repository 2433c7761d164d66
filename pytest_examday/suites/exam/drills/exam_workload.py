"""The workload of the exam's drills: candidates who answer until they are told to submit, and a prober beside them."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

from pytest_examday.drills.drill import Drill
from pytest_examday.drills.run_drill import run_drill
from pytest_examday.drills.watched_services import WatchedService, cache, database
from pytest_examday.drills.workload import OperationReply, Workers
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import ActorFate, OperationFigures
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.evidence import NOT_REACHED, WATCHED_OPERATIONS, LoadEvidence
from pytest_examday.suites.exam.load.exam_loads import drill_load
from pytest_examday.suites.exam.load.recheck_passwords import recheck_passwords
from pytest_examday.suites.exam.load.right_choices import compare_right_choices
from pytest_examday.suites.exam.probes.drill_probes import Continuity
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reconcile_ledgers
from pytest_examday.suites.exam.workers.named_workers import worker_of
from pytest_examday.suites.exam.workers.watched_workers import watched_workers
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_HEALTH_SECONDS = 2.0
_READY_SECONDS = 3.0


class ExamWorkload:
    """The candidates of one drill, who are not started yet, and a prober, who is logged in.

    Raises Unmeasurable if there are too few accounts, or if the platform does not let the prober in.
    """

    def __init__(self, target: Target, drill: Drill) -> None:
        profile = target.environment.profile.drill
        (account,) = target.accounts.take(1)
        self._target = target
        self.prober = ProbeCandidate.begin(target, account)
        self._key = uuid.uuid4().hex
        self.actors = drill_load(target, drill.activity, profile)
        self.actors_in_words = f"{profile.candidates} candidates"
        self._contract = target.environment.platform.contract
        self.operations = tuple(name for name in WATCHED_OPERATIONS if self._contract.lacking(name) is None)
        self.absent_operations = tuple(name for name in WATCHED_OPERATIONS if name not in self.operations)

    def try_operations(self) -> Iterator[OperationReply]:
        """Try health, readiness, and a whole short exam. If no session is created, answer and submit are not reached.

        Like a client, the prober leaves no exam open, and repeats a start that got no clear reply with the same key: a
        platform may refuse a second exam."""
        if self._contract.health is not None:
            yield _operation_reply("health", self._target.api.call("health", timeout=_HEALTH_SECONDS))
        ready = None
        if self._contract.ready is not None:
            ready = self._target.api.call("ready", timeout=_READY_SECONDS)
            yield _operation_reply("ready", ready, worker_of(self._named(ready)), text=str(ready))
        self.prober.submit_left_open()
        created = self.prober.open(key=self._key)
        if created.accepted or created.refused:
            self._key = uuid.uuid4().hex
        yield _operation_reply("create", created, worker_of(self._named(created)) if ready is None else None)
        for name, step in (("answer", self.prober.answer), ("submit", self.prober.submit)):
            if created.accepted and self.prober.questions:
                yield _operation_reply(name, step())
            else:
                yield _operation_reply(name, created, text=NOT_REACHED, accepted=False)

    def _named(self, reply: Reply) -> Reply:
        """The reply that names a worker: that of the operation by whose replies the workers were chosen. If this
        operation has just been called, it is not called again."""
        naming, called = self._contract.worker_naming, reply.operation
        if (naming.method, naming.path) == (called.method, called.path):
            return replace(reply, operation=naming)
        return self._target.api.call(naming, timeout=_READY_SECONDS)

    def workers(self) -> Workers:
        """The runtime's workers: by the names in the replies of the operation `worker_naming` of the contract, else at
        their own addresses."""
        return watched_workers(self._target)

    def stores(self) -> tuple[WatchedService, ...]:
        """PostgreSQL and Redis."""
        return database(self._target), cache(self._target)

    def fates(self) -> tuple[ActorFate, ...]:
        """The fates of the candidates. The password of those whose log-in was refused, and is refused now too, is
        doubted."""
        return recheck_passwords(self._target, compare_right_choices(self.actors.fates()))

    def figures_of_earlier_load(self) -> tuple[OperationFigures, ...]:
        """The figures of the load of phase 2, if there was one."""
        load = self._target.files.store.read("load", LoadEvidence).record
        return () if load is None else load.operations

    def losses_of_earlier_load(self) -> tuple[int, int]:
        """What is lost of the load of phase 2, if there was one."""
        load = self._target.files.store.read("load", LoadEvidence).record
        if load is None:
            return 0, 0
        found = reconcile_ledgers(self._target, tuple(name.removeprefix("ledger/") for name in load.ledgers))
        return min(found.losses, found.acknowledged), found.acknowledged

    def healthy(self) -> bool:
        """Whether the health endpoint, or else the cheapest operation, accepts a request within 2 s."""
        return self._target.api.call(self._contract.health_or_ready, timeout=_HEALTH_SECONDS).accepted

    def begin_work(self) -> Continuity:
        """Begin an exam that is submitted after the fault. Another candidate sits it: a platform may refuse a second
        exam to somebody who has one open. Raises Unmeasurable if there is no further account."""
        (account,) = self._target.accounts.take(1)
        return Continuity.begin(self._target, ProbeCandidate.begin(self._target, account))

    def reconcile(self) -> Reconciliation:
        """Compare the ledgers of the candidates with the database, or with the API if there is no access to it."""
        return reconcile_ledgers(self._target, self.actors.ledgers)


def _operation_reply(
    name: str, reply: Reply, worker: str | None = None, *, text: str | None = None, accepted: bool | None = None
) -> OperationReply:
    words = reply_in_words(reply) if text is None else text
    return OperationReply(
        name, reply.accepted if accepted is None else accepted, words, worker, too_slow=reply.too_slow
    )


def gather(target: Target, drill: Drill) -> DrillEvidence:
    """Run a drill with candidates of the exam. Raises Unmeasurable if it cannot be made or measured."""
    return run_drill(target, drill, ExamWorkload)
