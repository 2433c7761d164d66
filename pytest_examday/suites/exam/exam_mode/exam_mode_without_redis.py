"""Reads exam mode and calls protected operations while Redis is away."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.evidence import FreezeEvidence
from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_once
from pytest_examday.suites.exam.exam_mode.read_exam_mode import Survey, one_reading
from pytest_examday.suites.exam.probe_names import (
    EXAM_MODE_AFTER,
    EXAM_MODE_DURING,
    PROTECTED_AFTER,
    PROTECTED_DURING,
)

if TYPE_CHECKING:
    from pytest_examday.evidence.probe import Probe
    from pytest_examday.target.target import Target

_NOTED = "exam mode"
"""A key of `ProbeCandidate.noted`. Its value is the reading before the fault; the key is missing if nothing tells exam
mode."""
_UNREAD = "it could not be read without Redis, so no protected operation was called"
_DURING = {EXAM_MODE_AFTER: EXAM_MODE_DURING, PROTECTED_AFTER: PROTECTED_DURING}


def note_exam_mode(target: "Target", prober: ProbeCandidate) -> None:
    """Read exam mode before the fault."""
    if target.environment.why_exam_mode_unreadable() is None:
        prober.noted[_NOTED] = one_reading(target)


def still_in_exam_mode(target: "Target", prober: ProbeCandidate) -> "Iterator[Probe]":
    """The probes of one reading of exam mode and, if it is on, of one call of each protected operation.

    There are none if exam mode was off before the fault, or could not be read in phase 1 or just before the fault:
    the outage is then not the cause. A reading that fails now alone is untried, and no protected operation is called.
    """
    before: Survey | None = prober.noted.get(_NOTED)
    again = None if before is None or before.off else exam_mode_once(target)
    if before is None or again is None:
        return
    phase_1 = target.files.store.read("freeze", FreezeEvidence).record
    was_read = before.all_on or (phase_1 is not None and phase_1.exam_mode_is_on)
    for probe in again.probes:
        if probe.passed is not None or was_read:
            unread = probe.passed is None and probe.name == EXAM_MODE_AFTER
            detail = f"{_UNREAD} ({probe.detail})" if unread else probe.detail
            yield probe.model_copy(update={"name": _DURING[probe.name], "detail": detail})
