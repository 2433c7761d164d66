"""What may be said of a runtime, and how mistakes are told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.runtimes import CommandSettings, DockerSettings, Runtime
from pytest_examday.errors import UsageProblem

Read = Callable[..., Runtime]
UP = "status = 'true', start = 'true'"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the runtime of an environment out of TOML."""

    def reading(text: str, **variables: str) -> Runtime:
        (tmp_path / "examday.toml").write_text(f"[env.x.runtime]\n{text}")
        return load_environment("x", None, None, (tmp_path,), variables).runtime

    return reading


def test_a_compose_project_needs_no_more_than_its_name(read: Read) -> None:
    runtime = read("kind = 'docker'\nproject = 'exam'")
    assert runtime == DockerSettings(kind="docker", project="exam")
    assert isinstance(runtime, DockerSettings)
    roles = (runtime.backend, runtime.database, runtime.cache, runtime.proxy)
    assert roles == ("backend", "postgres", "redis", "proxy")


def test_a_service_may_be_one_container_or_several(read: Read) -> None:
    runtime = read("kind = 'docker'\ncontainers = {backend = ['api_1', 'api_2'], redis = 'cache'}\ncache = 'redis'")
    assert isinstance(runtime, DockerSettings)
    assert runtime.containers == {"backend": ("api_1", "api_2"), "redis": ("cache",)}


def test_commands_may_use_variables_of_the_rehearsal_and_of_the_shell(read: Read) -> None:
    runtime = read(
        "kind = 'command'\nservices.api = {logs = 'ssh ${API_HOST} journalctl --since $EXAMDAY_SINCE'}", API_HOST="web7"
    )
    assert isinstance(runtime, CommandSettings)
    assert runtime.services["api"].logs == "ssh ${API_HOST} journalctl --since $EXAMDAY_SINCE"


@pytest.mark.parametrize(
    "command",
    [
        "echo '${API_HOST}'",
        "ssh web 'systemctl stop ${API_HOST}'",
        "echo \"it's\" '${API_HOST}'",
        "echo '${API_HOST:-web1}'",
    ],
)
def test_a_variable_in_single_quotes_is_refused_because_the_shell_leaves_it(read: Read, command: str) -> None:
    with pytest.raises(UsageProblem, match=r"logs: \$\{API_HOST(:-web1)?\} stands in single quotes, where"):
        read(f"kind = 'command'\nservices.api = {{logs = {json.dumps(command)}}}", API_HOST="web7")


@pytest.mark.parametrize("command", ['echo "it\'s ${API_HOST}"', "echo it\\'s ${API_HOST}", "echo 'a' ${API_HOST} 'b'"])
def test_a_variable_beside_quotes_is_left_to_the_shell(read: Read, command: str) -> None:
    runtime = read(f"kind = 'command'\njobs.night = {json.dumps(command)}\nservices.api = {{}}", API_HOST="web7")
    assert isinstance(runtime, CommandSettings)
    assert runtime.jobs["night"] == command


def test_a_text_for_an_unset_variable_is_left_to_the_shell(read: Read) -> None:
    runtime = read("kind = 'command'\njobs.night = 'run \"${NIGHT:-all night}\"'\nservices.api = {}")
    assert isinstance(runtime, CommandSettings)
    assert runtime.jobs["night"] == 'run "${NIGHT:-all night}"'


def test_all_mistakes_of_commands_are_told_at_once(read: Read) -> None:
    with pytest.raises(UsageProblem) as problem:
        read(
            "kind = 'command'\njobs = {a = \"echo '${A}'\", b = 'echo ${B} ${C}'}\nservices.api = {address = '${A}'}",
            A="1",
        )
    assert [told.partition(": env.x.")[2] for told in problem.value.mistakes] == [
        "runtime.jobs.b: the environment variable B is not set",
        "runtime.jobs.b: the environment variable C is not set",
        "runtime.jobs.a: ${A} stands in single quotes, where the shell does not replace it; use double quotes",
        "runtime.services.api.address: must be an address such as https://api.example.org",
    ]


MISTAKES = [
    ("kind = 'docker'", "env.x.runtime: give project, the name of the Docker Compose project, or"),
    ("kind = 'docker'\nproject = ''", "env.x.runtime.project: must not be empty"),
    (
        "kind = 'docker'\nprojekt = 'exam'",
        "env.x.runtime.projekt: unknown key; did you mean project? valid keys: backend, database, cache,",
    ),
    ("kind = 'docker'\nproject = 'x'\ncontainers = 'api'", "env.x.runtime.containers: must be a table"),
    ("kind = 'docker'\nproject = 'x'\ntimeout_seconds = 0", "env.x.runtime.timeout_seconds: must be more than 0"),
    ("kind = 'command'\nservices = {}", "env.x.runtime.services: must have at least 1 entry"),
    ("kind = 'command'", "env.x.runtime.services: is missing"),
    (
        "kind = 'command'\nservices.api = {stop = 'true'}",
        "env.x.runtime.services.api: stop needs start and status, so that the fault can be undone",
    ),
    (
        f"kind = 'command'\nservices.api = {{{UP}, kill = 'true', pause = 'true', unpause = 'true'}}",
        "env.x.runtime.services.api: pause needs paused, so that the fault can be undone and seen gone",
    ),
    (
        f"kind = 'command'\nservices.api = {{{UP}}}\nworkers = ['web']",
        "env.x.runtime: workers names 'web', which is no service; services: api",
    ),
    (
        "kind = 'command'\nservices.api = {begin = 'true'}",
        "env.x.runtime.services.api.begin: unknown key; valid keys: status, start, stop,",
    ),
]


@pytest.mark.parametrize(("text", "line"), MISTAKES)
def test_a_mistake_is_one_line_with_its_key(read: Read, text: str, line: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        read(text)
    assert "\n" not in str(problem.value)
    assert line in str(problem.value)


def test_commands_of_every_service_are_those_of_each_and_single_ones_are_replaced(read: Read) -> None:
    runtime = read(
        "kind = 'command'\ndefaults = {status = 'is-up $EXAMDAY_SERVICE', start = 'up'}\n"
        "services = {backend = {}, redis = {start = 'redis-up'}}"
    )
    assert isinstance(runtime, CommandSettings)
    assert {name: (one.status, one.start) for name, one in runtime.services.items()} == {
        "backend": ("is-up $EXAMDAY_SERVICE", "up"),
        "redis": ("is-up $EXAMDAY_SERVICE", "redis-up"),
    }
