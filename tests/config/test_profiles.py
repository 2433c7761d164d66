"""A profile whose numbers contradict each other is refused in one line."""

from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.profiles import (
    DrillProfile,
    LoadProfile,
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
        ("candidates = 0", ".candidates: must be at least 1"),
        ("shape = 'rush'", ".shape: must be one of: exam, start, sessions, answers, submit"),
        ("processes = 0", ".processes: must be at least 1"),
        (
            "habits.think_seconds = [5, 18]",
            ": habits.think_seconds goes up to 18 s and the exam leaves 18 s after the arrivals: "
            "some would never answer; think less, or raise answer_seconds",
        ),
        ("ramp_seconds = 26", ": ramp_seconds (26) leaves nothing of the 26 s of the load"),
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
    ("profile", "text", "drills"),
    [
        ("smoke", "", ()),
        ("standard", "", ("standard",)),
        ("full", "", ("all",)),
        ("smoke", 'drills = "all"', ("all",)),
        ("full", "drills = ['worker_pause']", ("worker_pause",)),
    ],
)
def test_a_profile_names_drills_or_has_one_word_for_several(
    tmp_path: Path, profile: str, text: str, drills: tuple[str, ...]
) -> None:
    assert _drills(tmp_path, profile, text).drills == drills


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("'meteor'", 'must be a list of names, "all" or "standard"'),
        ("[3]", "must be a text"),
        ("3", "must be a list"),
    ],
)
def test_drills_that_are_no_names_are_refused(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        _drills(tmp_path, "smoke", f"drills = {text}")
    assert "profile.smoke.drill.drills" in str(problem.value)
    assert line in str(problem.value)


def test_what_follows_from_the_drills_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text("[profile.smoke]\nembedded = {links = true}\n")
    with pytest.raises(UsageProblem, match=r"profile.smoke.embedded: unknown key; valid keys: load, drill"):
        load_environment("local", "smoke", None, (tmp_path,), {})


def test_a_jitter_beyond_the_delay_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"jitter_ms \(600\) is more than delay_ms \(500\)"):
        _drills(tmp_path, "smoke", "jitter_ms = 600")
