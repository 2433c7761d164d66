"""Reviews a platform's logs in one pass: their figures, and what they say of requests that clients sent."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pytest_examday.config.environment import Environment
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_figures import LogFigures
from pytest_examday.observe.log_reader import LogReader
from pytest_examday.observe.logged_requests import LoggedRequestFinder, LoggedRequests
from pytest_examday.observe.logged_secrets import LoggedSecrets
from pytest_examday.runtimes.base import Runtime

_PAUSES_SECONDS = (1.0, 2.0, 5.0)
"""A platform may write lines in blocks."""
_PAUSES_OF_A_STORE_SECONDS = (1.0, 2.0, 5.0, 10.0, 12.0)
"""A log store takes lines in later than a file."""


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


@dataclass(frozen=True)
class LogReview:
    """What a log says."""

    figures: dict[str, object]
    """Fields of `ObservabilityEvidence`."""
    found: LoggedRequests
    secrets: dict[str, str]
    """Kind of secret that the log holds -> the first file that holds it."""
    complete: bool
    """Whether every request of the query was found."""
    begins: float | None = None
    """The earliest time of all lines (seconds since the epoch); None if no line was read."""
    beginning: str | None = None
    """The line with this time; None if no line was read."""


def review_when_written(environment: Environment, runtime: Runtime, since: float, query: LogQuery) -> LogReview:
    """The review, made again while a request is missing: for 8 s in all, and for 30 s if the log comes from a command.

    Raises Unmeasurable as `review` does.
    """
    pauses = _PAUSES_SECONDS if environment.log_command is None else _PAUSES_OF_A_STORE_SECONDS
    ends = time.monotonic() + sum(pauses)
    for pause in pauses:
        time.sleep(pause)
        late = time.monotonic() >= ends
        reviewed = review(environment, runtime, since, query)
        if late or reviewed.complete:
            break
    return reviewed


def review(environment: Environment, runtime: Runtime, since: float, query: LogQuery) -> LogReview:
    """Review what was logged since then (seconds since the epoch), in memory that does not grow with the log.

    Raises Unmeasurable if the environment has no log that can be read, if no line of it can be read by the log format,
    or if its times are those of another time zone.
    """
    form = environment.platform.log_format
    reader = LogReader(environment, runtime, _places(form))
    figures = LogFigures(form, query.disturbed)
    requests = LoggedRequestFinder(form, query.whole_lines, query.statuses_only, since)
    secrets = LoggedSecrets(query.secrets)
    for block in reader.blocks(since):
        secrets.add(block.file, block.raw)
        of_requests = block.where(form.request_when)
        requests.add(of_requests)
        figures.add(block.between(since, math.inf), of_requests.between(since, math.inf))
    if not figures.lines:
        reader.refuse_what_says_nothing()
    fields = {**figures.fields(), "unreadable_lines": reader.unreadable}
    return LogReview(fields, requests.found, secrets.found, requests.complete, reader.oldest, reader.beginning)


def _places(form: LogFormat) -> set[str]:
    of_requests = {form.request_id, form.request_when, form.route, form.status, form.total_ms}
    return {*of_requests, *filter(None, (form.slow_sql_when, form.slow_sql_ms))}
