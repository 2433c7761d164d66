"""All access tokens expire at once during the exam: candidates refresh them or log in again, and go on."""

import time
from typing import TYPE_CHECKING

from pytest_examday.config.environment import Environment
from pytest_examday.drills.drill import Drill
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.faults.fault import Fault, done_at_once
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, probe
from pytest_examday.suites.exam.probes.drill_probes import log_in_and_sit_exam

if TYPE_CHECKING:
    from pytest_examday.target.target import Target

JOB = "expire_tokens"
"""The job that makes the platform expire its tokens; the runtime's `jobs` say how to run it."""
_REFUSED = (401, 403)
_FELT_BY = "old token refused"
_FELT_SECONDS, _PAUSE_SECONDS = 5.0, 0.2


def _expire(target: "Target") -> None:
    ran = target.runtime.run_job(JOB)
    if ran.exit_status != 0:
        raise Unmeasurable(f"the job {JOB} ended with exit status {ran.exit_status}")


def _all_expired(target: "Target") -> Fault:
    target.runtime.require(JOB, "jobs")
    return done_at_once("all tokens expired", "tokens", lambda: _expire(target))


def _during(target: "Target", prober: ProbeCandidate) -> tuple[Probe, ...]:
    """The old token has to be refused, a new one given, and a whole exam has to be possible with it."""
    return (_old_token_refused(prober), _entered_again(prober), *log_in_and_sit_exam(target, prober))


def _old_token_refused(prober: ProbeCandidate) -> Probe:
    """Use the old token, which has to be refused; raises Unmeasurable if it is still accepted: then nothing has
    expired."""
    until = time.monotonic() + _FELT_SECONDS
    while (reply := prober.open()).status not in _REFUSED and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    if reply.accepted:
        raise Unmeasurable(f"the job {JOB} was run and a token from before it is still accepted")
    return probe(_FELT_BY, reply, reply.status in _REFUSED)


def _entered_again(prober: ProbeCandidate) -> Probe:
    reply = prober.renew()
    if reply is None:
        why = "the candidate has a prepared token, and neither a refresh token nor a password"
        return Probe.untried("entered again during", why)
    return probe("entered again during", reply)


def _until_everybody_was_refused(environment: Environment) -> float:
    """The longest think time plus a second: by then every candidate has sent a request with an expired token. If one
    did so only after the recovery, its 401 would count as an error after the recovery."""
    profile = environment.profile.drill
    return max(profile.hold_seconds, profile.habits.think_seconds[1] + 1)


DRILL = Drill(
    name="tokens_expired",
    title="Tokens expired",
    phase=3,
    scenario="all tokens expire at once",
    fault=_all_expired,
    during=_during,
    effect_probe=_FELT_BY,
    continues=True,
    hold_seconds=_until_everybody_was_refused,
)
