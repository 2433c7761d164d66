"""The evidence of the staging suite's own preflight. Each section keeps its records in its own folder."""

from pytest_examday.evidence.quantities import Seconds
from pytest_examday.record import Record


class StagingPreflight(Record):
    """What of the service was reached before anything was done; `not configured` if there is no address."""

    api_url: str
    service: str
    """The reply of the service, for example `HTTP 200`."""
    database: str
    """The version of the database, or why it was not reached."""
    cache: str
    """The version of Redis, or why it was not reached."""
    runtime: str
    """`embedded` if it is the webhook service that comes with the plugin, else `none`."""
    reached_seconds: Seconds
