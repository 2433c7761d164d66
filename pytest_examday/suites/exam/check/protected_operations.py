"""Calls each operation that exam mode refuses once, if exam mode is on in every worker."""

from collections.abc import Iterator

from pytest_examday.contract.contract import ProtectedOperation
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import is_limited, with_words
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.check.likely_keys import HINTS
from pytest_examday.suites.exam.exam_mode.read_exam_mode import survey_of
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target


def try_protected_operations(target: Target) -> Iterator[CheckResult]:
    """A look at each protected operation. If exam mode is off somewhere, a protected operation would do its work, and
    is not called."""
    protected_operations = target.environment.platform.contract.protected
    if not protected_operations:
        return
    reason = _not_called(target)
    for protected in protected_operations:
        if reason is not None:
            yield CheckResult(f"protected operation {protected.name}", "untried", f"not called: {reason}")
            continue
        try:
            token = None if protected.operation.auth == "none" else target.accounts.auth_token()
        except Unmeasurable as problem:
            yield CheckResult(f"protected operation {protected.name}", "untried", str(problem))
            continue
        yield _look(target, protected, target.api.call(protected.operation, token=token))


def _not_called(target: Target) -> str | None:
    """Why protected operations are not called; None if they are."""
    refused = target.refusal("write", "to call protected operations")
    if refused is not None:
        return refused
    lacking = target.environment.why_exam_mode_unreadable()
    if lacking is not None:
        return f"{lacking}, and a protected operation does its work while it is off"
    return (
        None
        if survey_of(target).all_on
        else "exam mode is not on everywhere, and a protected operation then does its work"
    )


def _look(target: Target, protected: ProtectedOperation, reply: Reply) -> CheckResult:
    what, key = f"protected operation {protected.name}", f"contract.protected.{protected.name}"
    said = target.files.redactor.clean(f"{protected.operation.method} {protected.operation.path}: {with_words(reply)}")
    if protected.refuses(reply.status, reply.body):
        return CheckResult(what, "works", f"{said}: refused by exam mode")
    if is_limited(reply) or reply.status is None:
        return CheckResult(what, "untried", said)
    if reply.accepted:
        return CheckResult(what, "wrong", f"{said}: not refused, although exam mode is on", key)
    if reply.status in protected.refused:
        said = f"{said}: {protected.refused_when} is not true"
    return CheckResult(what, "wrong", said, f"{key}.{_mend(protected, reply.status)}")


def _mend(protected: ProtectedOperation, status: int) -> str:
    """The key of the protected operation that is likely to be wrong."""
    if status in protected.refused:
        return "refused_when"
    if status in HINTS:
        return f"operation.{HINTS[status]}"
    if status in protected.operation.success:
        return "operation.success_when"
    return f"refused = [{status}]"
