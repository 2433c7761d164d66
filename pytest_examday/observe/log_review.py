"""The review of a platform's logs in one pass: what they add up to, and what they say of requests that clients sent."""

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
    """What is asked of a log. `whole_lines` are ids of requests whose whole line is wanted, `statuses_only` ids of which only the
    status is. `secrets` are texts that no log may hold, by what they are. `disturbed` are the times that drills
    judge."""

    whole_lines: frozenset[str] = frozenset()
    statuses_only: frozenset[str] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict)
    disturbed: Sequence[TimeSpan] = ()


@dataclass(frozen=True)
class LogReview:
    """What a log says.

    `figures` are fields of `ObservabilityEvidence`. `secrets` are the kinds that the log holds, each with the first
    file that does. `complete` tells whether every request that was asked for was found. `begins` is the earliest time
    of all lines (seconds since the epoch), `beginning` the line of it; None where no line was read.
    """

    figures: dict[str, object]
    found: LoggedRequests
    secrets: dict[str, str]
    complete: bool
    begins: float | None = None
    beginning: str | None = None


def review_when_written(environment: Environment, runtime: Runtime, since: float, asked: LogQuery) -> LogReview:
    """The review, made again while a request is missing: for 8 s in all, and for 30 s if the log comes from a command.

    Raises Unmeasurable as `review` does.
    """
    pauses = _PAUSES_SECONDS if environment.log_command is None else _PAUSES_OF_A_STORE_SECONDS
    ends = time.monotonic() + sum(pauses)
    for pause in pauses:
        time.sleep(pause)
        late = time.monotonic() >= ends
        reviewed = review(environment, runtime, since, asked)
        if late or reviewed.complete:
            break
    return reviewed


def review(environment: Environment, runtime: Runtime, since: float, asked: LogQuery) -> LogReview:
    """Review what was logged since then (seconds since the epoch), in memory that does not grow with the log.

    Raises Unmeasurable if the environment has no log that can be read, if no line of it can be read by the log format,
    or if its times are those of another time zone.
    """
    form = environment.platform.log_format
    reader = LogReader(environment, runtime, _places(form))
    figures = LogFigures(form, asked.disturbed)
    requests = LoggedRequestFinder(form, asked.whole_lines, asked.statuses_only, since)
    secrets = LoggedSecrets(asked.secrets)
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
