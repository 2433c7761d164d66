"""Exam mode is switched on for a run and goes back however the run ends. The platform here is a file that holds the
word `on` or `off`, which commands read and write."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.healing_runtime import healing_runtime
from pytest_examday.faults.leftovers import changes_left, take_out_leftovers
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.exam_mode.switch import SwitchBack, switch_on
from pytest_examday.target.target import Target

_CONFIG = """
[env.staging]
api_url = "http://127.0.0.1:1"
allow = {allow}
contract = {{ preset = "reference", absent = ["exam_mode", "exam_mode_variable"] }}

[env.staging.exam_mode]
read.command = "cat {mode}"
on.command = "echo on > {mode}"
off.command = "{off}"
"""
Make = Callable[..., Target]


def target_in(folder: Path, run: str) -> Target:
    """The environment of the folder, as this process reaches it."""
    directory = folder / run
    (directory / "logs").mkdir(parents=True, exist_ok=True)
    config = folder / "examday.toml"
    environment = load_environment("staging", None, str(config), (folder,), {})
    return Target(environment, RunFiles(directory, Redactor()), os.getpid(), config=config)


@pytest.fixture
def mode(tmp_path: Path) -> Path:
    """The file with the mode, which is off."""
    file = tmp_path / "mode"
    file.write_text("off\n")
    return file


@pytest.fixture
def make(tmp_path: Path, mode: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the target of a run of this name."""
    monkeypatch.setenv("EXAMDAY_STATE_DIR", str(tmp_path / "states"))

    def made(run: str = "run", allow: str = '["read", "write"]', off: str = f"echo off > {mode}") -> Target:
        (tmp_path / "examday.toml").write_text(_CONFIG.format(mode=mode, allow=allow, off=off))
        return target_in(tmp_path, run)

    return made


def _mode(file: Path) -> str:
    return file.read_text().strip()


def test_exam_mode_is_on_until_the_run_ends(make: Make, mode: Path) -> None:
    target = make()
    done = switch_on(target)
    assert (done.was_on, done.by, done.seconds is not None) == (False, "exam_mode.on.command", True)
    assert _mode(mode) == "on"
    target.until_the_end.close()
    assert _mode(mode) == "off"
    assert changes_left(target) == ()


def test_exam_mode_that_was_on_is_left_on(make: Make, mode: Path) -> None:
    mode.write_text("true\n")
    target = make()
    assert switch_on(target).was_on
    target.until_the_end.close()
    assert _mode(mode) == "true"


def test_exam_mode_that_is_neither_on_nor_off_is_not_switched(make: Make, mode: Path) -> None:
    mode.write_text("maybe\n")
    done = switch_on(make())
    assert done.by is None
    assert done.not_switched == "it was not off: env.staging.exam_mode.read.command: 'maybe' is neither on nor off"
    assert _mode(mode) == "maybe"


@pytest.mark.parametrize("allow", ['["read"]', '["read", "write"]\nproduction = true'], ids=["read", "production"])
def test_without_permission_nothing_is_switched(make: Make, mode: Path, allow: str) -> None:
    target = make(allow=allow)
    with pytest.raises(Unmeasurable, match=r"'write' in env.staging.allow|--examday-confirm staging"):
        switch_on(target)
    assert _mode(mode) == "off"


def test_it_is_switched_back_although_the_environment_may_only_be_read_by_now(make: Make, mode: Path) -> None:
    mode.write_text("on\n")
    runtime = healing_runtime(make(allow='["read"]\nproduction = true'))
    assert SwitchBack().remains(runtime) == (
        "exam mode is not off: on in what env.staging.exam_mode.read.command prints"
    )
    SwitchBack().carry_out(runtime)
    assert (_mode(mode), SwitchBack().remains(runtime)) == ("off", None)


def test_a_drill_of_the_same_run_leaves_it_on_and_the_next_run_switches_it_back(make: Make, mode: Path) -> None:
    first = make()
    switch_on(first)
    assert take_out_leftovers(first, "the drill after it") == ()
    assert _mode(mode) == "on"
    (line,) = take_out_leftovers(make("next run"), "the next run")
    assert line.startswith("exam mode switched on by ")
    assert line.endswith(": undone")
    assert _mode(mode) == "off"
    first.until_the_end.close()
    assert changes_left(first) == ("exam mode switched on: undone before the end of the run, by the next run",)


def test_what_does_not_go_back_is_told_with_the_command_that_heals_it(
    make: Make, mode: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = make(off="exit 3")
    switch_on(target)
    target.until_the_end.close()
    assert _mode(mode) == "on"
    (told,) = changes_left(target)
    assert "exam mode is not off: on in what env.staging.exam_mode.read.command prints" in told
    assert "env.staging.exam_mode.off.command ended with exit status 3" in told
    assert "switch exam mode off by hand, then run: python -m pytest_examday heal --env staging" in told
    make()
    heal = ["heal", "--env", "staging", "--examday-config", str(target.config)]
    assert main(heal) == 0
    assert _mode(mode) == "off"
    assert "exam mode switched on by " in capsys.readouterr().out
