"""Compares ledgers of a run with what is stored: the database is the witness, or else the platform's API."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pytest_examday.config.runtimes import PlatformRuntime
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.load.ledger import Write, replay
from pytest_examday.suites.exam.integrity.api_witness import ApiWitness
from pytest_examday.suites.exam.integrity.database_witness import DatabaseWitness
from pytest_examday.target.target import Target


def reads_database(target: Target) -> bool:
    """Whether the environment gives access to the database. Then it is the witness, even if it cannot be reached."""
    environment = target.environment
    return environment.database_url is not None or isinstance(environment.runtime, PlatformRuntime)


def reconcile_ledgers(target: Target, names: tuple[str, ...]) -> Reconciliation:
    """Compare the ledgers of these names with what is stored.

    Raises Unmeasurable if a ledger is damaged or the witness cannot be reached.
    """
    writes = chain.from_iterable(_writes(target.run.ledger / name) for name in names)
    if not reads_database(target):
        return reconcile(writes, ApiWitness(target), names)
    with target.connections.database() as connection:
        return reconcile(writes, DatabaseWitness(connection, target.environment.platform.tables), names)


def _writes(path: Path) -> Iterator[Write]:
    try:
        yield from replay(path)
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the ledger cannot be read: {problem}") from None
