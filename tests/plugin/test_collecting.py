"""The suite is collected from anywhere, beside any tests, and only when it was asked for."""

import subprocess
from pathlib import Path

import pytest

from pytest_examday.suites.exam.suite import SUITE
from tests.plugin.conftest import Rehearse
from tests.pytest_command import PYTEST

MINE = "def test_mine():\n    pass\n"


def test_without_env_nothing_is_added(rehearse: Rehearse) -> None:
    run = rehearse(files={"test_mine.py": MINE}, env=None)
    assert run.exit_status == 0
    assert "1 passed" in run.output
    assert "examday:" not in run.output
    assert not (run.folder / "rehearsals").exists()


def test_without_env_no_heavy_package_is_imported(rehearse: Rehearse) -> None:
    heavy = ("pydantic", "httpx", "psycopg", "redis", "docker", "jmespath", "starlette", "prometheus_client")
    test = (
        "import sys\n"
        "def test_light():\n"
        f"    assert not [name for name in {heavy!r} if name in sys.modules]\n"
        "    ours = sorted(name for name in sys.modules if name.startswith('pytest_examday'))\n"
        "    assert [name[14:] for name in ours] == ['', '.hookspecs', '.options', '.plugin']\n"
    )
    run = rehearse(files={"test_light.py": test}, env=None, fresh=True)
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize("workers", ["0", "2", "auto"])
def test_users_tests_and_the_suite_run_together(rehearse: Rehearse, workers: str) -> None:
    run = rehearse("-n", workers, files={"test_mine.py": MINE})
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
    assert any(check["nodeid"] == "test_mine.py::test_mine" for check in run.verdict["tests"])


@pytest.mark.parametrize("dist", ["load", "loadscope", "loadfile", "loadgroup", "worksteal"])
def test_every_way_of_distributing_keeps_every_gate(rehearse: Rehearse, dist: str) -> None:
    run = rehearse("-n", "2", "--dist", dist, files={"test_mine.py": MINE})
    assert run.exit_status == 0, run.output
    assert {gate["name"]: gate["outcome"] for gate in run.verdict["gates"]} == dict.fromkeys(SUITE.gate_by_name, "pass")


def test_from_a_subdirectory_of_a_project_with_testpaths(rehearse: Rehearse) -> None:
    files = {"pyproject.toml": "[tool.pytest]\ntestpaths = ['tests']\n", "tests/test_mine.py": MINE, "src/x.txt": ""}
    run = rehearse("-m", "gates", files=files, cwd="src")
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"


def test_paths_given_by_hand_do_not_start_a_rehearsal(rehearse: Rehearse) -> None:
    run = rehearse("test_mine.py", files={"test_mine.py": MINE})
    assert run.exit_status == 0, run.output
    assert "1 passed" in run.output
    assert "no verdict" in run.output


def test_paths_given_by_hand_with_gates_asked_for_bring_the_gates_along(rehearse: Rehearse) -> None:
    run = rehearse("test_mine.py", "-m", "gates", files={"test_mine.py": MINE})
    assert run.exit_status == 0, run.output
    assert f"{len(SUITE.gates)} passed" in run.output


def test_one_line_by_its_node_id_stays_one(rehearse: Rehearse) -> None:
    run = rehearse("examday::exam::phase1::test_exam_mode_is_on")
    assert run.exit_status == 0, run.output
    assert "1 passed" in run.output


def test_the_rehearsal_alone_by_its_package_name(rehearse: Rehearse) -> None:
    run = rehearse("--pyargs", "pytest_examday.suites", files={"test_mine.py": "def test_mine():\n    assert 0\n"})
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"


def test_one_phase_alone_needs_no_verdict(rehearse: Rehearse) -> None:
    run = rehearse("-m", "phase3")
    assert run.exit_status == 0, run.output
    assert "no verdict" in run.output
    run = rehearse("-m", "phase(number=3)")
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize(
    "settings",
    [
        "python_files = ['spec_*.py']",
        "python_functions = ['check_*']",
        "strict = true",
        "addopts = ['-p', 'no:randomly', '--import-mode=importlib']",
        "timeout = '0.001'",
    ],
)
def test_the_users_settings_leave_the_suite_whole(rehearse: Rehearse, settings: str) -> None:
    run = rehearse("-m", "gates", files={"pyproject.toml": f"[tool.pytest]\n{settings}\n"})
    assert run.exit_status == 0, run.output
    assert f"{len(SUITE.gates)} passed" in run.output


@pytest.mark.parametrize("plugin", ["xdist", "html", "timeout", "cacheprovider", "faulthandler"])
def test_without_another_plugin_the_verdict_is_the_same(rehearse: Rehearse, plugin: str) -> None:
    run = rehearse("-m", "gates", "-p", f"no:{plugin}", "--strict-markers")
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"


def test_the_users_fixtures_do_not_replace_those_of_the_suite(rehearse: Rehearse) -> None:
    names = ("rehearsal", "environment", "load_evidence", "db", "api")
    fixtures = "import pytest\n" + "".join(f"@pytest.fixture\ndef {name}(): return None\n" for name in names)
    fixtures += "@pytest.fixture(autouse=True)\ndef mine(): raise ValueError('not for gates')\n"
    run = rehearse(files={"conftest.py": fixtures})
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"


def test_gates_show_their_marks_to_any_expression(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gate")
    assert f"{len(SUITE.gates)} passed" in run.output, run.output
    run = rehearse("-m", "not gates")
    assert run.exit_status == 0
    assert "no verdict" in run.output


def test_a_planned_drill_has_its_tests_and_its_gates_need_it(rehearse: Rehearse) -> None:
    toml = '[profile.smoke.drill]\ndrills = ["worker_pause", "system_restart"]\n'
    run = rehearse(files={"examday.toml": toml})
    assert run.exit_status == 1, run.output
    nodeids = [check["nodeid"] for check in run.verdict["tests"]]
    assert "examday::exam::phase3::test_worker_pause_no_lost_answers" in nodeids
    assert "examday::exam::phase7::test_system_restart_no_lost_answers" in nodeids
    for gate in ("zero-data-loss", "recovery-tested", "failures-handled", "no-manual-fixes"):
        assert run.gate(gate)["outcome"] == "inconclusive"
        assert "drill_worker_pause, drill_system_restart were not measured" in run.gate(gate)["reason"]


def test_without_further_drills_there_is_no_test_to_skip(rehearse: Rehearse) -> None:
    run = rehearse("-rs")
    assert run.exit_status == 0, run.output
    assert "worker_pause" not in run.output
    assert " skipped" not in run.output.splitlines()[-1]


def test_a_rehearsal_in_the_clone_leaves_the_clones_own_tests_out(checkout: Path) -> None:
    command = [*PYTEST, "--env=local", "--co", "-q"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=240, check=False)
    tests = [line for line in done.stdout.splitlines() if "::" in line]
    assert "examday::exam::gates::test_zero_data_loss" in tests, done.stdout + done.stderr
    assert [test for test in tests if not test.startswith("examday::")] == []
