"""Switches exam mode on before phase 1 and off again at the end of the run, if the environment says how."""

import time
from typing import TYPE_CHECKING

from pytest_examday.config.changes import ExamModeSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.fault import Fault
from pytest_examday.faults.fault_in_place import fault_in_place
from pytest_examday.faults.healing_runtime import target_of
from pytest_examday.faults.undo import Undo
from pytest_examday.record import Record
from pytest_examday.runtimes.base import Runtime
from pytest_examday.suites.exam.evidence import ExamModeEvidence
from pytest_examday.suites.exam.exam_mode.read_exam_mode import Survey, survey_of
from pytest_examday.target.changes import make

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

NAME = "exam mode switched on"
"""What journal and messages call the change."""
_LEASE_SECONDS = 12 * 3600.0
"""For how long exam mode stays on at most. It ends with the process of the run anyway; this is for one that hangs."""
_PATIENCE_SECONDS, _PAUSE_SECONDS = 5.0, 0.25
"""How much longer than `settle_seconds` the readings are waited for, and how often they are made."""


class SwitchBack(Record):
    """The undo: exam mode off by `exam_mode.off` of the present configuration."""

    def carry_out(self, runtime: Runtime) -> None:
        """Switch exam mode off and wait until every reading says so; nothing happens if it is off."""
        target = target_of(runtime)
        change = settings_of(target).off
        if change is None:
            raise Unmeasurable(f"env.{target.environment.name}.exam_mode.off is not configured")
        if not survey_of(target).all_are(False):
            make(target, change, "exam_mode.off")
            wait_until(target, on=False)

    def remains(self, runtime: Runtime) -> str | None:
        """Whether exam mode is still on somewhere, or cannot be read."""
        target = target_of(runtime)
        settings_of(target)
        made = survey_of(target)
        if made.all_are(False):
            return None
        return f"exam mode is not off: {survey_in_words(made)}"

    def by_hand(self) -> str:
        """In words."""
        return "switch exam mode off"


def switch_on(target: "Target") -> ExamModeEvidence:
    """Switch exam mode on until the end of the run, if every reading says that it is off.

    Raises Unmeasurable, before anything is touched, if nobody could switch it off again.
    """
    change = settings_of(target).on
    if change is None:
        raise Unmeasurable(f"env.{target.environment.name}.exam_mode.on is not configured")
    before = survey_of(target)
    if before.all_on:
        return ExamModeEvidence(was_on=True)
    if not before.all_are(False):
        return ExamModeEvidence(was_on=False, not_switched=f"it was not off: {survey_in_words(before)}")
    fault = Fault(
        name=NAME,
        service="exam mode",
        inject=lambda: make(target, change, "exam_mode.on"),
        undo=Undo.of(SwitchBack()),
        lasts="run",
    )
    target.until_the_end.enter_context(fault_in_place(target, fault, _LEASE_SECONDS))
    return ExamModeEvidence(was_on=False, by=f"exam_mode.on.{change.way}", seconds=wait_until(target, on=True))


def settings_of(target: "Target") -> ExamModeSettings:
    """How exam mode is read and switched. Raises Unmeasurable if nothing is configured."""
    settings = target.environment.exam_mode
    if settings is None:
        name = f"env.{target.environment.name}.exam_mode"
        raise Unmeasurable(f"{name} is not configured, or a variable that it needs is not set")
    return settings


def wait_until(target: "Target", *, on: bool) -> float | None:
    """Wait until every reading says that exam mode is on (or off); returns the seconds, None if one says otherwise at
    the end of the patience. If no worker is asked, what they have cached is waited for."""
    settle = settings_of(target).settle_seconds
    began = time.monotonic()
    if target.environment.platform.contract.exam_mode is None:
        time.sleep(settle)
    while True:
        made = survey_of(target)
        passed = time.monotonic() - began
        if made.all_are(on):
            return round(passed, 1)
        if passed > settle + _PATIENCE_SECONDS:
            return None
        time.sleep(_PAUSE_SECONDS)


def survey_in_words(made: Survey) -> str:
    """Who says that exam mode is on, off, or neither."""
    on = sorted({reading.worker or "a worker" for reading in made.readings if reading.on is True})
    if made.flag is not None and made.flag.on is True:
        on.append(made.flag.whose)
    parts = [f"{word} in {', '.join(who)}" for word, who in (("on", on), ("off", made.off)) if who]
    return "; ".join((*parts, *made.unreadable)) or "nothing tells it"
