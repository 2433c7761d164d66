"""A gate that did not run through makes the run end non-zero and the verdict NO-GO, with the reason."""

import shutil
import tempfile
from pathlib import Path

import pytest

from pytest_examday.suites.exam.suite import SUITE
from tests.plugin.conftest import Rehearse
from tests.report.samples import seal

GATE = "test_zero_data_loss"

CONFTESTS = {
    "removed by a conftest": (
        f"def pytest_collection_modifyitems(items):\n    items[:] = [item for item in items if item.name != {GATE!r}]\n"
    ),
    "skipped": (
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        f"    [item.add_marker(pytest.mark.skip(reason='not today')) for item in items if item.name == {GATE!r}]\n"
    ),
    "expected to fail": (
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        f"    [item.add_marker(pytest.mark.xfail(reason='known')) for item in items if item.name == {GATE!r}]\n"
    ),
}

LOAD_RUDE = "[tool.pytest]\npythonpath = ['.']\naddopts = ['-p', 'rude']\n"
PLUGINS = {
    "pytest.exit with status 0": (
        "import pytest\n"
        "def pytest_runtest_setup(item):\n"
        f"    if item.name == {GATE!r}: pytest.exit('enough', returncode=0)\n"
    ),
    "skipped in setup": (
        f"import pytest\ndef pytest_runtest_setup(item):\n    if item.name == {GATE!r}: pytest.skip('not today')\n"
    ),
    "broken in setup": (f"def pytest_runtest_setup(item):\n    if item.name == {GATE!r}: raise ValueError('broken')\n"),
    "broken in teardown": (
        f"def pytest_runtest_teardown(item):\n    if item.name == {GATE!r}: raise ValueError('broken')\n"
    ),
    "Ctrl-C": f"def pytest_runtest_call(item):\n    if item.name == {GATE!r}: raise KeyboardInterrupt\n",
}
"""A conftest of the user's is not asked about tests outside its folder; a plugin of theirs is."""


def test_evidence_on_which_every_gate_passes_is_go(rehearse: Rehearse) -> None:
    run = rehearse()
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
    assert "VERDICT: GO" in run.output


@pytest.mark.parametrize("workers", ["0", "1"], ids=["alone", "xdist"])
@pytest.mark.parametrize("case", CONFTESTS)
def test_one_gate_that_does_not_run_through_is_no_go(rehearse: Rehearse, case: str, workers: str) -> None:
    run = rehearse("-m", "gates", "-n", workers, files={"conftest.py": CONFTESTS[case]})
    assert run.exit_status != 0, run.output
    assert run.verdict["verdict"] == "NO-GO"
    gate = run.gate("zero-data-loss")
    assert gate["outcome"] == "inconclusive"
    assert gate["reason"]


@pytest.mark.parametrize("workers", ["0", "1"], ids=["alone", "xdist"])
@pytest.mark.parametrize("case", PLUGINS)
def test_a_run_that_is_ended_before_its_end_is_no_go(rehearse: Rehearse, case: str, workers: str) -> None:
    files = {"rude.py": PLUGINS[case], "pyproject.toml": LOAD_RUDE}
    run = rehearse("-m", "gates", "-n", workers, files=files, apart=True)
    assert run.exit_status != 0, run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("zero-data-loss")["outcome"] == "inconclusive"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-k", "not zero_data_loss"),
        ("--deselect", "examday::exam::gates::test_zero_data_loss"),
        ("-m", "gates", "-k", "not zero_data_loss"),
        ("-m", "gates and not disruptive"),
        ("-x", "--maxfail=1", "-k", "nothing_of_that_name"),
    ],
    ids=" ".join,
)
def test_a_gate_deselected_by_hand_is_no_go(rehearse: Rehearse, arguments: tuple[str, ...]) -> None:
    run = rehearse(*arguments)
    assert run.exit_status != 0, run.output
    assert run.verdict["verdict"] == "NO-GO"


def test_ignoring_the_file_of_the_gates_does_not_keep_them_from_running(rehearse: Rehearse) -> None:
    run = rehearse("--ignore-glob=*examday")
    passed = [gate["name"] for gate in run.verdict["gates"] if gate["outcome"] == "pass"]
    assert passed == list(SUITE.gate_by_name), run.output


def test_a_run_that_only_plans_its_tests_is_no_go(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", "--setup-plan")
    assert run.exit_status != 0
    assert "VERDICT: NO-GO" in run.output


@pytest.mark.parametrize("selection", [(), ("-m", "gates")], ids=["all", "gates"])
def test_collecting_alone_says_that_nothing_was_run_and_never_ends_with_status_0(
    rehearse: Rehearse, selection: tuple[str, ...]
) -> None:
    run = rehearse(*selection, "--collect-only")
    assert run.exit_status != 0
    assert "nothing was run, only collected: there is no verdict and no report" in run.output
    assert "gates were asked for and not judged, so the exit status is not 0" in run.output
    assert "VERDICT" not in run.output


def test_collecting_lines_alone_asks_for_no_verdict(rehearse: Rehearse) -> None:
    run = rehearse("-m", "phase1", "--collect-only")
    assert run.exit_status == 0, run.output
    assert "nothing was run, only collected" in run.output
    assert "gates were asked for" not in run.output


def test_collecting_alone_leaves_nothing_behind(
    rehearse: Rehearse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = rehearse()
    run = rehearse("--collect-only")
    assert "run directory" not in run.output
    assert list((run.folder / "rehearsals").iterdir()) == [before.directory]
    assert not list(tmp_path.glob("examday-collected-*"))


def test_a_conftest_that_sets_the_exit_status_to_0_is_overruled(rehearse: Rehearse) -> None:
    conftest = CONFTESTS["skipped"] + "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
    run = rehearse("-m", "gates", files={"conftest.py": conftest})
    assert run.exit_status != 0


def test_a_worker_that_dies_in_a_gate_is_no_go(rehearse: Rehearse) -> None:
    files = {
        "rude.py": f"import os\ndef pytest_runtest_call(item):\n    if item.name == {GATE!r}: os._exit(0)\n",
        "pyproject.toml": LOAD_RUDE,
    }
    run = rehearse("-m", "gates", "-n", "1", files=files)
    assert run.exit_status != 0
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("zero-data-loss")["outcome"] == "inconclusive"


def test_an_import_error_in_the_users_tests_is_no_go(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files={"test_mine.py": "import no_such_module\n"})
    assert run.exit_status != 0
    assert run.verdict["verdict"] == "NO-GO"


@pytest.mark.parametrize("workers", ["0", "2"], ids=["alone", "xdist"])
@pytest.mark.parametrize("text", ["import no_such_module\n", "def test_x(:\n"], ids=["import", "syntax"])
def test_a_file_that_cannot_be_collected_is_no_go_though_the_run_goes_on(
    rehearse: Rehearse, text: str, workers: str
) -> None:
    arguments = ("-m", "gates", "--continue-on-collection-errors", "-n", workers)
    run = rehearse(*arguments, files={"test_mine.py": text})
    assert run.exit_status == 1, run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert {gate["outcome"] for gate in run.verdict["gates"]} == {"pass"}
    why = "test_mine.py could not be collected, and gates may be among its tests"
    assert run.verdict["obstacles"] == [why]
    assert f"because {why}" in run.output


def test_evidence_that_cannot_be_is_no_go_with_the_name_of_its_field(
    rehearse: Rehearse, go_run: Path, tmp_path: Path
) -> None:
    earlier = tmp_path / "run"
    shutil.copytree(go_run, earlier)
    path = earlier / "evidence" / "load.json"
    path.write_text(path.read_text().replace('"simultaneous_submits": 8', '"simultaneous_submits": -8'))
    seal(earlier)
    run = rehearse("--env", "local", "--examday-evidence", str(earlier), "-m", "gates", env=None)
    assert run.exit_status == 1, run.output
    gate = run.gate("p95-latency")
    why = "evidence file load.json is damaged: record.simultaneous_submits is -8, and cannot be below 0"
    assert (gate["outcome"], gate["reason"]) == ("inconclusive", f"load was not measured: {why}")


def test_a_retry_does_not_hide_a_failure(rehearse: Rehearse) -> None:
    """A plugin that runs a failed test again reports it twice; the first report counts."""
    conftest = (
        "from _pytest.runner import runtestprotocol\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    if item.name != 'test_flaky': return None\n"
        "    for _ in range(2):\n"
        "        for report in runtestprotocol(item, nextitem=nextitem, log=False):\n"
        "            item.ihook.pytest_runtest_logreport(report=report)\n"
        "    return True\n"
    )
    flaky = (
        "import pytest\n"
        "tries = []\n"
        "@pytest.mark.gate(name='mine')\n"
        "def test_flaky():\n"
        "    tries.append(1)\n"
        "    assert len(tries) > 1, 'the first try failed'\n"
    )
    run = rehearse("-m", "gates", files={"conftest.py": conftest, "test_flaky.py": flaky})
    assert run.exit_status != 0
    assert run.gate("mine")["outcome"] == "fail"


def test_optimised_python_judges_alike(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `python -O` assert vanishes; no gate rests on one."""
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    run = rehearse("-m", "gates", files={"conftest.py": CONFTESTS["skipped"]}, apart=True)
    assert run.exit_status != 0
    assert run.verdict["verdict"] == "NO-GO"
