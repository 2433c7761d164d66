"""The request ids that answers name."""

_LONGEST = 200
"""A longer text is no request id."""


def other_request_id(told: str | None, sent: str) -> str | None:
    """The request id that an answer names, if it is another one than that which was sent; None if it names none."""
    told = (told or "").strip()
    return told if told and told != sent and len(told) <= _LONGEST else None
