"""The description of a platform's interfaces as one record; its defaults describe the embedded platform."""

from pytest_examday.contract import embedded_preset
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.schema import Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.record import Record


class PlatformDescription(Record):
    """The description of one platform's interfaces."""

    contract: Contract = embedded_preset.CONTRACT
    schema_if_described: Schema | None = embedded_preset.SCHEMA
    """How to read the database; None if the configuration has no `schema`."""
    log_format_if_described: LogFormat | None = embedded_preset.LOG_FORMAT
    """The fields of log lines; None if the configuration has no `log_format`."""

    @property
    def database_schema(self) -> Schema:
        """How to read the database. Raises Unmeasurable if the configuration does not describe it."""
        if self.schema_if_described is None:
            raise Unmeasurable("the configuration has no `schema`, which says where answers stand in the database")
        return self.schema_if_described

    @property
    def log_format(self) -> LogFormat:
        """The fields of log lines. Raises Unmeasurable if the configuration does not describe them."""
        if self.log_format_if_described is None:
            raise Unmeasurable("the configuration has no `log_format`, which says what a log line holds")
        return self.log_format_if_described
