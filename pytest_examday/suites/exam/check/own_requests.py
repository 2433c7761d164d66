"""Looks for the requests of `check` itself in the logs: their ids, and the statuses and durations in these lines."""

import time
from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.numbers_and_moments import cut
from pytest_examday.contract.reply_search import search
from pytest_examday.errors import Unmeasurable
from pytest_examday.observe.log_fields import as_status
from pytest_examday.observe.log_reader import decoder_of
from pytest_examday.observe.log_sources import LogSource
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

RECENT_SECONDS = 600
"""Logs are looked at from so long ago."""
_PATIENCE_SECONDS, _PAUSE_SECONDS = 5.0, 1.0
"""How long lines may come after their requests, and the pause between two looks at the logs."""
_LONGER, _ROUNDED_MS = 1.5, 10.0
"""A logged duration above this many times the measured one, and so many milliseconds more, has another unit."""
_LEAST_LINES = 5
"""With fewer lines the unit of durations is not judged."""
_LINES = 20_000
"""In as many of the last lines of a log the ids are looked for."""
_OTHER = {"ms": ("s", 1000.0), "s": ("ms", 0.001)}
"""Unit of durations -> the other unit, and how many times the first it is."""


class _OwnLine(NamedTuple):
    """A log line about a request of `check`. `logged_ms` is None if the line has no duration. `logged_status` is what
    the line has at the place of the status."""

    request_id: str
    logged_status: object
    status: int
    logged_ms: float | None
    measured_ms: float


class _Found(NamedTuple):
    """What the logs of one format have: whether any line has the id of a request, and the lines about own requests."""

    has_ids: bool
    lines: list[_OwnLine]


def own_requests(
    target: Target, by_format: Iterable[tuple[str, Sequence[LogSource]]], replies: Sequence[Reply]
) -> Iterator[CheckResult]:
    """Whether the logs have the ids of these requests, with the statuses and durations that were seen here.

    `by_format` gives the key of each log format, and the logs that have it.
    """
    measured = {reply.returned_id or reply.request_id: reply for reply in replies if reply.status is not None}
    named = [(key, sources) for key, sources in by_format if sources[0].form.request_id is not None]
    if not (named and measured):
        return
    try:
        found = _patiently(target, named, measured)
    except Unmeasurable:
        return  # the look at the log has reported it
    lines = [line for of_format in found.values() for line in of_format.lines]
    if not any(of_format.has_ids for of_format in found.values()):
        return  # so has the look at the fields
    if not lines:
        header = target.environment.platform.contract.request_id_header
        message = (
            f"the logs have none of the ids of {len(measured)} requests that were just sent with the header {header}, "
            f"for instance {cut(next(iter(measured)))}; which header does the platform take the id from?"
        )
        yield CheckResult("ids of requests", "wrong", message, "contract.request_id_header")
        return
    seen = len({line.request_id for line in lines})
    yield CheckResult("ids of requests", "works", f"the logs have {seen} of {len(measured)} that were just sent")
    right = {line.request_id for line in lines if as_status(line.logged_status) == line.status}
    for key, sources in named:
        yield from _statuses(key, found[key].lines, right)
        yield from _durations(key, sources[0].form, found[key].lines)


def _statuses(key: str, lines: Sequence[_OwnLine], right: Container[str]) -> Iterator[CheckResult]:
    """Whether the lines have the HTTP status that the reply had. It is enough if another log has it, such as a
    proxy's: `right` are the ids of the requests of which a line of any log has the right status."""
    what, wrong = f"{key}.status", [line for line in lines if line.request_id not in right]
    if not wrong:
        return
    one = wrong[0]
    message = (
        f"of {len(wrong)} of {len(lines)} requests that were just sent, the log has another status than the reply had; "
        f"one was answered with HTTP {one.status}, and its line has {cut(one.logged_status)}"
    )
    yield CheckResult(what, "wrong", message, what)


def _durations(key: str, form: LogFormat, lines: Sequence[_OwnLine]) -> Iterator[CheckResult]:
    """Whether the logged durations are at most as long as the measured ones, and not a thousand times too short."""
    pairs = [(line.logged_ms, line.measured_ms) for line in lines if line.logged_ms]
    if len(pairs) < _LEAST_LINES:
        return
    logged, own = max(pairs, key=lambda pair: pair[0] / pair[1])
    other, times = _OTHER[form.duration_unit]
    message, what = f"a request that took {own:.1f} ms here took {logged:.3g} ms by the log", f"{key}.duration_unit"
    too_long = logged > _LONGER * own + _ROUNDED_MS
    if (too_long and times < 1) or (times > 1 and logged * times <= own):
        fits = f"; in {other} it would be {logged * times:.3g} ms"
        yield CheckResult(what, "wrong", message + fits, f'{what} = "{other}"')
    elif too_long:
        yield CheckResult(what, "wrong", f"{message}; the duration is in neither ms nor s", f"{key}.total_ms")
    else:
        yield CheckResult(what, "works", message)


def _patiently(
    target: Target, named: Sequence[tuple[str, Sequence[LogSource]]], measured: dict[str, Reply]
) -> dict[str, _Found]:
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found = {key: _look(target, sources, measured) for key, sources in named}
        if (
            any(of_format.lines for of_format in found.values())
            or not any(of_format.has_ids for of_format in found.values())
            or time.monotonic() >= until
        ):
            return found
        time.sleep(_PAUSE_SECONDS)


def _look(target: Target, sources: Sequence[LogSource], measured: dict[str, Reply]) -> _Found:
    form, has_ids = sources[0].form, False
    found: list[_OwnLine] = []
    decoder = decoder_of(form, ())
    for source in sources:
        for line in deque(target.runtime.logs(source.name, time.time() - RECENT_SECONDS), _LINES):
            body = decoder.body(line.encode())
            if body is None or not search(form.is_request, body):
                continue
            value = search(form.request_id or "", body)
            has_ids = has_ids or value is not None
            if (request_id := str(value)) in measured:
                logged = None if form.total_ms is None else form.milliseconds(search(form.total_ms, body))
                reply = measured[request_id]
                found.append(_OwnLine(request_id, search(form.status, body), reply.status or 0, logged, reply.ms))
    return _Found(has_ids, found)
