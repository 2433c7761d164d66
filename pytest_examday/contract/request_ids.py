"""The request ids in replies."""

_LONGEST = 200
"""The most characters of a request id; a longer text is none."""


def other_request_id(received: str | None, sent: str) -> str | None:
    """The request id in a reply, if it differs from the id that was sent; None if there is none or it is the same."""
    received = (received or "").strip()
    return received if received and received != sent and len(received) <= _LONGEST else None
