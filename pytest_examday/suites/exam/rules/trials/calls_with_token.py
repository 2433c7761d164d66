"""The calls that a token opens in a candidate's exam: whoever has no right to it must be refused."""

from typing import NamedTuple

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.rules.trials.send_calls import Call


class CallsWithToken(NamedTuple):
    """One call each, with one token."""

    read: Call
    answer: Call
    submit: Call


def calls_with_token(candidate: ProbeCandidate, token: str | None) -> CallsWithToken:
    """The calls in the candidate's exam with this token, or without a token. All else in them is right, so that
    nothing but the token can be refused: a newer answer, and a submit that is not too early, for which this waits."""
    candidate.wait_until_submittable()
    api, question = candidate.target.api, candidate.questions[0]
    session = {"session_id": candidate.session_id}
    answer = {
        **candidate.answer_values(question["id"], question["choices"][1]),
        "sequence": candidate.sequence + 1,
    }
    return CallsWithToken(
        lambda: api.call("read", session, token),
        lambda: api.call("answer", answer, token),
        lambda: api.call("submit", session, token),
    )
