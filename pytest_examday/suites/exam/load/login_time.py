"""How long log-ins take if their rate is limited, and whether candidates can log in as fast as the profile plans."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from pytest_examday.config.profiles import Profile
from pytest_examday.contract.numbers_and_moments import as_number
from pytest_examday.contract.token_life import renewal_after
from pytest_examday.errors import Unmeasurable
from pytest_examday.target.login_pace import LoginPace
from pytest_examday.target.target import Target

ARRIVING_SHARE = 0.5
"""Share (0 to 1) of a drill's steady state within which its candidates arrive."""
_ARRIVE, _AGAIN = "arrive", "log in again, because the contract has no `refresh`,"


class LogIns(NamedTuple):
    """The log-ins of the candidates of one part of the rehearsal."""

    part: str
    does: str
    """What the candidates do."""
    logins: int
    needed: float
    """How long the log-ins take (seconds)."""
    given: float
    """Within how many seconds they have to be done."""
    key: str
    """The key to change in the configuration if they take too long."""

    @property
    def possible(self) -> bool:
        """Whether they can be done as fast as the profile says."""
        return self.needed <= self.given

    @property
    def figures(self) -> str:
        """For instance `the load 8.4 s of 30 s (40)`."""
        again = " again" if self.does == _AGAIN else ""
        return f"{self.part}{again} {self.needed:.1f} s of {self.given:g} s ({self.logins})"


def log_ins(target: Target, profile: Profile, pace: LoginPace, drills: int) -> Iterator[LogIns]:
    """The log-ins of the load and of each of so many drills. Raises Unmeasurable if no candidates are configured."""
    accounts = target.accounts.candidates
    entering = sum(accounts.account(index).logs_in for index in range(accounts.count))
    load, drill = profile.load, profile.drill
    number = min(entering, load.candidates)
    needed = pace.seconds_for(number)
    more = f"profile.{profile.name}.load.arrive_seconds = {math.ceil(needed)}"
    yield LogIns("the load", _ARRIVE, number, needed, load.arrive_seconds, more)
    again = _seconds_between(target)
    if again is not None and again < load.exam_seconds:
        fewer = f"profile.{profile.name}.load.candidates = {int(again / pace.seconds_for(1))}"
        yield LogIns("the load", _AGAIN, number, needed, again, fewer)
    if drills:
        number = min(entering, drill.candidates)
        needed = pace.seconds_for(number)
        more = f"profile.{profile.name}.drill.steady_seconds = {math.ceil(needed / ARRIVING_SHARE)}"
        yield LogIns("a drill", _ARRIVE, number, needed, drill.steady_seconds * ARRIVING_SHARE, more)


def _seconds_between(target: Target) -> float | None:
    """The time from one log-in of a candidate to its next one, if the configuration says how long a token lives and
    nothing refreshes it; otherwise None."""
    contract = target.environment.platform.contract
    if contract.login is None or contract.refresh is not None:
        return None
    constant = as_number(contract.login.find("lifetime", None))
    lifetime = constant or target.accounts.candidates.lifetime
    return None if lifetime is None else renewal_after(0.0, lifetime)


def require_time(target: Target, drills: int) -> None:
    """Raise Unmeasurable if candidates of this run would have to log in faster than the environment's limit allows."""
    pace = target.login_pace
    if pace is None:
        return
    hasty = [part for part in log_ins(target, target.environment.profile, pace, drills) if not part.possible]
    if hasty:
        parts = "; ".join(
            f"the {part.logins} candidates of {part.part} {part.does} within {part.given:g} s, and their log-ins take "
            f"{math.ceil(part.needed)} s -> {part.key}"
            for part in hasty
        )
        raise Unmeasurable(
            f"env.{target.environment.name}.candidates.logins_per_second = {pace.per_second:g} is too little for the "
            f"profile: {parts}; prepared tokens need no log-in"
        )
