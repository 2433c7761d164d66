"""Keeps the headers of replies out of logs.

The HTTP client logs them, at level DEBUG, before anybody can learn the tokens and cookies in them.
"""

import logging

_LOGGERS = ("httpcore.http11", "httpcore.http2")
_EVENT = "receive_response_headers.complete"


def _without_headers(record: logging.LogRecord) -> bool:
    """Remove from this record what its event returned, for instance headers. Returns True: the record is logged."""
    if _EVENT in record.getMessage():
        record.msg, record.args = _EVENT, ()
    return True


def leave_headers_out_of_logs() -> None:
    """Have the client log that the headers of a reply came, without the headers."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_without_headers)


def log_headers_again() -> None:
    """Let the client log headers again."""
    for name in _LOGGERS:
        logging.getLogger(name).removeFilter(_without_headers)
