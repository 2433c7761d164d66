"""Compares the ledgers of a run with the stored state: that of the database, or else that of the platform's API.

The entry is `reconcile_ledgers`. If the source contradicts the ledgers, `calibration` sits an exam of its own to find
out what the source does not show (`view_of_database` says why). The ledgers are then compared again with a
`partial_source`, which leaves those things out.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored_state import StateSource
from pytest_examday.load.ledger import Write, replay
from pytest_examday.suites.exam.stored_exams.api_source import ApiSource
from pytest_examday.suites.exam.stored_exams.calibration import Calibration, calibrate
from pytest_examday.suites.exam.stored_exams.database_source import DatabaseSource
from pytest_examday.suites.exam.stored_exams.own_exam import OwnExam
from pytest_examday.suites.exam.stored_exams.partial_source import CAN_BE_LEFT_OUT, PartialSource
from pytest_examday.suites.exam.stored_exams.view_of_database import ViewOfDatabase
from pytest_examday.target.database import Connection
from pytest_examday.target.target import Target

_ESSENTIAL = frozenset(
    {
        "vanished",
        "lost",
        "stale",
        "lost_submit",
        "never_sent",
        "unread",
        "event_missing",
        "event_disagrees",
        "history_missing",
    }
)
"""Kinds of differences without which a source is of no use: if it does not show one of them, nothing is compared."""


def reads_database(target: Target) -> bool:
    """Whether the environment gives access to the database. It is then the source, even if it cannot be reached."""
    environment = target.environment
    return environment.database_url is not None or isinstance(environment.runtime, EmbeddedSettings)


def reconcile_ledgers(target: Target, names: tuple[str, ...]) -> Reconciliation:
    """Compare the ledgers of these names with what is stored.

    If the source contradicts the ledgers, it is calibrated, and the ledgers are compared again. Raises Unmeasurable if
    a ledger is damaged, if the source cannot be reached, or if it does not show what the API shows.
    """
    if not reads_database(target):
        return _through_api(target, names)
    with target.connections.database() as connection:
        return _through_database(target, names, connection)


def _through_api(target: Target, names: tuple[str, ...]) -> Reconciliation:
    source = ApiSource(target)
    found = reconcile(_all_writes(target, names), source, names)
    if not found.contradicts_ledger:
        return found
    try:
        own = calibrate(target, source)
    except Unmeasurable as reason:
        return _uncalibrated(found, str(reason))
    return _second_look(target, names, source, own, "the API", "")


def _through_database(target: Target, names: tuple[str, ...], connection: Connection) -> Reconciliation:
    tables = target.environment.platform.database_schema
    source = _database_source(target, connection)
    view = ViewOfDatabase.of(connection, tables)
    found = reconcile(_all_writes(target, names), source, names)
    if not (found.contradicts_ledger or view.hidden):
        return found
    try:
        own = calibrate(target, source, log_may_be_hidden=bool(view.hidden))
    except Unmeasurable as reason:
        if view.partial:
            raise Unmeasurable(f"the database{view.why} could not be calibrated: {reason}") from None
        return _uncalibrated(found, str(reason))
    if hidden := view.hidden_relations(own.exam.session):
        raise Unmeasurable(f"the database shows no row of {', '.join(hidden)} of the rehearsal's own session{view.why}")
    why = view.why or (view.newest() if "vanished" in own.not_shown else "")
    found = _second_look(target, names, source, own, "the database", why)
    if view.hidden and (found.contradicts_ledger or found.differences):
        raise Unmeasurable(
            f"what seems to be missing in the database may only be hidden{why}: {found.differences[0].sentence}"
        )
    return found


def missing_from_database(target: Target, connection: Connection) -> tuple[OwnExam, str | None]:
    """Sit an exam through the API. Returns it, and what the database does not show of it; None if it shows everything.

    Raises Unmeasurable if the exam cannot be sat, or if the database cannot be asked.
    """
    view = ViewOfDatabase.of(connection, target.environment.platform.database_schema)
    own = calibrate(target, _database_source(target, connection), log_may_be_hidden=bool(view.hidden))
    why = view.why or (view.newest() if "vanished" in own.not_shown else "")
    return own.exam, own.sentence(frozenset(own.not_shown), "the database", why)


def _database_source(target: Target, connection: Connection) -> StateSource:
    platform = target.environment.platform
    unpromised = frozenset(() if platform.contract.takes_keys else {"duplicate_session"})
    source = DatabaseSource(connection, platform.database_schema, target.files.first_opened())
    return PartialSource(source, unpromised)


def _second_look(
    target: Target, names: tuple[str, ...], source: StateSource, own: Calibration, whom: str, why: str
) -> Reconciliation:
    """Compare again. The source has shown the own exam by now, so it also shows what was written before that exam."""
    if cause := own.sentence(_ESSENTIAL, whom, why):
        raise Unmeasurable(cause)
    left_out = frozenset(CAN_BE_LEFT_OUT) & own.not_shown.keys()
    found = reconcile(_all_writes(target, names), PartialSource(source, left_out), names)
    cause = own.sentence(left_out, whom, why)
    return found if cause is None else found.model_copy(update={"not_shown": (cause,)})


def _uncalibrated(found: Reconciliation, reason: str) -> Reconciliation:
    """The result of a source that could not be calibrated: it counts if the source shows at least one answer as it was
    acknowledged."""
    if found.kept > 0:
        return found
    raise Unmeasurable(
        f"none of {found.acknowledged} acknowledged answers of {found.subjects} sessions was found, and the source "
        f"could not be calibrated with a session of the rehearsal's own: {reason}"
    )


def _all_writes(target: Target, names: tuple[str, ...]) -> Iterator[Write]:
    return chain.from_iterable(_writes(target.files.ledger / name) for name in names)


def _writes(path: Path) -> Iterator[Write]:
    try:
        yield from replay(path)
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the ledger cannot be read: {problem}") from None
