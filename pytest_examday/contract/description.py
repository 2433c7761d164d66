"""The description of a platform's interfaces as one record; its defaults describe the embedded platform."""

from pytest_examday.contract import reference
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.operations import Contract
from pytest_examday.contract.schema import Schema
from pytest_examday.errors import Unmeasurable
from pytest_examday.record import Record


class PlatformDescription(Record):
    """`contract` holds the operations of the API, `described_tables` the way to read the database, `described_log` the
    fields of log lines. The latter two are None where the configuration does not tell them; `tables` and `log_format`
    then raise Unmeasurable."""

    contract: Contract = reference.CONTRACT
    described_tables: Schema | None = reference.SCHEMA
    described_log: LogFormat | None = reference.LOG_FORMAT

    @property
    def tables(self) -> Schema:
        """The way to read the database; raises Unmeasurable where it is not described."""
        if self.described_tables is None:
            raise Unmeasurable("the configuration has no `schema`, which says where answers stand in the database")
        return self.described_tables

    @property
    def log_format(self) -> LogFormat:
        """The fields of log lines; raises Unmeasurable where they are not described."""
        if self.described_log is None:
            raise Unmeasurable("the configuration has no `log_format`, which says what a log line holds")
        return self.described_log
