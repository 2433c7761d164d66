"""Single values of a log line. What is no value of its kind is None, whatever a platform writes."""

import math

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.observe.log_reading import LogLine


def number_in(line: LogLine, expression: str) -> float | None:
    """The finite number at this place, also where it is written as a text; None if there is none."""
    value = line.get(expression)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def status_of(form: LogFormat, line: LogLine) -> int | None:
    """The HTTP status that the line logs, also as 404.0 or "404"; None if it logs none."""
    number = number_in(line, form.status)
    return int(number) if number is not None and number.is_integer() and 100 <= number <= 999 else None
