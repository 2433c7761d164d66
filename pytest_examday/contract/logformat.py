"""The log record: where a platform's JSON log lines keep what the rehearsal reads."""

from pytest_examday.contract.model import Record


class LogFormat(Record):
    """JMESPath of each field in one JSON log line; the `*_when` expressions tell the kinds of lines apart."""

    name: str
    timestamp: str
    level: str
    request_id: str
    request_when: str
    route: str
    status: str
    total_ms: str
    db_ms: str
    slow_sql_when: str
    slow_sql_ms: str
    redis_warning_when: str
    redis_recovered_when: str
