"""A name or value that no header can have is refused when the file is read, with its key and without its value."""

from pathlib import Path

import pytest

from pytest_examday.config.accounts_file import account_mistakes
from pytest_examday.config.environment_file import load_environment
from pytest_examday.contract.sent_headers import NO_HEADER_VALUE
from pytest_examday.errors import UsageProblem

NO_NAME = "is no name of a header: letters, digits and !#$%&'*+.^_`|~- only"


def _mistakes(folder: Path, text: str, **variables: str) -> list[str]:
    path = folder / "examday.toml"
    path.write_text(f"[env.x]\n{text}")
    with pytest.raises(UsageProblem) as problem:
        load_environment("x", None, None, (folder,), variables)
    return [line.removeprefix(f"{path}: env.x.") for line in problem.value.mistakes]


@pytest.mark.parametrize("key", ["idempotency_header", "request_id_header", "worker_header"])
@pytest.mark.parametrize("name", ["X-Key\\r\\nX-Evil: 1", "", "X Key", "X-Key:", "X-K\\u0001"])
def test_a_name_that_no_header_can_have_is_refused(tmp_path: Path, key: str, name: str) -> None:
    lines = _mistakes(tmp_path, f'contract = {{ preset = "reference", {key} = "{name}" }}')
    assert lines == [f"contract.{key}: {NO_NAME}"]


@pytest.mark.parametrize("text", ["a\\r\\nX-Evil: 1", "a\\nb", "a\\u001bb", "a\\u007f", "a\\u20ac"])
def test_a_value_that_no_header_can_have_is_refused(tmp_path: Path, text: str) -> None:
    in_headers = f'headers = {{ X-Tenant = "{text}", "X Y" = "1" }}'
    lines = _mistakes(tmp_path, f'auth_token = "{text}"\ncontract = {{ preset = "reference", {in_headers} }}')
    assert lines == [
        f"contract.headers.X-Tenant: {NO_HEADER_VALUE}",
        f'contract.headers."X Y": {NO_NAME}',
        f"auth_token: {NO_HEADER_VALUE}",
    ]


def test_a_variable_whose_value_no_header_can_have_is_named(tmp_path: Path) -> None:
    create = 'create = { headers = { X-A = "b ${TENANT}" } }'
    text = f'auth_token = "${{TOKEN}}"\ncontract = {{ preset = "reference", {create} }}'
    assert _mistakes(tmp_path, text, TOKEN="se-cret\nX-Evil: 1", TENANT="t\r") == [
        f"auth_token: the environment variable TOKEN {NO_HEADER_VALUE}",
        f"contract.create.headers.X-A: the environment variable TENANT {NO_HEADER_VALUE}",
    ]


def test_a_token_of_a_list_is_refused_with_its_line() -> None:
    lines = list(account_mistakes('email,access_token\na@x,good\nb@x,"ba\nd"\n', []))
    assert lines == [f"line 3: the access_token {NO_HEADER_VALUE}"]


def test_a_tab_and_letters_of_latin_1_may_stand_in_a_header(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text('[env.x]\nauth_token = "a\\té"\n')
    assert load_environment("x", None, None, (tmp_path,), {}).auth_token is not None
