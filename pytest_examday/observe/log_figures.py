"""The figures of a rehearsal's log lines: durations, slow queries, errors.

The limits of source document 000, phase 6 are those of a platform without a fault. So lines that were logged while a
drill's fault was in, or before the platform had recovered from it, are counted and left out of the figures; the drill
judges them.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from pytest_examday.contract.numbers_and_moments import all_numbers, as_number
from pytest_examday.observe.log_block import LogBlock, TimeSpan
from pytest_examday.observe.log_fields import as_status
from pytest_examday.observe.tally import Tally

_NOT_FOUND = 404
_NO_STATUS = 500
"""A request without a status counts as a server error."""
_SLOW_MS, _VERY_SLOW_MS = 100, 300
"""Source document 000, phase 6: slow queries > 100 ms, very slow queries > 300 ms."""


class LogFigures:
    """Adds up log lines, block by block, in memory that does not grow with the log. `lines` counts them.

    Several logs may hold the same requests, those of a proxy and of workers. So requests are counted by log format, and
    each figure is that of the format that has the worst one. A figure over all lines would make a defect look smaller.
    """

    def __init__(self, disturbed: Sequence[TimeSpan]) -> None:
        self._disturbed = disturbed
        self._files: set[str] = set()
        self.lines = 0
        self._slow = self._very_slow = 0
        self._by_format: dict[str, _Requests] = {}

    def add(self, block: LogBlock, requests: LogBlock) -> None:
        """Add the lines of a block, and those of them that log a request."""
        if len(block):
            self._files.add(block.file)
        self.lines += len(block)
        form = block.form
        if form.slow_sql_when is not None and form.slow_sql_ms is not None:
            slow = block.where(form.slow_sql_when).outside(self._disturbed)
            self._add_slow(map(form.milliseconds, slow.values(form.slow_sql_ms)))
        self._by_format.setdefault(form.name, _Requests()).add(requests, requests.outside(self._disturbed))

    def fields(self) -> dict[str, object]:
        """Those fields of `ObservabilityEvidence` that are computed from readable log lines alone."""
        formats = list(self._by_format.values()) or [_Requests()]
        with_most_requests = max(formats, key=lambda requests: requests.judged)
        with_most_errors = max(formats, key=lambda requests: requests.error_rate or 0.0)
        return {
            "log_files": tuple(sorted(self._files)),
            "log_lines": self.lines,
            "requests_logged": with_most_requests.count,
            "requests_disturbed": with_most_requests.count - with_most_requests.judged,
            "incomplete_records": sum(requests.incomplete for requests in formats),
            **{
                f"p{part}_ms": _largest(requests.percentile(part / 100) for requests in formats)
                for part in (50, 95, 99)
            },
            "slow_queries": self._slow,
            "very_slow_queries": self._very_slow,
            "total_errors": with_most_errors.errors(400),
            "server_errors": with_most_errors.errors(500),
            "error_rate": with_most_errors.error_rate,
        }

    def _add_slow(self, durations: Iterable[float | None]) -> None:
        for ms in durations:
            self._slow += (ms or 0.0) > _SLOW_MS
            self._very_slow += (ms or 0.0) > _VERY_SLOW_MS


class _Requests:
    """The requests that the lines of one log format hold. `judged` are those of a time without a fault; durations and
    errors are of them. `incomplete` counts lines that lack something."""

    def __init__(self) -> None:
        self.count = self.judged = self.incomplete = 0
        self._durations = Tally()
        self._statuses: Counter[Hashable] = Counter()

    def add(self, requests: LogBlock, judged: LogBlock) -> None:
        """Add lines, and those of them that are judged."""
        form = requests.form
        self.count += len(requests)
        self.judged += len(judged)
        statuses = _counted(requests.values(form.status))
        numbers = all_numbers(requests.values(form.total_ms))
        if not (numbers and _are_whole(requests, statuses)):
            self.incomplete += _incomplete(requests)
        self._statuses.update(statuses if judged is requests else _counted(judged.values(form.status)))
        durations = judged.values(form.total_ms)
        plain = numbers and form.scale == 1
        self._durations.add(
            durations if plain else [ms for value in durations if (ms := form.milliseconds(value)) is not None]
        )

    def percentile(self, share: float) -> float | None:
        """The percentile of the durations in milliseconds; None if there is none."""
        return self._durations.percentile(share)

    def errors(self, least: int) -> int:
        """How many have this status or a higher one."""
        return sum(count for value, count in self._statuses.items() if (as_status(value) or _NO_STATUS) >= least)

    @property
    def error_rate(self) -> float | None:
        """The share of server errors; None if there is no request."""
        return self.errors(500) / self.judged if self.judged else None


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _are_whole(requests: LogBlock, statuses: Iterable[Hashable]) -> bool:
    """Whether none of these requests lacks its id, route or status."""
    ids, routes = requests.values(requests.form.request_id), requests.values(requests.form.route)
    return None not in ids and None not in routes and None not in map(as_status, statuses)


def _counted(values: Sequence[Any]) -> Counter[Hashable]:
    """How often each value occurs; lists and objects count as None."""
    try:
        return Counter(values)
    except TypeError:
        return Counter(None if isinstance(value, list | dict) else value for value in values)


def _incomplete(requests: LogBlock) -> int:
    """How many lack something that an audit needs: request id, route, status and duration, as far as the log format has
    them. A path that the platform does not know has no route."""
    form = requests.form
    places = (form.request_id, form.route, form.total_ms, form.status)
    has_id, has_duration = form.request_id is not None, form.total_ms is not None
    incomplete = 0
    for name, route, total, logged in zip(*map(requests.values, places), strict=True):
        status = as_status(logged)
        lacks = (name is None and has_id) or status is None or (has_duration and as_number(total) is None)
        incomplete += lacks or (route is None and status != _NOT_FOUND)
    return incomplete
