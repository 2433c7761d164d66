"""Reading, answering and submitting a candidate's exam with a given token, or without one."""

from typing import NamedTuple

from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.rules.trials.send_calls import Call


class RequestsWithToken(NamedTuple):
    """Functions that send one request each, all with one token."""

    read: Call
    answer: Call
    submit: Call


def requests_with_token(candidate: ProbeCandidate, token: str | None) -> RequestsWithToken:
    """The requests in the candidate's exam with this token, or without a token.

    Waits until the exam may be submitted, and the answer is newer than the last one: all but the token is right, so
    that nothing but the token can be refused.
    """
    candidate.wait_until_submittable()
    api, question = candidate.target.api, candidate.questions[0]
    session = {"session_id": candidate.session_id}
    answer = {
        **candidate.answer_values(question["id"], question["choices"][1]),
        "sequence": candidate.sequence + 1,
    }
    return RequestsWithToken(
        lambda: api.call("read", session, token),
        lambda: api.call("answer", answer, token),
        lambda: api.call("submit", session, token),
    )
