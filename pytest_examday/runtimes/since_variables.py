"""The environment variables by which a command that prints a log finds the time from which on lines are needed."""

from datetime import UTC, datetime


def since_variables(since: float) -> dict[str, str]:
    """EXAMDAY_SINCE (ISO 8601, UTC) and EXAMDAY_SINCE_SECONDS (whole seconds since the epoch) for the time `since`
    (seconds since the epoch)."""
    moment = datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"EXAMDAY_SINCE": moment, "EXAMDAY_SINCE_SECONDS": str(int(since))}
