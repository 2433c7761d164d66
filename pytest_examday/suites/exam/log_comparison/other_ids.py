"""Whether a log names requests by other ids than those that were sent."""

_LINES_SHARE = 0.5
"""A log holds the requests that are looked for if it has at least so many lines of their time, as a share (0 to 1)."""


def names_other_ids(sent: int, found: int, lines: int) -> bool:
    """Whether none of the requests that were sent was found, though the log has enough lines of their time: then nobody
    knows which requests it lacks."""
    return not found and lines >= max(_LINES_SHARE * sent, 1)
