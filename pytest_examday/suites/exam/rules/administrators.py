"""What administrators do is refused to candidates and to anybody without a token."""

from collections.abc import Mapping

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.operation import Operation
from pytest_examday.suites.exam.exam_mode.read_exam_mode import survey_of
from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule
from pytest_examday.suites.exam.rules.trials.judge_replies import judge_refusals
from pytest_examday.suites.exam.rules.trials.send_calls import send_until_clear
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult, worst_trial_result
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_REDIRECTS = 300


def _refused_to_others(setup: TrialSetup) -> TrialResult:
    """Call the operations with the token of a candidate in an exam, which opens that exam, with one of a login after a
    submit, and without a token.

    What exam mode allows does no harm, and is called on every worker. Protected operations would do their work if they
    were accepted. So they are called once, and only if every reading says that exam mode is on. It refuses them to
    everybody: the operations that it allows show more.
    """
    contract = setup.target.environment.platform.contract
    callers = _callers(setup)
    shown = [
        _tried(setup, name, operation, who, token, setup.tries)
        for name, operation in _allowed(contract).items()
        for who, token in callers.items()
    ]
    protected = _protected(contract)
    if not protected or any(result.held is False for result in shown):
        return worst_trial_result(*shown)
    if contract.exam_mode is None or not survey_of(setup.target).all_on:
        # What exam mode allows was refused, so the platform looks at who calls.
        message = "protected operations were not called, because exam mode is not known to be on"
        return worst_trial_result(*shown, TrialResult(True if shown else None, message))
    shown += [
        _tried(setup, name, operation, who, token, 1)
        for name, operation in protected.items()
        for who, token in callers.items()
    ]
    return worst_trial_result(*shown)


def _callers(setup: TrialSetup) -> dict[str, str | None]:
    """Who calls, in words, and the token of the call."""
    callers: dict[str, str | None] = {
        "with the token of a candidate": setup.other_candidate().login.access_token,
        "without a token": None,
    }
    if setup.can_log_in_again:
        submitted = setup.candidate_for_tokens()
        submitted.log_in_again()
        callers["with the token of a candidate who has submitted"] = submitted.login.access_token
    return callers


def _tried(setup: TrialSetup, name: str, operation: Operation, who: str, token: str | None, times: int) -> TrialResult:
    """Show whether an operation is refused with this token. It is not called again once it was accepted."""
    # With "admin", a call without a token would be made with the administrator's.
    asked = operation.model_copy(update={"auth": "none" if token is None else operation.auth})
    tries: list[Reply] = []
    while len(tries) < times and not (tries and tries[-1].accepted):
        tries.append(send_until_clear(lambda: setup.target.api.call(asked, token=token)))
    return judge_refusals(tries, f"{name} {who}")


def _allowed(contract: Contract) -> Mapping[str, Operation]:
    return {name: operation for name, operation in contract.allowed.items() if _shows_acceptance(operation)}


def _protected(contract: Contract) -> Mapping[str, Operation]:
    return {guard.name: guard.operation for guard in contract.protected if _shows_acceptance(guard.operation)}


def _shows_acceptance(operation: Operation) -> bool:
    """Whether administrators call it, and an answer tells whether it was accepted: a redirect may also lead to the
    login."""
    clear = operation.success_when is not None or max(operation.success) < _REDIRECTS
    return operation.auth == "admin" and clear


def _no_administrators(contract: Contract) -> str | None:
    if _allowed(contract) or _protected(contract):
        return None
    return "the contract names no operation of administrators whose answer tells that it was accepted"


RULES = (
    Rule(
        "administrators-alone-do-their-work",
        "What administrators do is refused to candidates, and without a token",
        EXAM_RULES,
        _refused_to_others,
        _no_administrators,
    ),
)
