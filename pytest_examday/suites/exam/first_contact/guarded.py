"""Calls each operation that exam mode refuses once, if exam mode is on in every worker."""

from collections.abc import Iterator

from pytest_examday.contract.contract import Guard
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.exam_mode.survey import survey_of
from pytest_examday.suites.exam.first_contact.look import Look
from pytest_examday.suites.exam.probe_candidate import is_limited, with_words
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

HINTS = {400: "body", 404: "path", 405: "method", 415: "body", 422: "body"}
"""By HTTP status of a refusal: the key of the operation that is likely to be wrong."""


def guarded(target: Target) -> Iterator[Look]:
    """A look at each guard. If exam mode is off somewhere, a guard would do its work, and is not called."""
    guards = target.environment.platform.contract.guards
    if not guards:
        return
    reason = _not_called(target)
    for guard in guards:
        if reason is not None:
            yield Look(f"guard {guard.name}", "untried", f"not called: {reason}")
            continue
        try:
            token = None if guard.operation.auth == "none" else target.accounts.auth_token()
        except Unmeasurable as problem:
            yield Look(f"guard {guard.name}", "untried", str(problem))
            continue
        yield _look(target, guard, target.api.call(guard.operation, token=token))


def _not_called(target: Target) -> str | None:
    """Why guards are not called; None if they are."""
    refused = target.refusal("write", "to call guards")
    if refused is not None:
        return refused
    if target.environment.platform.contract.exam_mode is None:
        return "the contract does not tell exam mode, without which a guard does its work; phase 1 calls it"
    return None if survey_of(target).all_on else "exam mode is not on everywhere, and a guard then does its work"


def _look(target: Target, guard: Guard, reply: Reply) -> Look:
    what, key = f"guard {guard.name}", f"contract.guards.{guard.name}"
    said = target.run.redactor.clean(f"{guard.operation.method} {guard.operation.path}: {with_words(reply)}")
    if guard.refuses(reply.status, reply.body):
        return Look(what, "works", f"{said}: refused by exam mode")
    if is_limited(reply) or reply.status is None:
        return Look(what, "untried", said)
    if reply.accepted:
        return Look(what, "wrong", f"{said}: not refused, although exam mode is on", key)
    if reply.status in guard.refused:
        said = f"{said}: {guard.refused_when} is not true"
    return Look(what, "wrong", said, f"{key}.{_mend(guard, reply.status)}")


def _mend(guard: Guard, status: int) -> str:
    """The key of the guard that is likely to be wrong."""
    if status in guard.refused:
        return "refused_when"
    if status in HINTS:
        return f"operation.{HINTS[status]}"
    if status in guard.operation.success:
        return "operation.success_when"
    return f"refused = [{status}]"
