"""Accounts that the rehearsal makes itself, before anybody logs in."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.load.k6.translate import translated
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.check.candidate_operations import operations
from pytest_examday.suites.exam.check.contract_fits import refuse_misfits
from pytest_examday.suites.exam.check.profile_sizes import sizes
from pytest_examday.suites.exam.load.exam_plan import FOUND
from pytest_examday.target.accounts import SignUpRefused
from pytest_examday.target.target import Target
from tests.load.server import serving
from tests.load.token_server import TokenServer

_WITH = """
[env.x.contract]
preset = "reference"
absent = ["health", "ready", "exam_mode"]

[env.x.contract.sign_up]
call = "POST /v1/auth/register"
body = { email = "{email}", password = "{password}" }
success = [201]
stored_already = [409]
"""


@pytest.fixture
def server() -> Iterator[tuple[TokenServer, str]]:
    """A platform on which nobody has an account, and its address."""
    platform = TokenServer(people={})
    with serving(platform) as url:
        yield platform, url


def _target(folder: Path, url: str, allow: str = '"read", "write"', more: str = "", contract: str = _WITH) -> Target:
    (folder / "examday.toml").write_text(
        f'[env.x]\napi_url = "{url}"\nallow = [{allow}]\n'
        f'candidates = {{ email = "c{{n}}@x", password = "a-password-of-all", count = 300 {more} }}\n{contract}'
    )
    return Target(load_environment("x", None, None, (folder,), {}), RunFiles(folder, Redactor()), 1)


def test_accounts_are_there_before_they_are_used(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    platform, url = server
    target = _target(tmp_path, url)
    taken = target.accounts.take(3)
    assert platform.people == {f"c{n}@x": "a-password-of-all" for n in (1, 2, 3)}
    assert [target.accounts.log_in(account).access_token != "" for account in taken] == [True] * 3


def test_an_account_that_is_there_already_is_as_good(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    platform, url = server
    platform.people = {"c1@x": "a-password-of-all"}
    assert len(_target(tmp_path, url).accounts.take(2)) == 2
    assert list(platform.people) == ["c1@x", "c2@x"]


def test_where_nothing_may_be_written_nobody_signs_up(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    platform, url = server
    target = _target(tmp_path, url, allow='"read"')
    assert len(target.accounts.take(2)) == 2
    assert platform.people == {}
    looks = {look.what: look for look in operations(target)}
    assert looks["contract.sign_up"].state == "untried"


def test_a_refusal_tells_who_and_why_without_the_password(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    platform, url = server
    refused = _WITH.replace("stored_already = [409]", "")
    platform.people = {"c2@x": "a-password-of-all"}
    with pytest.raises(SignUpRefused) as told:
        _target(tmp_path, url, contract=refused).accounts.take(2)
    assert str(told.value) == 'c2@x could not sign up: HTTP 409 "there is such an account"'


def test_a_refusal_is_told_before_any_load(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    wrong = _WITH.replace("/v1/auth/register", "/v1/auth/signup")
    target = _target(tmp_path, server[1], contract=wrong)
    with pytest.raises(Unmeasurable, match=r"c300@x could not sign up: HTTP 401 .* -> contract\.sign_up$"):
        refuse_misfits(target)
    (look,) = [look for look in operations(target) if look.what == "contract.sign_up"]
    assert (look.state, look.message[:40]) == ("wrong", 'POST /v1/auth/signup: HTTP 401: {"detail')


def test_check_tells_that_sign_up_works(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    looks = {look.what: look for look in operations(_target(tmp_path, server[1]))}
    assert looks["contract.sign_up"].state == "works"
    assert looks["contract.login"].state == "works"


def test_a_moment_of_overload_is_no_refusal(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    platform, url = server
    platform.busy = 2
    assert len(_target(tmp_path, url).accounts.take(1)) == 1
    assert list(platform.people or {}) == ["c1@x"]


def test_sign_ups_keep_the_pace_of_log_ins(server: tuple[TokenServer, str], tmp_path: Path) -> None:
    began = time.monotonic()
    target = _target(tmp_path, server[1], more=", logins_per_second = 5")
    target.accounts.take(4)
    assert time.monotonic() - began >= 3 / 5
    (look,) = [look for look in sizes(target) if look.what == "log-ins of smoke"]
    assert look.message.endswith("sign-ups in 29 s")


def test_k6_may_load_because_the_rehearsal_signs_up_before(tmp_path: Path) -> None:
    contract = _target(tmp_path, "http://exam.example").environment.platform.contract
    assert "sign_up" not in translated(contract, FOUND)["operations"]


def test_the_candidates_of_a_cluster_are_signed_up_when_its_manifests_are_written(
    server: tuple[TokenServer, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _target(tmp_path, server[1])
    arguments = ["k6-testrun", "--env", "x", "--examday-config", str(tmp_path / "examday.toml")]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 0
    assert len(server[0].people or {}) == 40
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".json"}


def test_what_sign_up_would_keep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"env\.x\.contract\.sign_up\.keeps: not allowed: whoever enters later"):
        _target(tmp_path, "http://exam.example", contract=f'{_WITH}keeps = {{ csrf = "csrf" }}\n')
