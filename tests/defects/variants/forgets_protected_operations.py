"""Once every worker has been started again exam mode is told and protected operations nothing."""

from dataclasses import replace

from pytest_examday.platform.admin import AdminOperations
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

from .affected import all_restarted


class UnprotectedOperations(AdminOperations):
    """Everything goes on during the exam."""

    def refuse_in_exam_mode(self, operation: str) -> None:
        """Refuses nothing."""


def plant(parts: Parts, _settings: Settings) -> Parts:
    """No protected operations after the restart."""
    return replace(parts, admin=UnprotectedOperations) if all_restarted() else parts
