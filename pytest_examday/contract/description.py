"""The description of a platform's interfaces as one record; its defaults describe the embedded platform."""

from pytest_examday.contract import reference
from pytest_examday.contract.log_format import LogFormat
from pytest_examday.contract.operations import Contract
from pytest_examday.contract.schema import Schema
from pytest_examday.record import Record


class PlatformDescription(Record):
    """`contract` holds the operations of the API, `tables` the way to read the database, `log_format` the fields of log
    lines."""

    contract: Contract = reference.CONTRACT
    tables: Schema = reference.SCHEMA
    log_format: LogFormat = reference.LOG_FORMAT
