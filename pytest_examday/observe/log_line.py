"""One line of a platform's log, decoded as a whole."""

import json
from dataclasses import dataclass
from typing import Any

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.reply_search import search


@dataclass(frozen=True)
class LogLine:
    """One line of a log file. `at` is when it was written, seconds since the epoch. `form` says what `body` holds."""

    file: str
    at: float
    body: dict[str, Any]
    form: LogFormat

    def get(self, expression: str | None) -> Any:
        """The value of a JMESPath expression in this line; None for a field that the log format lacks."""
        return None if expression is None else search(expression, self.body)


def lines_of(block: bytes) -> list[bytes]:
    """The lines of the block that are not empty."""
    return list(filter(None, block.split(b"\n")))


def text_of(line: bytes) -> str:
    """The line as a text, whatever bytes it holds."""
    return line.decode(errors="replace")


def body_of(line: bytes) -> dict[str, Any] | None:
    """The JSON object that the line is; None for anything else, such as a part of a traceback or a line that a killed
    process did not finish."""
    try:
        body = json.loads(text_of(line))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
