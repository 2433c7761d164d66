"""Data about the request that is being served."""

from contextvars import ContextVar

current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)


def request_id() -> str | None:
    """The id of the request that is being served; None outside a request."""
    return current_request_id.get()
