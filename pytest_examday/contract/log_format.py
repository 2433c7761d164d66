"""The fields of a platform's JSON log lines."""

from typing import Annotated

from pydantic import AfterValidator

from pytest_examday.contract.operations import checked
from pytest_examday.record import Record

Place = Annotated[str, AfterValidator(checked)]


class LogFormat(Record):
    """A JMESPath for each field that the rehearsal reads of a log line.

    `user` is whoever sent a request; None: the platform does not log it. The `*_when` expressions are true for lines of
    one kind: requests, slow SQL statements, warnings that Redis is away.
    """

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
    user: Place | None = None
