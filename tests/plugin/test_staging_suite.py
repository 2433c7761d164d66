"""The staging suite runs where its table or a wish says so, and tells a missing section or a dead service once."""

import json
from pathlib import Path

import psutil
import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.session.suites import BUILT_IN_SUITES, BUILT_IN_TABLES, choose_suites
from pytest_examday.suites.staging.lines import webhooks
from tests.plugin.conftest import Rehearse

SUITES = {suite.name: suite for suite in BUILT_IN_SUITES}
DEAD = '[env.hooks]\nallow = ["read", "write"]\n[env.hooks.staging]\napi_url = "http://127.0.0.1:9"\n'
DATABASE = 'database_url = "postgresql://app:Wd-cobalt-31@127.0.0.1:9/x"\n'


def _environment(folder: Path, text: str, name: str = "hooks") -> Environment:
    (folder / "examday.toml").write_text(text)
    return load_environment(name, None, None, (folder,), {}, tables=BUILT_IN_TABLES)


def test_the_embedded_environment_is_one_of_the_exam_unless_the_suite_is_asked_for(tmp_path: Path) -> None:
    local = _environment(tmp_path, "", "local")
    chosen = choose_suites(SUITES, local, None)
    assert [suite.name for suite in chosen.suites] == ["exam"]
    assert chosen.left_out == {
        "staging": "on its embedded service it is rehearsed only with --examday-suite staging",
    }
    assert [suite.name for suite in choose_suites(SUITES, local, "staging").suites] == ["staging"]


def test_an_environment_without_its_table_lacks_it(tmp_path: Path) -> None:
    exam = _environment(tmp_path, '[env.hooks]\napi_url = "http://exam.example"\n')
    assert choose_suites(SUITES, exam, None).left_out == {"staging": "the table [env.hooks.staging] is missing"}


def test_an_environment_with_its_table_alone_needs_no_exam(tmp_path: Path) -> None:
    chosen = choose_suites(SUITES, _environment(tmp_path, DEAD), None)
    assert [suite.name for suite in chosen.suites] == ["staging"]
    assert list(chosen.left_out) == ["exam"]


def test_a_dead_service_is_told_once_and_a_section_without_its_table_with_the_table(rehearse: Rehearse) -> None:
    run = rehearse("--env", "hooks", files={"examday.toml": DEAD + DATABASE}, env=None)
    assert run.exit_status == 1, run.output
    assert run.verdict["verdict"] == "NO-GO"
    reason = run.verdict["unmeasured"]["staging_preflight"]
    assert reason.startswith("the service at http://127.0.0.1:9 does not reply: ")
    assert "; the database cannot be reached: " in reason
    assert run.output.count("the service at http://127.0.0.1:9 does not reply") == 1
    lines = {line["key"]: line["reason"] for line in run.verdict["lines"]}
    assert {lines[line.key] for line in webhooks.LINES} == {"webhooks was not measured: its staging_preflight failed"}
    missing = "the table [env.hooks.staging.migrations] is missing; docs/staging-suite.md says what it holds"
    assert lines["migrations-execute"] == f"migrations was not measured: {missing}"
    written = [path for path in run.directory.rglob("*") if path.is_file()]
    assert not [path for path in written if "Wd-cobalt-31" in path.read_text(errors="replace")]


def test_a_misspelled_section_is_one_line(rehearse: Rehearse) -> None:
    run = rehearse("--env", "hooks", files={"examday.toml": f"{DEAD}[env.hooks.staging.webhoks]\n"}, env=None)
    assert run.exit_status == 4
    assert "env.hooks.staging.webhoks: unknown key; did you mean webhooks?" in run.output


def test_a_mark_of_the_suite_names_the_option_where_the_suite_is_left_out(rehearse: Rehearse) -> None:
    exam = '[env.exam]\napi_url = "http://127.0.0.1:9"\n[env.exam.staging]\nstate = "none.json"\n'
    asked = ("--env", "exam", "--examday-suite", "exam", "-m", "migrations")
    run = rehearse(*asked, files={"examday.toml": exam}, env=None)
    assert run.exit_status == 4
    told = "migrations is one of the suite staging, which is left out: not asked for by --examday-suite exam"
    assert told in run.output


@pytest.mark.parametrize("marks", ["gates and migrations", "gates and not staging"])
def test_marks_that_select_no_gate_pass_nothing(rehearse: Rehearse, marks: str) -> None:
    run = rehearse("--env", "hooks", "-m", marks, files={"examday.toml": DEAD}, env=None)
    assert run.exit_status == pytest.ExitCode.NO_TESTS_COLLECTED, run.output
    assert "VERDICT: GO" not in run.output


def test_the_embedded_service_is_started_once_for_all_processes_and_ends_with_the_run(rehearse: Rehearse) -> None:
    asked = ("--env", "local", "--examday-suite", "staging", "-m", "webhooks")
    run = rehearse(*asked, "-n", "2", env=None, apart=True)
    assert run.exit_status == 0, run.output
    kept = {path.name for path in (run.directory / "logs").iterdir()}
    assert {"webhook_service.log", "supervisor.log", "worker-1.log", "postgres.log"} <= kept
    progress = (run.directory / "progress.jsonl").read_text()
    assert progress.count("starting the embedded webhook service") == 1
    assert not (run.directory / ".webhook_service").exists()
    reached = json.loads((run.directory / "evidence/staging_preflight.json").read_text())["record"]
    assert (reached["service"], reached["runtime"]) == ("HTTP 200", "embedded")
    assert not [one for one in psutil.process_iter() if _serves(one, run.folder)]


def _serves(process: psutil.Process, folder: Path) -> bool:
    """Whether the process is a webhook service that watches a process of this folder's run."""
    try:
        line = process.cmdline()
        return "pytest_examday.webhook_service" in line and not psutil.pid_exists(
            int(line[line.index("--watch-pid") + 1])
        )
    except (psutil.Error, ValueError):
        return False
