"""Phase 4, and once more after the recovery drill: run the SQL checks, and compare every ledger with what is stored."""

from pytest_examday.contract.schema import Schema
from pytest_examday.integrity.bound_query import bound_query, trusted_sql
from pytest_examday.integrity.sql_checks import read_query, run_checks
from pytest_examday.suites.exam.evidence import DataSummary, IntegrityEvidence, LoadEvidence
from pytest_examday.suites.exam.lines.integrity import CHECKS
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reads_database, reconcile_ledgers
from pytest_examday.suites.exam.stored_exams.stored_ends import compare_ends
from pytest_examday.target.database import Connection
from pytest_examday.target.target import Target


def gather(target: Target) -> IntegrityEvidence:
    """Run the SQL checks and compare all ledgers of the run so far; without a database, compare them with the API.

    Raises Unmeasurable if a ledger is damaged or the source of the stored state cannot be reached.
    """
    ledgers = sorted(path.name for path in (target.files.ledger).glob("*.ledger.jsonl"))
    if not reads_database(target):
        target.files.progress.say("integrity: every candidate logs in again and reads back what is stored")
        return IntegrityEvidence(
            checks=(),
            summary=None,
            reconciliation=reconcile_ledgers(target, tuple(ledgers)),
            checks_unmeasured=f"the SQL checks need env.{target.environment.name}.database_url, which is not set",
        )
    target.files.progress.say("integrity: the SQL checks, and the ledger against the database")
    reconciliation = reconcile_ledgers(target, tuple(ledgers))
    load = target.files.store.read("load", LoadEvidence).record
    platform = target.environment.platform
    with target.connections.database() as connection, target.connections.database() as second:
        return IntegrityEvidence(
            checks=run_checks(
                (connection, second),
                platform.database_schema,
                tuple(CHECKS),
                target.environment.sql_checks,
            ),
            summary=summarise(connection, platform.database_schema),
            reconciliation=reconciliation,
            has_event_history="events" in platform.database_schema.relations,
            ends=compare_ends(
                connection,
                platform.database_schema,
                () if load is None else load.fates,
                platform.contract.grace_seconds,
            ),
        )


def summarise(connection: Connection, schema: Schema) -> DataSummary:
    """The summary statistics of the report template (source document 000, phase 4; `sql/summary.sql`). Of a platform
    without an event history there are no figures about it."""
    text = read_query("summary").text
    if schema.lacking(text) is not None:
        text = read_query("summary_without_events").text
    return DataSummary.model_validate(connection.execute(bound_query(trusted_sql(text), schema)).fetchone())
