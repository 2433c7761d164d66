"""A small frozen rehearsal of a service: two migrations and a few webhooks, and what may go wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pytest_examday.core.line import Line, LineResult, WordsOfTable
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.run.identity import identity_of
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.suites.staging.evidence import StagingPreflight
from pytest_examday.suites.staging.migrations.evidence import (
    BackToEmpty,
    ChainEntry,
    ClientWork,
    ForeignKeyTrial,
    HalfFailure,
    IndexState,
    MigrationsEvidence,
    Rerun,
    RollbackTrial,
    SchemaChanges,
    StepRun,
    TenantTrial,
    TenantTrials,
)
from pytest_examday.suites.staging.suite import SUITE
from pytest_examday.suites.staging.webhooks.evidence import (
    Duplicates,
    RateLimitSeen,
    Reply,
    TraceSearch,
    WebhooksEvidence,
    WebhookTrial,
)
from tests.core.small_suite import run_of
from tests.report import samples

UNMEASURED = "no platform"
"""Why an activity has no record; that of `run_of`."""
_BEGAN = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
_NAMES = ("001_init.sql", "002_more.sql")
_SAME = SchemaChanges()


def preflight() -> StagingPreflight:
    """Everything was reached."""
    return StagingPreflight(
        api_url="http://127.0.0.1:9",
        service="HTTP 200",
        database="PostgreSQL 18.4",
        cache="Redis 7",
        runtime="embedded",
        reached_seconds=0.1,
    )


def _runs(*failing: str) -> tuple[StepRun, ...]:
    return tuple(
        StepRun(name=name, applied=name not in failing, error=f"{name}:3: no such table" if name in failing else "")
        for name in _NAMES
    )


def _trials(changes: SchemaChanges = _SAME) -> tuple[RollbackTrial, ...]:
    return tuple(RollbackTrial(run=run, changes=changes) for run in _runs())


def migrations(**changed: Any) -> MigrationsEvidence:
    """Migrations on which every line passes, with some fields changed."""
    tenant = TenantTrial(
        table="public.events",
        is_view=False,
        enabled=True,
        forced=True,
        policies=1,
        granted=True,
        stored=6,
        own_seen=6,
        foreign_write="refused",
    )
    good: dict[str, Any] = {
        "server_version": "18.4",
        "chain": tuple(
            ChainEntry(name=name, has_rollback=True, absence_allowed=False, in_transaction=True) for name in _NAMES
        ),
        "from_empty": _runs(),
        "tables": ("public.events",),
        "indexes": (IndexState(name="public.events_by_company", valid=True, of_constraint=False),),
        "rollbacks": _trials(),
        "rollbacks_twice": _trials(),
        "forward_after_rollback": _trials(),
        "half_failures": (HalfFailure(name=_NAMES[1], statements="1 of 2", run=_runs()[1], changes=_SAME),),
        "with_rows": _runs(),
        "filled": 1,
        "rollbacks_with_rows": _trials(),
        "rerun": Rerun(steps=_runs(), changes=_SAME, losses=()),
        "way_back": BackToEmpty(steps=_trials(), left_over=_SAME, forward_again=_runs(), forward_changes=_SAME),
        "foreign_keys": (ForeignKeyTrial(name="public.events.company", valid=True, outcome="refused"),),
        "tenants": TenantTrials(role="app", setting="app.company_id", tables=(tenant,)),
        "client": ClientWork(steps=4, transactions=10),
    }
    return MigrationsEvidence(**{**good, **changed})


def broken_migrations() -> MigrationsEvidence:
    """The second migration fails on an empty database; a rollback leaves a type behind; indexes are invalid."""
    left = SchemaChanges(left=("type public.state",))
    return migrations(
        from_empty=_runs(_NAMES[1]),
        rollbacks=_trials(left),
        indexes=(IndexState(name="public.events_by_company", valid=False, of_constraint=False),),
    )


def _sent(name: str, about: Any, expected: Any, status: int, rows: int) -> WebhookTrial:
    return WebhookTrial(
        name=name, about=about, expected=expected, reply=Reply(status=status, accepted=status == 202), rows=rows
    )


def _trial_of(about: Any) -> tuple[WebhookTrial, ...]:
    return (
        _sent(f"a right one of {about}", about, "processed", 202, 1),
        _sent(f"a wrong one of {about}", about, "refused", 401, 0),
    )


def webhooks(**changed: Any) -> WebhooksEvidence:
    """Webhooks on which every line passes, with some fields changed."""
    seen = TraceSearch(searched=3, sees=True)
    trials = [_sent("an ordinary webhook", "control", "processed", 202, 1)]
    for about in ("signature", "replay", "timestamp", "content"):
        trials += _trial_of(about)
    good: dict[str, Any] = {
        "sent": 20,
        "processed": 9,
        "errors": 0,
        "trials": tuple(trials),
        "duplicates": (
            Duplicates(
                name="at the same moment", about="idempotency", webhook_id="evt_1", requests=2, at_once=2, rows=1
            ),
            Duplicates(name="the same request again", about="replay", webhook_id="evt_2", requests=2, rows=1),
        ),
        "attributed": 1,
        "rate_limit": RateLimitSeen(
            limit=3,
            used_before=0,
            used_is_known=True,
            forged=5,
            stored=3,
            sent=5,
            let_through=3,
            refused=2,
            other_sender=_sent("another sender", "control", "processed", 202, 1),
        ),
        "fields": {"email": "encrypted", "note": "omitted"},
        "tables": seen,
        "logs": seen,
        "dump": seen,
    }
    return WebhooksEvidence(**{**good, **changed})


def broken_webhooks() -> WebhooksEvidence:
    """A wrong signature is accepted, and duplicates leave two effects."""
    good = webhooks()
    trials = tuple(
        _sent(one.name, "signature", "refused", 202, 1)
        if (one.about, one.expected) == ("signature", "refused")
        else one
        for one in good.trials
    )
    twice = Duplicates(
        name="at the same moment", about="idempotency", webhook_id="evt_1", requests=2, at_once=2, rows=2
    )
    return webhooks(trials=trials, duplicates=(twice, *good.duplicates[1:]))


def write_run(directory: Path, **records: Record | None) -> Path:
    """A run directory with these records; an activity that is not named, or has None, was not measured."""
    samples.write_run(directory, {})
    store = EvidenceStore(directory, Redactor())
    for number, activity in enumerate(SUITE.activities):
        began, record = _BEGAN + timedelta(seconds=10 * number), records.get(activity.name)
        store.write(
            Evidence[Record](
                activity=activity.name,
                started=began,
                ended=began + timedelta(seconds=5),
                record=record,
                unmeasured=None if record else UNMEASURED,
            )
        )
    assert identity_of(directory).environment == "local"
    return samples.seal(directory)


def results(**records: Record | None) -> dict[str, LineResult]:
    """Key of each line -> what its judge says of these records, without a table of the suite in the configuration."""
    measured = run_of(None, (), **records)
    return {line.key: _worded(line).result(measured) for line in SUITE.lines}


def _worded(line: Line) -> Line:
    return replace(line, words=line.words.write(None)) if isinstance(line.words, WordsOfTable) else line
