"""Notes what the test of a gate raises, before a plugin can hide it: a plugin may run a failed test again and
report the last try alone, or report a failure as a pass."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.terminal_text import printable
from pytest_examday.session.items import RehearsalItem
from pytest_examday.session.outcomes import GATE, NOTED
from pytest_examday.session.rehearsal import REHEARSAL

_NO_FAILURES = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception, KeyboardInterrupt, Unmeasurable)


@contextmanager
def noting_raised(item: pytest.Item, stage: str) -> Iterator[None]:
    """Note in the properties of the test what is raised. Unmeasurable becomes a failure of one line."""
    try:
        yield
    except BaseException as problem:
        note_raised(item, stage, problem)
        if isinstance(problem, Unmeasurable):
            raise pytest.fail.Exception(printable(f"INCONCLUSIVE: {problem}"), pytrace=False) from None
        raise


def note_raised(item: pytest.Item, stage: str, problem: BaseException) -> None:
    """Note in the properties of the test of a gate what one of its stages raised; nothing in another test."""
    gate = dict(item.user_properties).get(GATE)
    if gate is None:
        return
    fails = stage == "call" and not isinstance(item, RehearsalItem) and not isinstance(problem, _NO_FAILURES)
    text = (str(problem).strip().splitlines() or ["no message"])[0]
    reason = f"at {stage} it raised {type(problem).__name__}, which its last report does not show: {text}"
    note_result(item, GateResult(name=str(gate), outcome="fail" if fails else "inconclusive", reason=reason))


def note_result(item: pytest.Item, result: GateResult) -> None:
    """Note in the properties of the test of a gate a result that no report of it makes better."""
    reason = item.config.stash[REHEARSAL].target.files.redactor.clean(result.reason)
    noted = (NOTED, result.model_copy(update={"reason": reason}).to_json())
    if noted not in item.user_properties:
        item.user_properties.append(noted)
