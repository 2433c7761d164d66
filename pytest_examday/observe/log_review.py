"""Reviews a platform's logs in one pass: computes their figures, and finds the requests that clients sent."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pytest_examday.config.environment import Environment
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_figures import LogFigures
from pytest_examday.observe.log_reader import LogBeginning, LogReader
from pytest_examday.observe.log_waiting import read_until_written
from pytest_examday.observe.logged_ids import LoggedIds
from pytest_examday.observe.logged_requests import LoggedRequestFinder, LoggedRequests
from pytest_examday.observe.logged_secrets import LoggedSecrets
from pytest_examday.runtimes.base import Runtime

CLOCKS_SECONDS = 60.0
"""Logs are read from this many seconds before the first request that is looked for, because clocks differ."""


@dataclass(frozen=True)
class LogQuery:
    """What is searched in a log."""

    whole_lines: frozenset[str] = frozenset()
    """Ids of requests whose whole lines are needed."""
    statuses_only: frozenset[str] = frozenset()
    """Ids of requests of whose lines only the status is needed."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Kind of secret -> a text that no log may hold."""
    disturbed: Sequence[TimeSpan] = ()
    """The times that drills judge; their lines are left out of the figures."""
    load_span: TimeSpan | None = None
    """The time of the load. The ids that the log names in it are counted."""
    last: str | None = None
    """The id of an accepted request that was sent last: a log that lacks it has not been written to its end yet."""
    other_ids: Mapping[str, str] = field(default_factory=dict)
    """Id in the reply to a request -> id of the request, if they differ. The log may have either."""


@dataclass(frozen=True)
class LogReview:
    """The result of one review."""

    figures: dict[str, object]
    """Fields of `ObservabilityEvidence`."""
    found: LoggedRequests
    secrets: dict[str, str]
    """Kind of secret that the log holds -> the first file that holds it."""
    complete: bool
    """Whether every request of the query was found."""
    beginning: LogBeginning | None = None
    """The first line of the log that begins last: what happened before it may have stood in that log. None if no line
    was read."""
    ends: float | None = None
    """The latest time of all lines (seconds since the epoch); None if no line was read."""
    ids: LoggedIds = field(default_factory=lambda: LoggedIds(None))
    written: bool = True
    """Whether the log was written to its end: it names the request that was sent last."""
    waited: float = 0.0
    """Seconds for which the review was made again."""
    fields_not_logged: tuple[str, ...] = ()
    """The fields of requests that an audit needs and no log format has."""


def review_when_written(environment: Environment, runtime: Runtime, since: float, query: LogQuery) -> LogReview:
    """The review, made again while a request is missing (`read_until_written`). A log without request ids is reviewed
    once.

    Raises Unmeasurable as `review` does.
    """
    waited = read_until_written(
        environment,
        lambda: review(environment, runtime, since, query),
        complete=lambda reviewed: reviewed.complete or "request_id" in reviewed.fields_not_logged,
        written=lambda reviewed: reviewed.written,
    )
    return replace(waited.reading, waited=waited.seconds)


def review(environment: Environment, runtime: Runtime, since: float, query: LogQuery) -> LogReview:
    """Review what was logged since then (seconds since the epoch), in memory that does not grow with the log.

    Raises Unmeasurable if the environment has no log that can be read, if no line of it can be read by the log format,
    or if its times are those of another time zone.
    """
    reader = LogReader(environment, runtime, _places)
    figures = LogFigures(query.disturbed)
    requests = LoggedRequestFinder(query.whole_lines, query.statuses_only, since, query.other_ids)
    ids = LoggedIds(query.load_span)
    secrets = LoggedSecrets(query.secrets)
    for block in reader.blocks(since):
        secrets.add(block.file, block.raw)
        of_requests = block.requests
        requests.add(of_requests)
        ids.add(of_requests)
        figures.add(block.between(since, math.inf), of_requests.between(since, math.inf))
    if not figures.lines:
        reader.refuse_what_says_nothing()
    fields = figures.fields()
    fields |= {"unreadable_lines": reader.unreadable, "unreadable_line": reader.sample}
    found_requests = requests.found
    return LogReview(
        fields,
        found_requests,
        secrets.found,
        requests.complete,
        max(reader.beginnings.values(), key=lambda beginning: beginning.at, default=None),
        reader.newest,
        ids,
        written=query.last is None or query.last in found_requests.statuses,
        fields_not_logged=fields_not_logged(reader.formats),
    )


def fields_not_logged(formats: Iterable[LogFormat]) -> tuple[str, ...]:
    """The fields of requests that an audit needs and none of these formats has: `request_id`, `total_ms`."""
    return tuple(name for name in ("request_id", "total_ms") if all(getattr(form, name) is None for form in formats))


def _places(form: LogFormat) -> tuple[str | None, ...]:
    of_requests = (form.request_id, form.is_request, form.route, form.status, form.total_ms)
    return (*of_requests, form.slow_sql_when, form.slow_sql_ms)
