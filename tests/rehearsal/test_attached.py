"""An environment that attaches to a platform which somebody else runs."""

import json
import re
from collections.abc import Callable

import pytest

from tests.platform.platform_harness import Platform
from tests.rehearsal.conftest import TINY, Started

Start = Callable[..., Started]


def attached(platform: Platform, *lines: str) -> str:
    """The configuration of an environment on that platform."""
    state = platform.directory / "platform.json"
    head = f'[env.staging]\nruntime = {{kind = "embedded", state = "{state}"}}\nallow = ["read", "write", "disrupt"]\n'
    return head + "\n".join(lines) + "\n" + TINY


def test_it_is_rehearsed_and_left_running(started: Start, platform: Platform) -> None:
    run = started("--env", "staging", "-m", "phase1 or phase5", config=attached(platform))
    assert run.wait() == 0, run.output.read_text()
    assert platform.client().get("/v1/ready").json()["status"] == "ready"


def test_no_secret_is_in_any_artifact(started: Start, platform: Platform) -> None:
    """Not in the console, the reports, JUnit's XML, evidence, ledger or logs; failing tests included."""
    leak = (
        "def test_leak(auth_token, environment, rehearsal):\n"
        "    print(auth_token)\n"
        "    password = rehearsal.target.accounts.admin.password.get_secret_value()\n"
        "    assert auth_token == password\n"
    )
    secrets = _secrets(platform)
    arguments = ("--junit-xml=junit.xml", "-rA", "--showlocals", "-k", "leak or phase1")
    run = started("--env", "staging", *arguments, config=attached(platform), test=leak)
    assert run.wait() == 1
    assert "test_own.py::test_leak" in run.output.read_text()
    texts = [path for path in run.folder.rglob("*") if path.is_file() and path.suffix not in (".toml", ".py")]
    assert len(texts) > 8
    for path in texts:
        text = path.read_text(errors="replace")
        found = [secret for secret in secrets if secret in text]
        assert not found, f"{path.name} holds a secret"
        assert not re.search(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}", text), f"{path.name} holds a token"


def _secrets(platform: Platform) -> set[str]:
    state = json.loads((platform.directory / "platform.json").read_text())
    urls = [re.search(r":([^:@/]+)@", state[key]) for key in ("database_url", "redis_url", "admin_database_url")]
    return {state["admin"]["password"], state["candidates"]["password"], *(url.group(1) for url in urls if url)}


@pytest.mark.parametrize(
    ("line", "marks", "reason"),
    [
        ('auth_token = "not-a-token"', "phase1", "the platform refuses the token of env.staging"),
        ('database_url = "postgresql://nobody:wrong@127.0.0.1:9/none"', "phase4", "the database cannot be reached: "),
        ('redis_url = "redis://127.0.0.1:9/0"', "phase1", "Redis not reached: "),
        ('api_url = "http://127.0.0.1:9"', "phase1", "the API at http://127.0.0.1:9 does not reply: "),
    ],
)
def test_what_cannot_be_reached_is_named_in_one_line(
    started: Start, platform: Platform, line: str, marks: str, reason: str
) -> None:
    run = started("--env", "staging", "-m", marks, config=attached(platform, line))
    assert run.wait() == 1
    output = run.output.read_text()
    assert reason in output, output
    assert "Traceback" not in output


_MISFIT = """contract = {preset = "reference", create = {path = "/v1/exams"}, read = {finds = {questions = "asked"}}}"""


def test_a_contract_that_does_not_fit_is_told_before_anybody_sits_an_exam(started: Start, platform: Platform) -> None:
    run = started("--env", "staging", "-m", "phase2 or gates", config=attached(platform, _MISFIT))
    assert run.wait() == 1
    output = run.output.read_text()
    told = "the contract does not fit the platform: contract.create: POST /v1/exams: HTTP 404"
    assert told in output, output
    assert "`python -m pytest_examday check --env staging` tries every part of it" in output
    assert {gate["outcome"] for gate in run.verdict["gates"]} == {"inconclusive"}
    assert run.verdict["candidates"]["harmed"] == 0


def test_a_state_file_that_is_not_there_is_named(started: Start) -> None:
    config = '[env.staging]\nruntime = {kind = "embedded", state = "nowhere/platform.json"}\nallow = ["read"]\n'
    run = started("--env", "staging", "-m", "phase1", config=config)
    assert run.wait() == 1
    assert "no platform is running" in run.output.read_text()
    assert "start one in another terminal with `python -m pytest_examday.platform --dir " in run.output.read_text()
    assert "Traceback" not in run.output.read_text()


def test_a_users_test_writes_to_redis_only_where_that_is_allowed(started: Start, platform: Platform) -> None:
    own = (
        "def test_reading(redis_client):\n    assert redis_client.get('own') is None\n"
        "def test_writing(redis_client):\n    assert redis_client.set('own', '1', px=1)\n"
    )
    arguments = ("--env", "staging", "-k", "test_own")
    allowed = attached(platform)
    run = started(*arguments, config=allowed.replace('["read", "write", "disrupt"]', '["read"]'), test=own)
    assert run.wait() == 1
    output = run.output.read_text()
    assert re.search(r"1 passed, \d+ deselected, 1 inconclusive", output)
    needed = "writing to Redis needs 'write' in env.staging.allow; refused: SET"
    assert f"    1  environment 'staging' allows read; {needed}\n         test_own.py::test_writing\n" in output
    assert "Traceback" not in output
    assert "Unmeasurable" not in output
    again = started(*arguments, config=allowed, test=own)
    again.wait()
    assert "2 passed" in again.output.read_text()
