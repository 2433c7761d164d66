"""Shows for which profiles the configured accounts are enough, and how long each profile takes."""

from collections.abc import Iterator

from pytest_examday.config.profiles import PROFILES, LoadProfile, Profile
from pytest_examday.drills.resolve_drills import running_drills
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.lines.load.latency import SAMPLES_PER_OPERATION
from pytest_examday.suites.exam.load.login_time import log_ins
from pytest_examday.target.target import Target

_OF_A_DRILL_SECONDS = 15
"""The time that a drill takes after its steady state and its hold, for recovery and comparison."""


def sizes(target: Target) -> Iterator[CheckResult]:
    """A look at the accounts for each profile, the one of this run as it is configured."""
    try:
        have = target.accounts.candidates.count
    except Unmeasurable as reason:
        yield CheckResult("accounts", "wrong", str(reason), f"env.{target.environment.name}.candidates")
        return
    chosen = target.environment.profile
    for profile in ({**PROFILES, chosen.name: chosen}).values():
        drills = len(running_drills(target.environment, profile.drill.drills, DRILLS))
        needed = profile.needed_accounts(drills)
        drill = profile.drill
        each = drill.steady_seconds + drill.hold_seconds + drill.settle_seconds + _OF_A_DRILL_SECONDS
        minutes = (profile.load.exam_seconds + drills * each) / 60
        message = f"{needed} accounts needed, {have} configured; {drills} drills, about {max(1, round(minutes))} min"
        what, chosen_one = f"profile {profile.name}", profile.name == chosen.name
        few = _too_few_starts(profile.load)
        if needed <= have and few is not None:
            yield CheckResult(
                what, "wrong" if chosen_one else "untried", few, f"profile.{profile.name}.load.candidates"
            )
        elif needed <= have:
            yield CheckResult(what, "works", message)
        else:
            key = f"env.{target.environment.name}.candidates"
            yield CheckResult(what, "wrong" if chosen_one else "untried", message, key)
        yield from _log_ins(target, profile, drills, needed)


def _log_ins(target: Target, profile: Profile, drills: int, accounts: int) -> Iterator[CheckResult]:
    """How long the log-ins of a profile take, if the environment declares a limit to them; and the sign-ups of so
    many accounts, if the rehearsal makes them."""
    pace = target.login_pace
    if pace is None:
        return
    made = tuple(log_ins(target, profile, pace, drills))
    message = ", ".join(part.figures for part in made)
    if target.environment.platform.contract.sign_up is not None:
        message += f"; before, {accounts} sign-ups in {pace.seconds_for(accounts):.0f} s"
    what = f"log-ins of {profile.name}"
    hasty = [part.key for part in made if not part.possible]
    if not hasty:
        yield CheckResult(what, "works", message)
    else:
        wrong = profile.name == target.environment.profile.name
        yield CheckResult(what, "wrong" if wrong else "untried", message, ", ".join(hasty))


def _too_few_starts(load: LoadProfile) -> str | None:
    """The reason why so few exams start after the ramp of the load that they cannot be judged; None if enough start.
    Candidates arrive evenly."""
    if load.shape != "exam":
        return None
    starts = round(load.candidates * max(0.0, 1 - load.ramp_seconds / load.arrive_seconds))
    if starts >= SAMPLES_PER_OPERATION:
        return None
    return (
        f"too few candidates: about {starts} of {load.candidates} start after the ramp of {load.ramp_seconds:g} s, "
        f"{SAMPLES_PER_OPERATION} are needed to judge"
    )
