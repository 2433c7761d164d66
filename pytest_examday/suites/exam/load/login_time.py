"""How long log-ins take below a declared limit, and whether candidates can arrive as fast as a profile says."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from pytest_examday.config.profiles import Profile
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.login_pace import LoginPace
from pytest_examday.target.target import Target


class Arrivals(NamedTuple):
    """Candidates who arrive within `given` seconds and log in, which takes `needed` seconds. `part` is the part of the
    rehearsal in words, `key` what to write for more time."""

    part: str
    logins: int
    needed: float
    given: float
    key: str

    @property
    def possible(self) -> bool:
        """Whether they can arrive as fast as the profile says."""
        return self.needed <= self.given


def arrivals(target: Target, profile: Profile, pace: LoginPace, drills: int) -> Iterator[Arrivals]:
    """The arrivals in the load and in each of so many drills. Raises Unmeasurable where no candidates are
    configured."""
    logins = _logging_in(target)
    load, drill = profile.load, profile.drill
    number = min(logins, load.candidates)
    needed = pace.seconds_for(number)
    key = f"profile.{profile.name}.load.arrive_seconds = {math.ceil(needed)}"
    yield Arrivals("the load", number, needed, load.arrive_seconds, key)
    if drills:
        number = min(logins, drill.candidates)
        needed = pace.seconds_for(number)
        key = f"profile.{profile.name}.drill.steady_seconds = {math.ceil(needed / ARRIVING_SHARE)}"
        yield Arrivals("a drill", number, needed, drill.steady_seconds * ARRIVING_SHARE, key)


ARRIVING_SHARE = 0.5
"""Share (0 to 1) of a drill's steady state within which its candidates arrive."""


def require_time(target: Target, drills: int) -> None:
    """Raise Unmeasurable where candidates of this run would have to log in faster than the environment's limit
    allows."""
    pace = target.login_pace
    if pace is None:
        return
    hasty = [one for one in arrivals(target, target.environment.profile, pace, drills) if not one.possible]
    if hasty:
        told = "; ".join(
            f"the {one.logins} candidates of {one.part} arrive within {one.given:g} s, and their log-ins take "
            f"{math.ceil(one.needed)} s -> {one.key}"
            for one in hasty
        )
        raise Unmeasurable(
            f"env.{target.environment.name}.candidates.logins_per_second = {pace.per_second:g} is too little for the "
            f"profile: {told}; prepared tokens need no log-in"
        )


def _logging_in(target: Target) -> int:
    accounts = target.accounts.candidates
    return sum(accounts.account(index).logs_in for index in range(accounts.count))
