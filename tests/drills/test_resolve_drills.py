"""The drills that run are known once the suites are: named by the profile, in running order, with what they need."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from pytest_examday.config.environment import Environment
from pytest_examday.config.profiles import PROFILES, DrillProfile, Profile, ProfileName
from pytest_examday.drills.resolve_drills import resolve_drills, running_drills
from pytest_examday.errors import UsageProblem
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from tests.builders import OPTIONAL_DRILLS

ALL = tuple(drill.name for drill in OPTIONAL_DRILLS)


def _resolved(*names: str, profile: ProfileName = "smoke") -> Profile:
    drill = PROFILES[profile].drill.model_copy(update={"drills": names}) if names else PROFILES[profile].drill
    chosen = PROFILES[profile].model_copy(update={"drill": drill})
    return resolve_drills(Environment(name="local", profile=chosen), DRILLS).profile


@pytest.mark.parametrize(
    ("profile", "drills"),
    [("smoke", ()), ("standard", ("worker_pause", "network_delay", "postgres_restart")), ("full", ALL)],
)
def test_a_profile_adds_drills_of_its_own(profile: ProfileName, drills: tuple[str, ...]) -> None:
    assert _resolved(profile=profile).drill.drills == drills


def test_drills_run_in_their_own_order_and_once_however_they_are_named() -> None:
    chosen = _resolved("system_restart", "worker_pause", "worker_pause")
    assert chosen.drill.drills == ("worker_pause", "system_restart")
    assert _resolved("tokens_expired", "standard").drill.drills == (
        *("worker_pause", "network_delay", "postgres_restart"),
        "tokens_expired",
    )


def test_a_drill_that_no_suite_knows_is_refused_with_the_valid_names() -> None:
    environment = Environment(name="local", profile=Profile(drill=DrillProfile(drills=("worker_pause", "meteor"))))
    with pytest.raises(UsageProblem) as problem:
        resolve_drills(environment, DRILLS, Path("examday.toml"))
    assert str(problem.value) == (
        f"examday.toml: profile.smoke.drill.drills: unknown drill 'meteor'; valid: all, standard, {', '.join(ALL)}"
    )


def test_a_drill_of_every_rehearsal_is_not_to_be_chosen() -> None:
    with pytest.raises(UsageProblem, match="drills: 'redis_outage' is a drill of every rehearsal; do not name it"):
        _resolved("redis_outage")


def test_the_words_of_a_profile_mean_nothing_where_no_suite_has_drills() -> None:
    environment = Environment(name="local", profile=PROFILES["full"])
    assert resolve_drills(environment, ()).profile.drill.drills == ()


@pytest.mark.parametrize(
    ("drills", "links", "proxy"),
    [
        ((), False, False),
        (("worker_pause", "postgres_restart", "tokens_expired"), False, False),
        (("network_delay",), False, True),
        (("proxy_restart",), False, True),
        (("slow_database",), True, False),
        (("all",), True, True),
    ],
)
def test_an_embedded_platform_gets_only_what_the_drills_need(drills: tuple[str, ...], links: bool, proxy: bool) -> None:
    needs = _resolved(*drills).embedded
    assert (needs.links, needs.proxy) == (links, proxy)


@pytest.mark.parametrize(("profile", "least"), [("smoke", 600), ("standard", 150 + 6 * 31), ("full", 400 + 14 * 101)])
def test_an_embedded_platform_has_an_account_for_everybody(profile: ProfileName, least: int) -> None:
    assert _resolved(profile=profile).embedded.accounts >= least


def test_a_platform_without_redis_is_spared_the_drills_that_disturb_it() -> None:
    profile = Profile(drill=DrillProfile(drills=("all",)))
    resolved = resolve_drills(Environment(name="local", profile=profile, lacks=("redis",)), DRILLS)
    assert "redis_emptied" not in resolved.profile.drill.drills
    running = running_drills(resolved, resolved.profile.drill.drills, DRILLS)
    assert not {"redis_outage", "redis_emptied"} & {drill.name for drill in running}
    assert len(running) == len(DRILLS) - 2


def test_a_platform_cannot_lack_a_store_whose_address_it_tells() -> None:
    with pytest.raises(ValidationError, match="redis_url is set, and lacks names redis"):
        Environment(name="x", lacks=("redis",), redis_url=SecretStr("redis://127.0.0.1"))
