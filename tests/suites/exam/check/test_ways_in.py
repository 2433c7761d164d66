"""What check and preflight say of candidates who enter without a log-in, and what probes do for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_examday.config.accounts import Account
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.check.candidate_operations import check_exam
from pytest_examday.suites.exam.check.contract_fits import refuse_misfits
from pytest_examday.suites.exam.probes.drill_probes import log_in_and_refresh
from pytest_examday.suites.exam.rules.all_rules import PROMISES
from pytest_examday.target.target import Target
from tests.load.server import serving
from tests.load.token_server import SECRET, TokenServer

MINTED = """
[env.x.candidates]
email = "c{{n}}@exam.example"
count = 300
mint = {{ secret = "{secret}", claims = {{ sub = "{{email}}" }}, lifetime = 60 }}

[env.x.contract]
preset = "reference"
absent = ["login", "refresh", "logout"]
"""


@pytest.fixture
def server() -> Iterator[tuple[TokenServer, str]]:
    """A platform that trusts tokens signed with its secret, and its address."""
    platform = TokenServer(signed=True)
    with serving(platform) as url:
        yield platform, url


def _target(folder: Path, url: str, environment: str) -> Target:
    (folder / "examday.toml").write_text(f'[env.x]\napi_url = "{url}"\nallow = ["read", "write"]\n{environment}')
    return Target(load_environment("x", None, None, (folder,), {}), RunFiles(folder, Redactor()), 1)


def test_a_minted_token_that_fits_opens_an_exam(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    target = _target(tmp_path, server[1], MINTED.format(secret=SECRET))
    looks = {look.what: look.state for look in check_exam(target, target.accounts.take(1)[0])}
    assert (looks["contract.create"], looks["contract.submit"]) == ("works", "works")
    assert "contract.login" not in looks


def test_a_minted_token_that_the_platform_refuses_is_told_before_any_load(
    server: tuple[TokenServer, str], tmp_path: Path
) -> None:
    target = _target(tmp_path, server[1], MINTED.format(secret="another secret, of another platform"))
    with pytest.raises(Unmeasurable) as told:
        refuse_misfits(target)
    assert "the token: the minted token of c300@exam.example is refused: HTTP 401" in str(told.value)
    assert "-> env.x.candidates.mint; `python -m pytest_examday check" in str(told.value)


def test_a_probe_signs_another_token(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    mint = MINTED.format(secret=SECRET).replace("{email}", "{uuid}")
    candidate = ProbeCandidate.begin(*_one(_target(tmp_path, server[1], mint)))
    before = candidate.login.access_token
    reply = candidate.renew()
    assert reply is not None
    assert reply.accepted
    assert candidate.login.access_token != before


def test_without_a_login_nobody_tries_one(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    target = _target(tmp_path, server[1], MINTED.format(secret=SECRET))
    told = {one.name: (one.passed, one.detail) for one in log_in_and_refresh(*_one(target))}
    not_promised = (None, "not promised: the contract has no operation `login`")
    assert told == {"login during": not_promised, "refresh during": not_promised}
    excused = {key for key, lacks in PROMISES.items() if lacks(target.environment) is not None}
    assert {"login-needs-the-password", "logout-ends-the-tokens", "used-refresh-token-is-refused"} <= excused


def _one(target: Target) -> tuple[Target, Account]:
    return target, target.accounts.take(1)[0]
