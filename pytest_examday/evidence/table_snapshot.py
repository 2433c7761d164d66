"""The row counts of some tables at one time, for a comparison with a much later one."""

from pytest_examday.evidence.quantities import Count
from pytest_examday.record import Record


class TableSnapshot(Record):
    """The row counts of some tables at one time."""

    before_transaction: Count
    """The lowest number of the transactions that began later."""
    rows: dict[str, Count]
    """Table -> number of its rows."""
