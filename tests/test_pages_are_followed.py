"""What a user copies out of README.md and the guides works: each command is run as it is written, or its arguments are
parsed by the program that it calls, or it is named below with the reason why it cannot be run here."""

import configparser
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import httpcore  # noqa: F401 # httpx keeps the exceptions of the httpcore that it met first; pytester drops what a run imports
import pytest
import yaml  # type: ignore[import-untyped] # its types are a package of their own

from pytest_examday.__main__ import build_parser
from pytest_examday.config.environment_file import load_environment
from pytest_examday.contract.log_presets import LOG_PRESETS
from pytest_examday.observe.log_reader import decoder_of
from pytest_examday.platform.cli import build_parser as build_platform_parser
from tests.page_blocks import PAGES, ROOT, Block, Command, blocks, commands

NEEDS_A_CLUSTER = "needs a Kubernetes cluster; tests/k6/test_testrun.py holds the manifests against its limits"
NOT_RUN = {
    "python3 -m venv .venv": "the tests of the tutorial run it (tests/rehearsal/test_whole_rehearsal.py)",
    ".venv/bin/tox run-parallel": "runs this test, with all others; .ci/run calls it",
    ".venv/bin/tox run -q -e rehearsal": "a whole rehearsal, as tests/rehearsal/test_whole_rehearsal.py runs one",
    "export API_URL": "sets variables for the commands after it",
    "k6 run": "needs a platform under load; tests/k6 runs the scripts on the embedded one",
    "SESSION_IDS=": "needs a platform under load; tests/k6 runs the scripts on the embedded one",
    "kubectl": NEEDS_A_CLUSTER,
    "rm -r accounts": NEEDS_A_CLUSTER,
    "mkdir logs; for pod in": NEEDS_A_CLUSTER,
    "rm -rf rehearsal": "removes an old run directory before the command after it",
    "gunicorn": "needs gunicorn; lines that it wrote with this format are read in tests/observe/test_access_logs.py",
}
"""Beginning of a command -> why it is not run here."""
RUN = ("python -m pytest_examday init", "python -m pytest_examday heal", "python -m pytest_examday schema")
"""Beginnings of the commands that need no platform."""
KINDS = ("sh", "yaml", "toml", "sql", "python", "nginx", "text", "")
TESTED_SQL = {"docs/staging.md": "tests/integrity/test_documented_role.py"}
"""Page -> the test that runs its SQL on PostgreSQL."""
_VARIABLE = re.compile(r"\$\{(\w+)")
_REST_OF_A_CONTRACT = {
    "site": """
create = { call = "POST /exams", finds = { session_id = "header:Location" } }
answer = { call = "POST /exams/{session_id}/answers", form = { question = "{question_id}", choice = "{value}" } }
submit = "POST /exams/{session_id}/finish"
""",
    "rpc": """
create = { body.method = "exam.open", finds = { session_id = "result.ref" } }
answer.body.params = { ref = "{session_id}", nr = "{question_id}", given = "{value}" }
submit.body.params.ref = "{session_id}"
""",
}
"""Environment of an example that shows a part of a contract -> the other operations that a contract has to have."""


def _program(command: Command) -> str:
    return command.text.removeprefix(".venv/bin/")


def _not_run(command: Command) -> bool:
    return any(command.text.startswith(beginning) for beginning in NOT_RUN)


def _of(*programs: str) -> list[Command]:
    return [command for command in commands() if not _not_run(command) and _program(command).startswith(programs)]


def _variables(text: str) -> dict[str, str]:
    """A fitting value for each variable that the text names."""
    values = {
        "DATABASE_URL": "postgresql://db.exam.example/exam",
        "READER_URL": "postgresql://db.exam.example/exam",
        "WRITER_URL": "postgresql://db.exam.example/exam",
        "REDIS_URL": "redis://redis.exam.example",
        "API_URL": "https://api.exam.example",
        "PASSWORD": "a-password-for-the-pages",
    }
    return {
        name: next(value for end, value in values.items() if name.endswith(end)) for name in _VARIABLE.findall(text)
    }


def _configurations(page: str) -> list[str]:
    """The TOML of a page: block by block, or as one file if its blocks continue each other."""
    texts = [block.text for block in blocks("toml") if block.page == page]
    return ["\n".join(texts)] if page == "docs/your-platform.md" else texts


def _environments(text: str) -> set[str]:
    return set(re.findall(r"^\[env\.(\w+)", text, re.MULTILINE))


def test_every_block_is_of_a_known_kind() -> None:
    for page in PAGES:
        fences = len(re.findall(r"^ *```", (ROOT / page).read_text(), re.MULTILINE))
        assert fences == 2 * len([block for block in blocks(*KINDS) if block.page == page]), page


def test_every_command_is_run_or_parsed_or_has_a_reason() -> None:
    tested = {command.text for command in _of("pytest ", "python -m pytest_examday", "pip install")}
    missing = [str(command) for command in commands() if not _not_run(command) and command.text not in tested]
    assert missing == [], "run it, parse it, or name it in NOT_RUN with the reason"
    stale = [beginning for beginning in NOT_RUN if not any(one.text.startswith(beginning) for one in commands())]
    assert stale == []


@pytest.mark.parametrize("command", _of(*RUN), ids=str)
def test_a_command_without_a_platform_does_what_the_page_says(command: Command, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "openapi.json").write_text('{"openapi": "3.1.0", "paths": {"/exams": {"post": {"responses": {}}}}}')
    configured = _configurations("README.md")[0]
    if " heal" in command.text:
        (tmp_path / "examday.toml").write_text(configured)
    done = subprocess.run(
        ["/bin/sh", "-ec", command.text],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", **_variables(configured)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if " init" in command.text:
        assert {"examday.toml", "test_own_gate.py"} <= {path.name for path in tmp_path.iterdir()}
        assert 'call = "POST /exams"' in (tmp_path / "examday.toml").read_text()


@pytest.mark.parametrize("command", _of("python -m pytest_examday"), ids=str)
def test_a_command_of_the_plugin_takes_these_arguments(command: Command) -> None:
    _, _, program, *arguments = command.words
    if program == "pytest_examday.platform":
        build_platform_parser().parse_args(arguments)
        return
    given = build_parser().parse_args(arguments)
    _is_on_the_page(command, getattr(given, "env", None))


@pytest.mark.parametrize("command", _of("pytest "), ids=str)
def test_pytest_takes_these_arguments(command: Command, pytester: pytest.Pytester) -> None:
    config = pytester.parseconfig(*command.words[1:])
    _is_on_the_page(command, config.getoption("--env"))
    assert config.args == [str(pytester.path)], "what is no option is a path"


def _is_on_the_page(command: Command, environment: str | None) -> None:
    known = {name for text in _configurations(command.block.page) for name in _environments(text)}
    assert environment in {None, "local", *known}


@pytest.mark.parametrize("command", _of("pip install"), ids=str)
def test_what_is_installed_has_these_extras(command: Command) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    *_, requirement = command.words
    name, extra = re.fullmatch(r"([\w-]+)(?:\[(\w+)\])?", requirement).groups()  # type: ignore[union-attr] # or it fails
    assert name in {project["name"], "tox"}
    assert extra is None or extra in project["optional-dependencies"]


def test_the_environments_of_tox_exist() -> None:
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini")
    named = [name for command in commands() for name in re.findall(r"tox run -q -e (\w+)", command.text)]
    assert named
    assert [name for name in named if f"testenv:{name}" not in tox.sections()] == []


def test_the_scripts_of_k6_exist() -> None:
    scripts = re.findall(r"k6 run .*?(k6/\w+\.js)", "\n".join(command.text for command in commands()))
    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def _toml() -> list[object]:
    return [
        pytest.param(text, id=f"{page}-{number}") for page in PAGES for number, text in enumerate(_configurations(page))
    ]


@pytest.mark.parametrize("text", _toml())
def test_a_configuration_is_read(text: str, tmp_path: Path) -> None:
    """The plugin itself reads it."""
    (tmp_path / "people.csv").write_text("email,password\na@exam.example,pw\n")
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "one.sql").write_text(_sql_check())
    for name, rest in _REST_OF_A_CONTRACT.items():
        text = text.replace(f"[env.{name}.contract]", f"[env.{name}.contract]{rest}")
    (tmp_path / "examday.toml").write_text(text)
    profiles = re.findall(r"^\[profile\.(\w+)", text, re.MULTILINE)
    for name in _environments(text) or {"local"}:
        for profile in profiles or [None]:
            environment = load_environment(name, profile, None, (tmp_path,), _variables(text))
            assert environment.name == name


def _sql_check() -> str:
    (text,) = (block.text for block in blocks("sql") if block.page == "docs/your-platform.md")
    return text


def test_the_sql_check_of_the_page_is_one(tmp_path: Path) -> None:
    (tmp_path / "seats_taken_twice.sql").write_text(_sql_check())
    (tmp_path / "examday.toml").write_text('[env.x]\nsql_checks = ["*.sql"]\n')
    (check,) = load_environment("x", None, None, (tmp_path,), {}).sql_checks
    assert check.name == "seats_taken_twice"


def test_all_other_sql_is_run_elsewhere() -> None:
    assert {block.page for block in blocks("sql")} == {*TESTED_SQL, "docs/your-platform.md"}
    assert [page for page, test in TESTED_SQL.items() if page not in (ROOT / test).read_text()] == []


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_a_job_of_ci_is_yaml_with_commands(block: Block) -> None:
    assert yaml.safe_load(block.text)
    assert any(command.block == block for command in commands())


def test_every_job_of_ci_asks_for_the_verdict_in_the_same_way() -> None:
    jobs = [[_program(one) for one in commands() if one.block == block] for block in blocks("yaml")]
    asking = [job[job.index("rm -rf rehearsal") :] for job in jobs if any("-m gates" in text for text in job)]
    assert len(asking) > 1
    assert [job for job in asking if job != asking[0]] == []


def _python(beginning: str, page: str = "docs/how-to.md") -> str:
    (text,) = (block.text for block in blocks("python") if block.page == page and block.text.startswith(beginning))
    return text


def test_gates_lines_and_drills_of_the_pages_are_collected(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_gate=_python("import pytest"))
    pytester.makepyfile(frozen_queue=_python("# frozen_queue.py"))
    pytester.makeconftest(_python("from pytest_examday.public import Activity") + _python("# conftest.py"))
    pytester.makefile(".toml", examday='[profile.smoke.drill]\ndrills = ["queue_frozen"]\n')
    done = pytester.runpytest_subprocess("--env", "local", "--collect-only", "-q", "-p", "no:cacheprovider")
    collected = done.stdout.str()
    assert "tests collected in" in collected, "and no error"
    for name in ("the_database_fits_on_the_disk", "terminals_reached", "terminals_ready", "queue_frozen_fault_is_felt"):
        assert f"::test_{name}\n" in collected


def test_the_gate_of_the_readme_is_that_of_the_how_to_page() -> None:
    assert re.sub(r'    """.*"""\n', "", _python("import pytest")) == _python("import pytest", "README.md")


def test_every_block_of_python_is_run_or_collected() -> None:
    known = ("import pytest", "from pytest_examday.public import Activity", "# frozen_queue.py", "# conftest.py")
    stores = ("# loki_lines.py", "# opensearch_lines.py")  # tests/runtimes/test_log_stores.py
    assert [str(block) for block in blocks("python") if not block.text.startswith((*known, *stores))] == []


def test_the_log_formats_of_nginx_and_gunicorn_are_those_of_their_presets() -> None:
    """With a value in place of each variable the format is a line that the preset reads."""
    (nginx,) = blocks("nginx")
    parts = re.findall(r"'([^']*)'", nginx.text)
    values = {"time_local": "26/Nov/2026:22:33:01 +0000", "request": "GET /x HTTP/1.1", "status": "200"}
    line = re.sub(r"\$(\w+)", lambda found: {**values, "request_time": "0.004"}.get(found[1], "-"), "".join(parts))
    _reads("nginx-traced", line.removesuffix("-") + "ed-1")
    (gunicorn,) = (command for command in commands() if command.text.startswith("gunicorn"))
    letters = {"t": "[26/Nov/2026:22:33:01 +0000]", "r": "GET /x HTTP/1.1", "s": "200", "L": "0.004"}
    letters["{x-request-id}i"] = "ed-1"
    _reads("gunicorn-traced", re.sub(r"%\(([^)]*)\)s", lambda found: letters.get(found[1], "-"), gunicorn.words[-1]))


def _reads(preset: str, line: str) -> None:
    body = decoder_of(LOG_PRESETS[preset], ()).body(line.encode())
    assert body is not None, line
    assert (body["path"], body["status"], body["seconds"], body["id"]) == ("/x", "200", "0.004", "ed-1")
