"""Phase 1: how the lines of the migrations are judged."""

from collections.abc import Callable, Iterable

from pytest_examday.core.findings import Findings
from pytest_examday.core.line import Line, WhenUnmeasured
from pytest_examday.core.measured import Measured
from pytest_examday.suites.staging.gates import MIGRATIONS_EXECUTE, ROLLBACK_TESTED, SECURITY
from pytest_examday.suites.staging.lines.migration_rollbacks import (
    judge_forward_after_rollback,
    judge_forward_after_way_back,
    judge_half_failures,
    judge_presence,
    judge_rollbacks,
    judge_rollbacks_twice,
    judge_rollbacks_with_rows,
    judge_way_back,
)
from pytest_examday.suites.staging.lines.migration_schema import (
    judge_constraints,
    judge_foreign_keys,
    judge_indexes,
    judge_tables,
    judge_tenants,
)
from pytest_examday.suites.staging.lines.migration_words import some_of
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence, StepRun

ACTIVITY = "migrations"
PHASE = 1

_Judge = Callable[[MigrationsEvidence, Findings], None]


def _judge_steps(steps: Iterable[StepRun], where: str, findings: Findings) -> None:
    """Fail with the first error, and name the others: they may follow from it."""
    runs = list(steps)
    failed = [step for step in runs if not step.applied]
    if failed:
        others = "" if len(failed) == 1 else f"; then {some_of([step.name for step in failed[1:]])} fail too"
        findings.fail(f"{failed[0].name} fails {where}: {failed[0].error}{others}")
    findings.add_fact(f"{len(runs) - len(failed)} of {len(runs)} migrations applied {where}")


def _execute(seen: MigrationsEvidence, findings: Findings) -> None:
    _judge_steps(seen.from_empty, "on an empty database", findings)
    for left in seen.not_removed:
        findings.doubt(f"the rehearsal could not be cleaned up: {left}")


def _execute_with_rows(seen: MigrationsEvidence, findings: Findings) -> None:
    _doubt_unrehearsed(seen, "with_rows", findings)
    _judge_steps(seen.with_rows, "on a database with rows", findings)
    findings.doubt_if(seen.filled == 0 and bool(seen.with_rows), f"no table could be given rows{_unfilled(seen)}")
    if "on_dump" in seen.unrehearsed and "with_rows" not in seen.unrehearsed:
        findings.doubt(seen.unrehearsed["on_dump"])
    if seen.on_dump:
        _judge_steps(seen.on_dump, "on the restored dump", findings)
    findings.add_fact(f"{seen.filled} tables with rows{_unfilled(seen)}")


def _unfilled(seen: MigrationsEvidence) -> str:
    if not seen.unfilled:
        return ""
    reasons = (f"{table} ({reason})" for table, reason in seen.unfilled.items())
    return f"; stayed empty: {some_of(reasons)}"


def _corruption(seen: MigrationsEvidence, findings: Findings) -> None:
    _doubt_unrehearsed(seen, "with_rows", findings)
    losses = [f"{loss.name}: {loss.what}" for loss in seen.losses]
    findings.fail_if(bool(losses), f"migrations lose rows or values: {some_of(losses)}")
    idle = [f"{one.place} ({one.status})" for one in seen.idle_backfills if one.expected]
    findings.fail_if(bool(idle), f"backfills that match no row of a database with rows: {some_of(idle)}")
    findings.doubt_if(not seen.filled and bool(seen.with_rows), "no table could be given rows")
    findings.add_fact(f"rows of {seen.filled} tables compared")


def _rerun(seen: MigrationsEvidence, findings: Findings) -> None:
    _doubt_unrehearsed(seen, "rerun", findings)
    if seen.rerun is None:
        return
    _judge_steps(seen.rerun.steps, "when it is run again", findings)
    if all(step.applied for step in seen.rerun.steps):
        changes = seen.rerun.changes
        if changes.differs:
            objects = (*changes.left, *changes.missing, *changes.changed)
            findings.fail(f"a second run changes the schema: {some_of(objects)}")
        rows = [loss.what for loss in seen.rerun.losses]
        findings.fail_if(bool(rows), f"a second run changes rows: {some_of(rows)}")


def _locks(seen: MigrationsEvidence, findings: Findings) -> None:
    _doubt_unrehearsed(seen, "with_rows", findings)
    limit = seen.lock_limit_ms
    longest = 0.0
    for lock in seen.locks:
        longest = max(longest, lock.milliseconds)
        words = f"{lock.name} holds {lock.mode} on {lock.table} for {lock.milliseconds:.0f} ms (limit {limit:g} ms)"
        _judge_time(lock.milliseconds, lock.blind_milliseconds, limit, words, findings)
    slow = {lock.name for lock in seen.locks if lock.milliseconds > limit}
    for wait in seen.waits:
        if wait.name not in slow:
            words = f"{wait.name}: a client of {wait.table} waits {wait.milliseconds:.0f} ms (limit {limit:g} ms)"
            _judge_time(wait.milliseconds, wait.blind_milliseconds, limit, words, findings)
    client = seen.client
    if client is not None:
        findings.fail_if(bool(client.refused), f"a client was refused because of locks: {some_of(client.refused)}")
        findings.doubt_if(bool(client.errors), f"a client could not do its work: {some_of(client.errors)}")
        findings.doubt_if(client.steps > 0 and client.transactions == 0, "no client was at work during the migrations")
    findings.add_fact(f"no exclusive lock longer than {limit:g} ms" if longest <= limit else "a long exclusive lock")


def _judge_time(milliseconds: float, blind: float, limit: float, words: str, findings: Findings) -> None:
    """Fail if a time is over its limit; if the rehearsal was blind for most of it, it was this machine."""
    if milliseconds <= limit:
        return
    if milliseconds - blind > limit / 2:
        findings.fail(words)
    else:
        findings.doubt(f"{words}; for {blind:.0f} ms of it this machine was too busy to look")


def _doubt_unrehearsed(seen: MigrationsEvidence, part: str, findings: Findings) -> None:
    reason = seen.unrehearsed.get("with_rows") or seen.unrehearsed.get(part)
    findings.doubt_if(reason is not None, f"not rehearsed, because {reason}")


def _line(key: str, words: str, judge: _Judge, *gates: str, when_unmeasured: WhenUnmeasured = "blocks") -> Line:
    def judged(measured: Measured, findings: Findings) -> None:
        judge(measured.record(ACTIVITY, MigrationsEvidence), findings)

    return Line(key, words, PHASE, (ACTIVITY,), judged, gates, when_unmeasured)


LINES: tuple[Line, ...] = (
    _line("migrations-execute", "Migrations executed on an empty database", _execute, MIGRATIONS_EXECUTE),
    _line(
        "migrations-execute-with-rows",
        "Migrations executed on a database with rows",
        _execute_with_rows,
        MIGRATIONS_EXECUTE,
    ),
    _line("migrations-run-again", "The chain can be run a second time and changes nothing", _rerun, MIGRATIONS_EXECUTE),
    _line(
        "no-long-locks",
        "No migration and no rollback keeps clients waiting while they read and write",
        _locks,
        MIGRATIONS_EXECUTE,
    ),
    _line("table-creation-verified", "Table creation verified", judge_tables, MIGRATIONS_EXECUTE),
    _line("rls-policies-active", "RLS policies active", judge_tenants, MIGRATIONS_EXECUTE, SECURITY),
    _line("foreign-keys-working", "Foreign key constraints working", judge_foreign_keys, MIGRATIONS_EXECUTE),
    _line(
        "constraints-valid",
        "All other constraints are valid, and no trigger is disabled",
        judge_constraints,
        MIGRATIONS_EXECUTE,
    ),
    _line("performance-indexes-created", "Performance indexes created", judge_indexes, MIGRATIONS_EXECUTE),
    _line("no-data-corruption-detected", "No data corruption detected", _corruption, MIGRATIONS_EXECUTE),
    _line("every-migration-has-a-rollback", "Every migration has a rollback", judge_presence, ROLLBACK_TESTED),
    _line("rollbacks-undo", "Each rollback undoes its migration", judge_rollbacks, ROLLBACK_TESTED),
    _line(
        "rollbacks-undo-with-rows",
        "Each rollback works with rows and loses none",
        judge_rollbacks_with_rows,
        ROLLBACK_TESTED,
    ),
    _line(
        "rollbacks-run-twice",
        "A rollback that is run twice does no harm",
        judge_rollbacks_twice,
        ROLLBACK_TESTED,
        when_unmeasured="ignored",
    ),
    _line(
        "rollbacks-after-half-failure",
        "A migration that failed half way can be undone",
        judge_half_failures,
        ROLLBACK_TESTED,
    ),
    _line(
        "migrations-run-after-rollback",
        "Each migration runs again after its rollback",
        judge_forward_after_rollback,
        ROLLBACK_TESTED,
    ),
    _line("whole-way-back", "All rollbacks together lead back to the beginning", judge_way_back, ROLLBACK_TESTED),
    _line(
        "chain-runs-after-way-back",
        "The chain runs again after the whole way back",
        judge_forward_after_way_back,
        ROLLBACK_TESTED,
    ),
)
