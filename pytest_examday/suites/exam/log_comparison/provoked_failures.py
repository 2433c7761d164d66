"""Makes failures on purpose: without a failure, a log cannot prove that it records failures."""

import uuid
from typing import NamedTuple

from pydantic import SecretStr

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, probe
from pytest_examday.target.target import Target


class ProvokedFailures(NamedTuple):
    """The failures that were made, as probes; the secrets that were sent and that no log may hold, by what they are;
    and the last request, None if it was not accepted."""

    probes: tuple[Probe, ...]
    secrets: dict[str, str]
    last: Probe | None


def provoke_failures(target: Target) -> ProvokedFailures:
    """Send requests that the platform has to refuse, and one that it has to accept at the end."""
    try:
        (account,) = target.accounts.take(1)
        candidate = ProbeCandidate.begin(target, account)
    except Unmeasurable as reason:
        return ProvokedFailures((Probe.untried("a refused request", str(reason)),), {}, None)
    wrong = f"wrong-{uuid.uuid4().hex}"
    candidate.open()
    nowhere = {"session_id": str(uuid.uuid4())}
    replies = {
        "a session that does not exist": target.api.call("read", nowhere, candidate.login.access_token),
        "no token": target.api.call("read", {"session_id": candidate.session_id or nowhere["session_id"]}),
    }
    sent = {"an access token": candidate.login.access_token}
    contract = target.environment.platform.contract
    if contract.login is not None:
        replies["wrong password"] = target.api.request_login(account.model_copy(update={"password": SecretStr(wrong)}))
        sent["a password"] = wrong
    if contract.review is not None:
        replies["review before the submit"] = candidate.review()
    probes = tuple(probe(name, reply, reply.refused) for name, reply in replies.items())
    if candidate.login.refresh_token is not None:
        sent["a refresh token"] = candidate.login.refresh_token
    last = None if candidate.session_id is None else candidate.read()
    return ProvokedFailures(probes, sent, None if last is None or not last.accepted else probe("read", last))
