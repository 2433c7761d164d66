"""A drill that stops Redis; a test changes the one thing that it is about."""

from typing import Any

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.fault import service_down


def redis_drill(**fields: Any) -> Drill:
    """The drill with these fields."""
    values: dict[str, Any] = {
        "name": "redis_stopped",
        "title": "Redis stopped",
        "phase": 3,
        "scenario": "Redis stopped",
        "fault": lambda target: service_down(target, "Redis stopped", "redis", abruptly=False),
    }
    return Drill(**{**values, **fields})
