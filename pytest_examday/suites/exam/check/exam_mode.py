"""Reads exam mode, and tells if nothing switches it on for the rehearsal."""

from collections.abc import Callable, Iterator

from pytest_examday.config.changes import ExamModeSettings
from pytest_examday.contract.numbers_and_moments import truth
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.exam_mode.read_exam_mode import one_reading
from pytest_examday.suites.exam.gates import EXAM_MODE_VERIFIED
from pytest_examday.suites.exam.workers.named_workers import worker_of
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target


def try_exam_mode(target: Target, seen: Callable[[Reply], Iterator[CheckResult]]) -> Iterator[CheckResult]:
    """Looks at the operation, as `seen` does at any other, and at the mode in its reply."""
    if target.environment.platform.contract.exam_mode is None:
        return
    try:
        reply = target.api.call("exam_mode")
    except Unmeasurable as reason:
        yield CheckResult("contract.exam_mode", "untried", str(reason))
        return
    yield from seen(reply)
    on = truth(reply.find("exam_mode"))
    if on is None:
        message = f"neither on nor off: {reply.find('exam_mode')!r}"
        yield CheckResult("exam mode", "wrong", message, "contract.exam_mode.finds.exam_mode")
    else:
        named = worker_of(reply)
        by = f"; answered by {named}" if named else "; the reply names no worker"
        yield CheckResult("exam mode", "works", f"{'on' if on else 'off'}{by}")


def exam_mode_never_on(target: Target) -> Iterator[CheckResult]:
    """Tells if exam mode is off and the rehearsal does not switch it on. It may also be on in truth and be read at the
    wrong place."""
    settings = target.environment.exam_mode or ExamModeSettings()
    if settings.on is not None or target.environment.why_exam_mode_unreadable() is not None:
        return
    try:
        off = one_reading(target).off
    except Unmeasurable:
        return  # the look at the operation or at the flag has told it
    if not off:
        return
    own = f"env.{target.environment.name}.exam_mode"
    read = f"{own}.read" if settings.read is not None else "contract.exam_mode_variable"
    place = read if target.environment.platform.contract.exam_mode is None else "contract.exam_mode.finds.exam_mode"
    message = (
        f"off by {', '.join(off)}, and nothing switches it on for the rehearsal; switch it on before, or let the "
        "rehearsal do so; if it is on, it is read at the wrong place"
    )
    key = f"one of: {own}.on, {place}"
    yield CheckResult("exam mode for the rehearsal", "untried", message, key, gates=(EXAM_MODE_VERIFIED,))
