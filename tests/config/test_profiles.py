"""Profiles: how much, how long, how many."""

from pathlib import Path

import pytest

from pytest_examday.config.load import load_environment
from pytest_examday.config.profiles import PROFILE_NAMES, PROFILES, Profile
from pytest_examday.errors import UsageProblem


def _profile(folder: Path, text: str = "", asked: str | None = None) -> Profile:
    (folder / "examday.toml").write_text(text)
    return load_environment("local", asked, None, (folder,), {}).profile


def _refusal(folder: Path, text: str = "", asked: str | None = None) -> str:
    with pytest.raises(UsageProblem) as problem:
        _profile(folder, text, asked)
    return str(problem.value).replace(f"{folder / 'examday.toml'}: ", "")


def test_a_run_is_a_smoke_run_unless_it_asks_for_more(tmp_path: Path) -> None:
    assert _profile(tmp_path) == PROFILES["smoke"]


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_a_profile_knows_its_own_name(tmp_path: Path, name: str) -> None:
    assert _profile(tmp_path, asked=name).name == name


def test_the_full_profile_has_the_seeds_numbers() -> None:
    full = PROFILES["full"]
    assert (full.load.candidates, full.load.arrive_seconds, full.drill.hold_seconds) == (400, 300, 60)
    assert full.load.habits.think_seconds == (5, 30)


def test_an_override_changes_only_what_it_names(tmp_path: Path) -> None:
    profile = _profile(tmp_path, "[profile.smoke.load]\ncandidates = 5\n[profile.smoke.load.habits]\nblank_share = 0")
    smoke = PROFILES["smoke"]
    habits = smoke.load.habits.model_copy(update={"blank_share": 0})
    assert profile.load == smoke.load.model_copy(update={"candidates": 5, "habits": habits})
    assert profile.drill == smoke.drill


def test_an_override_of_another_profile_changes_nothing(tmp_path: Path) -> None:
    assert _profile(tmp_path, "[profile.full.load]\ncandidates = 5") == PROFILES["smoke"]


def test_an_unknown_profile_is_answered_with_the_valid_ones(tmp_path: Path) -> None:
    choices = "choose one of: smoke, standard, full"
    assert _refusal(tmp_path, asked="huge") == f"--examday-profile: unknown profile 'huge'; {choices}"
    assert _refusal(tmp_path, "[profile.smok]") == f"profile.smok: unknown profile 'smok'; {choices}"


def test_a_profile_cannot_take_another_name(tmp_path: Path) -> None:
    assert _refusal(tmp_path, "[profile.smoke]\nname = 'full'") == (
        "profile.smoke.name: unknown key; valid keys: load, drill"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[profile.smoke.load.habits]\nthink_seconds = [3, 1]",
            "profile.smoke.load.habits: Value error, think_seconds starts at 3.0 and ends at 1.0; the first must be",
        ),
        ("[profile.smoke.load.habits]\nthink_seconds = [1]", "profile.smoke.load.habits.think_seconds.1: Field req"),
        ("[profile.smoke.load.habits]\nthink_seconds = [1, inf]", "profile.smoke.load.habits.think_seconds.1: Input"),
        ("[profile.smoke.load.habits]\nthink_seconds = [-1, 1]", "profile.smoke.load.habits.think_seconds.0: Input"),
        ("[profile.smoke.load.habits]\nblank_share = 1.5", "profile.smoke.load.habits.blank_share: Input should be"),
        ("[profile.smoke.load]\ncandidates = 0", "profile.smoke.load.candidates: Input should be greater than or"),
        ("[profile.smoke.drill]\ncandidates = 0", "profile.smoke.drill.candidates: Input should be greater than or"),
        ("[profile.smoke.load]\nquestions = 0", "profile.smoke.load.questions: Input should be greater than or"),
        ("[profile.smoke.load]\narrive_seconds = 0", "profile.smoke.load.arrive_seconds: Input should be greater"),
        ("[profile.smoke.load]\nwindow_seconds = 1e9", "profile.smoke.load.window_seconds: Input should be less"),
        ("[profile.smoke.load]\nramp_seconds = inf", "profile.smoke.load.ramp_seconds: Input should be a finite"),
        ("[profile.smoke]\nload = 3", "profile.smoke.load: Input should be a valid dictionary"),
    ],
)
def test_a_profile_that_cannot_be_lived_is_refused(tmp_path: Path, text: str, line: str) -> None:
    refusal = _refusal(tmp_path, text)
    assert refusal.startswith(line)
    assert "\n" not in refusal
