"""Candidates' accounts from a CSV file."""

from pathlib import Path

import pytest

from pytest_examday.config.accounts import ListedAccounts
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import UsageProblem
from pytest_examday.run.redaction import HIDDEN, Redactor


def _load(folder: Path, csv: str | None, more: str = "") -> Environment:
    (folder / "examday.toml").write_text(f"[env.x]\ncandidates = {{ file = 'people.csv' {more} }}\n")
    if csv is not None:
        (folder / "people.csv").write_text(csv)
    return load_environment("x", None, None, (folder,), {})


def test_accounts_with_passwords_and_accounts_with_tokens_are_read_in_their_order(tmp_path: Path) -> None:
    lines = "\ufeffemail,password,access_token,refresh_token\na@x,secret-1,,\n\nb@x,,token-2,again-2\n"
    accounts = _load(tmp_path, lines).candidates
    assert isinstance(accounts, ListedAccounts)
    assert accounts.count == 2
    first, second = accounts.account(0), accounts.account(1)
    assert first.password is not None
    assert (first.email, first.password.get_secret_value(), first.access_token) == ("a@x", "secret-1", None)
    assert second.access_token is not None
    assert second.refresh_token is not None
    assert (second.email, second.password) == ("b@x", None)
    assert (second.access_token.get_secret_value(), second.refresh_token.get_secret_value()) == ("token-2", "again-2")


@pytest.mark.parametrize(
    ("csv", "line"),
    [
        ("email,password\na@x,one-secret,surplus\n", "line 2: 3 fields, and there are 2 columns"),
        ("email,password\na@x,one-secret\nb@x\n", "line 3: 1 fields, and there are 2 columns"),
        ("email,password\na@x,one-secret\n,two\n", "line 3: the e-mail is missing"),
        ("email,password\na@x,\n", "line 2: needs a password, or an access_token"),
        ("email,password\na@x,one-secret\nb@x,2\na@x,3\n", "line 4: a@x is on line 2 already"),
        ("email,password\n", "lists no candidate"),
        ("email,passwort\na@x,one-secret\n", "line 1: did you mean password? valid columns: email, password"),
        ("email,email\na@x,b@x\n", "line 1: valid columns: email, password"),
        ("password\none-secret\n", "line 1: valid columns: email"),
        ("", "line 1: valid columns: email"),
        ("a@x,one-secret\nb@x,two-secret\n", "line 1: valid columns: email"),
        ('email,password\na@x,"one-secret\n', "cannot be read: unexpected end of data"),
        (None, "no such file"),
    ],
)
def test_a_bad_line_is_named_without_its_secrets(tmp_path: Path, csv: str | None, line: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        _load(tmp_path, csv)
    text = str(problem.value)
    assert f"{tmp_path / 'people.csv'}: {line}" in text
    assert "one-secret" not in text
    assert "\n" not in text


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(b"email,password\n\xff\xfe,x\n")
    with pytest.raises(UsageProblem, match=r"people.csv: cannot be read: byte 15 is no UTF-8 text"):
        _load(tmp_path, None)


def test_a_file_and_a_count_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(
        UsageProblem, match=r"env.x.candidates.count: not allowed beside `file`, which lists the accounts"
    ):
        _load(tmp_path, "email,password\na@x,one-secret\n", ", count = 3")


def test_secrets_of_the_file_are_hidden_in_every_text(tmp_path: Path) -> None:
    lines = 'email,password,access_token\na@x,one-secret,\nb@x,"two, and a blank",\nc@x,,token-three\n'
    redactor = Redactor()
    redactor.learn_from(_load(tmp_path, lines))
    text = redactor.clean('a@x: "one-secret" two, and a blank; Bearer token-three, one-secretive')
    assert text == f'a@x: "{HIDDEN}" {HIDDEN}; Bearer {HIDDEN}, one-secretive'


def test_the_representation_of_an_environment_shows_no_secret(tmp_path: Path) -> None:
    assert "one-secret" not in repr(_load(tmp_path, "email,password\na@x,one-secret\n"))


def test_a_limit_of_log_ins_may_stand_beside_the_file(tmp_path: Path) -> None:
    accounts = _load(tmp_path, "email,password\na@x,secret-1\n", ", logins_per_second = 0.5").candidates
    assert accounts is not None
    assert accounts.logins_per_second == 0.5


@pytest.mark.parametrize("bad", ["0", "-1", "'often'"])
def test_a_limit_of_log_ins_that_is_none_is_named(tmp_path: Path, bad: str) -> None:
    with pytest.raises(UsageProblem, match=r"env\.x\.candidates\.logins_per_second: must be (more than 0|a number)"):
        _load(tmp_path, "email,password\na@x,secret-1\n", f", logins_per_second = {bad}")
