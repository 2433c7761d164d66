"""Before phase 1: switch exam mode on, if it is off and the environment says how."""

from typing import TYPE_CHECKING

from pytest_examday.suites.exam.evidence import ExamModeEvidence
from pytest_examday.suites.exam.exam_mode.switch import switch_on

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def gather(target: "Target") -> ExamModeEvidence:
    """Switch exam mode on until the end of the run."""
    target.files.progress.say("exam mode: is it on?")
    return switch_on(target)
