"""What some tables held at one moment, for a comparison with a much later one."""

from pytest_examday.evidence.quantities import Count
from pytest_examday.record import Record


class TableSnapshot(Record):
    """The number of rows of some tables at one moment, by their names; transactions from the number `before_transaction` on began
    later."""

    before_transaction: Count
    rows: dict[str, Count]
