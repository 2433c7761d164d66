"""The run directory: made once, never made over, and never in the way of a person's own folders."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_examday.errors import UsageProblem
from pytest_examday.monotonic_clock import now_utc
from pytest_examday.run import run_directory
from pytest_examday.run.identity import identity_of
from pytest_examday.run.run_directory import forget_latest, make_run_directory


def test_a_run_directory_has_its_folders_and_is_named_by_time_and_environment(tmp_path: Path) -> None:
    before = now_utc().replace(microsecond=0)
    path = make_run_directory(None, "staging", "smoke", tmp_path)
    stamp, _, environment = path.name.partition("-")
    assert before <= datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) <= now_utc()
    assert (path.parent, environment) == (tmp_path / "rehearsals", "staging")
    assert sorted(child.name for child in path.glob("[!.]*")) == ["evidence", "ledger", "logs", "run.json"]


def test_only_its_owner_may_enter_a_run_directory(tmp_path: Path) -> None:
    made = [make_run_directory(where, "x", "smoke", tmp_path) for where in (None, str(tmp_path / "a" / "b"))]
    assert {(path / name).stat().st_mode & 0o777 for path in made for name in (".", "evidence", "logs")} == {0o700}


def test_a_folder_that_a_person_made_keeps_its_permissions(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir(mode=0o750)
    make_run_directory(str(own), "staging", "smoke", tmp_path)
    assert own.stat().st_mode & 0o777 == 0o750
    assert (own / "evidence").stat().st_mode & 0o777 == 0o700


def test_two_runs_of_one_second_have_two_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_directory, "now_utc", lambda: datetime(2026, 1, 15, tzinfo=UTC))
    first, second = (make_run_directory(None, "local", "smoke", tmp_path) for _ in range(2))
    assert first != second
    assert first.is_dir()
    assert second.is_dir()


def test_latest_points_to_the_newest(tmp_path: Path) -> None:
    first = make_run_directory(None, "local", "smoke", tmp_path)
    latest = tmp_path / "rehearsals" / "latest"
    assert latest.resolve() == first
    second = make_run_directory(None, "other", "smoke", tmp_path)
    assert latest.resolve() == second
    assert not latest.readlink().is_absolute(), "the folder can be moved as a whole"


def test_a_latest_link_whose_run_was_removed_is_renewed(tmp_path: Path) -> None:
    (tmp_path / "rehearsals").mkdir()
    (tmp_path / "rehearsals" / "latest").symlink_to("gone")
    path = make_run_directory(None, "local", "smoke", tmp_path)
    assert (tmp_path / "rehearsals" / "latest").resolve() == path


@pytest.mark.parametrize(("ended", "kept"), [(True, False), (False, True)])
def test_the_link_to_a_run_that_has_ended_is_forgotten_and_that_to_one_that_goes_on_is_not(
    tmp_path: Path, ended: bool, kept: bool
) -> None:
    path = make_run_directory(None, "local", "smoke", tmp_path)
    if ended:
        (path / "verdict.json").write_text("{}")
    forget_latest(tmp_path)
    assert (tmp_path / "rehearsals" / "latest").is_symlink() == kept
    assert path.is_dir()


def test_a_persons_own_latest_folder_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "rehearsals" / "latest"
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine")
    make_run_directory(None, "local", "smoke", tmp_path)
    (mine / "verdict.json").write_text("{}")
    forget_latest(tmp_path)
    assert not mine.is_symlink()
    assert (mine / "notes.txt").read_text() == "mine"
    assert not list(mine.parent.glob(".latest*"))


def test_a_directory_that_is_named_is_taken_as_it_is(tmp_path: Path) -> None:
    path = make_run_directory(str(tmp_path / "deep" / "run"), "local", "smoke", tmp_path)
    assert path == tmp_path / "deep" / "run"
    assert not (tmp_path / "rehearsals").exists()


def test_a_directory_that_exists_and_is_empty_will_do(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert make_run_directory(str(tmp_path / "run"), "local", "smoke", tmp_path).is_dir()


@pytest.mark.parametrize(
    "left",
    ["verdict.json", "evidence/load.json", "evidence/.load.begun", "run.json", ".expected-1.json", ".gates-1.json"],
)
def test_a_directory_that_holds_a_rehearsal_is_refused_and_left_as_it_was(tmp_path: Path, left: str) -> None:
    file = tmp_path / "run" / left
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    with pytest.raises(UsageProblem) as problem:
        make_run_directory(str(tmp_path / "run"), "local", "smoke", tmp_path)
    assert str(problem.value) == (
        f"--examday-dir {tmp_path / 'run'}: already holds a rehearsal; choose an empty or new directory"
    )
    assert [path for path in (tmp_path / "run").rglob("*") if path.is_file()] == [file]


@pytest.mark.parametrize("held", ["notes.txt", ".hidden", "src/module.py"])
def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_was(tmp_path: Path, held: str) -> None:
    file = tmp_path / "run" / held
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    with pytest.raises(UsageProblem) as problem:
        make_run_directory(str(tmp_path / "run"), "local", "smoke", tmp_path)
    assert str(problem.value) == f"--examday-dir {tmp_path / 'run'}: is not empty; choose an empty or new directory"
    assert [path for path in (tmp_path / "run").rglob("*") if path.is_file()] == [file]


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\t", "\x85", "\u2028"])
def test_a_path_with_a_control_character_is_refused_in_one_line(tmp_path: Path, character: str) -> None:
    path = tmp_path / f"run{character}VERDICT: GO" / "deep"
    with pytest.raises(UsageProblem) as problem:
        make_run_directory(str(path), "local", "smoke", tmp_path)
    assert (
        str(problem.value) == f"run directory {str(path)!r}: its path holds a line break or another control character"
    )
    assert len(str(problem.value).splitlines()) == 1
    assert not path.parent.exists()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    with pytest.raises(UsageProblem) as problem:
        make_run_directory(str(tmp_path / place), "local", "smoke", tmp_path)
    assert str(problem.value).startswith(f"run directory {tmp_path / place}: not writable: ")
    assert "\n" not in str(problem.value)


def test_a_working_directory_that_cannot_be_written_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "rehearsals").write_text("a file")
    with pytest.raises(UsageProblem, match="not writable"):
        make_run_directory(None, "local", "smoke", tmp_path)


def test_each_run_has_an_id_of_its_own_and_names_environment_profile_and_version(tmp_path: Path) -> None:
    first, second = (
        identity_of(make_run_directory(str(tmp_path / name), "staging", "full", tmp_path)) for name in ("a", "b")
    )
    assert (first.environment, first.profile, first.version) == ("staging", "full", version("pytest-examday"))
    assert first.run != second.run
