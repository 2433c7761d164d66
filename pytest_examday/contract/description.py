"""How a platform is spoken to and read, as one record; by default the reference platform's."""

from pytest_examday.contract import reference
from pytest_examday.contract.logformat import LogFormat
from pytest_examday.contract.operations import Contract
from pytest_examday.contract.schema import Schema
from pytest_examday.record import Record


class PlatformDescription(Record):
    """`contract`: the operations of its API; `tables`: how its database is read; `log_format`: how its log lines are
    read."""

    contract: Contract = reference.CONTRACT
    tables: Schema = reference.SCHEMA
    log_format: LogFormat = reference.LOG_FORMAT
