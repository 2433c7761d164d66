"""A worker that is started again runs without exam mode."""

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import first_time


def plant(parts: Parts, settings: Settings) -> Parts:
    """Exam mode was set by hand, and nobody sets it again."""
    if not first_time(f"start-of-{settings.worker}"):
        object.__setattr__(settings, "exam_mode", False)
    return parts
