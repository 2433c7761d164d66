"""Ledgers of a run against the database."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored import Stored
from pytest_examday.load.ledger import Write, replay
from pytest_examday.site import Site


def reconcile_ledgers(site: Site, names: tuple[str, ...]) -> Reconciliation:
    """These ledgers against the database; raises Unmeasurable for a damaged ledger or no database."""
    writes = chain.from_iterable(_writes(site.directory / "ledger" / name) for name in names)
    with site.database() as connection:
        return reconcile(writes, Stored(connection, site.schema).fetch, names)


def _writes(path: Path) -> Iterator[Write]:
    try:
        yield from replay(path)
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the ledger cannot be read: {problem}") from None
