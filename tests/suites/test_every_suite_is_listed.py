"""A suite is a folder of `suites/` that the session and the import contract list."""

import tomllib
from pathlib import Path

import pytest_examday.suites
from pytest_examday.session.suites import BUILT_IN_SUITES

FOLDERS = {path.parent.name for path in Path(pytest_examday.suites.__file__).parent.glob("*/suite.py")}


def test_every_folder_with_a_suite_is_one_of_the_built_in_suites() -> None:
    listed = {suite.name for suite in BUILT_IN_SUITES}
    assert listed == FOLDERS, f"correct BUILT_IN_SUITES in session/suites.py: {listed ^ FOLDERS}"


def test_every_suite_is_kept_apart_from_the_others_by_the_import_contract(checkout: Path) -> None:
    contracts = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (apart,) = [contract for contract in contracts if contract["id"] == "suites-apart"]
    listed = {module.removeprefix("pytest_examday.suites.") for module in apart["modules"]}
    assert listed == FOLDERS, f"correct the contract suites-apart of pyproject.toml: {listed ^ FOLDERS}"
