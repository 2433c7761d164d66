"""Judges a rule by the replies of a platform.

A reply accuses the platform only if it is clear: neither an error of the server nor a limit on requests nor a token
that has expired says anything about the meaning of the operation.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.suites.exam.candidates.probe_candidate import reply_in_words
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.target.api import Reply


def comparable(value: object) -> object:
    """The value as a number if it is a number or a text that holds one, otherwise its text: "3", 3 and 3.0 are
    equal."""
    number = as_number(value)
    return str(value) if number is None else number


def shows_something(reply: Reply) -> bool:
    """Whether the contract finds at least one value in the reply. It finds none in an error that is sent with status
    200."""
    return any(reply.find(name) is not None for name in reply.operation.finds)


def gives_token(reply: Reply) -> bool:
    """Whether the contract finds an access token in the reply to a login or a refresh."""
    return reply.find("access_token") is not None


def is_definite_refusal(reply: Reply) -> bool:
    """Whether the platform refused the call itself. A refused token is no such refusal: it may have expired."""
    return reply.refused and reply.status != HTTPStatus.UNAUTHORIZED


def judge_refusals(replies: Sequence[Reply], what: str, accepts: Callable[[Reply], bool] | None = None) -> TrialResult:
    """Whether every one of these replies is a refusal. A reply that is neither acceptance nor refusal, for
    instance an error of the server, leaves open whether the rule holds. `accepts` says whether a
    reply with an accepted status really accepts; None if the status is enough."""
    accepted = find_accepted(replies, what, accepts)
    if accepted is not None:
        return accepted
    unclear = [reply for reply in replies if not (reply.accepted or reply.refused)]
    if unclear:
        return TrialResult(None, f"{what} got no clear reply in {len(unclear)} of {len(replies)} tries: {unclear[0]}")
    return TrialResult(True, f"{what} was refused in {len(replies)} of {len(replies)} tries: {replies[0]}")


def find_accepted(
    replies: Sequence[Reply], what: str, accepts: Callable[[Reply], bool] | None = None
) -> TrialResult | None:
    """The result of calls of which at least one was accepted though all had to be refused; None if none was.
    `accepts`: see `judge_refusals`."""
    wrong = [reply for reply in replies if reply.accepted and (accepts is None or accepts(reply))]
    if not wrong:
        return None
    return TrialResult(
        False, f"{what} was accepted in {len(wrong)} of {len(replies)} tries: {reply_in_words(wrong[0])}"
    )
