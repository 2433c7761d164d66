"""Requests that are no answers are logged with the time of one hour later."""

import logging
from datetime import datetime, timedelta

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


class AheadFormatter(logging.Formatter):
    """Moves the times of some of the lines that another formatter makes."""

    def __init__(self, real: logging.Formatter) -> None:
        super().__init__()
        self._real = real

    def format(self, record: logging.LogRecord) -> str:
        """The line, with another time if it is that of a request that is no answer."""
        line = self._real.format(record)
        fields = getattr(record, "fields", {})
        if "route" not in fields or str(fields["route"]).endswith("/answers"):
            return line
        before, mark, rest = line.partition('"ts": "')
        at, _, after = rest.partition('"')
        if not mark:
            return line
        later = (datetime.fromisoformat(at) + timedelta(hours=1)).isoformat(timespec="milliseconds")
        return f'{before}{mark}{later}"{after}'


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A clock that is wrong for one kind of lines."""
    for handler in logging.root.handlers:
        if handler.formatter is not None:
            handler.setFormatter(AheadFormatter(handler.formatter))
    return parts
