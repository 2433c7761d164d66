"""A worker that is started again while others run has neither protected operations nor rate limits, until all are
started again."""

from dataclasses import replace

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted, first_time
from .forgets_limits import NoLimits
from .forgets_protected_operations import UnprotectedOperations


def plant(parts: Parts, settings: Settings) -> Parts:
    """Neither protected operations nor limits in the worker's second life."""
    if first_time(f"life-of-{settings.worker}") or all_restarted():
        return parts
    return replace(parts, admin=UnprotectedOperations, limits=NoLimits)
