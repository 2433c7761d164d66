"""All tokens expire at once in mid-exam: candidates log in again, or refresh, and go on where they were."""

from pytest_examday.drills.drill import Drill
from pytest_examday.drills.fault import Fault, done_at_once
from pytest_examday.drills.probes import enter_and_sit
from pytest_examday.errors import Unmeasurable
from pytest_examday.site import Site

JOB = "expire_tokens"
"""Only the platform can do it: by a job of this name, which the runtime's `jobs` say how to run."""


def _expire(site: Site) -> None:
    ran = site.runtime.run_job(JOB)
    if ran.exit_status != 0:
        raise Unmeasurable(f"the job {JOB} ended with exit status {ran.exit_status}")


def _fault(site: Site) -> Fault:
    site.runtime.require(JOB, "jobs")
    return done_at_once("all tokens expired", "tokens", lambda: _expire(site))


def describe(site: Site) -> Drill:
    """Expired once; candidates go on for the time of a hold."""
    return Drill(
        activity="drill_tokens_expired",
        scenario="all tokens expire at once",
        fault=_fault,
        during=enter_and_sit,
        continues=True,
    )
