"""The JSON Schema of `examday.toml` takes what the plugin takes, and marks what it refuses."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pytest_examday.__main__ import main
from pytest_examday.config.described_platform import PARTS
from pytest_examday.config.environment import Environment
from pytest_examday.config.json_schema import file_schema
from pytest_examday.session.suites import BUILT_IN_TABLES

ROOT = Path(__file__).parents[2]
TABLES = BUILT_IN_TABLES.records
SCHEMA = Draft202012Validator(file_schema(TABLES))


def _problems(table: dict[str, Any]) -> list[str]:
    """The keys that the schema marks, and why."""
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in SCHEMA.iter_errors(table)]


def _examples() -> list[Any]:
    blocks = [
        pytest.param(found, id=f"{page.name}-{number}")
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
        for number, found in enumerate(re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL))
        if re.search(r"^\[(env|profile)\.", found, re.MULTILINE)
    ]
    files = sorted((ROOT / "tests" / "foreign_platforms").glob("*/examday.toml"))
    return [*blocks, *(pytest.param(file.read_text(), id=file.parent.name) for file in files)]


def test_the_schema_is_a_valid_json_schema() -> None:
    Draft202012Validator.check_schema(file_schema(TABLES))


@pytest.mark.parametrize("text", _examples())
def test_it_takes_every_configuration_of_the_documents_and_of_the_tests(text: str) -> None:
    assert _problems(tomllib.loads(text)) == []


def test_it_has_every_key_of_an_environment() -> None:
    keys = set(file_schema(TABLES)["$defs"]["Environment"]["properties"])
    assert keys == (Environment.model_fields.keys() | PARTS.keys() | TABLES.keys()) - set(Environment.SET_BY_PLUGIN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[env.x]\ncanditates = 1", "env.x: Additional properties are not allowed ('canditates' was unexpected)"),
        ("[env.x]\nallow = ['reed']", "env.x.allow.0: 'reed' is not one of ['read', 'write', 'disrupt']"),
        ("[env.x]\nname = 'y'", "env.x: Additional properties are not allowed ('name' was unexpected)"),
        ("[env.x]\ncontract = 'none'", "env.x.contract: 'none' is not one of ['reference']"),
        (
            "[env.x.contract]\nreed = {}",
            "env.x.contract: Additional properties are not allowed ('reed' was unexpected)",
        ),
        ("[profile.tiny]\n", "profile: Additional properties are not allowed ('tiny' was unexpected)"),
        ("[environment.x]\n", ": Additional properties are not allowed ('environment' was unexpected)"),
    ],
)
def test_it_marks_a_mistake(text: str, told: str) -> None:
    assert _problems(tomllib.loads(text)) == [told]


@pytest.mark.parametrize("value", ["${LIMIT}", 500, 0.5])
def test_a_number_may_come_from_a_variable(value: object) -> None:
    assert _problems({"env": {"x": {"thresholds": {"p95_ms": value}}}}) == []


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == file_schema(TABLES)
