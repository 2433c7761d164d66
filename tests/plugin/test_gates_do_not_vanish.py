"""A gate of the user's that was not run, or not wholly, is never a part of a verdict of GO."""

import os
from pathlib import Path

import pytest

from tests.plugin.conftest import Rehearse

GATE = "@pytest.mark.gate(name='certificates')\n"
FAILS = f"import pytest\n{GATE}def test_certificates():\n    assert 0, 'out of date'\n"
PASSES = f"import pytest\n{GATE}def test_certificates():\n    pass\n"
TWO_CASES = (
    f"import pytest\n{GATE}@pytest.mark.parametrize('year', [1, 2])\n"
    "def test_certificates(year):\n    assert year == 1\n"
)
TAKEN_OUT = (
    "def pytest_collection_modifyitems(items):\n    items[:] = [one for one in items if '[2]' not in one.name]\n"
)


@pytest.mark.parametrize(
    ("arguments", "files", "why"),
    [
        (("-k", "not test_certificates or 1"), {}, "was deselected: -k 'not test_certificates or 1'"),
        (
            ("--deselect", "test_mine.py::test_certificates[2]"),
            {},
            "was deselected: --deselect test_mine.py::test_certificates[2]",
        ),
        ((), {"conftest.py": TAKEN_OUT}, "was taken out of the run by a plugin or conftest.py"),
        (
            ("test_mine.py::test_certificates[1]", "-m", "gates"),
            {},
            "is not part of what was asked for: test_mine.py::test_certificates[1]",
        ),
    ],
    ids=["-k", "--deselect", "hook", "node id"],
)
def test_a_case_that_does_not_run_leaves_its_gate_open(
    rehearse: Rehearse, arguments: tuple[str, ...], files: dict[str, str], why: str
) -> None:
    run = rehearse(*arguments, files={"test_mine.py": TWO_CASES, **files})
    assert run.exit_status == 1, run.output
    gate = run.gate("certificates")
    assert gate["outcome"] == "inconclusive"
    assert gate["reason"] == f"its test test_mine.py::test_certificates[2] {why}"


def test_a_case_that_a_worker_does_not_run_leaves_its_gate_open(rehearse: Rehearse) -> None:
    run = rehearse("-n", "1", "-k", "not test_certificates or 1", files={"test_mine.py": TWO_CASES})
    assert (run.exit_status, run.gate("certificates")["outcome"]) == (1, "inconclusive")


def test_a_case_that_did_not_fail_last_time_leaves_its_gate_open(rehearse: Rehearse) -> None:
    cached = ("-p", "cacheprovider", "-m", "gates")
    rehearse(*cached, files={"test_mine.py": TWO_CASES})
    run = rehearse(*cached, "--lf", files={"test_mine.py": TWO_CASES.replace("year == 1", "year > 1")})
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["reason"].startswith(
        "its test test_mine.py::test_certificates[1] is not part of what was asked for: "
    )


BELOW = {"a/test_mine.py": FAILS, "b/test_other.py": "def test_other():\n    pass\n"}
LEAVING_OUT = {
    "--ignore": (("--ignore=a/test_mine.py",), BELOW, "--ignore a/test_mine.py"),
    "--ignore-glob": (("--ignore-glob=*mine*",), BELOW, "--ignore-glob *mine*"),
    "collect_ignore": ((), {**BELOW, "conftest.py": "collect_ignore = ['a']\n"}, "asked for"),
    "testpaths": ((), {**BELOW, "pyproject.toml": "[tool.pytest]\ntestpaths = ['b']\n"}, "asked for: b"),
    "norecursedirs": ((), {**BELOW, "pyproject.toml": "[tool.pytest]\nnorecursedirs = ['a']\n"}, "asked for"),
    "a path": (("b", "-m", "gates"), BELOW, "asked for: b"),
    "python_files": ((), {**BELOW, "pyproject.toml": "[tool.pytest]\npython_files = ['test_o*.py']\n"}, "asked for"),
    "importorskip": (
        (),
        {"a/test_mine.py": FAILS.replace(GATE, f"pytest.importorskip('no_such_module')\n{GATE}", 1)},
        "could not import 'no_such_module'",
    ),
    "module skipped": (
        (),
        {"a/test_mine.py": FAILS.replace(GATE, f"pytest.skip('not today', allow_module_level=True)\n{GATE}", 1)},
        "not today",
    ),
    "__test__": ((), {"a/test_mine.py": f"__test__ = False\n{FAILS}"}, "asked for"),
    "a branch": (
        (),
        {"a/test_mine.py": f"import pytest\nif 0:\n    {GATE}    def test_certificates(): pass\n"},
        "asked for",
    ),
    "a mark of a case": (
        (),
        {
            "a/test_mine.py": "import pytest\n"
            "CASES = [1, pytest.param(2, marks=pytest.mark.gate(name='certificates'))]\n"
            "@pytest.mark.parametrize('n', CASES[:1])\ndef test_it(n): pass\n"
        },
        "asked for",
    ),
}

_TWO_FILES = {
    "pyproject.toml": "[tool.pytest]\npythonpath = ['.']\n",
    "shared.py": f"import pytest\ncertificates = {GATE[1:]}",
    "a/test_mine.py": "from shared import certificates\n@certificates\ndef test_a(): assert 0\n",
    "b/test_other.py": "from shared import certificates\n@certificates\ndef test_b(): pass\n",
}
_LINE = f"import pytest\npytestmark = {GATE[1:]}def test_a(): assert 0\n"
LEAVING_OUT |= {
    "a mark that another file has too": (("--ignore=a",), _TWO_FILES, "--ignore a"),
    "a declared mark that another file has too": (
        ("--ignore=a",),
        {**_TWO_FILES, "examday.toml": "[env.local]\ngates = ['certificates']\n"},
        "--ignore a",
    ),
    "a folder called build": ((), {"build/a/test_mine.py": _LINE, "b/test_other.py": _LINE.replace("0", "1")}, "asked"),
    "a file of pytest in another folder": (
        ("-c", "ci/pytest.ini", "--rootdir=.", "b", "-m", "gates"),
        {**BELOW, "ci/pytest.ini": "[pytest]\n"},
        "asked for: b",
    ),
}


@pytest.mark.parametrize("case", LEAVING_OUT)
def test_a_gate_in_a_file_of_the_project_that_is_not_collected_is_inconclusive(rehearse: Rehearse, case: str) -> None:
    arguments, files, why = LEAVING_OUT[case]
    run = rehearse(*arguments, files=files)
    assert run.exit_status == 1, run.output
    gate = run.gate("certificates")
    assert gate["outcome"] == "inconclusive"
    assert "a/test_mine.py" in gate["reason"]
    assert "was not collected: " in gate["reason"]
    assert why in gate["reason"]


_USES = {
    "a/test_called.py": "import pytest\nG = pytest.mark.gate\ndef test_a(): assert 0\nG(name='called')(test_a)\n",
    "a/test_unnamed.py": "import pytest\nN = 'n'\ndef test_a(): pass\ntest_a.pytestmark = [pytest.mark.gate(name=N)]\n",
    "a/test_shared.py": "import pytest\ndef test_a(): assert 0\npytest.mark.gate(name='shared')(test_a)\n",
    "a/test_made.py": "from makers import make\ntest_a = make('made')\n",
    "b/test_other.py": "import pytest\nfrom makers import make\nG = pytest.mark.gate\n"
    "def test_a(): pass\nG(name='shared')(test_a)\ntest_b = make('other')\n",
    "makers.py": "import pytest\ndef make(name):\n    @pytest.mark.gate(name=name)\n    def test(): pass\n"
    "    return test\n",
    "pyproject.toml": "[tool.pytest]\npythonpath = ['.']\n",
}


def test_a_use_of_the_mark_in_a_file_that_is_not_collected_is_inconclusive(rehearse: Rehearse) -> None:
    run = rehearse("b", "-m", "gates", files=_USES)
    assert run.exit_status == 1, run.output
    for name, place in {
        "called": "a/test_called.py, line 4",
        "shared": "a/test_shared.py, line 3",
        "a gate in a/test_unnamed.py:4": "a/test_unnamed.py, line 4",
        "a gate in a/test_made.py:2": "a/test_made.py, line 2",
    }.items():
        gate = run.gate(name)
        assert gate["outcome"] == "inconclusive"
        assert gate["reason"] == f"the test meant by {place}, was not collected: asked for: b"
    assert run.gate("other")["outcome"] == "pass"


def test_uses_of_the_mark_in_files_that_are_collected_are_not_missed(rehearse: Rehearse) -> None:
    run = rehearse("b", "-m", "gates", files={name: text for name, text in _USES.items() if not name.startswith("a/")})
    assert run.exit_status == 0, run.output
    assert (run.gate("shared")["outcome"], run.gate("other")["outcome"]) == ("pass", "pass")


def test_a_gate_behind_a_link_that_is_not_collected_is_inconclusive(
    rehearse: Rehearse, pytester: pytest.Pytester, tmp_path: Path
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_mine.py").write_text(FAILS)
    (pytester.path / "tests").symlink_to(tmp_path / "tests")
    run = rehearse("b", "-m", "gates", files={"b/test_other.py": PASSES.replace("certificates", "other")})
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["reason"].startswith("its test tests/test_mine.py::test_certificates was not")


def test_a_gate_that_is_collected_through_a_link_is_not_missed_at_its_own_place(
    rehearse: Rehearse, pytester: pytest.Pytester
) -> None:
    (pytester.path / "link").symlink_to(pytester.path / ".hidden")
    assert rehearse("link", "-m", "gates", files={".hidden/test_mine.py": PASSES}).exit_status == 0


def test_an_uncollected_file_that_python_cannot_read_is_inconclusive(rehearse: Rehearse) -> None:
    files = {**BELOW, "a/test_mine.py": f"{FAILS}    later syntax\n"}
    run = rehearse("b", "-m", "gates", files=files)
    assert run.exit_status == 1, run.output
    assert run.gate("a/test_mine.py")["reason"] == (
        "it looks as if it had a gate, and this Python cannot read it: line 5: invalid syntax"
    )


def test_a_module_that_a_worker_skips_leaves_its_gate_open(rehearse: Rehearse) -> None:
    arguments, files, why = LEAVING_OUT["importorskip"]
    run = rehearse("-n", "1", *arguments, files=files)
    assert run.exit_status == 1, run.output
    assert why in run.gate("certificates")["reason"]


@pytest.mark.parametrize(
    "file",
    [".venv/lib/test_theirs.py", "their/test_theirs.py", "build/lib/test_theirs.py", "node_modules/test_theirs.py"],
)
def test_gates_of_other_projects_in_environments_and_builds_are_not_missed(rehearse: Rehearse, file: str) -> None:
    run = rehearse("-m", "gates", "--ignore=their", files={file: FAILS, "their/pyvenv.cfg": ""})
    assert run.exit_status == 0, run.output


SHARED = {
    "a base class": {
        "shared.py": f"import pytest\nclass Certificates:\n    {GATE}    def test_certificates(self): pass\n",
        "test_mine.py": "from shared import Certificates\nclass TestMine(Certificates): pass\n",
    },
    "an import": {"shared.py": PASSES, "test_mine.py": "from shared import test_certificates\n"},
    "a name for the mark": {
        "shared.py": "import pytest\ncertificates = pytest.mark.gate(name='certificates')\n",
        "test_mine.py": "from shared import certificates\n@certificates\ndef test_mine(): pass\n",
    },
    "a mark of the module": {"test_mine.py": f"import pytest\npytestmark = {GATE[1:]}def test_a(): pass\n"},
    "a mark of the class": {"test_mine.py": f"import pytest\n{GATE}class TestA:\n    def test_a(self): pass\n"},
    "a function that wraps": {
        "test_mine.py": "import functools, pytest\n"
        "def twice(test):\n"
        "    @functools.wraps(test)\n    def both():\n        test(), test()\n    return both\n"
        f"{GATE}@twice\ndef test_certificates(): pass\n"
    },
    "a test of unittest": {
        "test_mine.py": "import pytest, unittest\n"
        f"class Mine(unittest.TestCase):\n    {GATE}    def test_a(self): pass\n"
    },
}


@pytest.mark.parametrize("case", SHARED)
def test_a_gate_that_is_written_elsewhere_than_it_is_collected_is_not_missed(rehearse: Rehearse, case: str) -> None:
    run = rehearse("-m", "gates", files=SHARED[case])
    assert run.exit_status == 0, run.output
    assert run.gate("certificates")["outcome"] == "pass"


MISTAKES = {
    "gates": ("@pytest.mark.gates\ndef test_a(): pass\n", "test_mine.py::test_a: the mark gates makes no gate; "),
    "gates with a name": ("@pytest.mark.gates(name='a')\ndef test_a(): pass\n", "test_a: the mark gates makes no gate"),
    "Gate": (
        "@pytest.mark.Gate(name='a')\ndef test_a(): pass\n",
        "test_mine.py::test_a: the mark Gate makes no gate; ",
    ),
    "gaet": (
        "@pytest.mark.gaet(name='a')\ndef test_a(): pass\n",
        "test_mine.py::test_a: the mark gaet makes no gate; ",
    ),
    "gat": (
        "@pytest.mark.gat(name='a')\ndef test_a(): pass\n",
        "test_mine.py::test_a: the mark gat makes no gate; ",
    ),
    "two marks": (
        f"{GATE}@pytest.mark.gate(name='b')\ndef test_a(): pass\n",
        "test_mine.py::test_a has the mark gate 2 times (b, certificates); ",
    ),
    "two tests of one name": (
        f"{GATE}def test_a(): assert 0\n{GATE}def test_a(): pass\n",
        "test_mine.py::test_a: line 5 gives the name test_a again, so this gate would not run; rename one",
    ),
    "a plain test of one name": (
        f"class TestX:\n    {GATE}    def test_a(self): assert 0\n    def test_a(self): pass\n",
        "test_mine.py::TestX::test_a: line 5 gives the name test_a again, so this gate would not run",
    ),
    "a constructor": (
        f"class TestX:\n    def __init__(self): pass\n    {GATE}    def test_a(self): assert 0\n",
        "test_mine.py::TestX::test_a: pytest collects no class with a constructor, so this gate would not run",
    ),
    "no name of a test": (
        f"{GATE}def check_a(): assert 0\n",
        "test_mine.py::check_a: pytest takes no function of this name for a test, so this gate would not run",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_what_looks_like_a_gate_and_is_none_is_a_usage_error(rehearse: Rehearse, case: str) -> None:
    text, complaint = MISTAKES[case]
    run = rehearse("-W", "default", files={"test_mine.py": f"import pytest\n{text}"})
    assert run.exit_status == 4, run.output
    assert complaint in run.output
    assert not complaint.endswith("; ") or f'{complaint}write @pytest.mark.gate(name="…")' in run.output
    assert "Traceback" not in run.output


TWICE = (
    "import pytest\nfrom pytest import mark as m\n"
    f"certificates = {GATE[1:]}"
    "class TestA:\n    @m.gate(name='a')\n    def test_a(self): assert 0\n"
    "class TestA:\n    def test_b(self): pass\n"
    "@certificates\ndef test_c(): assert 0\ndef test_c(): pass\n"
    "class TestD:\n    pytestmark = certificates\n    def test_d(self): assert 0\n    def test_d(self): pass\n"
)


def test_a_gate_whose_name_is_given_again_is_a_usage_error_however_it_is_marked(rehearse: Rehearse) -> None:
    twice = f"import pytest\npytestmark = {GATE[1:]}def test_e(): assert 0\ndef test_e(): pass\n"
    run = rehearse("-W", "default", files={"test_mine.py": TWICE, "test_other.py": twice})
    assert run.exit_status == 4, run.output
    for mistake in (
        "test_mine.py::TestA::test_a: line 7 gives the name TestA again, so this gate would not run",
        "test_mine.py::test_c: line 11 gives the name test_c again",
        "test_mine.py::TestD::test_d: line 15 gives the name test_d again",
        "test_other.py::test_e: line 4 gives the name test_e again",
    ):
        assert mistake in run.output


def test_all_that_looks_like_a_gate_and_is_none_is_told_at_once_also_by_a_worker(rehearse: Rehearse) -> None:
    text = "import pytest\n" + MISTAKES["Gate"][0] + MISTAKES["a constructor"][0]
    run = rehearse("-n", "1", "-W", "default", files={"test_mine.py": text})
    assert run.exit_status == 4, run.output
    assert MISTAKES["Gate"][1] in run.output
    assert MISTAKES["a constructor"][1] in run.output


def test_a_mark_that_is_merely_similar_may_be_the_users_own(rehearse: Rehearse) -> None:
    settings = {"pyproject.toml": "[tool.pytest]\nmarkers = ['grate: of the fireplace']\n"}
    run = rehearse(files={"test_mine.py": "import pytest\n@pytest.mark.grate\ndef test_a(): pass\n", **settings})
    assert run.exit_status == 0, run.output


def test_a_hook_that_makes_a_gate_too_late_is_a_usage_error(rehearse: Rehearse) -> None:
    conftest = (
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    [one.add_marker(pytest.mark.gate(name='late')) for one in items if one.name == 'test_a']\n"
    )
    run = rehearse(files={"conftest.py": conftest, "test_mine.py": "def test_a(): pass\n"})
    assert run.exit_status == 4, run.output
    assert "test_mine.py::test_a: a hook gave the mark gate too late" in run.output


HIDING = {
    "a plugin that runs it again": (
        "from _pytest.runner import call_and_report\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    if item.name != 'test_certificates': return None\n"
        "    call_and_report(item, 'setup', log=True)\n"
        "    call_and_report(item, 'call', log=False)\n"
        "    call_and_report(item, 'call', log=True)\n"
        "    call_and_report(item, 'teardown', log=True, nextitem=nextitem)\n"
        "    return True\n"
    ),
    "a report that is changed": (
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True, tryfirst=True)\n"
        "def pytest_runtest_makereport():\n"
        "    report = yield\n"
        "    report.outcome, report.longrepr = 'passed', None\n"
        "    return report\n"
    ),
    "a hook that swallows": (
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_call():\n"
        "    try: return (yield)\n"
        "    except AssertionError: return None\n"
    ),
    "a call that swallows": (
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_pyfunc_call():\n"
        "    try: return (yield)\n"
        "    except AssertionError: return True\n"
    ),
}
ONCE = (
    f"import pytest\ntries = []\n{GATE}"
    "def test_certificates():\n    tries.append(1)\n    assert len(tries) > 1, 'first'\n"
)


@pytest.mark.parametrize("case", HIDING)
def test_a_failure_that_a_plugin_hides_is_a_failure_of_the_gate(rehearse: Rehearse, case: str) -> None:
    run = rehearse("-m", "gates", files={"conftest.py": HIDING[case], "test_mine.py": ONCE})
    assert run.exit_status == 1, run.output
    gate = run.gate("certificates")
    assert gate["outcome"] == "fail"
    assert gate["reason"].startswith("at call it raised AssertionError, which its last report does not show: first")


def test_a_skip_that_a_plugin_hides_leaves_the_gate_open(rehearse: Rehearse) -> None:
    text = PASSES.replace("pass\n", "pytest.skip('not today')\n")
    run = rehearse("-n", "1", files={"conftest.py": HIDING["a report that is changed"], "test_mine.py": text})
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["outcome"] == "inconclusive"


DECLARING = '[env.local]\ngates = ["certificates", "small-database"]\n'


def test_a_gate_that_the_configuration_names_and_that_no_test_has_is_inconclusive(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files={"examday.toml": DECLARING, "test_mine.py": PASSES})
    assert run.exit_status == 1, run.output
    assert run.gate("certificates")["outcome"] == "pass"
    gate = run.gate("small-database")
    assert gate["outcome"] == "inconclusive"
    assert gate["reason"].startswith("env.local.gates names it, and no test with this mark was collected (asked for: ")
    assert gate["reason"].endswith("gates of collected tests: certificates")


def test_gates_that_the_configuration_names_and_that_pass_are_go(rehearse: Rehearse) -> None:
    files = {
        "examday.toml": DECLARING,
        "test_mine.py": PASSES,
        "test_size.py": PASSES.replace("certificates", "small-database").replace("test_small-database", "test_size"),
    }
    run = rehearse("-m", "gates", files=files)
    assert run.exit_status == 0, run.output


def test_where_the_configuration_names_the_gates_no_other_file_is_searched(rehearse: Rehearse) -> None:
    files = {"examday.toml": "[env.local]\ngates = []\n", **BELOW}
    assert rehearse("b", "-m", "gates", files=files).exit_status == 0


def test_a_gate_that_the_configuration_does_not_name_counts_all_the_same(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files={"examday.toml": "[env.local]\ngates = []\n", "test_mine.py": FAILS})
    assert (run.exit_status, run.gate("certificates")["outcome"]) == (1, "fail")


def test_a_file_that_is_not_a_regular_one_is_not_searched_for_gates(
    rehearse: Rehearse, pytester: pytest.Pytester
) -> None:
    """A FIFO blocks whoever reads it, and a device may have no end."""
    os.mkfifo(pytester.path / "pipe.py")
    (pytester.path / "endless.py").symlink_to("/dev/zero")
    assert rehearse("-m", "gates").exit_status == 0
