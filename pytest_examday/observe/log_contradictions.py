"""Compares the log lines of requests with what the clients saw."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_examday.load.samples import Sample
from pytest_examday.observe.log_fields import status_of
from pytest_examday.observe.log_line import LogLine
from pytest_examday.observe.log_routes import misrouted

_LATE_MS, _LATE_SHARE = 100.0, 0.1
"""A platform may write its line after the client has its reply, so its duration may be a little longer."""
_ROUNDING_MS = 1.0
_PARALLEL_QUERIES = 10
"""A request may send so many queries at the same moment, whose times add up to more than its own."""
_FAILURE = 400
"""From this status on, the suite's line on logged failures compares the status."""
_NOBODY_YET = ("sign_up", "before_login", "login", "refresh")
"""Operations that are sent without a token of the person."""


class Contradiction(NamedTuple):
    """One log line that says something else than its client saw."""

    kind: str
    """`status`, `duration`, `user` or `route`."""
    words: str


def contradictions(logged: Iterable[tuple[Sample, LogLine]], paths: Mapping[str, str]) -> list[Contradiction]:
    """All contradictions between requests that were answered and their log lines.

    Only the status of successes is compared here. Whether failures are logged is judged for all of them.
    The log may not count longer than the client waited, nor much shorter than its own part in the database. Every
    accepted request of a person names the same user, if the log format has a place for it. `paths` maps operations
    to the paths of the contract.
    """
    by_format: dict[str, list[tuple[Sample, LogLine]]] = defaultdict(list)
    for sample, line in logged:
        by_format[line.form.name].append((sample, line))
    return [contradiction for lines in by_format.values() for contradiction in _of_one_format(lines, paths)]


def _of_one_format(logged: Sequence[tuple[Sample, LogLine]], paths: Mapping[str, str]) -> Iterator[Contradiction]:
    """Formats may write users and routes in different ways, so these are compared within one format."""
    users: dict[str, set[str]] = defaultdict(set)
    for sample, line in logged:
        yield from _of_status(sample, line)
        yield from _of_duration(sample, line)
        user = line.form.user
        if user is not None and sample.operation not in _NOBODY_YET and sample.status in range(200, 300):
            yield from _of_user(sample, line, line.get(user), users[sample.actor])
    routes = [(sample.operation, line.get(line.form.route), (sample, line)) for sample, line in logged]
    for sample, line in misrouted(routes, paths):
        yield Contradiction(
            "route", _contradiction_in_words(sample, line, f"has the route {line.get(line.form.route)!r}")
        )


def _contradiction_in_words(sample: Sample, line: LogLine, rest: str) -> str:
    return f"{sample.request_id} ({sample.operation} of {sample.actor}) {rest} in {line.file}"


def _of_status(sample: Sample, line: LogLine) -> Iterable[Contradiction]:
    if sample.status is None or sample.status >= _FAILURE:
        return
    logged = status_of(line)
    if logged is not None and logged != sample.status:
        yield Contradiction(
            "status",
            _contradiction_in_words(sample, line, f"got HTTP {sample.status} and is HTTP {logged}"),
        )


def _of_duration(sample: Sample, line: LogLine) -> Iterable[Contradiction]:
    form = line.form
    total = form.milliseconds(line.get(form.total_ms))
    database = form.milliseconds(line.get(form.db_ms))
    if total is None:
        return
    if total > sample.ms * (1 + _LATE_SHARE) + _LATE_MS:
        yield Contradiction(
            "duration",
            _contradiction_in_words(sample, line, f"took {sample.ms:.1f} ms and is {total:g} ms"),
        )
    elif database is not None and total * _PARALLEL_QUERIES < database - _ROUNDING_MS:
        words = f"is {total:g} ms in all with {database:g} ms of them in the database"
        yield Contradiction("duration", _contradiction_in_words(sample, line, words))
    elif total < 0:
        yield Contradiction("duration", _contradiction_in_words(sample, line, f"is {total:g} ms"))


def _of_user(sample: Sample, line: LogLine, user: object, users: set[str]) -> Iterable[Contradiction]:
    if user is None or user == "":
        yield Contradiction("user", _contradiction_in_words(sample, line, "names no user"))
        return
    if users and str(user) not in users:
        words = f"names {user}, and others of the same person name {min(users)}"
        yield Contradiction("user", _contradiction_in_words(sample, line, words))
    users.add(str(user))
