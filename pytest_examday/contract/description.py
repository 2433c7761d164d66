"""The description of a platform's interfaces as one record; its defaults describe the embedded platform."""

from pytest_examday.contract import embedded_preset
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.schema import Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.record import Record


class PlatformDescription(Record):
    """`contract` holds the operations of the API, `schema_if_described` the way to read the database, `log_format_if_described` the
    fields of log lines. The latter two are None where the configuration does not tell them; `database_schema` and `log_format`
    then raise Unmeasurable."""

    contract: Contract = embedded_preset.CONTRACT
    schema_if_described: Schema | None = embedded_preset.SCHEMA
    log_format_if_described: LogFormat | None = embedded_preset.LOG_FORMAT

    @property
    def database_schema(self) -> Schema:
        """The way to read the database; raises Unmeasurable where it is not described."""
        if self.schema_if_described is None:
            raise Unmeasurable("the configuration has no `schema`, which says where answers stand in the database")
        return self.schema_if_described

    @property
    def log_format(self) -> LogFormat:
        """The fields of log lines; raises Unmeasurable where they are not described."""
        if self.log_format_if_described is None:
            raise Unmeasurable("the configuration has no `log_format`, which says what a log line holds")
        return self.log_format_if_described
