"""`--env` is an option of many projects: theirs stays theirs, and `--examday-env` always works."""

import pytest

from tests.plugin.conftest import Rehearse

THEIRS = """
def pytest_addoption(parser):
    parser.addoption("--env", {how})
"""
TEST = """
def test_mine(request):
    assert request.config.getoption("--env") == {value}
"""
HOWS = {
    "a name": ("default='qa'", ("--env=staging",), "'staging'"),
    "a name apart": ("default='qa'", ("--env", "staging"), "'staging'"),
    "a switch": ("action='store_true'", ("--env",), "True"),
    "one of few": ("choices=('qa', 'staging')", ("--env=qa",), "'qa'"),
    "a number": ("type=int", ("--env=3",), "3"),
    "not given": ("default='qa'", (), "'qa'"),
}
LINE = "examday: --env is an option of this project or of another plugin; to rehearse, write --examday-env NAME"


@pytest.mark.parametrize(("how", "arguments", "value"), HOWS.values(), ids=HOWS)
def test_an_option_of_the_project_stays_its_own(
    rehearse: Rehearse, how: str, arguments: tuple[str, ...], value: str
) -> None:
    files = {"conftest.py": THEIRS.format(how=how), "test_mine.py": TEST.format(value=value)}
    run = rehearse(*arguments, files=files, env=None)
    assert run.exit_status == 0, run.output
    assert "1 passed" in run.output
    assert "examday:" not in run.output, "a run without our options is left alone"


@pytest.mark.parametrize("first", [True, False], ids=["before us", "after us"])
def test_an_option_of_another_plugin_stays_its_own(rehearse: Rehearse, first: bool) -> None:
    """Plugins are loaded before any conftest.py: with `-p` before the installed ones, by a variable after them."""
    files = {"theirs.py": THEIRS.format(how="default='qa'"), "test_mine.py": TEST.format(value="'staging'")}
    files["pytest.ini"] = "[pytest]\npythonpath = .\n"
    how = ("-p", "theirs") if first else ()
    variables = {} if first else {"PYTEST_PLUGINS": "theirs"}
    run = rehearse(*how, "--env", "staging", files=files, env=None, apart=True, variables=variables)
    assert run.exit_status == 0, run.output
    assert "1 passed" in run.output


def test_a_project_with_a_configuration_of_ours_is_told_how_to_rehearse(rehearse: Rehearse) -> None:
    files = {
        "conftest.py": THEIRS.format(how="default='qa'"),
        "test_mine.py": TEST.format(value="'staging'"),
        "examday.toml": "[env.staging]\n",
    }
    run = rehearse("--env=staging", files=files, env=None)
    assert run.exit_status == 0, run.output
    assert run.output.count(LINE) == 1
    assert LINE not in rehearse(env=None).output, "only where --env was given"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "with xdist"])
def test_the_long_spelling_works_beside_theirs(rehearse: Rehearse, go_run: object, workers: tuple[str, ...]) -> None:
    files = {"conftest.py": THEIRS.format(how="default='qa'"), "test_mine.py": TEST.format(value="'x'")}
    ours = ("--examday-env", "local", f"--examday-evidence={go_run}")
    run = rehearse("--env", "x", *ours, *workers, files=files, env=None)
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
    assert LINE not in run.output


def test_both_spellings_are_in_the_help_and_theirs_alone_where_it_is_taken(rehearse: Rehearse) -> None:
    output = rehearse("--help", env=None).output
    assert "--examday-env=NAME" in output
    assert "--env=NAME" in output
    output = rehearse("--help", files={"conftest.py": THEIRS.format(how="default='qa'")}, env=None).output
    assert "--examday-env=NAME" in output
    assert "--env=NAME" not in output


def test_the_name_after_env_hides_no_conftest_of_testpaths(rehearse: Rehearse, go_run: object) -> None:
    """While `--env` is not yet an option, pytest takes its value for a path, and would leave out `testpaths`."""
    files = {
        "pytest.ini": "[pytest]\ntestpaths = tests\n",
        "tests/conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--mine')\n",
        "tests/test_mine.py": "def test_mine(request):\n    assert request.config.getoption('--mine') == '5'\n",
    }
    run = rehearse("--env", "local", f"--examday-evidence={go_run}", "--mine=5", files=files, env=None)
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
