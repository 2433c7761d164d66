"""No secret in any artifact."""

import base64
import html
import json
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.config.contract_secrets import secrets_in
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.run.redaction import HIDDEN, Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.run.terminal_text import printable

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


def test_a_token_that_holds_a_secret_is_hidden_whole() -> None:
    redactor = Redactor()
    redactor.learn_configured(CONFIGURED)
    claims = base64.urlsafe_b64encode(json.dumps({"sub": CONFIGURED}).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJIUzI1NiJ9.{claims}.c2lnbmF0dXJlLW9mLWl0"
    assert redactor.clean(f"Bearer {token}, and more") == f"Bearer {HIDDEN}, and more"


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


CONFIGURED = "kW7@zR2:pQ9/mX4"


@pytest.mark.parametrize("size", [6, 9, 14])
def test_a_fragment_of_a_configured_secret_is_hidden_wherever_it_is_cut(size: int) -> None:
    redactor = Redactor()
    redactor.learn_configured(CONFIGURED)
    for at in range(len(CONFIGURED) - size + 1):
        fragment = CONFIGURED[at : at + size]
        for form in (
            fragment,
            quote(fragment, safe=""),
            repr(fragment),
            html.escape(fragment),
            json.dumps(fragment),
            fragment.encode().hex(),
            fragment.encode().hex().upper(),
        ):
            assert fragment not in redactor.clean(f"<{form}>")
            assert HIDDEN in redactor.clean(f"<{form}>")


@pytest.mark.parametrize(
    "words", ["candidates-password", "Staging Admin", "correct horse battery", "20260115", "deadbeef01", "2026-01-15"]
)
def test_a_fragment_that_is_an_ordinary_text_is_left(words: str) -> None:
    """Hiding `password` or the digits of a date would damage evidence; the secret as a whole is hidden."""
    redactor = Redactor()
    redactor.learn_configured(words)
    evidence = json.dumps({"candidates": 9, "password": "staging", "at": "2026-01", "id": "deadbe", "horse": "battery"})
    assert redactor.clean(evidence) == evidence
    assert redactor.clean(f"<{words}>") == f"<{HIDDEN}>"


@pytest.mark.parametrize("before", ["", "u", "u:", "user:"])
def test_a_secret_in_base64_is_hidden_wherever_it_begins(before: str) -> None:
    redactor = Redactor()
    redactor.learn_configured(CONFIGURED)
    encoded = base64.b64encode(f"{before}{CONFIGURED}:after".encode()).decode()
    assert base64.b64encode(CONFIGURED[4:10].encode()).decode()[2:8] not in redactor.clean(f"Basic {encoded}")
    assert HIDDEN in redactor.clean(f"Basic {encoded}")


@pytest.mark.parametrize(
    ("address", "quoted"),
    [
        ("postgresql://u:horses@battery-staple@db/exam", 'could not translate host name "battery-staple@db"'),
        ("redis://:pass/words@cache/0", "Port could not be cast: 'words@cache'"),
        (r"host=db password='two words\' and' user=u", "two words' and"),
        ("host=db password=plainwords user=u", "plainwords"),
        ("postgresql://db/exam?password=plainwords", "plainwords"),
    ],
)
def test_what_a_driver_quotes_of_an_address_is_hidden(address: str, quoted: str) -> None:
    redactor = Redactor()
    redactor.learn_configured(address)
    cleaned = redactor.clean(quoted)
    assert HIDDEN in cleaned
    assert not [word for word in ("battery", "words", "staple") if word in cleaned]


@given(secret=st.text(min_size=6, max_size=12), text=st.text(max_size=30))
@example(secret="n12345k", text="\n12345k")
@example(secret="00e4xY9", text="\u00e4xY9")
@example(secret="abcd3\\", text="abcd3\\n")
@example(secret="abcd3\\", text='abcd3\\"')
def test_json_stays_readable_whatever_is_hidden_in_it(secret: str, text: str) -> None:
    assume(secret not in json.dumps({"story": "[hidden]"}) and not secret.isdigit())
    redactor = Redactor()
    redactor.learn_configured(secret)
    for pure in (True, False):
        assert isinstance(json.loads(redactor.clean(json.dumps([text, f"{secret}{text}"], ensure_ascii=pure))), list)


def test_of_a_variable_that_is_an_address_only_the_password_is_hidden() -> None:
    redactor = Redactor()
    redactor.learn_variables(["code-9Kx", "http://u:pw-9Zq@p.example", "http://q.example"])
    said = redactor.clean("code-9Kx http://u:pw-9Zq@p.example http://q.example")
    assert said == f"{HIDDEN} http://u:{HIDDEN}@p.example http://q.example"


def test_control_characters_of_others_are_shown_and_not_obeyed() -> None:
    assert printable("a\x1b]0;owned\x07\r\n\tb\x9b\u202e") == "a\\x1b]0;owned\\x07\\r\n\tb\\x9b\\u202e"


LISTED = ("summer-1", "made-token-7", "pä$$&=wörd", "12345678", 'qu"o\\te', "plainword")


@pytest.mark.parametrize("secret", LISTED)
@pytest.mark.parametrize(
    "around", ["{}", "user:{}@host", "/exams/{}/read", "line\n{}\tnext", "\x1b[31m{}\x1b[0m", "({},{})", "a={}&b={}"]
)
def test_a_listed_password_is_hidden_where_it_is_no_part_of_a_word(secret: str, around: str) -> None:
    redactor = Redactor()
    redactor.learn_list(*LISTED)
    said = around.replace("{}", secret)
    told = around.replace("{}", HIDDEN)
    assert redactor.clean(said) == told
    assert json.loads(redactor.clean(json.dumps([said]))) == [told]
    assert redactor.clean(repr(said)) == repr(told)
    assert redactor.clean(quote(said, safe="")).count(HIDDEN) == around.count("{}")


def test_a_listed_password_that_is_a_word_damages_no_longer_one() -> None:
    redactor = Redactor()
    redactor.learn_list("summer", "123456")
    said = 'summertime midsummer summer2026 {"n": 1234567, "t": 91234561.5}'
    assert redactor.clean(said) == said


def test_json_whose_numbers_are_a_secret_too_stays_json(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.learn("20260115")
    redactor.learn_list("123456")
    told = {"count": 123456, "t": 1720260115.5, "text": "123456 and 20260115", "list": ["20260115", None, True]}
    cleaned = json.loads(redactor.clean_json(json.dumps(told)))
    assert cleaned == told | {"text": f"{HIDDEN} and {HIDDEN}", "list": [HIDDEN, None, True]}
    assert redactor.clean_json(json.dumps({"a": "123456"})) == json.dumps({"a": HIDDEN})
    store = EvidenceStore(tmp_path, redactor)
    store.replace(tmp_path / "told.json", json.dumps(told))
    assert json.loads((tmp_path / "told.json").read_text()) == cleaned
    store.replace(tmp_path / "report.md", "20260115")
    assert (tmp_path / "report.md").read_text() == HIDDEN


def test_very_many_listed_passwords_are_learned_and_looked_for_in_seconds() -> None:
    redactor = Redactor()
    begun = time.process_time()
    redactor.learn_list(*(f"Exam-{number:06d}!x" for number in range(20_000)))
    text = "a line of a log with Exam-019999!x and Exam-02000 in it\n" * 2_000
    assert redactor.clean(text).count(HIDDEN) == 2_000
    assert time.process_time() - begun < 10


PASSPHRASE = "correct horse battery staple"


@pytest.mark.parametrize("cut", ["...", "\N{HORIZONTAL ELLIPSIS}", "\n", "'\n '"])
@pytest.mark.parametrize("at", [0, 4, 9, 14, 19, 24, 28])
def test_of_a_passphrase_that_was_cut_no_half_is_left(cut: str, at: int) -> None:
    redactor = Redactor()
    redactor.learn_configured(PASSPHRASE)
    for left, right in ((PASSPHRASE[:at], PASSPHRASE[at:]), (PASSPHRASE[:at], PASSPHRASE[at + 3 :])):
        text = redactor.clean(f"assert '{left}{cut}{right}' == 'open'")
        longest = 3 if cut[0] in "..\N{HORIZONTAL ELLIPSIS}" else 9
        shown = text.removeprefix("assert ").removesuffix(" == 'open'")
        assert not any(PASSPHRASE[first : first + longest + 1] in shown for first in range(len(PASSPHRASE) - longest))


def test_what_pytest_shows_of_a_passphrase_beside_a_difference_is_hidden() -> None:
    redactor = Redactor()
    redactor.learn_configured(PASSPHRASE)
    assert redactor.clean("E   - ery staple!\nE   + ery staple?") == f"E   - {HIDDEN}!\nE   + {HIDDEN}?"


def test_words_of_a_passphrase_alone_are_left() -> None:
    redactor = Redactor()
    redactor.learn_configured(PASSPHRASE)
    assert redactor.clean("the horse... and the battery") == "the horse... and the battery"


def test_a_password_that_is_quoted_twice_is_hidden_in_each_form() -> None:
    redactor = _told("redis://:hunter%2540cache%252F2@cache.example/0")
    text = "hunter%2540cache%252F2 or hunter%40cache%2F2 or hunter@cache/2"
    assert redactor.clean(text) == f"{HIDDEN} or {HIDDEN} or {HIDDEN}"
    assert _told("hunter@cache/2").clean("?url=hunter%2540cache%252F2") == f"?url={HIDDEN}"


def test_secrets_that_are_written_into_a_contract_are_learned(tmp_path: Path) -> None:
    basic = base64.b64encode(b"gate:swordfish").decode()
    (tmp_path / "examday.toml").write_text(
        f"""
        [env.x.contract]
        preset = "reference"
        headers = {{ Authorization = "Bearer abcdefghijkl", Cookie = "g=open-9Sesame; lang=german", X-Way = "plain" }}
        [env.x.contract.login]
        path = "/login?api_key=k3y-of-the-login"
        body = {{ client_secret = "crocodile", token_type = "bearer", email = "{{email}}", password = "{{password}}" }}
        [env.x.contract.create]
        headers = {{ X-Authorization = "Basic {basic}" }}
        [[env.x.contract.protected]]
        name = "rank"
        operation = {{ method = "POST", path = "/rank" }}
        bodies = [{{ deep = [{{ api_key = "9f8e7d6c5b4a3f2e" }}] }}]
        """
    )
    redactor = Redactor()
    redactor.learn_from(load_environment("x", None, None, (tmp_path,), {}))
    for secret in (
        "abcdefghijkl",
        "open-9Sesame",
        "k3y-of-the-login",
        "crocodile",
        "swordfish",
        basic,
        "9f8e7d6c5b4a3f2e",
    ):
        assert redactor.clean(f"<{secret}>") == f"<{HIDDEN}>"
    plain = "<bearer> <Bearer> <german> <plain> <email> <password> <rank>"
    assert redactor.clean(plain) == plain


def test_the_contract_of_the_embedded_platform_holds_no_secret() -> None:
    assert list(secrets_in(Environment(name="x").platform.contract)) == []
