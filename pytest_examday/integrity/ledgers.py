"""Ledgers of a run against the database."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.integrity import Reconciliation
from pytest_examday.integrity.reconcile import reconcile, session_ids
from pytest_examday.integrity.stored import fetch
from pytest_examday.load.ledger import Write, read_ledger
from pytest_examday.site import Site


def reconcile_ledgers(site: Site, names: tuple[str, ...]) -> Reconciliation:
    """These ledgers against the database; raises Unmeasurable for a damaged ledger or no database."""
    writes: list[Write] = []
    for name in names:
        try:
            writes += read_ledger(site.directory / "ledger" / name)
        except (OSError, ValueError) as problem:
            raise Unmeasurable(f"the ledger cannot be read: {problem}") from None
    with site.database() as connection:
        stored = fetch(connection, site.schema, session_ids(writes))
    return reconcile(writes, stored, names)
