"""The fields of a platform's log lines: JSON, or text by a pattern."""

import re
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from pytest_examday.contract.headers_and_cookies import names_header_or_cookie
from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.contract.patterns import pattern as checked_pattern
from pytest_examday.contract.reply_search import checked
from pytest_examday.record import DESCRIBED_FIELDS, Record

_MILLISECONDS = {"ms": 1.0, "s": 1000.0}


def _of_a_line(expression: str) -> str:
    """The expression itself. Raises ValueError if it is malformed or names what only a reply to a request has."""
    if names_header_or_cookie(expression):
        raise ValueError("names a header or a cookie; a log line has neither")
    return checked(expression)


Expression = Annotated[str, AfterValidator(_of_a_line)]


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
    level: Expression | None = None
    request_id: Expression | None = None
    request_when: Expression | None = None
    """True for lines that log a request; None: those that have a status."""
    route: Expression
    status: Expression
    total_ms: Expression | None = None
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
    of: dict[str, "LogFormat"] = Field(default_factory=dict)
    """Pattern for the name of a log (`*` matches any text) -> the format of that log, if it has another one. Of several
    patterns that match, the first counts."""

    @field_validator("of")
    @classmethod
    def _has_one_level(cls, of: dict[str, "LogFormat"]) -> dict[str, "LogFormat"]:
        if any(form.of for form in of.values()):
            raise ValueError("a format in `of` has no `of` of its own")
        return of

    def of_log(self, name: str) -> "LogFormat":
        """The format of the log of this name: the path of a file, or a service."""
        return next((form for pattern, form in self.of.items() if fnmatchcase(name, pattern)), self)

    @property
    def all_formats(self) -> tuple["LogFormat", ...]:
        """This format, and those of `of`."""
        return (self, *self.of.values())

    @property
    def is_request(self) -> str:
        """The expression that is true for lines that log a request."""
        return self.status if self.request_when is None else self.request_when

    def milliseconds(self, value: object) -> float | None:
        """The duration in a line, in milliseconds; None if it is not a number."""
        number = as_number(value)
        return None if number is None else number * self.scale

    @property
    def scale(self) -> float:
        """The milliseconds in one unit of the durations."""
        return _MILLISECONDS[self.duration_unit]
