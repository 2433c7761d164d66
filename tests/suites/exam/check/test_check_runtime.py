"""`check` tells services, commands and drills that the runtime of the configuration does not have."""

from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.runtimes import docker_engine
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.check.drills_and_permissions import drills_and_permissions
from pytest_examday.suites.exam.check.logs_metrics_runtime import sources
from pytest_examday.suites.exam.suite import SUITE
from pytest_examday.target.target import Target

_COMMANDS = """
exam_mode = {on = {command = "no-such-program on"}, off = {command = "exit 0"}}

[env.x.runtime]
kind = "command"
database = "db"
cache = "store"
defaults = {status = "true", start = "true"}
services.backend = {stop = "no-such-program now", kill = "sudo_or_not=1 no-such-program"}
services.db = {stop = "true", kill = "cd / && true"}
"""


def _target(folder: Path, text: str) -> Target:
    (folder / "examday.toml").write_text(f'[env.x]\napi_url = "http://127.0.0.1:9"\n{text}')
    return Target(load_environment("x", None, None, (folder,), {}), RunFiles(folder, Redactor()), 1)


def _of_runtime(target: Target) -> dict[str, CheckResult]:
    return {row.what: row for row in sources(target) if row.what.startswith(("service ", "runtime"))}


def test_a_command_whose_program_does_not_exist_is_wrong_with_its_key(tmp_path: Path) -> None:
    rows = sources(_target(tmp_path, _COMMANDS))
    wrong = [row for row in rows if row.what == "a command"]
    assert [(row.state, row.key_to_write) for row in wrong] == [
        ("wrong", "env.x.exam_mode.on.command"),
        ("wrong", "env.x.runtime.services.backend.stop"),
    ]
    assert wrong[0].message.startswith("no-such-program: no such program")


def test_a_named_role_without_its_service_is_wrong_and_a_role_left_out_is_not(tmp_path: Path) -> None:
    rows = _of_runtime(_target(tmp_path, _COMMANDS))
    assert (rows["service cache"].state, rows["service cache"].key_to_write) == ("wrong", "env.x.runtime.cache")
    assert (rows["service proxy"].state, rows["service database"].state) == ("untried", "works")
    assert "to one of" not in rows["service proxy"].message


def test_drills_without_their_commands_are_wrong_with_the_gates_that_cannot_pass(tmp_path: Path) -> None:
    target = _target(tmp_path, f'allow = ["read", "write", "disrupt"]\n{_COMMANDS}')
    rows = list(drills_and_permissions(target, SUITE))
    (of_cache,) = (row for row in rows if row.message.startswith("redis_outage: "))
    assert (of_cache.state, of_cache.key_to_write) == ("wrong", "env.x.runtime")
    assert "failures-handled" in of_cache.gates
    assert "db-pool" not in of_cache.gates


def test_a_compose_project_that_does_not_exist_is_wrong_and_no_drill_is_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(config: object, key: str) -> None:
        raise Unmeasurable("no containers of the Compose project 'exma'; this engine has no Compose project")

    monkeypatch.setattr(docker_engine, "connect", refuse)
    runtime = 'runtime = {kind = "docker", project = "exma"}'
    target = _target(tmp_path, f'allow = ["read", "write", "disrupt"]\n{runtime}')
    assert _of_runtime(target)["runtime"].state == "wrong"
    (row,) = drills_and_permissions(target, SUITE)
    assert (row.state, row.key_to_write) == ("wrong", "env.x.runtime")
    assert {"recovery-tested", "failures-handled"} <= set(row.gates)
