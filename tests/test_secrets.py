"""No secret in any artifact."""

import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from pytest_examday.config.environment import Account, Environment
from pytest_examday.run.redaction import HIDDEN, Redactor

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9mLWl0"

secrets = st.text(min_size=6, max_size=20).filter(lambda text: text not in HIDDEN)


def _told(*values: str | None) -> Redactor:
    redactor = Redactor()
    redactor.learn(*values)
    return redactor


@given(secret=secrets, before=st.text(max_size=10), after=st.text(max_size=10))
@example(secret='qu"ote\\d', before="", after="")
@example(secret="pässword", before="", after="")
@example(secret="line\nbreak", before="", after="")
def test_a_known_secret_is_hidden_in_text_and_in_json(secret: str, before: str, after: str) -> None:
    assume(secret not in before + HIDDEN + after + json.dumps({"story": "<>"}))
    redactor = _told(secret)
    assert secret not in redactor.clean(f"{before} {secret} {after}")
    for pure in (True, False):
        text = redactor.clean(json.dumps({"story": f"<{secret}>"}, ensure_ascii=pure))
        assert json.loads(text)["story"] == f"<{HIDDEN}>"


def test_a_token_is_hidden_although_nobody_told_of_it() -> None:
    redactor = Redactor()
    assert redactor.clean(f"Authorization: Bearer {TOKEN}") == f"Authorization: Bearer {HIDDEN}"
    assert redactor.clean(json.dumps({"token": TOKEN})) == json.dumps({"token": HIDDEN})


def test_what_only_begins_like_a_token_is_left() -> None:
    assert Redactor().clean("eyJ is how tokens begin; eyJhbGci.x.y is none") == (
        "eyJ is how tokens begin; eyJhbGci.x.y is none"
    )


def test_the_password_of_a_url_is_hidden_also_without_its_url() -> None:
    redactor = _told("postgresql://exam:hunter2-db@db.example:5432/exam")
    assert redactor.clean('password "hunter2-db" refused') == f'password "{HIDDEN}" refused'
    assert "hunter2-db" not in redactor.clean("postgresql://exam:hunter2-db@db.example:5432/other")


def test_an_escaped_password_is_hidden_as_it_is_written_and_as_it_is_meant() -> None:
    redactor = _told("redis://:hunter%40cache%2F2@cache.example/0")
    assert redactor.clean("hunter%40cache%2F2 or hunter@cache/2") == f"{HIDDEN} or {HIDDEN}"


@pytest.mark.parametrize(
    "url", ["http://[broken", "postgresql://u:p@[::1", "://", "x://", "http://a]b[c/", "p://u:@h", "http://[v1.x]:pw@h"]
)
def test_a_malformed_url_is_a_secret_like_any_other(url: str) -> None:
    text = _told(url).clean(f"connecting to {url} failed")
    assert text == (f"connecting to {HIDDEN} failed" if len(url) >= 6 else f"connecting to {url} failed")


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_that_it_is_told_or_cleans_makes_it_fail(told: str, text: str) -> None:
    assert isinstance(_told(told, f"{told}://{text}").clean(text), str)


def test_very_short_values_are_not_hidden() -> None:
    assert _told("abc", "", None).clean("abc abcdef") == "abc abcdef"


def test_of_two_secrets_the_longer_is_hidden_whole() -> None:
    assert _told("hunter2", "hunter2-and-more").clean("hunter2-and-more") == HIDDEN


def test_every_secret_of_an_environment_is_learned() -> None:
    environment = Environment.model_validate(
        {
            "name": "x",
            "api_url": "https://gate:url-password@api.example",
            "database_url": "postgresql://u:db-password@h/d",
            "auth_token": "token-in-file",
            "admin": Account(email="a@x", password=SecretStr("admin-password")),
            "candidates": {"kind": "counted", "email": "c{n}", "password": "candidates-password", "count": 1},
        }
    )
    redactor = Redactor()
    redactor.learn_from(environment)
    for secret in ("url-password", "db-password", "token-in-file", "admin-password", "candidates-password"):
        assert redactor.clean(f"<{secret}>") == f"<{HIDDEN}>"
    assert redactor.clean("https://api.example is the address of a@x") == "https://api.example is the address of a@x"
