"""Phase 4, and once more after the recovery drill: the SQL checks, and every ledger against what is stored."""

from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.integrity.reconcile_ledgers import reads_database, reconcile_ledgers
from pytest_examday.integrity.sql_checks import run_checks, summarise
from pytest_examday.target.target import Target


def gather(target: Target) -> IntegrityEvidence:
    """Judge all ledgers that the run has written so far; without a database as far as the API tells."""
    ledgers = sorted(path.name for path in (target.run.ledger).glob("*.ledger.jsonl"))
    if not reads_database(target):
        target.run.progress.say("integrity: every candidate logs in again and reads back what is stored")
        return IntegrityEvidence(
            checks=(),
            summary=None,
            reconciliation=reconcile_ledgers(target, tuple(ledgers)),
            checks_unmeasured=f"the SQL checks need env.{target.environment.name}.database_url, which is not set",
        )
    target.run.progress.say("integrity: eight SQL checks, and the ledger against the database")
    reconciliation = reconcile_ledgers(target, tuple(ledgers))
    with target.connections.database() as connection, target.connections.database() as second:
        return IntegrityEvidence(
            checks=run_checks((connection, second), target.environment.platform.tables),
            summary=summarise(connection, target.environment.platform.tables),
            reconciliation=reconciliation,
        )
