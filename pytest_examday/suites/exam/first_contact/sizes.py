"""Tells for which profiles the configured accounts are enough, and how long each profile takes."""

from collections.abc import Iterator

from pytest_examday.config.profiles import PROFILES
from pytest_examday.drills.resolve_drills import running_drills
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.exam.drills.catalogue import DRILLS
from pytest_examday.suites.exam.first_contact.look import Look
from pytest_examday.target.target import Target

_OF_A_DRILL_SECONDS = 15
"""What a drill takes beside its steady state, its hold and what comes after it: recovery and comparison."""


def sizes(target: Target) -> Iterator[Look]:
    """A look at the accounts for each profile, the one of this run as it is configured."""
    try:
        have = target.accounts.candidates.count
    except Unmeasurable as reason:
        yield Look("accounts", "wrong", str(reason), f"env.{target.environment.name}.candidates")
        return
    chosen = target.environment.profile
    for profile in ({**PROFILES, chosen.name: chosen}).values():
        drills = len(running_drills(target.environment, profile.drill.drills, DRILLS))
        needed = profile.needed_accounts(drills)
        drill = profile.drill
        each = drill.steady_seconds + drill.hold_seconds + drill.settle_seconds + _OF_A_DRILL_SECONDS
        minutes = (profile.load.exam_seconds + drills * each) / 60
        told = f"{needed} accounts needed, {have} configured; {drills} drills, about {max(1, round(minutes))} min"
        what = f"profile {profile.name}"
        if needed <= have:
            yield Look(what, "works", told)
        else:
            wrong = profile.name == chosen.name
            yield Look(what, "wrong" if wrong else "untried", told, f"env.{target.environment.name}.candidates")
