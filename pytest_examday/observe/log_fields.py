"""Single values of a log line. A value of a wrong kind is None, whatever a platform writes."""

from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.observe.log_line import LogLine


def status_of(line: LogLine) -> int | None:
    """The HTTP status that the line logs, also as 404.0 or "404"; None if it logs none."""
    return as_status(line.get(line.form.status))


def as_status(value: object) -> int | None:
    """The HTTP status that the value is or holds as a text; None if it is none."""
    number = as_number(value)
    return int(number) if number is not None and number.is_integer() and 100 <= number <= 999 else None
