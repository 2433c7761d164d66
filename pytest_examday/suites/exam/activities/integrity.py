"""Phase 4, and once more after the recovery drill: the SQL checks, and every ledger against what is stored."""

from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.integrity.reconcile_ledgers import reads_database, reconcile_ledgers
from pytest_examday.integrity.sql_checks import run_checks, summarise
from pytest_examday.target.site import Site


def gather(site: Site) -> IntegrityEvidence:
    """Judge all ledgers that the run has written so far; without a database as far as the API tells."""
    ledgers = sorted(path.name for path in (site.directory / "ledger").glob("*.ledger.jsonl"))
    if not reads_database(site):
        site.progress.say("integrity: every candidate logs in again and reads back what is stored")
        return IntegrityEvidence(
            checks=(),
            summary=None,
            reconciliation=reconcile_ledgers(site, tuple(ledgers)),
            checks_unmeasured=f"the SQL checks need env.{site.environment.name}.database_url, which is not set",
        )
    site.progress.say("integrity: eight SQL checks, and the ledger against the database")
    reconciliation = reconcile_ledgers(site, tuple(ledgers))
    with site.database() as connection, site.database() as second:
        return IntegrityEvidence(
            checks=run_checks((connection, second), site.schema),
            summary=summarise(connection, site.schema),
            reconciliation=reconciliation,
        )
