"""What all suites share speaks of actors, subjects and writes: words of one suite stand in its folder."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import pytest_examday

PACKAGE = Path(pytest_examday.__file__).parent
OF_AN_EXAM = {
    "suites": "each suite has words of its own",
    "commands": "k6-testrun writes the load of an exam",
    "contract": "the operations of an exam platform",
    "platform": "the embedded platform is one for exams",
}
"""Packages that may speak of exams, and why."""
SHARED = sorted({path.parent.name for path in PACKAGE.glob("*/__init__.py")} - OF_AN_EXAM.keys())
EXAM = re.compile(r"candidate|answer|submit|session|exam(?!day|ple)", re.IGNORECASE)
ALLOWED = {
    # pytest's and the standard library's own names
    "session": "a session of pytest",
    "Session": "a session of pytest",
    "_session": "a session of pytest",
    "pytest_sessionstart": "a hook of pytest",
    "pytest_sessionfinish": "a hook of pytest",
    "start_new_session": "an argument of subprocess",
    "submit": "a method of executors",
    "answer": "an operation of the contract",
    "answered_at": "when a write got its reply, in the ledger",
    # public names: keys of examday.toml, of verdict.json and of the embedded platform's state file
    "candidates": "a key of examday.toml and verdict.json",
    "Candidates": "the record of that key",
    "CandidateAccounts": "the accounts of that key",
    "CandidateState": "the accounts in the embedded platform's state file",
    "exam_seconds": "the length of the load of the profile",
    "answer_seconds": "a key of the load of a profile",
    "submit_seconds": "a key of the load of a profile",
    "ANSWERING": "shapes of the load of a profile",
    "SUBMITTING": "shapes of the load of a profile",
    "_CANDIDATES_PER_PROCESS": "the load of a profile",
    "_somebody_answers": "the load of a profile",
    "answers": "the load of a profile",
    "submits": "the load of a profile",
    # the comparison of stored and acknowledged writes has fields that only an exam fills
    "accepted_after_submit": "a count of the comparison",
    "duplicate_sessions": "a count of the comparison",
    "SECOND_SESSIONS": "the words of that count",
    "lost_submits": "a count of the comparison",
    "unsubmitted": "a count of the comparison",
    "exam_mode": "a key of examday.toml",
    "ExamModeSettings": "the record of that key",
    "exam_mode_variable": "a key of the contract",
    "why_exam_mode_unreadable": "the reason why none of these keys is given",
    "EXAM": "the first suite, where the built-in ones are listed",
}
"""Names that look like an exam's, and what each of them is."""


def names_in(file: Path) -> Iterator[str]:
    """Every name that a module defines, takes or uses."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def strange(files: Iterable[Path]) -> set[str]:
    """The names of an exam in these modules that are not allowed."""
    found = ((file, name) for file in files for name in names_in(file))
    return {f"{file.name}: {name}" for file, name in found if EXAM.search(name) and name not in ALLOWED}


@pytest.mark.parametrize("room", SHARED)
def test_no_name_of_an_exam_stands_in_a_package_that_all_suites_share(room: str) -> None:
    assert strange((PACKAGE / room).rglob("*.py")) == set()


def test_no_name_of_an_exam_stands_in_a_module_beside_the_packages() -> None:
    assert strange(PACKAGE.glob("*.py")) == set()


@pytest.mark.parametrize("room", OF_AN_EXAM)
def test_a_package_that_may_speak_of_exams_does(room: str) -> None:
    assert strange((PACKAGE / room).rglob("*.py"))


def test_every_allowed_name_is_used() -> None:
    used = {name for room in SHARED for file in (PACKAGE / room).rglob("*.py") for name in names_in(file)}
    assert set(ALLOWED) - used == set()


SUITES = {path.parent.name for path in PACKAGE.glob("suites/*/__init__.py")}
MAY_IMPORT_SUITES = {"session/suites.py": "the list of built-in suites", "public.py": "the names for users"}
"""Modules outside of `suites/` that may know a suite, and why; so may the packages that may speak of exams."""


def suites_imported(text: str) -> set[str]:
    """The suites that the text of a module imports, or parts of which it imports."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.update(f"{node.module}.{alias.name}" for alias in node.names)
    named = (re.match(r"pytest_examday\.suites\.(\w+)", name) for name in imported)
    return {found[1] for found in named if found is not None} & SUITES


@pytest.mark.parametrize(
    "text",
    [
        "from pytest_examday.suites.exam.evidence import LoadEvidence",
        "from pytest_examday.suites.exam import evidence",
        "from pytest_examday.suites import exam",
        "import pytest_examday.suites.exam.evidence",
        "def late():\n    from pytest_examday.suites.exam.evidence import LoadEvidence",
    ],
)
def test_every_way_to_import_a_suite_is_seen(text: str) -> None:
    assert suites_imported(text) == {"exam"}


def test_only_the_list_of_built_in_suites_and_the_public_names_import_one() -> None:
    """What else imported a suite would work for that suite alone."""
    files = [*PACKAGE.glob("*.py"), *(file for room in SHARED for file in (PACKAGE / room).rglob("*.py"))]
    importing = {str(file.relative_to(PACKAGE)) for file in files if suites_imported(file.read_text())}
    assert importing == MAY_IMPORT_SUITES.keys()
