"""Tries the operations of the contract: a candidate logs in, sits one exam of a few questions and reads it back."""

import math
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import NamedTuple

from pytest_examday.config.accounts import Account
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.vocabulary import BEFORE_THE_EXAM, VOCABULARY
from pytest_examday.contract.web_page import ambiguous, unmatched
from pytest_examday.errors import Unmeasurable
from pytest_examday.integrity.uuid_spelling import same_text_or_uuid
from pytest_examday.suites.exam.candidates.probe_candidate import (
    ProbeCandidate,
    is_limited,
    shows_answers,
    with_words,
)
from pytest_examday.suites.exam.check.changes import configured_changes
from pytest_examday.suites.exam.check.check_result import CheckResult, State, did_you_mean_place, nearest_place, shape
from pytest_examday.suites.exam.check.exam_mode import exam_mode_never_on, try_exam_mode
from pytest_examday.suites.exam.check.likely_keys import HINTS, account_keys, likely_key, one_of
from pytest_examday.suites.exam.check.protected_operations import try_protected_operations
from pytest_examday.suites.exam.check.rate_limit import try_rate_limit
from pytest_examday.target.accounts import SignUpRefused
from pytest_examday.target.api import LoginResult, Reply
from pytest_examday.target.target import Target

Call = Callable[[], Reply]
_RULE_SECONDS, _PAUSE_SECONDS = 15.0, 0.5
"""For how long a refused submit is tried again, and how often."""


def operations(target: Target) -> Iterator[CheckResult]:
    """A look at each operation that may be tried. What changes the platform is tried if that is allowed."""
    contract = target.environment.platform.contract
    for name in ("health", "ready"):
        if getattr(contract, name) is not None:
            yield from _tried(target, name, partial(target.api.call, name))
    yield from try_exam_mode(target, partial(_seen, target, "exam_mode"))
    yield from configured_changes(target)
    yield from exam_mode_never_on(target)
    administrator = _administrator(target)
    if administrator.refused is None:
        yield administrator.row
    yield from _allowed(target)
    yield from try_protected_operations(target)
    yield from try_rate_limit(target)
    yield from _candidate(target, administrator)
    for name in VOCABULARY:
        if name not in BEFORE_THE_EXAM and getattr(contract, name) is None:
            yield CheckResult(
                f"contract.{name}", "untried", "the contract does not describe it; what rests on it is not judged"
            )


def _candidate(target: Target, administrator: "_Administrator") -> Iterator[CheckResult]:
    """Looks at the operations of one candidate. Then tells of the administrator who could not log in: candidates log in
    by the same operation, and if one could, the operation is right."""
    entered = False
    for result in _first_exam(target, admin_entered=administrator.logged_in):
        entered = entered or (result.what == "contract.login" and result.state == "works")
        yield result
    if administrator.refused is not None:
        alone = f"env.{target.environment.name}.admin"
        yield administrator.row._replace(key_to_write=alone) if entered else administrator.row


def _first_exam(target: Target, *, admin_entered: bool) -> Iterator[CheckResult]:
    """Looks at the account of a candidate, its exam, and a second one."""
    contract = target.environment.platform.contract
    try:
        (account,) = target.accounts.take(1)
    except SignUpRefused as refused:
        yield from _seen(target, "sign_up", refused.reply)
        return
    except Unmeasurable as reason:
        yield CheckResult("candidates", "wrong", str(reason), f"env.{target.environment.name}.candidates")
        return
    if contract.sign_up is not None:
        refusal = target.refusal("write", "to sign people up")
        made = f"{contract.sign_up.method} {contract.sign_up.path}: {account.email} has an account"
        yield CheckResult("contract.sign_up", "works" if refusal is None else "untried", refusal or made)
    yield from check_exam(target, account, admin_entered=admin_entered)
    yield from _second_exam(target, account)


def check_exam(target: Target, account: Account, *, admin_entered: bool = False) -> Iterator[CheckResult]:
    """Looks at the operations of one candidate, who logs in and sits an exam if that is allowed. `admin_entered`: the
    administrator has logged in by the same operation, so a refusal is a matter of the account."""
    contract = target.environment.platform.contract
    candidate = None
    if account.password is None:
        candidate = ProbeCandidate.begin(target, account)
    else:
        password = account.password.get_secret_value()
        if contract.before_login is not None:
            yield from _tried(target, "before_login", partial(target.api.call, "before_login"))
        reply = target.api.request_login(account)
        token, refresh = reply.find("access_token"), reply.find("refresh_token")
        if reply.operation != contract.before_login:
            keys = account_keys(target)
            is_account = admin_entered and reply.refused
            mend = one_of(*keys) if is_account else likely_key(_name_of(reply, contract), reply, entered_by=keys)
            yield from _seen(target, _name_of(reply, contract), reply, hidden=password, mend=mend)
        if reply.accepted and token is not None:
            if contract.after_login is not None:
                yield from _tried(target, "after_login", partial(target.api.call, "after_login", token=str(token)))
            owner = reply.find("owner")
            candidate = ProbeCandidate(
                target, LoginResult(account, str(token), refresh, None if owner is None else str(owner))
            )
    if candidate is None:
        yield CheckResult("an exam", "untried", "no candidate could log in")
        return
    refused = target.refusal("write", "to open an exam")
    if refused is not None:
        yield CheckResult("an exam", "untried", refused)
        return
    yield from _sat(target, candidate)


def _name_of(reply: Reply, contract: Contract) -> str:
    return "after_login" if reply.operation == contract.after_login else "login"


def _sat(target: Target, candidate: ProbeCandidate) -> Iterator[CheckResult]:
    """Open an exam, answer a question, read it back, submit, and read the review."""
    contract = target.environment.platform.contract
    yield from _opened(target, candidate)
    if candidate.session_id is None:
        yield CheckResult("answer, read, submit", "untried", "no exam was opened")
        return
    yield from _tried(target, "read", candidate.read)
    yield from _questions(candidate)
    if candidate.questions and candidate.questions[0]["choices"]:
        yield from _tried(target, "answer", candidate.answer)
        yield from _read_back(candidate)
        if contract.clear is not None:
            yield from _tried(target, "clear", candidate.clear)
    yield from _submitted(target, candidate)
    if contract.review is not None:
        yield from _tried(target, "review", candidate.review)
    if contract.refresh is not None and candidate.login.refresh_token is not None:
        yield from _tried(target, "refresh", candidate.refresh)
    if contract.logout is not None:
        values = {"refresh_token": candidate.login.refresh_token}
        yield from _tried(target, "logout", partial(target.api.call, "logout", values, candidate.login.access_token))


def _submitted(target: Target, candidate: ProbeCandidate) -> Iterator[CheckResult]:
    """Looks at the submit. If it is refused just after the start and accepted some seconds later, the platform has a
    rule that the contract has to describe."""
    declared = target.environment.platform.contract.earliest_submit_seconds
    reply = candidate.submit()
    refusal, until = with_words(reply), time.monotonic() + _RULE_SECONDS
    repeated = False
    while reply.refused and not is_limited(reply) and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
        reply = candidate.submit()
        repeated = repeated or with_words(reply) == refusal
    if reply.accepted and repeated and candidate.opened_at is not None:
        seconds = math.ceil(time.monotonic() - candidate.opened_at)
        message = f"refused in the first {seconds} s of an exam: {target.files.redactor.clean(refusal)}"
        key = f"contract.earliest_submit_seconds = {seconds}"
        yield CheckResult("contract.earliest_submit_seconds", "wrong", message, key, misfit=True)
        return
    yield from _seen(target, "submit", reply)
    if declared and reply.accepted:
        message = f"nobody submits in the first {declared:g} s of an exam"
        yield CheckResult("contract.earliest_submit_seconds", "works", message)


def _second_exam(target: Target, account: Account) -> Iterator[CheckResult]:
    """Whether a start that is repeated with its key opens one exam, and whether one person may have two exams open. A
    rehearsal works on platforms that allow a second exam, and on those that refuse it."""
    if target.refusal("write", "to open an exam") is not None:
        return
    try:
        first = ProbeCandidate.begin(target, account)
    except Unmeasurable:
        return  # the check of the exam has reported it
    key, second, third = uuid.uuid4().hex, replace(first), replace(first)
    if not first.open(key=key).accepted:
        return
    if target.environment.platform.contract.takes_keys:
        yield _repeated(target, first, second, key)
    reply = third.open()
    for candidate in (first, second, third):
        if candidate is first or candidate.session_id != first.session_id:
            candidate.submit_left_open()
    if reply.accepted:
        message = "a person may have two exams open"
    elif reply.refused:
        words = target.files.redactor.clean(with_words(reply))
        message = f"a person has one exam open at a time, a second start is refused: {words}"
    else:
        yield CheckResult("a second exam", "untried", target.files.redactor.clean(with_words(reply)))
        return
    yield CheckResult("a second exam", "works", message)


def _repeated(target: Target, first: ProbeCandidate, second: ProbeCandidate, key: str) -> CheckResult:
    """Looks at the start of an exam that the second candidate, the same person, repeats with the key of the first."""
    what, header = "a repeated start", target.environment.platform.contract.idempotency_header
    where = "contract.create.body" if header is None else "contract.idempotency_header"
    sent = "in the request" if header is None else f"in the header {header}"
    reply = second.open(key=key)
    if not reply.accepted:
        said = target.files.redactor.clean(with_words(reply))
        return CheckResult(what, "untried", f"repeated with the same key {sent}: {said}")
    if same_text_or_uuid(str(second.session_id), str(first.session_id)):
        return CheckResult(what, "works", f"repeated with the same key {sent}, it leads to the same exam")
    message = f"repeated with the same key {sent}, it opens a second exam; does the platform read the key there?"
    return CheckResult(what, "wrong", message, where)


def _opened(target: Target, candidate: ProbeCandidate) -> Iterator[CheckResult]:
    """Looks at the start of an exam; a token that needed no log-in is used there for the first time."""
    try:
        reply = candidate.open()
    except Unmeasurable as reason:
        yield CheckResult("contract.create", "untried", str(reason))
        return
    account = candidate.login.account
    if account.password is not None or reply.status != HTTPStatus.UNAUTHORIZED:
        yield from _seen(target, "create", reply)
        return
    made, key = ("prepared", "candidates") if account.mint is None else ("minted", "candidates.mint")
    message = target.files.redactor.clean(f"the {made} token of {account.email} is refused: {with_words(reply)}")
    yield CheckResult("the token", "wrong", message, f"env.{target.environment.name}.{key}", misfit=True)


def _questions(candidate: ProbeCandidate) -> Iterator[CheckResult]:
    if not candidate.questions:
        yield CheckResult("questions", "wrong", "no question was found", "contract.read.finds.questions", misfit=True)
    elif not candidate.questions[0]["choices"]:
        message = f"{len(candidate.questions)} questions without choices"
        yield CheckResult(
            "questions", "wrong", message, "contract.read.finds.questions: [].{id: …, choices: …}", misfit=True
        )
    else:
        choices = len(candidate.questions[0]["choices"])
        yield CheckResult(
            "questions", "works", f"{len(candidate.questions)} questions; the first has {choices} choices"
        )


def _read_back(candidate: ProbeCandidate) -> Iterator[CheckResult]:
    """Whether the exam that is read back shows the answer that was just given."""
    if not candidate.given:
        return
    reply = candidate.read()
    place = reply.operation.finds.get("answers")
    if place is None:
        yield CheckResult(
            "the answer, read back", "untried", "the contract does not say where `read` shows the answers"
        )
    elif reply.accepted and not shows_answers(reply):
        if did_you_mean_place(place, reply.body):
            return  # the first look at `read` has told it
        what, holds = "contract.read.finds.answers", shape(reply.body)
        message = f"no list at {place} after an answer was accepted; the reply holds {holds}"
        yield CheckResult(what, "wrong", message, what)
    elif candidate.shown(reply) == candidate.given:
        yield CheckResult("the answer, read back", "works", "as it was given")
    else:
        message = f"given {candidate.given}, shown {candidate.shown(reply)}"
        yield CheckResult(
            "the answer, read back", "wrong", message, "contract.read.finds.answers: [].{question: …, value: …}"
        )


def _tried(target: Target, name: str, call: Call) -> Iterator[CheckResult]:
    """Looks at one operation: its status, and each value that the contract looks for in its reply."""
    try:
        reply = call()
    except Unmeasurable as reason:
        yield CheckResult(f"contract.{name}", "untried", str(reason))
        return
    yield from _seen(target, name, reply)


def _allowed(target: Target) -> Iterator[CheckResult]:
    """Looks at the operations that work in exam mode too; those that change something if that is allowed."""
    for name, operation in target.environment.platform.contract.allowed.items():
        refused = None if operation.method == "GET" else target.refusal("write", f"for {operation.method}")
        if refused is not None:
            yield CheckResult(f"contract.allowed.{name}", "untried", refused)
            continue
        try:
            token = None if operation.auth == "none" else target.accounts.auth_token()
        except Unmeasurable as reason:
            yield CheckResult(f"contract.allowed.{name}", "untried", str(reason))
            continue
        yield from _seen(target, f"allowed.{name}", target.api.call(operation, token=token))


def _seen(target: Target, name: str, reply: Reply, hidden: str = "", mend: str | None = None) -> Iterator[CheckResult]:
    operation, what = reply.operation, f"contract.{name}"
    line = f"{operation.method} {operation.path}"
    if is_limited(reply):
        yield CheckResult(what, "untried", f"{line}: a rate limit refused it; wait and check again: {reply}")
        return
    if not reply.accepted:
        key = likely_key(name, reply) if mend is None else mend
        misfit = reply.status is not None and (reply.status < 300 or reply.status in HINTS)
        yield CheckResult(what, "wrong", f"{line}: {_said(target, reply, hidden)}", key, misfit)
        return
    found = [key for key in operation.finds if reply.find(key) is not None]
    message = f", found: {', '.join(found)}" if found else ""
    yield CheckResult(what, "works", f"{line}: {reply}{message}")
    for key in operation.finds:
        if key not in found:
            yield from _missing(name, key, operation, reply)
    kept = reply.remembered_values()
    for key, expression in operation.keeps.items():
        if key not in kept:
            place = f"contract.{name}.keeps.{key}"
            yield CheckResult(place, "wrong", f"nothing at {expression}; the reply holds {shape(reply.body)}", place)
    content = reply.text.encode()
    for message in ambiguous(operation.page or {}, content):
        yield CheckResult(what, "wrong", message, f"contract.{name}.page")
    for message in unmatched(operation.page or {}, content):
        yield CheckResult(f"contract.{name}.page", "untried", message)


def _missing(name: str, key: str, operation: Operation, reply: Reply) -> Iterator[CheckResult]:
    """A value that the reply lacks. It is no mistake if the reply has the value and leaves it empty, or if only the
    reply of another operation has it."""
    expression, what = operation.finds[key], f"contract.{name}.finds.{key}"
    needed = name in VOCABULARY and key in VOCABULARY[name].needed
    question = did_you_mean_place(expression, reply.body)
    if needed or question:
        message = f"nothing at {expression}; the reply holds {shape(reply.body)}{question}"
        yield CheckResult(what, "wrong", message, what, misfit=needed)
    elif not nearest_place(expression, reply.body):
        yield CheckResult(what, "untried", f"nothing at {expression}")


def _said(target: Target, reply: Reply, hidden: str) -> str:
    said = with_words(reply)
    return target.files.redactor.clean(said.replace(hidden, "[hidden]") if hidden else said)


class _Administrator(NamedTuple):
    """Whether the administrator has a token: `row` tells it. `logged_in` by the operation with which candidates log in
    too. `refused` is the reply that refused that; None if nothing did."""

    row: CheckResult
    logged_in: bool = False
    refused: Reply | None = None


def _administrator(target: Target) -> _Administrator:
    what, admin, contract = "the administrator", target.accounts.admin, target.environment.platform.contract
    needed: State = "wrong" if contract.protected or contract.allowed else "untried"
    key = f"env.{target.environment.name}.admin"
    has_token = CheckResult(what, "works", "has a token")
    if target.environment.auth_token is not None or admin is None or admin.password is None or contract.login is None:
        try:
            target.accounts.auth_token()
        except Unmeasurable as reason:
            return _Administrator(CheckResult(what, needed, str(reason), key))
        return _Administrator(has_token)
    reply = target.api.request_login(admin)
    if reply.accepted and reply.find("access_token") is not None:
        return _Administrator(has_token, logged_in=True)
    message = f"{admin.email} could not log in: {_said(target, reply, admin.password.get_secret_value())}"
    if is_limited(reply):
        return _Administrator(CheckResult(what, "untried", message))
    likely = likely_key(_name_of(reply, contract), reply, entered_by=(key,))
    return _Administrator(CheckResult(what, needed, message, likely), refused=reply)
