"""The second worker starts once and never again."""

from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import first_time


def plant(parts: Parts, settings: Settings) -> Parts:
    """RuntimeError when the second worker is started again."""
    if settings.worker == "worker-2" and not first_time("start"):
        raise RuntimeError("this worker has had its life")
    return parts
