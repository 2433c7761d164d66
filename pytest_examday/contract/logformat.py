"""The log record: where a platform's JSON log lines keep what the rehearsal reads."""

from typing import Annotated

from pydantic import AfterValidator

from pytest_examday.contract.operations import checked
from pytest_examday.record import Record

Place = Annotated[str, AfterValidator(checked)]


class LogFormat(Record):
    """JMESPlace of each field in one JSON log line; the `*_when` expressions tell the kinds of lines apart."""

    name: str
    timestamp: Place
    level: Place
    request_id: Place
    request_when: Place
    route: Place
    status: Place
    total_ms: Place
    db_ms: Place
    slow_sql_when: Place
    slow_sql_ms: Place
    redis_warning_when: Place
