"""A profile whose numbers contradict each other is refused in one line."""

from pathlib import Path

import pytest

from pytest_examday.config.drills import DRILL_NAMES, DrillName
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.profiles import (
    PROFILES,
    DrillProfile,
    LoadProfile,
    ProfileName,
)
from pytest_examday.errors import UsageProblem


def _refusal(folder: Path, text: str) -> str:
    (folder / "examday.toml").write_text(f"[profile.smoke.load]\n{text}\n")
    with pytest.raises(UsageProblem) as problem:
        load_environment("local", "smoke", None, (folder,), {})
    return str(problem.value).removeprefix(f"{folder / 'examday.toml'}: profile.smoke.load")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("candidates = 0", ".candidates: Input should be greater than or equal to 1"),
        ("shape = 'rush'", ".shape: Input should be 'exam', 'start', 'sessions', 'answers' or 'submit'"),
        ("processes = 0", ".processes: Input should be greater than or equal to 1"),
        (
            "habits.think_seconds = [5, 18]",
            ": Value error, habits.think_seconds goes up to 18 s and the exam leaves 18 s after the arrivals: "
            "some would never answer; think less, or raise answer_seconds",
        ),
        ("ramp_seconds = 26", ": Value error, ramp_seconds (26) leaves nothing of the 26 s of the load"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(tmp_path: Path, text: str, line: str) -> None:
    assert _refusal(tmp_path, text) == line


def test_a_shape_without_answers_has_no_use_for_think_time(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text("[profile.smoke.load]\nshape = 'sessions'\nhabits.think_seconds = [5, 99]\n")
    assert load_environment("local", "smoke", None, (tmp_path,), {}).profile.load.exam_seconds == 8


@pytest.mark.parametrize(
    ("candidates", "cores", "processes"), [(40, 2, 1), (2_500, 2, 1), (2_501, 2, 2), (15_000, 2, 2), (15_000, 1, 1)]
)
def test_a_load_has_a_process_for_a_core_where_there_are_many_candidates(
    candidates: int, cores: int, processes: int
) -> None:
    assert LoadProfile(candidates=candidates).processes_on(cores) == processes


def test_processes_are_as_many_as_asked_and_never_more_than_candidates() -> None:
    assert LoadProfile(candidates=10, processes=4).processes_on(2) == 4
    assert LoadProfile(candidates=3, processes=4).processes_on(2) == 3


def _drills(folder: Path, profile: str, text: str = "") -> DrillProfile:
    (folder / "examday.toml").write_text(f"[profile.{profile}.drill]\n{text}\n")
    return load_environment("local", profile, None, (folder,), {}).profile.drill


@pytest.mark.parametrize(
    ("profile", "drills"),
    [("smoke", ()), ("standard", ("worker_pause", "network_delay", "postgres_restart")), ("full", DRILL_NAMES)],
)
def test_a_profile_adds_drills_of_its_own(tmp_path: Path, profile: str, drills: tuple[str, ...]) -> None:
    assert _drills(tmp_path, profile).drills == drills


def test_drills_are_chosen_by_configuration_and_run_in_their_own_order(tmp_path: Path) -> None:
    chosen = _drills(tmp_path, "smoke", 'drills = ["system_restart", "worker_pause", "worker_pause"]')
    assert chosen.drills == ("worker_pause", "system_restart")


def test_a_drill_that_nobody_knows_is_refused_with_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as problem:
        _drills(tmp_path, "smoke", 'drills = ["meteor"]')
    assert "profile.smoke.drill.drills" in str(problem.value)
    assert all(f"'{name}'" in str(problem.value) for name in DRILL_NAMES)


@pytest.mark.parametrize(
    ("drills", "links", "proxy"),
    [
        ((), False, False),
        (("worker_pause", "postgres_restart", "tokens_expired"), False, False),
        (("network_delay",), False, True),
        (("proxy_restart",), False, True),
        (("slow_database",), True, False),
        (DRILL_NAMES, True, True),
    ],
)
def test_an_embedded_platform_gets_only_what_the_drills_need(
    drills: tuple[DrillName, ...], links: bool, proxy: bool
) -> None:
    profile = DrillProfile(drills=drills)
    assert (profile.wants_links, profile.wants_proxy) == (links, proxy)


def test_a_jitter_beyond_the_delay_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"jitter_ms \(600\) is more than delay_ms \(500\)"):
        _drills(tmp_path, "smoke", "jitter_ms = 600")


@pytest.mark.parametrize(("name", "least"), [("smoke", 600), ("standard", 150 + 6 * 31), ("full", 400 + 14 * 101)])
def test_an_embedded_platform_has_an_account_for_everybody(name: ProfileName, least: int) -> None:
    assert PROFILES[name].accounts >= least
