"""Where a platform is, as a journal keeps it, and how a process with nothing else finds it."""

import os
from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.runtimes import DockerSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.journal import JOURNAL_FILE
from pytest_examday.faults.runtime_address import environment_of, runtime_address_of
from pytest_examday.safety.owner import Owner
from pytest_examday.safety.state_directory import state_directory_of
from pytest_examday.target.target import Target
from tests.faults.journal_lines import intended

CONTAINERS = {"redis": ("redis-a", "redis-b")}
COMMANDS = """
[env.staging]
{api_url}
database_url = "postgresql://auditor:${{AUDITOR_PASSWORD}}@db.example/exam"
[env.staging.runtime]
kind = "command"
services.redis = {{ status = "true", start = "true", stop = "true" }}
"""


def _docker(**fields: object) -> Environment:
    runtime = DockerSettings.model_validate(
        {"kind": "docker", "project": "exam", "containers": CONTAINERS, "jobs": {"nightly": "job hunter2"}, **fields}
    )
    return Environment(name="staging", runtime=runtime)


def test_containers_are_found_without_any_configuration(target: Target) -> None:
    runtime_address = runtime_address_of(_docker(socket="/run/other.sock", timeout_seconds=7))
    assert "hunter2" not in str(runtime_address)
    runtime = environment_of(intended(target, runtime_address=runtime_address), Path.cwd()).runtime
    assert isinstance(runtime, DockerSettings)
    assert (runtime.project, runtime.containers, runtime.socket, runtime.timeout_seconds, runtime.jobs) == (
        "exam",
        CONTAINERS,
        "unix:///run/other.sock",
        7,
        {},
    )


def test_the_engine_of_the_variable_is_written_down(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.example:2375")
    runtime_address = runtime_address_of(_docker())
    monkeypatch.delenv("DOCKER_HOST")
    runtime = environment_of(intended(target, runtime_address=runtime_address), Path.cwd()).runtime
    assert isinstance(runtime, DockerSettings)
    assert runtime.socket == "tcp://engine.example:2375"


def test_commands_are_read_without_the_variables_of_a_rehearsal(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "examday.toml"
    path.write_text(COMMANDS.format(api_url='api_url = "http://exam.example"'))
    monkeypatch.setenv("AUDITOR_PASSWORD", "hunter2")
    journal = state_directory_of(load_environment("staging", None, str(path), ())) / JOURNAL_FILE
    monkeypatch.delenv("AUDITOR_PASSWORD")
    owner = Owner.of(os.getpid(), "staging", str(path))
    fault = intended(target, runtime_address={"kind": "command"}, owner=owner, journal=str(journal))
    assert environment_of(fault, tmp_path).runtime.kind == "command"


def test_commands_of_a_configuration_that_only_the_journal_names_are_not_read(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITOR_PASSWORD", "hunter2")
    path, here = tmp_path / "examday.toml", tmp_path / "here"
    path.write_text(COMMANDS.format(api_url='api_url = "http://exam.example"'))
    here.mkdir()
    journal = state_directory_of(load_environment("staging", None, str(path), ())) / JOURNAL_FILE
    owner = Owner.of(os.getpid(), "staging", str(path))
    fault = intended(target, runtime_address={"kind": "command"}, owner=owner, journal=str(journal))
    with pytest.raises(
        Unmeasurable, match=r"unknown environment.*; the rehearsal had the configuration .*examday\.toml"
    ):
        environment_of(fault, here)


def test_an_address_that_came_from_a_variable_is_asked_for(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_URL", raising=False)
    path = tmp_path / "examday.toml"
    path.write_text(COMMANDS.format(api_url=""))
    fault = intended(target, runtime_address={"kind": "command"}, owner=Owner.of(os.getpid(), "staging", str(path)))
    with pytest.raises(Unmeasurable, match="set the variable API_URL as it was in the rehearsal"):
        environment_of(fault, tmp_path)
