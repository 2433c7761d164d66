"""Which gates the files of a project have, as they are written there."""

from pathlib import Path

import pytest

from pytest_examday.session.gates_of_project import GatesOfProject
from pytest_examday.session.names_of_tests import NamesOfTests
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
    "an enumeration": f"import enum, pytest\nclass G(enum.Enum):\n    g = {_MARK}\n@G.g.value\ndef test_a(): pass\n",
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


_N = "import functools, pytest\nN = 'sure'\n"
_TEST = "def test_a(): pass\n"
_CLASS = "class TestX:\n    def test_a(self): pass\n"
USED = {
    "a name for the mark is called": f"{_N}g = pytest.mark.gate\n{_TEST}g(name=N)(test_a)\n",
    "a call": f"{_N}{_TEST}pytest.mark.gate(name=N)(test_a)\n",
    "a call that gives the test its name": f"{_N}def check(): pass\ntest_a = pytest.mark.gate(name=N)(check)\n",
    "a call of a mark that has a name": f"{_N}sure = pytest.mark.gate(name=N)\n{_TEST}test_a = sure(test_a)\n",
    "a call for a class": f"{_N}{_CLASS}pytest.mark.gate(name=N)(TestX)\n",
    "pytestmark of a test": f"{_N}{_TEST}test_a.pytestmark = [pytest.mark.gate(name=N)]\n",
    "pytestmark of a class": f"{_N}{_CLASS}TestX.pytestmark = [pytest.mark.gate(name=N)]\n",
    "pytestmark of a class in a loop": f"{_N}{_CLASS}for c in (TestX,):\n    c.pytestmark = pytest.mark.gate(name=N)\n",
    "a longer pytestmark": f"{_N}pytestmark = []\npytestmark.append(pytest.mark.gate(name=N))\n{_TEST}",
    "a longer pytestmark of a class": f"{_N}{_CLASS}TestX.pytestmark.append(pytest.mark.gate(name=N))\n",
    "globals": f"{_N}globals()['pytestmark'] = pytest.mark.gate(name=N)\n{_TEST}",
    "setattr": f"{_N}{_TEST}setattr(test_a, 'pytestmark', [pytest.mark.gate(name=N)])\n",
    "a test that a function makes": f"{_N}def make(name):\n    @pytest.mark.gate(name=name)\n    def test(): pass\n"
    "    return test\ntest_a = make(N)\n",
    "tests that a function makes": f"{_N}def make(name):\n    @pytest.mark.gate(name=name)\n    def test(): pass\n"
    "    return test\nMADE = {'test_a': make(N)}\nglobals().update(MADE)\n",
    "a decorator that changes": f"{_N}def gate(test):\n    test.pytestmark = [pytest.mark.gate(name=N)]\n"
    f"    return test\n@gate\n{_TEST}",
    "a function that is called": f"{_N}{_TEST}def add():\n    test_a.pytestmark = [pytest.mark.gate(name=N)]\nadd()\n",
    "__init_subclass__": f"{_N}class Base:\n    def __init_subclass__(cls):\n"
    "        cls.pytestmark = [pytest.mark.gate(name=N)]\nclass TestX(Base):\n    def test_a(self): pass\n",
    "a base class": f"{_N}class Base:\n    pytestmark = pytest.mark.gate(name=N)\n"
    "class TestX(Base):\n    def test_a(self): pass\n",
    "a base class with a mark": f"{_N}@pytest.mark.gate(name=N)\nclass Base: pass\nclass TestX(Base):\n"
    "    def test_a(self): pass\n",
    "type": f"{_N}def check(self): pass\n"
    "TestX = type('TestX', (), {'pytestmark': [pytest.mark.gate(name=N)], 'test_a': check})\n",
    "a class without tests of its own": f"{_N}from house import Base\n@pytest.mark.gate(name=N)\n"
    "class TestX(Base): pass\n",
    "marks of a loop": f"{_N}MARKS = {{}}\nMARKS['a'] = pytest.mark.gate(name=N)\n{_TEST}"
    "for mark in MARKS.values():\n    mark(test_a)\n",
    "a walrus": f"{_N}@(g := pytest.mark.gate(name=N))\nclass Base: pass\n{_TEST}g(test_a)\n",
    "a walrus at a test": f"{_N}@(g := pytest.mark.gate(name=N))\n{_TEST}def test_b(): pass\ng(test_b)\n",
    "a branch": f"{_N}{_TEST}try:\n    pytest.mark.gate(name=N)(test_a)\nfinally:\n    pass\n",
}


def _used(folder: Path, files: dict[str, str]) -> dict[str, frozenset[str]]:
    """The uses of the mark in these files, by `file:line`, with the names of their gates."""
    return {
        f"{path.relative_to(folder)}:{gate.line}": gate.names
        for path, gate in _project(folder, files).gates()
        if gate.used
    }


@pytest.mark.parametrize("case", USED)
def test_a_use_of_the_mark_other_than_at_a_test_is_a_gate_without_a_known_name(tmp_path: Path, case: str) -> None:
    found = _used(tmp_path, {"test_x.py": USED[case]})
    assert set(found.values()) == {frozenset()}, found


@pytest.mark.parametrize("case", [case for case in USED if "g = pytest.mark.gate\n" in USED[case] or "call" in case])
def test_a_use_of_the_mark_has_the_name_that_it_is_given_as_plain_text(tmp_path: Path, case: str) -> None:
    found = _used(tmp_path, {"test_x.py": USED[case].replace("name=N", "name='sure'")})
    assert set(found.values()) <= {frozenset({"sure"}), frozenset()}
    assert found


@pytest.mark.parametrize("name", ["name='sure'", "name=N"])
def test_a_mark_that_gets_its_arguments_later_makes_a_gate(tmp_path: Path, name: str) -> None:
    text = f"{_N}@pytest.mark.gate.with_args({name})\n{_TEST}"
    assert _tests(tmp_path, {"test_x.py": text}) == {"test_x.py::test_a": frozenset() if name == "name=N" else {"sure"}}


USED_BY_ANOTHER_FILE = {
    "a function": "from makers import make\ntest_a = make('sure')\n",
    "another name": "from makers import make as made\ntest_a = made('sure')\n",
    "all names": "from makers import *\ntest_a = make('sure')\n",
    "a module": "import makers as m\ntest_a = m.make('sure')\n",
    "a module of a package": "from . import makers\ntest_a = makers.make('sure')\n",
    "a base class": "from makers import Base\nclass TestX(Base):\n    def test_a(self): pass\n",
}
_MAKERS = (
    "import pytest\ndef make(name):\n    @pytest.mark.gate(name=name)\n    def test(): pass\n    return test\n"
    "class Base:\n    def __init_subclass__(cls):\n        cls.pytestmark = [pytest.mark.gate(name=cls.__name__)]\n"
)


@pytest.mark.parametrize("case", USED_BY_ANOTHER_FILE)
def test_a_function_or_class_of_another_file_that_makes_gates_is_followed(tmp_path: Path, case: str) -> None:
    found = _used(tmp_path, {"makers.py": _MAKERS, "test_x.py": USED_BY_ANOTHER_FILE[case]})
    assert found == {"test_x.py:2": frozenset()}


ONLY_STORED = {
    "makers": _MAKERS,
    "marks": _SHARED + "N = 'a'\ntest_marks = [pytest.mark.gate(name=N)]\nLIST.append(pytest.mark.gate(name=N))\n"
    "TABLE[N] = pytest.mark.gate(name=N)\ntest_gate = pytest.mark.gate(name=N)\n",
    "a function": "import pytest\ndef gate(name):\n    def deco(f):\n        return pytest.mark.gate(name=name)(f)\n"
    "    return deco\nsmall = gate('small')\n",
    "a namespace": "import pytest\nclass Marks:\n    gate = pytest.mark.gate\n    @staticmethod\n"
    "    def named(name): return pytest.mark.gate(name=name)\nmarks = Marks()\nmarks.small = Marks.named('small')\n",
    "a hook": "import pytest\ndef pytest_itemcollected(item):\n    item.add_marker(pytest.mark.gate(name=item.name))\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef gate(): return pytest.mark.gate(name=str())\n",
    "a base class": "import pytest\nclass Gated:\n    pytestmark = pytest.mark.gate(name=str())\n"
    "class More(Gated): pass\n",
    "the body of a test": "import pytest\ndef test_a(): assert pytest.mark.gate(name=str())\n",
}


@pytest.mark.parametrize("case", ONLY_STORED)
def test_a_mark_that_is_only_stored_is_no_use(tmp_path: Path, case: str) -> None:
    others = "import subprocess\nfrom house import make, Base\nmake()\nclass TestX(Base): pass\n"
    assert _used(tmp_path, {"shared.py": ONLY_STORED[case], "test_x.py": others}) == {}


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
