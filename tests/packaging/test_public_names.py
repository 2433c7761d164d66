"""Public modules list their names, the reference explains each of them, and nothing else is public."""

import ast
import importlib
import inspect
import re
import typing
from pathlib import Path
from typing import Any

import pytest

import pytest_examday
from pytest_examday import fixtures, public
from pytest_examday.session.suites import BUILT_IN_SUITES

PACKAGE = Path(pytest_examday.__file__).parent
REFERENCE = PACKAGE.parent / "docs" / "reference.md"


def explained() -> dict[str, set[str]]:
    """Module -> the names that the reference's table of public names gives for it."""
    section = REFERENCE.read_text().split("\n## Public names\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", section, re.MULTILINE)
    return {module: set(re.findall(r"`(\w+)`", names)) for module, names in rows}


def modules_with_a_list() -> set[str]:
    """The modules that assign `__all__`."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        assigned = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
        if any(getattr(target, "id", None) == "__all__" for node in assigned for target in node.targets):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def given_types(annotation: Any) -> set[type]:
    """The classes of the plugin in a fixture's return annotation, inside `Iterator[…]` and the like too."""
    parts = [annotation, *typing.get_args(annotation)]
    return {part for part in parts if inspect.isclass(part) and part.__module__.startswith("pytest_examday")}


def function_of(fixture: str) -> Any:
    return getattr(fixtures, fixture)._get_wrapped_function()


PUBLIC = sorted(modules_with_a_list())


def test_a_module_is_public_where_the_reference_says_so() -> None:
    assert set(PUBLIC) == set(explained())
    assert {"pytest_examday", "pytest_examday.fixtures", "pytest_examday.public"} <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_reference_explains_exactly_the_names_of_a_public_module(name: str) -> None:
    assert explained()[name] == set(importlib.import_module(name).__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_names_of_a_public_module_exist_and_are_sorted(name: str) -> None:
    module = importlib.import_module(name)
    assert [member for member in module.__all__ if not hasattr(module, member)] == []
    assert list(module.__all__) == sorted(set(module.__all__))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_class_or_function_says_what_it_is(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    for member in module.__all__:
        value = function_of(member) if module is fixtures else getattr(module, member)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__dict__.get("__doc__", value.__doc__), member


def test_every_fixture_is_public() -> None:
    made = {name for name, value in vars(fixtures).items() if "FixtureFunctionDefinition" in type(value).__name__}
    assert set(fixtures.__all__) == made


@pytest.mark.parametrize("fixture", sorted(fixtures.__all__))
def test_the_type_of_what_a_fixture_gives_is_public(fixture: str) -> None:
    hints = inspect.get_annotations(function_of(fixture))
    offered = {getattr(public, name) for name in public.__all__}
    assert given_types(hints["return"]) <= offered


def test_the_type_of_every_evidence_is_public() -> None:
    given = {activity.record_type.__name__ for suite in BUILT_IN_SUITES for activity in suite.activities}
    lacking = given - set(public.__all__)
    assert not lacking, f"add to pytest_examday/public.py: {lacking}"
