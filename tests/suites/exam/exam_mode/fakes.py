"""A platform of several workers in memory, with counters for a database: a freeze of it takes milliseconds."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_examday.config.accounts import Account
from pytest_examday.contract.contract import Contract, Job, ProtectedOperation
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.probe import Probe
from pytest_examday.evidence.table_snapshot import TableSnapshot
from pytest_examday.integrity.table_watch import RowChanges, Table
from pytest_examday.runtimes.base import CommandResult
from pytest_examday.suites.exam.activities import freeze
from pytest_examday.suites.exam.evidence import FreezeEvidence, LoadEvidence, ObservabilityEvidence
from pytest_examday.suites.exam.exam_mode import exam_mode_afterwards, watched_acts
from pytest_examday.target.api import LoginResult, Reply
from pytest_examday.target.target import Target
from tests import builders

REFUSED = (403, {"detail": "exam mode: disabled"})
ACCEPTED = (202, {"operation": "done"})
ENDPOINTS = builders.freeze().endpoints
"""They work; the platform here has none."""
SKIPPED = CommandResult(0, '{"job": "x", "outcome": "skipped"}')
Answer = tuple[int | None, dict[str, Any]]


@dataclass
class FakePlatform:
    """Workers behind one address. `off` are those with exam mode off; `protected operation` gives the answer of a
    worker to a protected operation, `ran` what a job prints; `spreads`: requests on one connection reach any worker;
    `names`: readings name their worker; `header`: every answer does; `hidden` workers are never reached. `traffic` is
    what others write before each look at the database. `called` counts the protected operations that were called, by
    worker, and the jobs."""

    workers: tuple[str, ...] = ("worker-1", "worker-2")
    off: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    protected_answers: Callable[["FakePlatform", str, str], Answer] = lambda platform, worker, protected: REFUSED
    allowed: Callable[["FakePlatform"], Answer] = lambda platform: (200, {})
    ran: Callable[["FakePlatform", str], CommandResult] = lambda platform, job: SKIPPED
    reads: Answer | None = None
    spreads: bool = False
    names: bool = True
    header: bool = False
    known: tuple[str, ...] | None = None
    database: bool = True
    token: bool = True
    lets_in: bool = True
    protected: tuple[ProtectedOperation, ...] = CONTRACT.protected
    jobs: tuple[Job, ...] = CONTRACT.jobs
    dry_runs: dict[str, Operation] = field(default_factory=lambda: dict(CONTRACT.allowed))
    audit_tables: tuple[str, ...] = ()
    traffic: Callable[["FakePlatform"], None] = lambda platform: None
    seed: int = 0
    called: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # which worker answers is no secret
        self.connections = 0
        self.rows: Counter[str] = Counter()
        self.frozen: FreezeEvidence | None = None
        self.load: LoadEvidence | None = None
        self.observed: ObservabilityEvidence | None = None
        self.drills: tuple[DrillEvidence, ...] = ()

    @property
    def contract(self) -> Contract:
        """The reference's operations, with these protected operations and jobs."""
        return CONTRACT.model_copy(
            update={
                "protected": self.protected,
                "jobs": self.jobs,
                "allowed": self.dry_runs,
                "audit_tables": self.audit_tables,
                "worker_header": "X-Worker" if self.header else None,
            }
        )

    @contextmanager
    def keep_alive(self) -> Iterator[Any]:
        """A connection to one worker."""
        self.connections += 1
        number, worker = self.connections, self._any()
        yield SimpleNamespace(
            call=lambda named, token=None, values=None: self._answer(
                named, self._any() if self.spreads else worker, str(number)
            )
        )

    def call(self, named: Operation | str, values: object = None, token: str | None = None, **_: Any) -> Reply:
        """A call on a connection of its own, which is closed afterwards."""
        return self._answer(named, self._any(), None)

    def _any(self) -> str:
        return self.chance.choice([worker for worker in self.workers if worker not in self.hidden])

    def _answer(self, named: Operation | str, worker: str, connection: str | None) -> Reply:
        operation: Operation = getattr(self.contract, named) if isinstance(named, str) else named
        status, body = self._body(operation, worker)
        header = worker if self.header else None
        problem = "no reply in time" if status is None else None
        return Reply(operation, status, body, "ed-1", 1.0, problem, worker=header, connection=connection)

    def _body(self, operation: Operation, worker: str) -> Answer:
        if operation == self.contract.exam_mode:
            return self.reads or (
                200,
                {"exam_mode": worker not in self.off, **({"worker": worker} if self.names else {})},
            )
        protected = next((one.name for one in self.protected if operation in one.operations), None)
        if protected is not None:
            self.called[worker] += 1
            return self.protected_answers(self, worker, protected)
        if operation in self.dry_runs.values():
            return self.allowed(self)
        return 500, {}

    def write(self, *tables: str) -> None:
        """One row more in each of these tables."""
        self.written.update(tables)

    def run_job(self, name: str) -> CommandResult:
        """Run a job, as the runtime does."""
        self.called["job"] += 1
        return self.ran(self, name)

    def known_workers(self) -> tuple[str, ...]:
        """The workers that the runtime knows."""
        if self.known == ():
            raise Unmeasurable("there is no runtime")
        return self.workers if self.known is None else self.known

    def auth_token(self) -> str:
        """The administrator's token."""
        if not self.token:
            raise Unmeasurable("no administrator is configured")
        return "token"

    def log_in(self, account: Account) -> LoginResult:
        """A candidate's login."""
        if not self.lets_in:
            raise Unmeasurable(f"{account.email} could not log in: HTTP 429")
        return LoginResult(account, "t", None)

    def _record_of(self, activity: str) -> object:
        return {"freeze": self.frozen, "load": self.load, "observability": self.observed}[activity]

    @property
    def target(self) -> Target:
        """The platform as a target."""
        account = Account.model_validate({"email": "c@exam.example", "access_token": "t"})
        platform = PlatformDescription(contract=self.contract)
        return cast(
            "Target",
            SimpleNamespace(
                environment=SimpleNamespace(
                    name="staging", platform=platform, exam_mode=None, why_exam_mode_unreadable=lambda: None
                ),
                api=self,
                runtime=SimpleNamespace(
                    address=lambda worker: None,
                    workers=self.known_workers,
                    environment=lambda worker: {"EXAM_MODE": "true"},
                    processes=tuple,
                    run_job=self.run_job,
                ),
                accounts=SimpleNamespace(
                    auth_token=self.auth_token, take=lambda number: (account,), log_in=self.log_in
                ),
                connections=SimpleNamespace(database=self),
                files=SimpleNamespace(
                    progress=SimpleNamespace(say=lambda text: None),
                    store=SimpleNamespace(
                        read=lambda name, kind: SimpleNamespace(record=self._record_of(name)),
                        all_of=lambda kind: self.drills,
                    ),
                ),
            ),
        )


class FakeWatch:
    """The tables of a fake platform: a row for each write."""

    def __init__(self, database: object, schema: object) -> None:
        self.platform = cast("FakePlatform", database)
        self.unmeasured = None if self.platform.database else "env.staging.database_url is not set"
        named = {name for protected in CONTRACT.protected for name in protected.effects}
        named |= {name for job in CONTRACT.jobs for name in job.effects}
        self.tables = tuple(
            Table("public", name, None, counted=True, own=True) for name in sorted({*named, "audit", "job_runs"})
        )
        self.count()

    def count(self) -> dict[Table, RowChanges]:
        """What was written since the last count."""
        self.platform.traffic(self.platform)
        changed = {table: RowChanges(rows, 0) for table in self.tables if (rows := self.platform.written[table.name])}
        self.platform.written.clear()
        self.platform.rows.update({table.name: change.written for table, change in changed.items()})
        return {} if self.unmeasured else changed

    def snapshot(self, tables: Iterable[Table]) -> TableSnapshot:
        """The rows of these tables."""
        return TableSnapshot(
            before_transaction=0, rows={table.name: self.platform.rows[table.name] for table in tables}
        )

    def since(self, mark: TableSnapshot) -> dict[str, RowChanges]:
        """The rows that were written since the mark."""
        self.count()
        now = self.platform.rows
        return {name: RowChanges(now[name] - rows, 0) for name, rows in mark.rows.items() if now[name] != rows}


def frozen(platform: FakePlatform, endpoints: tuple[Probe, ...] | None = ENDPOINTS) -> FreezeEvidence:
    """The evidence of phase 1, gathered on this platform without waiting, with these endpoints if they are given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(freeze, "TableWatch", FakeWatch)
        for name in ("SETTLE_SECONDS", "CONTROL_SECONDS", "REPEAT_SETTLE_SECONDS"):
            patch.setattr(watched_acts, name, 0)
        gathered = freeze.gather(platform.target)
    return gathered if endpoints is None else gathered.model_copy(update={"endpoints": endpoints})


def tried_once_more(
    platform: FakePlatform, try_again: Callable[[Target], tuple[Probe, ...]] = exam_mode_afterwards.exam_mode_afterwards
) -> dict[str, Probe]:
    """What is tried at the end of a rehearsal of this platform, or after the restart of one worker, whose phase 1 was
    gathered before if it is `frozen`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exam_mode_afterwards, "TableWatch", FakeWatch)
        for name in ("SETTLE_SECONDS", "CONTROL_SECONDS", "REPEAT_SETTLE_SECONDS"):
            patch.setattr(watched_acts, name, 0)
        return {probe.name: probe for probe in try_again(platform.target)}


def judged(platform: FakePlatform) -> tuple[str, str]:
    """Outcome and reason of the gate on this platform."""
    result = builders.gate("exam-mode-verified", freeze=frozen(platform))
    return result.outcome, result.reason


def line(platform: FakePlatform, key: str) -> tuple[str, str]:
    """Outcome and reason of one line on this platform."""
    result = builders.line(key, freeze=frozen(platform))
    return result.outcome, result.reason
