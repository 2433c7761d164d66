"""The fields of a platform's log lines: JSON, or text by a pattern."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from pytest_examday.contract.patterns import pattern as checked_pattern
from pytest_examday.contract.search import checked
from pytest_examday.contract.values import as_number
from pytest_examday.record import DESCRIBED_FIELDS, Record

_MILLISECONDS = {"ms": 1.0, "s": 1000.0}

Expression = Annotated[str, AfterValidator(checked)]


def _with_groups(pattern: str) -> str:
    """The pattern itself. Raises ValueError if it is malformed or names no group."""
    if not re.compile(checked_pattern(pattern)).groupindex:
        raise ValueError("names no group; write for instance (?P<status>\\d+)")
    return pattern


class LogFormat(Record):
    """A JMESPath for each field that the rehearsal reads of a log line.

    A field or a kind of line that is None does not exist. What needs it is no part of a rehearsal, and the report names
    it. The expressions `…_when` are true for lines of one kind.
    """

    model_config = DESCRIBED_FIELDS

    name: str
    pattern: Annotated[str, AfterValidator(_with_groups)] | None = None
    """A regular expression for lines of text, whose named groups are the fields; None: each line is a JSON object."""
    time_format: str | None = None
    """How the time is written (`strptime`), if it is neither ISO 8601 nor a number."""
    timestamp: Expression
    level: Expression
    request_id: Expression
    request_when: Expression
    """True for lines that log a request."""
    route: Expression
    status: Expression
    total_ms: Expression
    db_ms: Expression | None = None
    slow_sql_when: Expression | None = None
    """True for lines that log a slow SQL statement."""
    slow_sql_ms: Expression | None = None
    redis_warning_when: Expression | None = None
    """True for warnings that Redis is away."""
    user: Expression | None = None
    """The person who sent a request."""
    duration_unit: Literal["ms", "s"] = "ms"
    """The unit of `total_ms`, `db_ms` and `slow_sql_ms`."""

    def milliseconds(self, value: object) -> float | None:
        """The duration in a line, in milliseconds; None if it is not a number."""
        number = as_number(value)
        return None if number is None else number * self.scale

    @property
    def scale(self) -> float:
        """The milliseconds in one unit of the durations."""
        return _MILLISECONDS[self.duration_unit]
