"""Notes every exception of a gate's test before a plugin can hide it.

A plugin may run a failed test again and report only the last try, or report a failure as a pass.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.outcome import INCONCLUSIVE_PREFIX
from pytest_examday.core.property_names import GATE, NOTED
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.terminal_text import printable
from pytest_examday.session.items import RehearsalItem
from pytest_examday.session.rehearsal import REHEARSAL

_NO_FAILURES = (pytest.skip.Exception, pytest.xfail.Exception, pytest.exit.Exception, KeyboardInterrupt, Unmeasurable)


@contextmanager
def noting_raised(item: pytest.Item, stage: str) -> Iterator[None]:
    """Note in the properties of the test each exception that is raised inside. Unmeasurable is then raised as a failure
    with a message of one line and without a traceback."""
    try:
        yield
    except BaseException as problem:
        note_raised(item, stage, problem)
        if isinstance(problem, Unmeasurable):
            raise pytest.fail.Exception(printable(f"{INCONCLUSIVE_PREFIX}{problem}"), pytrace=False) from None
        raise


def note_raised(item: pytest.Item, stage: str, problem: BaseException) -> None:
    """Note in the properties of a gate's test which exception a stage (setup, call or teardown) has raised. If the test
    is not that of a gate, nothing is noted."""
    gate = dict(item.user_properties).get(GATE)
    if gate is None:
        return
    fails = stage == "call" and not isinstance(item, RehearsalItem) and not isinstance(problem, _NO_FAILURES)
    text = (str(problem).strip().splitlines() or ["no message"])[0]
    reason = f"at {stage} it raised {type(problem).__name__}, which its last report does not show: {text}"
    note_result(item, GateResult(name=str(gate), outcome="fail" if fails else "inconclusive", reason=reason))


def note_result(item: pytest.Item, result: GateResult) -> None:
    """Note a result of the gate in the properties of its test. The gate is then at most as good as this result,
    whatever the reports of the test say."""
    reason = item.config.stash[REHEARSAL].target.files.redactor.clean(result.reason)
    noted = (NOTED, result.model_copy(update={"reason": reason}).to_json())
    if noted not in item.user_properties:
        item.user_properties.append(noted)
