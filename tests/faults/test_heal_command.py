"""`python -m pytest_examday heal`: takes out what was left, and ends with 0 only if nothing is."""

import os
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.config.environment_file import load_environment
from pytest_examday.faults.journal import JOURNAL_FILE, Journal
from pytest_examday.faults.undo import Undo
from pytest_examday.safety.lock import Lock
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.state_directory import state_directory_of
from pytest_examday.target.target import Target
from tests.faults.fake_platform import FakePlatform
from tests.faults.journal_lines import intended

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, fake: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose `staging` is the fake platform; no other platform was ever disturbed."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    text = f'[env.staging]\nruntime = {{kind = "embedded", state = "{fake.state}"}}\n[env.read_only]\n'
    Path("examday.toml").write_text(text)
    return tmp_path


@pytest.fixture
def left(fake: FakePlatform, target: Target, journal: Journal) -> Journal:
    """Redis is away, and nobody lives who would bring it back."""
    journal.note(intended(target))
    fake.running["redis"] = False
    return journal


@pytest.mark.parametrize(
    "arguments", [[], ["--env", "staging"], ["--env", "staging", "--examday-config", "examday.toml"]]
)
def test_it_takes_out_what_was_left_and_says_what_it_did(
    fake: FakePlatform, left: Journal, capsys: Output, arguments: list[str]
) -> None:
    assert main(["heal", *arguments]) == 0
    assert fake.running["redis"]
    said = capsys.readouterr().out
    assert said.startswith("Redis stopped (redis), put in by ")
    assert said.endswith(": taken out, redis is back\n")
    assert not left.path.exists()


def test_it_finds_the_journal_of_a_run_by_its_directory(fake: FakePlatform, target: Target, left: Journal) -> None:
    assert main(["heal", str(target.files.directory)]) == 0
    assert fake.running["redis"]
    assert (target.files.directory / JOURNAL_FILE).exists(), "a run directory keeps what it tells"


def test_a_second_time_there_is_nothing_to_do(fake: FakePlatform, left: Journal, capsys: Output) -> None:
    main(["heal"])
    fake.asked.clear()
    capsys.readouterr()
    assert main(["heal"]) == 0
    assert capsys.readouterr().out.startswith("no platform has a fault: there is no fault journal in ")
    assert main(["heal", "--env", "staging"]) == 0
    assert capsys.readouterr().out.endswith(": no fault is in this platform\n")
    assert fake.asked == []


def test_what_does_not_go_is_told_with_the_next_step_and_status_1(
    fake: FakePlatform, left: Journal, capsys: Output
) -> None:
    fake.refuses = "no memory"
    assert main(["heal"]) == 1
    said = capsys.readouterr().out
    assert "CANNOT BE SHOWN TO BE GONE: the platform's control did not do it: no memory; start redis by hand" in said
    assert said.endswith(f"if that platform is gone for good, remove {left.path}\n")
    assert len(left.read().open_faults) == 1
    fake.refuses = None
    assert main(["heal"]) == 0


def test_a_damaged_line_is_told_and_ends_with_status_1(fake: FakePlatform, left: Journal, capsys: Output) -> None:
    left.path.write_bytes(b"?\n" + left.path.read_bytes())
    assert main(["heal"]) == 1
    assert fake.running["redis"], "the rest is healed"
    assert (
        "line 1: damaged; it may have named a fault, which cannot be known; look at the platform"
        in capsys.readouterr().out
    )


def test_an_undo_that_it_does_not_know_is_not_guessed_at(
    fake: FakePlatform, target: Target, journal: Journal, capsys: Output
) -> None:
    journal.note(intended(target, undo=Undo(action="from-the-future", arguments={})))
    assert main(["heal"]) == 1
    said = capsys.readouterr().out
    assert (
        "unknown undo 'from-the-future'; valid: nothing, start, start_in_order, undelay, unpause, or package.m" in said
    )
    assert "; bring redis back by hand, then run: " in said
    assert fake.asked == []


def test_a_missing_environment_is_named_with_its_configuration(
    target: Target, journal: Journal, capsys: Output
) -> None:
    Path("examday.toml").write_text("[env.other]")
    journal.note(intended(target, runtime_address={"kind": "docker"}))
    assert main(["heal"]) == 1
    said = capsys.readouterr().out
    assert "--env staging: unknown environment; choose one of: local, other" in said
    assert "; the rehearsal had the configuration /etc/exam/examday.toml; start redis by hand, then run: " in said


def test_no_command_of_a_configuration_that_a_journal_names_is_run(
    target: Target, folder: Path, capsys: Output
) -> None:
    """Somebody hands over a run directory, whose journal leads to commands of theirs."""
    theirs, run = folder / "theirs.toml", folder / "run"
    run.mkdir()
    does = f"touch {folder}/done"
    theirs.write_text(
        f'[env.staging]\napi_url = "http://exam.example"\n[env.staging.runtime]\nkind = "command"\n'
        f'services.redis = {{status = "{does}; false", start = "{does}"}}\n'
    )
    owner = Owner.of(1, "staging", str(theirs))
    for journal in (
        run / JOURNAL_FILE,
        state_directory_of(load_environment("staging", None, str(theirs), ())) / JOURNAL_FILE,
    ):
        fault = intended(target, runtime_address={"kind": "command"}, owner=owner, journal=str(journal))
        Journal(run / JOURNAL_FILE).note(fault)
        Journal(journal).note(fault)
        assert main(["heal", str(run)]) == 1
        assert main(["heal"]) in (0, 1)
        (run / JOURNAL_FILE).unlink()
    assert not (folder / "done").exists()
    assert f"the rehearsal had the configuration {theirs}" in capsys.readouterr().out


def test_a_run_directory_that_leads_to_a_journal_elsewhere_is_refused(
    target: Target, folder: Path, capsys: Output
) -> None:
    elsewhere = folder / "elsewhere" / JOURNAL_FILE
    Journal(folder / JOURNAL_FILE).note(intended(target, journal=str(elsewhere)))
    assert main(["heal", str(folder)]) == 4
    assert f"its faults stand in {elsewhere}, which is not below " in capsys.readouterr().err


def test_the_command_that_is_told_is_quoted_for_a_shell(target: Target, journal: Journal, capsys: Output) -> None:
    owner = Owner.of(1, "a;b", "/tmp/$(touch x).toml")
    journal.note(intended(target, undo=Undo(action="unknown", arguments={}), owner=owner))
    assert main(["heal"]) == 1
    assert "heal --env 'a;b' --examday-config '/tmp/$(touch x).toml'" in capsys.readouterr().out


def test_a_configuration_that_names_another_platform_by_now_is_not_used(
    target: Target, journal: Journal, capsys: Output
) -> None:
    Path("examday.toml").write_text('[env.staging]\napi_url = "http://another.example"')
    owner = Owner.of(1, "staging", str(Path("examday.toml").absolute()))
    journal.note(intended(target, runtime_address={"kind": "docker"}, owner=owner))
    assert main(["heal"]) == 1
    assert "names another platform; the rehearsal had the configuration " in capsys.readouterr().out


def test_heal_works_while_a_rehearsal_is_under_way_and_says_what_that_costs(
    fake: FakePlatform, left: Journal, capsys: Output
) -> None:
    environment = load_environment("staging", None, None, (Path.cwd(),))
    lock = Lock.take(state_directory_of(environment), Owner.of(os.getpid(), "staging"))
    assert main(["heal"]) == 0
    assert left.read().ended_by("one") is not None, "the drill learns from it who took its fault out"
    lock.release()
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("a rehearsal is under way (")
    assert said[0].endswith("a drill whose fault is taken out now has measured nothing")
    assert fake.running["redis"]


def test_local_has_nothing_to_heal(capsys: Output) -> None:
    assert main(["heal", "--env", "local"]) == 0
    assert "its embedded platform ends with each run, and with it every fault" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere"], "heal nowhere: no such directory"),
        (["."], "heal .: no run has made this directory; name one such as rehearsals/latest"),
        (
            ["--env", "stagin"],
            "--env stagin: unknown environment; did you mean staging? choose one of: local, read_only, staging",
        ),
        (["--env", "staging", "--examday-config", "gone.toml"], "--examday-config gone.toml: no such file"),
        ([".", "--env", "staging"], "heal: give a run directory or --env NAME, not both"),
        (["--examday-config", "examday.toml"], "heal: --examday-config needs --env NAME"),
    ],
    ids=str,
)
def test_a_mistake_is_told_in_one_line(capsys: Output, arguments: list[str], line: str) -> None:
    assert main(["heal", *arguments]) == 4
    assert capsys.readouterr().err == f"python -m pytest_examday: {line}\n"


def test_a_run_directory_without_faults_is_said_to_have_none(capsys: Output) -> None:
    Path("run.json").touch()
    assert main(["heal", "."]) == 0
    assert capsys.readouterr().out.startswith("no fault was put in by the run of ")
