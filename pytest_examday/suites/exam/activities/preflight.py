"""The preflight of the exam suite: reach the platform, and then let one candidate sit a short exam, so that a contract
that does not fit is told as that, before hundreds of candidates fail by it."""

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.preflight_evidence import PreflightEvidence
from pytest_examday.suites import preflight
from pytest_examday.suites.exam.first_contact.operations import exam_of
from pytest_examday.target.target import Target


def gather(target: Target) -> PreflightEvidence:
    """Collect the evidence of the preflight.

    Raises Unmeasurable as the preflight of every suite does; and where the platform does not know a request of the
    contract, or an answer lacks what the contract looks for. That is a mistake in the configuration, or a platform on
    which nobody can sit an exam: nothing that follows would say anything.
    """
    found = preflight.gather(target)
    if target.refusal("write", "to open an exam") is None:
        _refuse_misfits(target)
    return found


def _refuse_misfits(target: Target) -> None:
    try:
        (account,) = target.accounts.last(1)  # the load counts from the first
        misfits = [look for look in exam_of(target, account) if look.misfit]
    except Unmeasurable:
        return  # without an account nobody sits an exam, and whoever needs one says so
    if misfits:
        told = "; ".join(f"{look.what}: {look.told} -> {look.mend}" for look in misfits)
        raise Unmeasurable(
            f"the contract does not fit the platform: {told}; `python -m pytest_examday check --env "
            f"{target.environment.name}` tries every part of it"
        )
