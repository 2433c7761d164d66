"""The fields of a platform's log lines: JSON, or text by a pattern."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from pytest_examday.contract.patterns import pattern as checked_pattern
from pytest_examday.contract.search import checked
from pytest_examday.contract.values import as_number
from pytest_examday.record import Record

_MILLISECONDS = {"ms": 1.0, "s": 1000.0}

Expression = Annotated[str, AfterValidator(checked)]


def _with_groups(pattern: str) -> str:
    """The pattern itself. Raises ValueError where it is malformed or names no group."""
    if not re.compile(checked_pattern(pattern)).groupindex:
        raise ValueError("names no group; write for instance (?P<status>\\d+)")
    return pattern


class LogFormat(Record):
    """A JMESPath for each field that the rehearsal reads of a log line.

    `user` is whoever sent a request; None: the platform does not log it. The `*_when` expressions are true for lines of
    one kind: requests, slow SQL statements, warnings that Redis is away. A field or a kind of line that is None does
    not exist; what rests on it is no part of a rehearsal, and the report names it. `duration_unit` is that of
    `total_ms`, `db_ms` and `slow_sql_ms`.

    A line is a JSON object; where there is a `pattern`, it is text, and the object holds what the named groups of that
    regular expression match. `time_format` is how the time is written (`strptime`), where it is neither ISO 8601 nor a
    number.
    """

    name: str
    pattern: Annotated[str, AfterValidator(_with_groups)] | None = None
    time_format: str | None = None
    timestamp: Expression
    level: Expression
    request_id: Expression
    request_when: Expression
    route: Expression
    status: Expression
    total_ms: Expression
    db_ms: Expression | None = None
    slow_sql_when: Expression | None = None
    slow_sql_ms: Expression | None = None
    redis_warning_when: Expression | None = None
    user: Expression | None = None
    duration_unit: Literal["ms", "s"] = "ms"

    def milliseconds(self, value: object) -> float | None:
        """The duration that a line tells, in milliseconds; None where it is no number."""
        number = as_number(value)
        return None if number is None else number * self.scale

    @property
    def scale(self) -> float:
        """The milliseconds in one unit of the durations."""
        return _MILLISECONDS[self.duration_unit]
