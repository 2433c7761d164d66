"""Another candidate than the one who makes the probes of a drill."""

from typing import TYPE_CHECKING

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


def another_candidate_in_exam(target: "Target") -> ProbeCandidate:
    """A candidate who has just opened an exam and given one answer. Raises Unmeasurable if a step fails."""
    (account,) = target.accounts.take(1)
    candidate = ProbeCandidate.begin(target, account)
    open_exam(candidate)
    give_answer(candidate)
    return candidate
