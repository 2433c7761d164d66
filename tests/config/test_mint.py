"""Candidates whose tokens the rehearsal signs itself."""

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from pytest_examday.config.accounts import CountedAccounts, ListedAccounts
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import UsageProblem
from pytest_examday.faults.watchdog_orders import in_the_clear
from pytest_examday.load.chosen_engine import chosen_engine
from pytest_examday.run.redaction import HIDDEN, Redactor

SECRET = "the-secret-by-which-the-platform-knows-tokens"
SIGNED = 'mint = { secret = "${JWT_SECRET}", claims = { sub = "{id}", mail = "{email}", role = "candidate" } }'
COUNTED = 'email = "c{n:03d}@x", id = "user-{n}", count = 3'
OWN = """
[env.x.contract]
create = {method = "POST", path = "/e", finds = {session_id = "id", questions = "q"}}
read = {method = "GET", path = "/e/{session_id}"}
answer = {method = "PUT", path = "/e/{session_id}"}
submit = {method = "POST", path = "/e/{session_id}/end"}
"""


def _load(folder: Path, candidates: str, more: str = "", healing: bool = False) -> Environment:
    (folder / "examday.toml").write_text(f"[env.x]\ncandidates = {{ {candidates} }}\n{more}\n")
    return load_environment("x", None, None, (folder,), {"JWT_SECRET": SECRET}, healing=healing)


def _refused(folder: Path, candidates: str, more: str = "") -> list[str]:
    with pytest.raises(UsageProblem) as told:
        _load(folder, candidates, more)
    return [line.removeprefix(f"{folder / 'examday.toml'}: ") for line in str(told.value).splitlines()]


def _token_of(environment: Environment, index: int = 0) -> str:
    assert isinstance(environment.candidates, CountedAccounts | ListedAccounts)
    token = environment.candidates.account(index).token_without_login
    assert token is not None
    return token


def _pem(key: Any, folder: Path, name: str = "key.pem") -> Path:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / name).write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return folder / name


def test_a_token_holds_the_claims_of_its_person_and_lives_as_long_as_told(tmp_path: Path) -> None:
    environment = _load(tmp_path, f"{COUNTED}, {SIGNED}")
    claims = jwt.decode(_token_of(environment, 2), SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["mail"], claims["role"]) == ("user-3", "c003@x", "candidate")
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - time.time()) < 5


def test_each_token_has_another_uuid_and_now_is_a_number(tmp_path: Path) -> None:
    environment = _load(
        tmp_path, f'{COUNTED}, mint = {{ secret = "{SECRET}", claims = {{ jti = "{{uuid}}", auth_time = "{{now}}" }} }}'
    )
    first, second = (jwt.decode(_token_of(environment), SECRET, algorithms=["HS256"]) for _ in range(2))
    assert first["jti"] != second["jti"]
    assert isinstance(first["auth_time"], int)


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256"])
def test_a_private_key_from_a_file_signs_and_the_header_names_it(tmp_path: Path, algorithm: str) -> None:
    key: Any = (
        ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else rsa.generate_private_key(65537, 2048)
    )
    _pem(key, tmp_path)
    told = (
        f'algorithm = "{algorithm}", key_file = "key.pem", headers = {{ kid = "k-1" }}, claims = {{ sub = "{{id}}" }}'
    )
    token = _token_of(_load(tmp_path, f"{COUNTED}, mint = {{ {told} }}"))
    assert jwt.get_unverified_header(token)["kid"] == "k-1"
    assert jwt.decode(token, key.public_key(), algorithms=[algorithm])["sub"] == "user-1"


def test_people_of_a_file_need_an_email_and_where_the_claims_hold_it_an_id(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email,id\na@x,17\nb@x,\n")
    assert _refused(tmp_path, f'file = "people.csv", {SIGNED}') == [
        f"env.x.candidates.file: {tmp_path / 'people.csv'}: line 3: the id is missing, which the claims of `mint` hold"
    ]
    (tmp_path / "people.csv").write_text("email,id\na@x,17\n")
    token = _token_of(_load(tmp_path, f'file = "people.csv", {SIGNED}'))
    assert jwt.decode(token, SECRET, algorithms=["HS256"])["sub"] == "17"


def test_the_administrators_tokens_may_be_minted_too(tmp_path: Path) -> None:
    admin = 'admin = { email = "root@x", id = "1", mint = { secret = "${JWT_SECRET}", claims = { sub = "{id}" } } }'
    environment = _load(tmp_path, f"{COUNTED}, {SIGNED}", admin)
    assert environment.admin is not None
    assert environment.admin.token_without_login is not None
    assert jwt.decode(environment.admin.token_without_login, SECRET, algorithms=["HS256"])["sub"] == "1"


def test_a_platform_whose_tokens_are_minted_needs_no_login(tmp_path: Path) -> None:
    environment = _load(tmp_path, f"{COUNTED}, {SIGNED}", OWN)
    assert environment.platform.contract.login is None


def test_a_password_needs_a_login(tmp_path: Path) -> None:
    assert _refused(tmp_path, 'email = "c{n}@x", password = "pw", count = 3', OWN) == [
        "env.x.contract.login: is missing; candidates log in with a password, unless they have `mint` or prepared "
        "tokens"
    ]


@pytest.mark.parametrize(
    ("mint", "lines"),
    [
        ("claims = {}", ["secret: is missing; HS256 signs with it"]),
        ('secret = "s"', ["claims: is missing"]),
        ('secret = "s", claims = {}, algorithm = "RS256"', [
            "key_file: is missing; RS256 signs with it",
            "secret: does not belong to RS256, which signs with key_file",
        ]),
        ('secret = "s", claims = {}, algorithm = "HS265"', ["algorithm: did you mean HS256? must be one of: HS256, "]),
        ('secret = "s", claims = {exp = 1}, headers = {alg = "none"}', [
            "claims.exp: is set by `lifetime`",
            "headers.alg: is set by `algorithm`",
        ]),
        ('secret = "s", claims = {}, lifetime = 0', ["lifetime: must be at least 1"]),
        ('secret = "s", claims = {}, key = "k"', ["key: unknown key; did you mean key_file? valid keys: secret"]),
        ('key_file = "none.pem", claims = {}, algorithm = "ES256"', ["key_file: {folder}/none.pem: no such file"]),
        ('key_file = "bad.pem", claims = {}, algorithm = "ES256"', [
            "key_file: is no private key, in PEM and without a passphrase, for ES256"
        ]),
        ('key_file = "rsa.pem", claims = {}, algorithm = "ES256"', [
            "key_file: is no private key, in PEM and without a passphrase, for ES256"
        ]),
    ],
)  # fmt: skip
def test_what_cannot_sign_is_told_with_its_key(tmp_path: Path, mint: str, lines: list[str]) -> None:
    (tmp_path / "bad.pem").write_text("no key")
    _pem(rsa.generate_private_key(65537, 2048), tmp_path, "rsa.pem")
    told = _refused(tmp_path, f"{COUNTED}, mint = {{ {mint} }}")
    assert len(told) == len(lines)
    for line, expected in zip(told, lines, strict=True):
        assert line.startswith(f"env.x.candidates.mint.{expected.format(folder=tmp_path)}")


def test_unknown_placeholders_and_keys_beside_it_are_told_together(tmp_path: Path) -> None:
    mint = 'mint = { secret = "s", claims = { sub = ["{idd}"] } }'
    assert _refused(tmp_path, f'{COUNTED}, password = "pw", {mint}') == [
        "env.x.candidates.password: not allowed beside `mint`",
        "env.x.candidates.mint.claims: unknown placeholder {idd}; did you mean id? valid: {email}, {uuid}, {now}, {id}",
    ]


def test_an_unknown_placeholder_for_people_of_a_file_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email,id\na@x,1\nb@x,2\n")
    mint = 'mint = { secret = "s", claims = { sub = "{idd}" } }'
    assert _refused(tmp_path, f'file = "people.csv", lifetime = 60, {mint}') == [
        "env.x.candidates.mint.claims: unknown placeholder {idd}; did you mean id? valid: {email}, {uuid}, {now}, {id}"
    ]
    known = mint.replace("idd", "id")
    assert _refused(tmp_path, f'file = "people.csv", lifetime = 60, {known}') == [
        "env.x.candidates.lifetime: not allowed beside `mint`"
    ]


def test_an_id_in_the_claims_needs_one_of_the_accounts(tmp_path: Path) -> None:
    (told,) = _refused(tmp_path, f'email = "c{{n}}@x", count = 3, {SIGNED}')
    assert told == "env.x.candidates.mint.claims: unknown placeholder {id}; valid: {email}, {uuid}, {now}"


def test_neither_password_nor_mint_is_told(tmp_path: Path) -> None:
    (told,) = _refused(tmp_path, COUNTED)
    assert told == "env.x.candidates: needs a password, or mint"


def test_without_pyjwt_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jwt", None)
    (told,) = _refused(tmp_path, f"{COUNTED}, {SIGNED}")
    assert told == "env.x.candidates.mint: tokens are signed with PyJWT; install pytest-examday[tokens]"


def test_no_artifact_may_hold_secret_key_or_token(tmp_path: Path) -> None:
    pem = _pem(ec.generate_private_key(ec.SECP256R1()), tmp_path)
    (tmp_path / "people.csv").write_text("email,id\na@x,17\n")
    redactor = Redactor()
    by_secret = _load(tmp_path, f'file = "people.csv", {SIGNED}')
    by_key = _load(
        tmp_path, f'{COUNTED}, mint = {{ algorithm = "ES256", key_file = "key.pem", claims = {{ sub = "{{id}}" }} }}'
    )
    for environment in (by_secret, by_key):
        redactor.learn_from(environment)
    assert redactor.clean(f"a {SECRET} b") == f"a {HIDDEN} b"
    assert redactor.clean(repr(pem.read_text())) == f"'{HIDDEN}'"
    assert redactor.clean(_token_of(by_key)) == HIDDEN
    assert SECRET not in repr(by_secret)


def test_another_process_gets_the_same_environment(tmp_path: Path) -> None:
    environment = _load(tmp_path, f"{COUNTED}, {SIGNED}")
    assert Environment.model_validate(in_the_clear(environment)) == environment


def test_healing_needs_no_key(tmp_path: Path) -> None:
    mint = 'mint = { algorithm = "ES256", key_file = "none.pem", claims = { sub = "1" } }'
    admin = f'admin = {{ email = "root@x", {mint} }}'
    assert _load(tmp_path, f"{COUNTED}, {mint}", admin, healing=True).admin is None


def test_k6_says_that_it_cannot_mint(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"^--examday-engine k6 cannot do candidates\.mint; use the engine candid"):
        chosen_engine("k6", None, _load(tmp_path, f"{COUNTED}, {SIGNED}"))
