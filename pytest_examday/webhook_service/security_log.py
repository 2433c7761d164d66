"""Events of security in the log and the metrics."""

import logging

from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.webhook_service import metrics
from pytest_examday.webhook_service.context import request_id


def log_security(reason: str, **fields: object) -> None:
    """Write that something was refused, or that somebody used a right of administrators."""
    metrics.SECURITY.labels(reason).inc()
    log_event(logging.WARNING, "security", reason=reason, request_id=request_id(), **fields)
