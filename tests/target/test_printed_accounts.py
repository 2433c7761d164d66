"""Candidates whose tokens were made before: by a command, or in a file; and how long they live."""

import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.accounts import CommandedAccounts
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.load.chosen_engine import chosen_engine
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import HIDDEN, Redactor
from pytest_examday.suites.exam.load.exam_loads import exam_plans
from pytest_examday.suites.exam.stored_exams.accounts_by_email import AccountsByEmail
from pytest_examday.target.target import Target
from tests.load.server import serving
from tests.load.token_server import TokenServer

_PRINTS = """
import sys
from pathlib import Path
runs = Path(sys.argv[1])
number = len(runs.read_text()) if runs.exists() else 0
runs.write_text("x" * (number + 1))
print("email,access_token,refresh_token")
for n in range(4):
    print(f"c{n}@x,made-token-{number}-{n},refresh-token-{number}-{n}")
"""


def _environment(folder: Path, candidates: str, more: str = "") -> Environment:
    (folder / "examday.toml").write_text(f"[env.x]\ncandidates = {{ {candidates} }}\n{more}\n")
    return load_environment("x", None, None, (folder,), {})


def _target(folder: Path, candidates: str, more: str = 'api_url = "http://exam.example"') -> Target:
    return Target(_environment(folder, candidates, more), RunFiles(folder, Redactor()), 1)


@pytest.fixture
def command(tmp_path: Path) -> str:
    """The key with a command that prints four people with new tokens each time, and notes that it ran."""
    (tmp_path / "prints.py").write_text(_PRINTS)
    words = [sys.executable, str(tmp_path / "prints.py"), str(tmp_path / "runs")]
    return f"command = '''{shlex.join(words)}'''"


def _tokens(accounts: Any) -> list[str]:
    return [account.access_token.get_secret_value() for account in accounts]


def test_the_command_is_not_run_before_somebody_needs_it(tmp_path: Path, command: str) -> None:
    environment = _environment(tmp_path, f"{command}, lifetime = 60")
    assert isinstance(environment.candidates, CommandedAccounts)
    assert not (tmp_path / "runs").exists()


def test_the_command_lists_people_with_tokens_that_nothing_may_show(tmp_path: Path, command: str) -> None:
    target = _target(tmp_path, command)
    assert _tokens(target.accounts.take(2)) == ["made-token-0-0", "made-token-0-1"]
    assert _tokens(target.accounts.take(2)) == ["made-token-0-2", "made-token-0-3"]
    assert (tmp_path / "runs").read_text() == "x", "what has just been printed is good for the next activity too"
    assert target.files.redactor.clean("a made-token-0-1 refresh-token-0-3") == f"a {HIDDEN} {HIDDEN}"
    assert AccountsByEmail(target.accounts.candidates).account_of("c3@x") is not None


def test_a_command_finds_the_variables_that_it_names_in_its_environment(tmp_path: Path) -> None:
    """So no other user of the machine sees them in a list of processes."""
    shell = 'printf "email,access_token\\na@x,%s\\n" "${CODE}-${KIND:-plain}"'
    (tmp_path / "examday.toml").write_text(f"[env.x]\ncandidates = {{ command = '''{shell}''' }}\n")
    environment = load_environment("x", None, None, (tmp_path,), {"CODE": "c0de-9Kx"})
    assert isinstance(environment.candidates, CommandedAccounts)
    assert environment.candidates.command == shell
    target = Target(environment, RunFiles(tmp_path, Redactor()), 1)
    assert _tokens(target.accounts.take(1)) == ["c0de-9Kx-plain"]
    assert target.files.redactor.clean("c0de-9Kx") == HIDDEN


def test_a_later_activity_gets_fresh_tokens(tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = _target(tmp_path, command)
    target.accounts.take(1)
    monkeypatch.setattr("pytest_examday.target.accounts._FRESH_SECONDS", -1)
    assert _tokens(target.accounts.take(1)) == ["made-token-1-1"]


@pytest.mark.parametrize(
    ("shell", "told"),
    [
        ("echo no database >&2; echo a-secret-token; exit 3", "exit status 3: no database"),
        ("echo a-secret-token; exit 3", "exit status 3"),
        ("echo email,acces_token; echo a@x,a-secret-token", "what it printed: line 1: did you mean access_token?"),
        ("printf 'email,access_token\\na@x,a-secret-token\\n,b-secret\\nc@x,\\n'",
         "what it printed: line 3: the e-mail is missing; line 4: needs a password, or an access_token"),
        ("true", "what it printed: line 1: valid columns"),
    ],
)  # fmt: skip
def test_a_command_that_prints_no_people_is_told_without_its_secrets(tmp_path: Path, shell: str, told: str) -> None:
    with pytest.raises(Unmeasurable) as problem:
        _target(tmp_path, f'command = """{shell.replace(chr(92), chr(92) * 2)}"""').accounts.take(1)
    assert str(problem.value).startswith(f"env.x.candidates.command: {told}")
    assert "secret" not in str(problem.value)


def test_a_password_is_no_part_of_a_command(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"env\.x\.candidates\.email: unknown key; valid keys: command, "):
        _environment(tmp_path, 'command = "x", email = "c{n}@x"')
    with pytest.raises(UsageProblem, match=r"env\.x\.candidates\.command: not allowed beside `file`"):
        _environment(tmp_path, 'command = "x", file = "people.csv"')


@pytest.mark.parametrize("bad", ["0", "'long'"])
def test_a_lifetime_that_is_none_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(UsageProblem, match=r"env\.x\.candidates\.lifetime: must be (more than 0|a number)"):
        _environment(tmp_path, f'command = "x", lifetime = {bad}')


def test_the_plan_of_a_load_tells_when_tokens_were_made_and_how_long_they_live(tmp_path: Path, command: str) -> None:
    target = _target(tmp_path, f"{command}, lifetime = 60")
    profile = target.environment.profile.load.model_copy(update={"candidates": 2, "processes": 1})
    (plan,) = exam_plans(target, "load", profile)
    assert (plan.login_means.lifetime, plan.login_means.made_at) == (60, target.accounts.candidates.made_at)


def test_a_token_of_a_file_is_as_old_as_the_file(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("email,access_token\na@x,made-token\n")
    target = _target(tmp_path, 'file = "people.csv", lifetime = 60')
    assert target.accounts.candidates.made_at == people.stat().st_mtime


def test_a_prepared_token_that_has_ended_is_refreshed_for_a_probe(tmp_path: Path) -> None:
    server = TokenServer()
    _, refresh = server.give()
    (tmp_path / "people.csv").write_text(f"email,access_token,refresh_token\na@x,an-old-token,{refresh}\n")
    with serving(server) as url:
        target = _target(tmp_path, 'file = "people.csv", lifetime = 0.001', f'api_url = "{url}"')
        (account,) = target.accounts.take(1)
        first = target.accounts.log_in(account).access_token
        assert server.ends[first] > 0
        assert target.files.redactor.clean(first) == HIDDEN
        assert target.accounts.log_in(account).access_token != first, (
            "it ended again, and the new refresh token was used"
        )
        assert server.refused == []
        server.good_refresh.clear()
        with pytest.raises(Unmeasurable, match="the prepared token of a@x has expired and was not refreshed: HTTP 401"):
            target.accounts.log_in(account)


def test_k6_says_that_it_knows_no_told_lifetime(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"^--examday-engine k6 cannot do candidates\.lifetime; use the engine cand"):
        chosen_engine("k6", None, _environment(tmp_path, 'command = "x", lifetime = 60'))
