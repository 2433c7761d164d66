"""Phase 4, and once more after the recovery drill: the SQL checks and every ledger against the database."""

from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.integrity.checks import run_checks, summarise
from pytest_examday.integrity.ledgers import reconcile_ledgers
from pytest_examday.site import Site


def gather(site: Site) -> IntegrityEvidence:
    """Judge all ledgers that the run has written so far."""
    site.progress.say("integrity: eight SQL checks, and the ledger against the database")
    ledgers = sorted(path.name for path in (site.directory / "ledger").glob("*.ledger.jsonl"))
    reconciliation = reconcile_ledgers(site, tuple(ledgers))
    with site.database() as connection:
        return IntegrityEvidence(
            checks=run_checks(connection, site.schema),
            summary=summarise(connection, site.schema),
            reconciliation=reconciliation,
        )
