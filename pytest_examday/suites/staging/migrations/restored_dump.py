"""The chain on a restored dump: what the migrations do to the rows of a real database."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.migrations.chain import Chain
from pytest_examday.suites.staging.migrations.evidence import RowLoss, StepRun
from pytest_examday.suites.staging.migrations.rows import lost_forward, read_rows
from pytest_examday.suites.staging.migrations.run_step import StepRunner
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings
from pytest_examday.suites.staging.postgres_programs import find_program, libpq_environment

_CUSTOM = b"PGDMP"
"""How a dump in the custom format of `pg_dump` begins."""
_RESTORE_SECONDS = 600


@dataclass
class RestoredDump:
    """What was seen on the restored dump."""

    steps: list[StepRun] = field(default_factory=list)
    losses: list[RowLoss] = field(default_factory=list)


def rehearse_on_dump(runner: StepRunner, chain: Chain, settings: MigrationsSettings, dump: Path) -> RestoredDump:
    """Restore the dump into the scratch database, which is empty, and run the migrations that it does not hold.

    Raises Unmeasurable if it cannot be restored.
    """
    _restore(runner, dump)
    names = [migration.name for migration in chain.migrations]
    held = settings.dump_holds
    first = 0
    if held is not None:
        first = 1 + next(n for n, name in enumerate(names) if held in (name, name.removesuffix(".sql")) or held in name)
    seen = RestoredDump()
    for migration in chain.migrations[first:]:
        before = read_rows(runner.server.reader(), settings.bookkeeping)
        ran = runner.forward(migration)
        seen.steps.append(ran.step)
        if not ran.step.applied:
            break
        if migration.name not in settings.may_lose and migration.name.removesuffix(".sql") not in settings.may_lose:
            after = read_rows(runner.server.reader(), settings.bookkeeping)
            seen.losses += [RowLoss(name=migration.name, what=what) for what in lost_forward(before, after)]
    return seen


def _restore(runner: StepRunner, dump: Path) -> None:
    try:
        with dump.open("rb") as file:
            custom = file.read(len(_CUSTOM)) == _CUSTOM
    except OSError as problem:
        raise Unmeasurable(f"dump: {dump} cannot be read: {problem.strerror}") from None
    if custom:
        command = [
            str(find_program("pg_restore")),
            "--no-owner",
            "--exit-on-error",
            "--dbname",
            runner.server.name,
            str(dump),
        ]
    else:
        command = [str(find_program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump)]
    try:
        done = subprocess.run(
            command,
            env=libpq_environment(runner.server.scratch_address),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_RESTORE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Unmeasurable(f"dump: {dump.name} was not restored within {_RESTORE_SECONDS} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it printed nothing"])[0]
        raise Unmeasurable(f"dump: {dump.name} cannot be restored: {said}")
