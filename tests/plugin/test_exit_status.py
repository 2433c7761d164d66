"""The exit status is 0 only on GO, whatever ends the process, and GO is never said beside another status."""

import os
import posix
import re

import pytest

from pytest_examday.__main__ import main
from tests.plugin.conftest import Rehearse

OPEN = "import pytest\n@pytest.mark.gate(name='mine')\n@pytest.mark.skip(reason='not today')\ndef test_mine(): pass\n"
WAYS = {
    "os._exit(exitstatus)": "os._exit(exitstatus)",
    "os._exit(0)": "os._exit(0)",
    "os._exit(256)": "os._exit(256)",
    "posix._exit(0)": "import posix; posix._exit(0)",
    "sys.exit(0)": "sys.exit(0)",
    "pytest.exit": "pytest.exit('enough', returncode=0)",
}
LAST = {
    "pytest_sessionfinish": "def pytest_sessionfinish(session, exitstatus):\n    {way}\n",
    "a wrapper, before": "@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
    "def pytest_sessionfinish(session, exitstatus):\n    {way}\n    return (yield)\n",
    "a wrapper, after": "@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
    "def pytest_sessionfinish(session, exitstatus):\n    yield\n    {way}\n",
}
EARLIER = {
    "pytest_terminal_summary": "def pytest_terminal_summary(terminalreporter, exitstatus):\n    {way}\n",
    "pytest_unconfigure": "def pytest_unconfigure(config):\n    exitstatus = 0\n    {way}\n",
    "pytest_collection_finish": "def pytest_collection_finish():\n    exitstatus = 0\n    {way}\n",
    "pytest_sessionstart": "def pytest_sessionstart():\n    exitstatus = 0\n    {way}\n",
    "pytest_configure": "def pytest_configure(config):\n    exitstatus = 0\n    {way}\n",
    "pytest_cmdline_main": "def pytest_cmdline_main(config):\n    exitstatus = 0\n    {way}\n",
    "while it is read": "exitstatus = 0\n{way}\n",
}
JUDGED = (*LAST, "pytest_terminal_summary", "pytest_unconfigure")
"""The hooks that come after the verdict."""
HOOKS = {**LAST, **EARLIER}
CASES = [
    (hook, way)
    for hook in HOOKS
    for way in WAYS
    if hook == "pytest_sessionfinish" or way in ("os._exit(0)", "pytest.exit")
]


@pytest.mark.parametrize(("hook", "way"), CASES)
def test_without_go_nobody_ends_a_run_with_status_0(rehearse: Rehearse, hook: str, way: str) -> None:
    conftest = "import os, sys, pytest\n" + HOOKS[hook].format(way=WAYS[way])
    run = rehearse("-m", "gates", files={"conftest.py": conftest, "test_mine.py": OPEN}, apart=True)
    assert run.exit_status in (1, 3, 4), run.output
    assert "VERDICT: GO" not in run.output
    if hook in JUDGED:
        assert run.exit_status == 1
        assert run.verdict["verdict"] == "NO-GO"
        assert run.gate("mine")["outcome"] == "inconclusive"
        assert "._exit(" in WAYS[way] or "VERDICT: NO-GO" in run.output


_AROUND = "import atexit, os, sys, threading, pytest\n@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
AFTER_THE_COMMAND = {
    "a wrapper": _AROUND + "def pytest_cmdline_main(config):\n    yield\n    os._exit(0)\n",
    "an old wrapper": _AROUND.replace("wrapper", "hookwrapper")
    + "def pytest_cmdline_main(config):\n    yield\n    os._exit(0)\n",
    "a cleanup that exits": _AROUND + "def pytest_cmdline_main(config):\n"
    "    status = yield\n    config.add_cleanup(lambda: sys.exit(0))\n    return status\n",
    "a cleanup that ends the process": _AROUND + "def pytest_cmdline_main(config):\n"
    "    status = yield\n    config.add_cleanup(lambda: os._exit(0))\n    return status\n",
    "atexit": "import atexit, os\natexit.register(os._exit, 0)\n",
    "atexit, registered late": "import atexit, os\ndef pytest_unconfigure(): atexit.register(lambda: os._exit(0))\n",
    "a thread": "import os, threading\n"
    "def wait():\n    threading.main_thread().join()\n    os._exit(0)\n"
    "def pytest_unconfigure(): threading.Thread(target=wait).start()\n",
    "an exception hook": "import os, sys\nsys.excepthook = lambda *problem: os._exit(0)\n"
    "def pytest_unconfigure(): raise RuntimeError('broken')\n",
}


@pytest.mark.parametrize("case", AFTER_THE_COMMAND)
def test_nobody_ends_the_process_with_status_0_after_the_run_either(rehearse: Rehearse, case: str) -> None:
    files = {"conftest.py": AFTER_THE_COMMAND[case], "test_mine.py": OPEN}
    run = rehearse("-m", "gates", files=files, apart=True)
    assert run.exit_status == 1, run.output
    assert "VERDICT: GO" not in run.output


def test_a_process_that_ends_with_another_status_after_go_is_no_go(rehearse: Rehearse) -> None:
    conftest = "import atexit, os\ndef pytest_unconfigure(): atexit.register(lambda: os._exit(5))\n"
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == 5, run.output
    assert "VERDICT: NO-GO after all" in run.output
    assert run.verdict["verdict"] == "NO-GO"


@pytest.mark.parametrize("value", ["None", "'0'", "0.0"])
@pytest.mark.parametrize("order", ["tryfirst", "trylast"])
def test_a_session_whose_status_is_no_number_is_no_go(rehearse: Rehearse, value: str, order: str) -> None:
    conftest = (
        f"import pytest\n@pytest.hookimpl({order}=True)\n"
        f"def pytest_sessionfinish(session): session.exitstatus = {value}\n"
    )
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == 1, run.output
    assert f"has set session.exitstatus to {value}, which is no exit status; the status is set to 1" in run.output
    assert "Traceback" not in run.output
    assert run.verdict["verdict"] == "NO-GO"


@pytest.mark.parametrize("value", ["'0'", "0.0"])
def test_a_command_that_returns_no_number_is_no_go(rehearse: Rehearse, value: str) -> None:
    conftest = f"import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_cmdline_main(): return {value}\n"
    assert rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True).exit_status == 1


def test_a_conftest_that_runs_nothing_and_says_0_is_overruled(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files={"conftest.py": "def pytest_cmdline_main(): return 0\n"})
    assert run.exit_status == 1
    assert (
        "pytest_cmdline_main ended the run with status 0 although there is no verdict GO; the status is set to 1"
        in run.output
    )


@pytest.mark.parametrize("before", ["", "os.getpid = lambda: 1; "], ids=["", "pretending to be another process"])
def test_a_test_that_ends_the_process_is_no_go(rehearse: Rehearse, before: str) -> None:
    run = rehearse(files={"test_mine.py": f"import os\ndef test_a(): {before}os._exit(0)\n"}, apart=True)
    assert run.exit_status == 1
    assert "VERDICT" not in run.output


def test_a_child_that_a_test_has_forked_ends_with_its_own_status(rehearse: Rehearse) -> None:
    text = (
        "import os\n"
        "def test_a():\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    run = rehearse(files={"test_mine.py": text}, apart=True)
    assert run.exit_status == 0, run.output


def test_the_process_is_left_as_it_was(rehearse: Rehearse) -> None:
    before = os._exit
    rehearse("-m", "gates")
    rehearse("-m", "gates", files={"conftest.py": "import sys\nsys.exit(0)\n"})
    rehearse("-m", "gates", files={"conftest.py": "def pytest_configure(): raise ValueError\n"})
    rehearse("-m", "gates", files={"conftest.py": "import sys\ndef pytest_cmdline_main(): sys.exit(0)\n"})
    assert os._exit is posix._exit is before


def test_a_program_that_calls_pytest_ends_with_its_own_status(rehearse: Rehearse) -> None:
    """Also a program that pytest's own command has started: a test."""
    program = (
        "import os, pytest\n"
        "def test_a():\n"
        "    status = pytest.main(['-p', 'no:cacheprovider', '--env=local', '--co', '-m', 'gates', 'below'])\n"
        "    os._exit(0 if status else 8)\n"
    )
    run = rehearse("test_mine.py", env=None, files={"test_mine.py": program, "below/test_b.py": OPEN}, apart=True)
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize("option", ["--markers", "--help", "--version"])
def test_what_pytest_shows_without_a_run_ends_with_0_if_it_was_typed(rehearse: Rehearse, option: str) -> None:
    run = rehearse("-m", "gates", option)
    assert run.exit_status == 0
    assert "VERDICT" not in run.output


@pytest.mark.parametrize("option", ["--markers", "--help", "--fixtures", "--setup-only", "--collect-only"])
def test_an_option_that_ends_pytest_early_and_was_not_typed_leaves_no_status_0(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", option)
    run = rehearse("-m", "gates")
    assert run.exit_status == 1, run.output
    assert "VERDICT: GO" not in run.output


def test_an_option_of_an_ini_file_that_ends_pytest_early_is_named(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files={"pytest.ini": "[pytest]\naddopts = --markers\n"})
    assert run.exit_status == 1
    assert "no verdict GO (--markers was not typed: an ini file or PYTEST_ADDOPTS adds it)" in run.output


_UNSEEN = "import ctypes\n{}    ctypes.CDLL(None)._exit(0)\n"
UNSEEN = {
    "while it is read": ("conftest.py", "if 1:\n", "no such directory"),
    "in a test": ("test_mine.py", "def test_a():\n", "verdict.json is missing: the run made no verdict"),
    "after the verdict": (
        "conftest.py",
        "def pytest_sessionfinish():\n",
        "manifest.json is missing: the run did not come to its end",
    ),
}


@pytest.mark.parametrize("case", UNSEEN)
def test_verify_finds_an_end_of_the_process_that_the_plugin_cannot_see(
    rehearse: Rehearse, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """The system's own function ends the process with status 0: no code of this process can prevent that."""
    file, end, why = UNSEEN[case]
    run = rehearse("--examday-dir=run", files={file: _UNSEEN.format(end)}, apart=True)
    assert run.exit_status == 0, run.output
    assert main(["verify", str(run.folder / "run")]) == 1
    assert why in capsys.readouterr().err


@pytest.mark.parametrize("way", ["sys.exit(0)", "pytest.exit", "os._exit(0)"])
def test_go_stays_go_where_a_conftest_ends_with_0(rehearse: Rehearse, way: str) -> None:
    conftest = "import os, sys, pytest\n" + LAST["pytest_sessionfinish"].format(way=WAYS[way])
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"


@pytest.mark.parametrize(
    ("conftest", "status"),
    [
        ("def pytest_sessionfinish(session):\n    session.exitstatus = 1\n", 1),
        ("def pytest_sessionfinish():\n    raise ValueError('broken')\n", 1),
        ("import pytest\ndef pytest_sessionfinish():\n    pytest.exit('enough', returncode=7)\n", 7),
        ("import sys\ndef pytest_sessionfinish():\n    sys.exit(3)\n", 3),
        ("def pytest_runtestloop(session):\n    session.testsfailed += 1\n", 2),
    ],
    ids=["status", "exception", "pytest.exit", "sys.exit", "testsfailed"],
)
def test_a_run_that_a_conftest_makes_fail_is_no_go_and_says_so(rehearse: Rehearse, conftest: str, status: int) -> None:
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == status, run.output
    assert "VERDICT: GO" not in run.output
    assert "VERDICT: NO-GO" in run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert "NO-GO" in (run.directory / "report.md").read_text()


@pytest.mark.parametrize(
    "conftest",
    [
        "import pytest\n@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
        "def pytest_sessionfinish(session):\n    yield\n    session.exitstatus = 5\n",
        "import sys\ndef pytest_unconfigure():\n    sys.exit(5)\n",
    ],
    ids=["wrapper", "unconfigure"],
)
def test_a_verdict_that_was_told_before_a_conftest_made_the_run_fail_is_taken_back(
    rehearse: Rehearse, conftest: str
) -> None:
    run = rehearse("-m", "gates", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status == 5, run.output
    assert "VERDICT: NO-GO after all, because the run ended with status 5" in run.output
    assert run.verdict["verdict"] == "NO-GO"


def test_a_failed_test_that_is_no_gate_is_no_go_and_is_named(rehearse: Rehearse) -> None:
    run = rehearse(files={"test_mine.py": "def test_a():\n    assert 0, 'broken'\n"})
    assert run.exit_status == 1
    assert "VERDICT: GO" not in run.output
    assert run.verdict["verdict"] == "NO-GO"
    (obstacle,) = run.verdict["obstacles"]
    assert obstacle.startswith("test_mine.py::test_a failed, which is no gate: ")


def test_pytest_exit_in_a_worker_with_status_0_is_no_go(rehearse: Rehearse) -> None:
    conftest = (
        "import pytest\n"
        "def pytest_collection_finish(session):\n"
        "    if hasattr(session.config, 'workerinput'): pytest.exit('enough', returncode=0)\n"
    )
    run = rehearse("-m", "gates", "-n", "2", files={"conftest.py": conftest}, apart=True)
    assert run.exit_status not in (0, 3), run.output
    assert "INTERNALERROR" not in run.output
    assert run.verdict["verdict"] == "NO-GO"
    assert re.search(r"worker gw[01] died outside of a test", run.output), "whichever ended first"


MINE = {"tests/test_mine.py": "def test_mine(): pass\n"}


@pytest.mark.parametrize(
    ("added", "workers"),
    [("tests", "0"), ("tests", "1"), ("examday::exam::phase1::test_exam_mode_is_on", "0")],
    ids=["path", "path, xdist", "node id"],
)
def test_a_path_in_an_ini_file_leaves_no_gate_out(rehearse: Rehearse, added: str, workers: str) -> None:
    settings = {"pyproject.toml": f"[tool.pytest]\naddopts = ['{added}']\n"}
    run = rehearse("-n", workers, files={**MINE, **settings})
    assert run.exit_status == 0, run.output
    assert run.verdict["verdict"] == "GO"
    assert run.gate("zero-data-loss")["outcome"] == "pass"


def test_a_path_in_the_variable_of_pytest_leaves_no_gate_out(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "tests")
    assert rehearse(files=MINE).verdict["verdict"] == "GO"


def test_a_mark_expression_in_an_ini_file_that_selects_no_gate_is_no_go(rehearse: Rehearse) -> None:
    settings = {"pyproject.toml": "[tool.pytest]\naddopts = ['-m', 'unit']\nmarkers = ['unit: fast ones']\n"}
    run = rehearse(files={**MINE, **settings})
    assert run.exit_status != 0
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("zero-data-loss")["reason"] == "its test was deselected: -m 'unit'"


def test_what_is_typed_overrules_the_ini_file(rehearse: Rehearse) -> None:
    settings = {"pyproject.toml": "[tool.pytest]\naddopts = ['-m', 'unit']\nmarkers = ['unit: fast ones']\n"}
    run = rehearse("-m", "phase1", files={**MINE, **settings})
    assert run.exit_status == 0, run.output
    assert "no verdict: the gates were not part of this run" in run.output


def test_a_run_without_a_terminal_is_judged_all_the_same(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", "-p", "no:terminal")
    assert (run.exit_status, run.verdict["verdict"]) == (0, "GO"), run.output
    assert "Traceback" not in run.output
