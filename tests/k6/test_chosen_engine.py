"""Which engine runs the load, and what is said to whoever asks for one that cannot."""

import subprocess
from pathlib import Path

import pytest

from pytest_examday.config.engine import BUILT_IN_ACTORS, K6
from pytest_examday.config.environment import Environment
from pytest_examday.errors import UsageProblem
from pytest_examday.load.chosen_engine import chosen_engine
from tests.pytest_command import PYTEST

LOCAL = Environment(name="local")


def mistake(name: str, results: str | None = None, environment: Environment = LOCAL) -> str:
    """The line that says why this engine cannot be used."""
    with pytest.raises(UsageProblem) as problem:
        chosen_engine(name, results, environment)
    return str(problem.value)


def test_candidates_are_built_in_and_need_no_k6(tmp_path: Path) -> None:
    assert chosen_engine("candidates", None, LOCAL.model_copy(update={"k6": tmp_path})) == BUILT_IN_ACTORS


def test_k6_is_found_when_the_run_begins_and_not_an_hour_later(k6: K6, tmp_path: Path) -> None:
    assert chosen_engine("k6", None, LOCAL.model_copy(update={"k6": k6.path})).k6 == k6
    assert "no such file" in mistake("k6", environment=LOCAL.model_copy(update={"k6": tmp_path / "k6"}))


def test_results_need_no_k6_here(tmp_path: Path) -> None:
    (tmp_path / "runner-1.log").touch()
    environment = LOCAL.model_copy(update={"k6": tmp_path / "nowhere"})
    assert chosen_engine("k6", str(tmp_path), environment).results == tmp_path


def test_mistakes_name_the_option(tmp_path: Path) -> None:
    assert mistake("locust") == "--examday-engine locust: unknown engine; choose one of: candidates, k6"
    assert mistake("candidates", "logs") == "--examday-k6-results is read with --examday-engine k6 only"
    assert mistake("k6", str(tmp_path)).startswith(f"--examday-k6-results {tmp_path}: holds no *.log")


def test_pytest_ends_with_one_line_and_status_4(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text('[env.local]\nk6 = "k7"\n')
    command = [*PYTEST, "--env", "local", "--examday-engine", "k6"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 4
    assert ended.stderr.startswith("ERROR: k6 = 'k7': no such file; install it (")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "rehearsals").exists()
