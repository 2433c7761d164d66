"""Counts the request ids in a log, whoever sent them."""

from collections import Counter

from pytest_examday.observe.log_block import LogBlock, TimeSpan

_LOOKED_AT = 5_000
"""The most lines that are counted. So many show whether ids repeat, and the memory does not grow with the log."""
_FEW_LINES = 50
"""The fewest lines in which a repeated id proves something."""
_LINES_OF_ONE_ID = 10
"""A request may leave a few lines, of a proxy and of each attempt; from so many on, an id stands for many requests."""
_LONGEST = 80


class LoggedIds:
    """Counts the request ids of lines that log requests of a time span. `lines` counts those that have an id."""

    def __init__(self, span: TimeSpan | None) -> None:
        self._span = span
        self._first: Counter[str] = Counter()
        self.lines = 0

    def add(self, requests: LogBlock) -> None:
        """Count the ids in lines that log requests."""
        if self._span is None:
            return
        named = requests.between(*self._span).values(requests.form.request_id)
        ids = [str(name) for name in named if name not in (None, "")]
        self.lines += len(ids)
        self._first.update(ids[: max(0, _LOOKED_AT - self._first.total())])

    @property
    def example(self) -> str | None:
        """One of the ids, cut; None if there is none."""
        return next(iter(self._first), "")[:_LONGEST] or None

    @property
    def shared(self) -> str | None:
        """A sentence that each id stands for many requests; None if that is not so."""
        looked_at, different = self._first.total(), len(self._first)
        if looked_at < _FEW_LINES or different * _LINES_OF_ONE_ID > looked_at:
            return None
        name, times = self._first.most_common(1)[0]
        return f"{looked_at} requests have {different} different ids in the log; {name[:_LONGEST]!r} stands for {times}"
