"""Exam mode is on and one heavy operation does not ask."""

from dataclasses import replace

from pytest_examday.platform.admin import AdminOperations
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


class UnguardedOperations(AdminOperations):
    """Rank runs go on during the exam."""

    def refuse_in_exam_mode(self, operation: str) -> None:
        """Refuses all but rank runs."""
        if operation != "rank run":
            super().refuse_in_exam_mode(operation)


def plant(parts: Parts, _settings: Settings) -> Parts:
    """A hole in exam mode."""
    return replace(parts, admin=UnguardedOperations)
