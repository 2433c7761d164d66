"""Calls the operation of the rate limit once: in a burst, every call that is not limited must be accepted."""

from collections.abc import Iterator
from uuid import uuid4

from pytest_examday.contract.contract import RateLimit
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.candidates.probe_candidate import with_words
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.check.likely_keys import HINTS, one_of
from pytest_examday.suites.exam.probes.rate_limit_probes import RATE_LIMIT_KEY
from pytest_examday.target.api import Reply
from pytest_examday.target.target import Target

_WHAT = "contract.rate_limit"


def try_rate_limit(target: Target) -> Iterator[CheckResult]:
    """A look at one call of the operation. One call shows whether it is accepted; only a burst shows the limit, and
    `check` makes none."""
    described = target.environment.platform.contract.rate_limit
    if described is None:
        return
    refused = None if described.operation.method == "GET" else target.refusal("write", "to call the rate limit")
    if refused is not None:
        yield CheckResult(_WHAT, "untried", refused)
        return
    try:
        reply = target.api.call(described.operation, {"nonce": uuid4().hex[:12]})
    except Unmeasurable as reason:
        yield CheckResult(_WHAT, "untried", str(reason))
        return
    yield _look(target, described, reply)


def _look(target: Target, described: RateLimit, reply: Reply) -> CheckResult:
    operation = described.operation
    said = target.files.redactor.clean(f"{operation.method} {operation.path}: {with_words(reply)}")
    burst = f"phase 3 calls it {described.burst} times in a row, and one must be limited"
    if reply.status == described.limited:
        return CheckResult(_WHAT, "works", f"{said}: limited already; {burst}")
    if reply.accepted:
        return CheckResult(_WHAT, "works", f"{said}: accepted; {burst}")
    if reply.status is None:
        return CheckResult(_WHAT, "untried", said)
    return CheckResult(_WHAT, "wrong", f"{said}: neither accepted nor limited ({described.limited})", _mend(reply))


def _mend(reply: Reply) -> str:
    """The key that is likely to be wrong. A refusal on purpose, such as that of a wrong password, is accepted if
    `success` or `success_when` says so."""
    if reply.status in reply.operation.success:
        return f"{RATE_LIMIT_KEY}.success_when"
    accepted = f"{RATE_LIMIT_KEY}.success = [{reply.status}]"
    if reply.status in HINTS:
        return one_of(f"{RATE_LIMIT_KEY}.{HINTS[reply.status]}", accepted)
    return accepted
