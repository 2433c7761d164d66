"""A rule of an exam, and the trial that shows whether the platform keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.config.environment import Environment
from pytest_examday.contract.contract import Contract
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult

if TYPE_CHECKING:
    from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup


def every_contract_suffices(contract: Contract) -> str | None:
    """`Rule.why_impossible` of a trial that needs only the required operations of the contract."""
    return None


def no_key(contract: Contract) -> str | None:
    """What the contract lacks for a trial that sends idempotency keys; None if it lacks nothing."""
    return None if contract.takes_keys else "the contract has no idempotency key, neither in a header nor as {key}"


def needs_found(operation: str, name: str) -> Callable[[Contract], str | None]:
    """`Rule.why_impossible` of a trial that needs the value of this name from the reply to an operation."""

    def why_impossible(contract: Contract) -> str | None:
        reason = contract.lacking(operation)
        if reason is not None:
            return reason
        finds = getattr(contract, operation).finds
        return None if name in finds else f"the contract does not say where `{operation}` shows the {name}"

    return why_impossible


def needs(*operations: str) -> Callable[[Contract], str | None]:
    """`Rule.why_impossible` of a trial that needs these operations."""
    return lambda contract: contract.lacking(*operations)


@dataclass(frozen=True)
class Rule:
    """One rule of an exam: the key and the words of its line, the gate to which the line belongs, and its trial.

    The trial raises Unmeasurable if it cannot be carried out. `why_impossible` says what a contract lacks for the
    trial, and None if it lacks nothing; a platform without it does not promise the rule.
    """

    key: str
    words: str
    gate: str
    trial: Callable[["TrialSetup"], TrialResult]
    why_impossible: Callable[[Contract], str | None] = every_contract_suffices

    def why_not_promised(self, environment: Environment) -> str | None:
        """What the environment's contract lacks for the trial; None if it lacks nothing."""
        return self.why_impossible(environment.platform.contract)
