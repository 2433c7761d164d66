"""Which gates the files of a project have, as they are written there."""

from pathlib import Path

import pytest

from pytest_examday.session.gates_in_source import NamesOfTests
from pytest_examday.session.gates_of_project import GatesOfProject
from pytest_examday.session.project_files import python_files_below

_NAMES = NamesOfTests(("test_*.py",), ("Test",), ("test",))
_MARK = "pytest.mark.gate(name='sure')"
_SHARED = f"import pytest\nsure = {_MARK}\nLIST = [sure]\nTABLE = {{'a': sure}}\n"
_BASE = f"import pytest\nclass Sure:\n    @{_MARK}\n    def test_a(self): pass\n"


def _project(folder: Path, files: dict[str, str]) -> GatesOfProject:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return GatesOfProject(tuple(python_files_below([folder])), _NAMES)


def _tests(folder: Path, files: dict[str, str]) -> dict[str, frozenset[str]]:
    """The tests of gates in these files, by `file::test`, with the names of their gates."""
    return {
        f"{path.relative_to(folder)}::{gate.test}": gate.names
        for path, gate in _project(folder, files).gates()
        if gate.test is not None
    }


WRITTEN = {
    "the mark": f"import pytest\n@{_MARK}\ndef test_a(): pass\n",
    "an alias of mark": "from pytest import mark as m\n@m.gate(name='sure')\ndef test_a(): pass\n",
    "an alias of pytest": "import pytest as p\n@p.mark.gate(name='sure')\ndef test_a(): pass\n",
    "a name for pytest.mark": "import pytest\nm = pytest.mark\n@m.gate(name='sure')\ndef test_a(): pass\n",
    "a name for the mark": "import pytest\ng = pytest.mark.gate\n@g(name='sure')\ndef test_a(): pass\n",
    "a name that is given twice": f"import pytest\na = {_MARK}\nb = a\n@b\ndef test_a(): pass\n",
    "getattr": "import pytest\n@getattr(pytest.mark, 'gate')(name='sure')\ndef test_a(): pass\n",
    "a mark with arguments": f"import pytest\n@{_MARK}.with_args()\ndef test_a(): pass\n",
    "pytestmark": f"import pytest\npytestmark = {_MARK}\ndef test_a(): pass\n",
    "a list": f"import pytest\npytestmark = [pytest.mark.slow, {_MARK}]\nasync def test_a(): pass\n",
    "a longer list": f"import pytest\npytestmark = []\npytestmark += [{_MARK}]\ndef test_a(): pass\n",
    "a case": f"import pytest\n@pytest.mark.parametrize('n', [pytest.param(1, marks={_MARK})])\ndef test_a(n): pass\n",
    "a branch": f"import pytest\nif 0:\n    @{_MARK}\n    def test_a(): pass\n",
}


@pytest.mark.parametrize("case", WRITTEN)
def test_a_gate_is_found_by_whatever_name_its_file_calls_the_mark(tmp_path: Path, case: str) -> None:
    assert _tests(tmp_path, {"test_x.py": WRITTEN[case]}) == {"test_x.py::test_a": frozenset({"sure"})}


OF_ANOTHER_FILE = {
    "a name": "from shared import sure\n@sure\ndef test_a(): pass\n",
    "another name": "from shared import sure as told\n@told\ndef test_a(): pass\n",
    "all names": "from shared import *\n@sure\ndef test_a(): pass\n",
    "a module": "import shared\n@shared.sure\ndef test_a(): pass\n",
    "a list": "from shared import LIST\npytestmark = LIST\ndef test_a(): pass\n",
    "a table": "from shared import TABLE\n@TABLE['a']\ndef test_a(): pass\n",
    "a third file": "from further import further\n@further\ndef test_a(): pass\n",
}


@pytest.mark.parametrize("case", OF_ANOTHER_FILE)
def test_a_mark_of_another_file_makes_a_gate(tmp_path: Path, case: str) -> None:
    third = "from shared import sure\nfurther = sure\n"
    files = {"shared.py": _SHARED, "further.py": third, "a/test_x.py": OF_ANOTHER_FILE[case]}
    assert _tests(tmp_path, files) == {"a/test_x.py::test_a": frozenset({"sure"})}


def test_a_function_that_makes_the_mark_makes_a_gate_of_unknown_name(tmp_path: Path) -> None:
    made = "import pytest\ndef gate(name):\n    return pytest.mark.gate(name=name)\n"
    files = {"marks.py": made, "test_x.py": "from marks import gate\n@gate('sure')\ndef test_a(): pass\n"}
    assert _tests(tmp_path, files) == {"test_x.py::test_a": frozenset()}


BORROWED = {
    "a base class": ("from shared import Sure\nclass TestMine(Sure): pass\n", "TestMine"),
    "a base class of a module": ("import shared\nclass TestMine(shared.Sure): pass\n", "TestMine"),
    "an import": ("from shared import Sure as TestMine\n", "TestMine"),
    "a base class of a base class": (
        "from shared import Sure\nclass Both(Sure): pass\nclass TestMine(Both): pass\n",
        "TestMine",
    ),
}


@pytest.mark.parametrize("case", BORROWED)
def test_a_test_of_another_file_is_a_gate_of_the_file_that_takes_it(tmp_path: Path, case: str) -> None:
    text, name = BORROWED[case]
    found = _tests(tmp_path, {"shared.py": _BASE, "test_x.py": text})
    assert found[f"test_x.py::{name}"] == {"sure"}


def test_classes_give_their_marks_to_their_tests_alone(tmp_path: Path) -> None:
    text = (
        f"import pytest\npytestmark = {_MARK}\n"
        "class TestA:\n    def test_a(self): pass\n    def help(self): pass\n"
        "    @pytest.fixture\n    def test_data(self): pass\n"
        "class Server:\n    def test_connection(self): pass\n"
        "class Mine(unittest.TestCase):\n    def test_b(self): pass\n"
        "@pytest.mark.gate(name='other')\nclass TestC:\n    def test_c(self): pass\n"
    )
    assert _tests(tmp_path, {"test_x.py": text}) == {
        "test_x.py::TestA::test_a": {"sure"},
        "test_x.py::Mine::test_b": {"sure"},
        "test_x.py::TestC::test_c": {"other"},
    }


NO_GATES = {
    "another mark of one name": f"import pytest\nslow = {_MARK}\n@pytest.mark.slow\ndef test_a(): pass\n",
    "another thing called gate": "from house import gate\n@gate.opened\ndef test_a(): gate(name='door')\n",
    "a name of its own": "def sure(test): return test\n@sure\ndef test_a(): pass\n",
}


@pytest.mark.parametrize("case", NO_GATES)
def test_what_is_no_gate_is_not_taken_for_one(tmp_path: Path, case: str) -> None:
    assert _tests(tmp_path, {"shared.py": _SHARED, "test_x.py": NO_GATES[case]}) == {}


def test_folders_behind_links_and_in_build_are_searched_once(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere" / "test_linked.py").touch()
    (tmp_path / "project" / "tests").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "project" / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "project" / "up").symlink_to(tmp_path)
    (tmp_path / "elsewhere" / "deep" / "round").symlink_to(tmp_path / "elsewhere")
    for name in ("tests/build", "build/lib/x", "build/bdist.linux", ".tox", "node_modules"):
        (tmp_path / "project" / name).mkdir(parents=True)
        (tmp_path / "project" / name / "test_x.py").touch()
    found = {str(path.relative_to(tmp_path / "project")) for path in python_files_below([tmp_path / "project"])}
    assert {path.replace("again", "tests") for path in found} == {"tests/test_linked.py", "tests/build/test_x.py"}
    assert len(found) == 2


def test_an_unreadable_file_that_seems_to_have_a_gate_is_named(tmp_path: Path) -> None:
    files = {
        "test_new.py": f"import pytest\n@{_MARK}\ndef test_a():\n    later syntax\n",
        "test_other.py": "the gate is open\n",
    }
    (unreadable,) = _project(tmp_path, files).unreadable
    assert (unreadable.path.name, unreadable.why) == ("test_new.py", "line 4: invalid syntax")
