"""Finds requests that clients sent in the log, by their ids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_examday.observe.log_block import LogBlock
from pytest_examday.observe.log_fields import as_status
from pytest_examday.observe.log_line import LogLine


@dataclass(frozen=True)
class LoggedRequests:
    """The requests that were found in logs: id -> name of the log format -> status, and id -> name of the log format ->
    whole line if it is needed.

    A request may be in several logs, of a proxy and of a worker. Of each log format the last line counts.
    """

    statuses: dict[str, dict[str, int | None]] = field(default_factory=dict)
    lines: dict[str, dict[str, LogLine]] = field(default_factory=dict)

    def has(self, name: str, status: int | None) -> bool:
        """Whether a line of this request has this status."""
        return status in self.statuses.get(name, {}).values()


class LoggedRequestFinder:
    """Keeps the lines of the requests `whole_lines`, and only the status of the requests `statuses_only`; both are ids.
    `other_ids` maps further ids, by which the log may name a request, to the id of the request.

    A request counts as found whatever the time of its line is, because the clock of a worker may be wrong. A line that
    was written at `since` (seconds since the epoch) or later takes precedence over an older one.
    """

    def __init__(
        self,
        whole_lines: frozenset[str],
        statuses_only: frozenset[str],
        since: float,
        other_ids: Mapping[str, str] | None = None,
    ) -> None:
        self._whole_lines = whole_lines
        self._wanted = whole_lines | statuses_only
        self._other_ids = other_ids or {}
        self._named = self._wanted | self._other_ids.keys()
        self._since = since
        self._in_time, self._misdated = LoggedRequests(), LoggedRequests()

    def add(self, requests: LogBlock) -> None:
        """Look for the requests in lines that log requests."""
        named = list(_named(requests.values(requests.form.request_id), self._named))
        if not named:
            return
        statuses = requests.values(requests.form.status)
        for number, logged_id in named:
            name = logged_id if logged_id in self._wanted else self._other_ids[logged_id]
            at = requests.times[number]
            requests_found = self._in_time if at >= self._since else self._misdated
            requests_found.statuses.setdefault(name, {})[requests.form.name] = as_status(statuses[number])
            if name in self._whole_lines:
                line = LogLine(requests.file, at, requests.body(number), requests.form)
                requests_found.lines.setdefault(name, {})[requests.form.name] = line

    @property
    def found(self) -> LoggedRequests:
        """What was found until now."""
        return LoggedRequests(
            self._misdated.statuses | self._in_time.statuses, self._misdated.lines | self._in_time.lines
        )

    @property
    def complete(self) -> bool:
        """Whether all of the requests were found."""
        return self._wanted <= self._misdated.statuses.keys() | self._in_time.statuses.keys()


def _named(values: Sequence[object], ids: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The places of the values that are among the given ids, with the id."""
    names = values if set(map(type, values)) == {str} else list(map(str, values))
    if not ids.isdisjoint(names):
        yield from ((number, name) for number, name in enumerate(map(str, names)) if name in ids)
