"""The reference names everything that a user can write."""

import re
import tomllib
from pathlib import Path

import pytest

from pytest_examday import fixtures, hookspecs
from pytest_examday.config.changes import Change, ExamModeSettings, ReadMethod
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.profiles import DrillProfile, Habits, LoadProfile
from pytest_examday.config.runtimes import (
    CommandSettings,
    DockerSettings,
    EmbeddedSettings,
    ServiceCommands,
    ToxiproxySettings,
)
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.verdict import Verdict
from pytest_examday.faults.undo import ACTIONS
from pytest_examday.observe.log_reader import decoder_of
from pytest_examday.observe.log_times import moments
from pytest_examday.options import add_options
from pytest_examday.session.suites import BUILT_IN_SUITES
from tests import decisions_index, kinds_of_mistakes, operations_table, planted_table, staging_keys


class _Names(list[str]):
    """Stands in for pytest's parser and keeps the names of options."""

    def getgroup(self, *_: str) -> "_Names":
        return self

    def addoption(self, name: str, **_: object) -> None:
        self.append(name)


def _options() -> list[str]:
    names = _Names()
    add_options(names)  # type: ignore[arg-type] # of the parser it uses these two methods
    return names


RUNTIMES = (EmbeddedSettings, DockerSettings, CommandSettings, ServiceCommands, ToxiproxySettings)
CHANGES = (ExamModeSettings, ReadMethod, Change)
RECORDS = (Environment, *CHANGES, Thresholds, LoadProfile, DrillProfile, Habits, *RUNTIMES)
NO_KEYS = {"name", "variables", "plain_variables", "thresholds", "load", "drill"}
KEYS = {name for record in RECORDS for name in record.model_fields} - NO_KEYS
ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "pytest_examday"
_MODULE = re.compile(r"`((?:\w+/)*\w+\.py|(?:[a-z]\w*/)+[a-z]\w*\.json|(?:[a-z]\w*/)+)`")
"""A module, a JSON file with its folder, or a folder."""
PAGES = sorted(str(path.relative_to(ROOT)) for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md"))
EVIDENCE = {
    f"{activity.name}_evidence"
    for suite in BUILT_IN_SUITES
    for activity in suite.activities
    if not activity.name.startswith("drill_")
}
GATES = {gate.name for suite in BUILT_IN_SUITES for gate in suite.gates}


@pytest.fixture(scope="module")
def reference(checkout: Path) -> str:
    """The text of the reference."""
    return (checkout / "docs" / "reference.md").read_text()


@pytest.mark.parametrize("word", sorted({*KEYS, *EVIDENCE, *ACTIONS, *GATES, *fixtures.__all__, *hookspecs.__all__}))
def test_the_reference_explains_the_word(reference: str, word: str) -> None:
    assert f"`{word}`" in reference, f"explain `{word}` in docs/reference.md"


@pytest.mark.parametrize("option", _options())
def test_the_reference_explains_the_option(reference: str, option: str) -> None:
    assert f"`{option} " in reference or f"`{option}`" in reference


def test_the_promise_names_every_key_of_the_verdict() -> None:
    promise = (ROOT / "docs" / "compatibility.md").read_text()
    keys = {field.serialization_alias or name for name, field in Verdict.model_fields.items()}
    assert {key for key in keys if f"`{key}`" not in promise} == set()


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(checkout: Path, page: str) -> None:
    text = (checkout / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert ((checkout / page).parent / target).exists(), target


def test_the_table_of_packages_has_the_order_of_the_import_contract(checkout: Path) -> None:
    contracts = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    text = (checkout / "docs" / "architecture.md").read_text()
    rows = [(int(level), cell) for level, cell in re.findall(r"^\| (\d+) \| (.+?) \|", text, re.MULTILINE)]
    expected = [set(re.split(r"\s*[:|]\s*", layer)) for layer in layers]
    told = [{name.removesuffix("/").removesuffix(".py") for name in re.findall(r"`([^`]+)`", cell)} for _, cell in rows]
    assert told == expected, "correct the table under `## Packages` of docs/architecture.md"
    assert [level for level, _ in rows] == list(range(len(layers), 0, -1))


def test_the_keys_of_the_staging_suite_are_those_of_its_records() -> None:
    written = staging_keys.PAGE.read_text()
    assert written == staging_keys.with_tables(written), "run python -m tests.staging_keys"


def test_the_table_of_operations_is_that_of_the_contract() -> None:
    written = operations_table.PAGE.read_text()
    assert written == operations_table.with_table(written), "run python -m tests.operations_table"


def test_the_description_of_a_platform_in_the_documentation_is_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", operations_table.PAGE.read_text(), re.DOTALL)
    (tmp_path / "people.csv").write_text("email,password\na@exam.example,pw\n")
    (tmp_path / "examday.toml").write_text("\n".join(blocks))
    platform = load_environment("staging", None, None, (tmp_path,), {}).platform
    assert platform.contract.lacking("review") is not None
    assert set(platform.database_schema.relations) == {"sessions", "answers"}
    assert platform.log_format.user == "who"
    nginx = load_environment("nginx", None, None, (tmp_path,), {}).platform.log_format
    line = b'ed-1 [26/Nov/2026:22:33:01 +0000] "GET /v1/ready HTTP/1.1" 200 61 0.004'
    body = decoder_of(nginx, ()).body(line) or {}
    assert (body["path"], body["status"], body["seconds"], body["id"]) == ("/v1/ready", "200", "0.004", "ed-1")
    assert moments([body["time"]], nginx.time_format) == [1795732381.0]
    behind = load_environment("behind", None, None, (tmp_path,), {}).platform.log_format
    assert behind.of_log("/var/log/nginx/exam.log").total_ms == "seconds"
    assert behind.of_log("/var/log/exam-api/worker-1.log").request_id == "req"


def test_all_that_shows_a_kind_of_mistake_is_there() -> None:
    assert list(kinds_of_mistakes.missing()) == []


def test_the_page_of_planted_defects_is_that_of_the_tests() -> None:
    written = (Path(__file__).parents[1] / "docs" / "planted-defects.md").read_text()
    assert written == planted_table.page(), "run python -m tests.planted_table"


def test_the_index_of_decisions_is_that_of_their_pages() -> None:
    written = decisions_index.PAGE.read_text()
    assert written == decisions_index.with_index(written), "run python -m tests.decisions_index"


@pytest.mark.parametrize("decision", list(decisions_index.decisions()), ids=lambda one: one.title)
def test_a_decision_names_the_modules_in_which_it_is_implemented(decision: decisions_index.Decision) -> None:
    assert _MODULE.findall(decision.code), f"write `Code: ` and modules below this heading of {decision.page.name}"


@pytest.mark.parametrize(
    "page",
    [
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs" / f"{name}.md" for name in ("architecture", "extending")),
        *decisions_index.PAGES,
    ],
    ids=lambda page: page.name,
)
def test_the_files_that_a_page_about_the_code_names_exist(page: Path) -> None:
    named = _MODULE.findall(page.read_text())
    assert named
    assert [name for name in named if not any((folder / name).exists() for folder in (ROOT, PACKAGE))] == []


def test_the_glossary_is_in_alphabetical_order(checkout: Path) -> None:
    table = (checkout / "docs" / "glossary.md").read_text().split("\n## ")[0]
    words = [word.lower() for word in re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)][2:]
    assert len(words) > 50
    assert words == sorted(words)
