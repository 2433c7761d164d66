"""Compares the ends that the candidates of the load were shown with the ends that are stored."""

from collections.abc import Iterator, Sequence

from psycopg import sql

from pytest_examday.contract.schema import Schema
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.integrity.uuid_spelling import canonical
from pytest_examday.suites.exam.candidates.shown_exam import CLOCK_TOLERANCE_SECONDS, in_utc
from pytest_examday.suites.exam.evidence import StoredEnds
from pytest_examday.suites.exam.stored_exams.database_source import RelationReader
from pytest_examday.target.database import Connection

_EPOCH = sql.SQL("SELECT id::text AS id, extract(epoch FROM expires_at)::float8 AS stored FROM ({}) AS mine")
_AT_ONCE = 1000
"""Sessions that one query asks for."""


def compare_ends(
    connection: Connection, schema: Schema, fates: Sequence[ActorFate], grace_seconds: float
) -> StoredEnds | None:
    """Compare the end that each candidate of a load was shown with the stored end; None if no candidate was shown an
    end, or if nothing stored can be compared: the column holds no time with a time zone, or no value.

    The two may differ by a minute, and by the grace that the platform gives. A stored end near the submit is not
    compared: a platform may end an exam with its submit.
    """
    with_end = [fate for fate in fates if fate.shown_end is not None and fate.subject is not None]
    sessions = RelationReader(connection, schema, "sessions", "id")
    if not with_end or not sessions.has_time_zone("expires_at"):
        return None
    stored = dict(_stored(sessions, [str(fate.subject) for fate in with_end]))
    most = CLOCK_TOLERANCE_SECONDS + grace_seconds
    compared, different = 0, []
    for fate in with_end:
        end, given = stored.get(canonical(str(fate.subject))), fate.shown_end
        if end is None or given is None or _is_submit(fate, end):
            continue
        compared += 1
        if abs(end - given) > most:
            different.append(f"{fate.actor}, session {fate.subject}: shown {in_utc(given)}, stored {in_utc(end)}")
    if not compared:
        return None
    return StoredEnds(compared=compared, different=len(different), first=different[0] if different else None)


def _is_submit(fate: ActorFate, end: float) -> bool:
    return fate.finished_at is not None and abs(end - fate.finished_at) <= CLOCK_TOLERANCE_SECONDS


def _stored(sessions: RelationReader, ids: list[str]) -> Iterator[tuple[str, float]]:
    """The id in the usual spelling and the stored end (seconds since the epoch) of these sessions."""
    query = _EPOCH.format(sessions.chosen())
    for begin in range(0, len(ids), _AT_ONCE):
        for row in sessions.ask(query, sessions.possible(ids[begin : begin + _AT_ONCE])):
            if row["stored"] is not None:
                yield canonical(row["id"]), float(row["stored"])
