"""Data about the request that is being served."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class RequestContext:
    """The data that are collected about one request for its log line."""

    request_id: str
    user_id: str | None = None
    db_seconds: float = 0.0


current_request: ContextVar[RequestContext | None] = ContextVar("current_request", default=None)


def request_id() -> str | None:
    """The id of the request that is being served; None outside a request."""
    context = current_request.get()
    return context.request_id if context else None
