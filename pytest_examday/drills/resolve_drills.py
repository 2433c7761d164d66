"""Finds the drills that a profile names among those of the suites."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import ALL, STANDARD, EmbeddedNeeds
from pytest_examday.core.suite_drill import SuiteDrill
from pytest_examday.errors import UsageProblem

_Kind = TypeVar("_Kind", bound=SuiteDrill)


def resolve_drills(environment: Environment, drills: Iterable[SuiteDrill], source: Path | None = None) -> Environment:
    """The environment with a resolved profile: the names of the drills that it adds, each once and in running order,
    and what an embedded platform needs for all drills that run.

    `drills` are those of all suites of the run, in running order; `source` is the configuration file. Raises
    UsageProblem, one line with the key and the valid names, for a name that no suite knows.
    """
    all_drills = tuple(drills)
    profile = environment.profile
    chosen = _chosen(
        profile.drill.drills, all_drills, f"{source or 'configuration'}: profile.{profile.name}.drill.drills"
    )
    running = running_drills(environment, profile.drill.drills, all_drills)
    needs = EmbeddedNeeds(
        links=any(drill.needs_links for drill in running),
        proxy=any(drill.needs_proxy for drill in running),
        accounts=profile.accounts_for(len(running)),
    )
    drill = profile.drill.model_copy(update={"drills": tuple(drill.name for drill in chosen if drill in running)})
    resolved = profile.model_copy(update={"drill": drill, "embedded": needs})
    return environment.model_copy(update={"profile": resolved})


def _chosen(names: tuple[str, ...], drills: tuple[SuiteDrill, ...], key: str) -> tuple[SuiteDrill, ...]:
    may_be_chosen = tuple(drill for drill in drills if not drill.always)
    valid = [drill.name for drill in may_be_chosen]
    for name in names:
        if any(drill.name == name for drill in drills if drill.always):
            raise UsageProblem(f"{key}: {name!r} is a drill of every rehearsal; do not name it")
        if name not in (ALL, STANDARD, *valid):
            raise UsageProblem(f"{key}: unknown drill {name!r}; valid: {', '.join((ALL, STANDARD, *valid))}")
    return tuple(drill for drill in may_be_chosen if _is_named(drill, names))


def running_drills(environment: Environment, names: tuple[str, ...], drills: Iterable[_Kind]) -> tuple[_Kind, ...]:
    """The drills that a rehearsal runs: those of every rehearsal, and those that the names of the profile include. A
    drill that needs Redis is not among them if the platform has none."""
    included = (drill for drill in drills if drill.always or _is_named(drill, names))
    return tuple(drill for drill in included if not (drill.needs_redis and environment.lacks_store("redis")))


def _is_named(drill: SuiteDrill, names: tuple[str, ...]) -> bool:
    return ALL in names or drill.name in names or (STANDARD in names and drill.standard)
