"""What is read of an environment by somebody who takes a fault out and has none of the rehearsal's variables."""

from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.runtimes import CommandSettings
from pytest_examday.errors import UsageProblem

TEXT = """
[env.staging]
api_url = "http://exam.example"
database_url = "postgresql://auditor:${AUDITOR_PASSWORD}@db.example/exam"
redis_url = "redis://:${REDIS_PASSWORD}@redis.example/0"
admin = { email = "admin@exam.example", password = "${ADMIN_PASSWORD}" }
candidates = { file = "gone.csv" }

[env.staging.runtime]
kind = "command"
jobs = { nightly = "nightly --token ${JOB_TOKEN}" }

[env.staging.runtime.services.redis]
status = "systemctl is-active redis"
start = "REDISCLI_AUTH=${START_SECRET} start-redis"
stop = "stop-redis ${STOP_SECRET}"
logs = "logs ${LOGS_SECRET}"
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The configuration of that environment."""
    path = tmp_path / "examday.toml"
    path.write_text(TEXT)
    return str(path)


def test_only_what_undoes_a_fault_is_read_without_its_variables(file: str) -> None:
    variables = {"START_SECRET": "hunter2", "REDIS_PASSWORD": "hunter3"}
    environment = load_environment("staging", None, file, (), variables, healing=True)
    assert str(environment.api_url) == "http://exam.example/"
    assert isinstance(environment.runtime, CommandSettings)
    redis = environment.runtime.services["redis"]
    assert (redis.status, redis.start) == ("systemctl is-active redis", "REDISCLI_AUTH=${START_SECRET} start-redis")
    assert environment.variables["START_SECRET"].get_secret_value() == "hunter2"
    assert (redis.stop, redis.logs, environment.runtime.jobs) == (None, None, {})
    assert (environment.database_url, environment.admin, environment.candidates) == (None, None, None)
    assert environment.redis_url is not None, "what is known is a secret that no message may tell"


def test_a_variable_that_the_undoing_needs_is_named(file: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        load_environment("staging", None, file, (), {}, healing=True)
    assert str(problem.value) == (
        f"{file}: env.staging.runtime.services.redis.start: the environment variable START_SECRET is not set"
    )


def test_a_rehearsal_needs_every_variable(file: str) -> None:
    with pytest.raises(UsageProblem, match="the environment variable AUDITOR_PASSWORD is not set"):
        load_environment("staging", None, file, (), {})
