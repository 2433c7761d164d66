"""What a platform tells during a rehearsal and has to be sent back is a secret like any other."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.config.environment import Environment
from pytest_examday.config.mint import Mint
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import HIDDEN, Redactor
from pytest_examday.suites.exam.candidates.probe_candidate import with_words
from pytest_examday.target.api import Api
from pytest_examday.target.people import People
from pytest_examday.target.target import Target
from tests.load.fake_exam import FakeExam
from tests.load.fake_site import SITE, Site
from tests.load.server import serving

ADA = Account(email="ada@exam.example", password=SecretStr("her password"))
SESSION, CSRF, VISIT, BEFORE = "sid-9fK2mQ7x", "csrf+4/Zz=1&x", "visit-7Qw", "before-5Tr"


class SecretiveSite(Site):
    """A site whose cookies and CSRF values are long enough to be looked for."""

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer as the site does, with other values."""
        answer = await super().handle(request)
        text = answer.text.replace("c&amp;1 ü", CSRF.replace("&", "&amp;"))
        spelled = {"s-1": SESSION, "v-1": VISIT, "p-1": BEFORE}
        headers = [(name, _replaced(value, spelled)) for name, value in answer.headers.multi_items()]
        return httpx.Response(
            answer.status_code, text=text, headers=[one for one in headers if one[0] != "content-length"]
        )


def _replaced(text: str, by: dict[str, str]) -> str:
    for old, new in by.items():
        text = text.replace(old, new)
    return text


@pytest.fixture
def redactor() -> Redactor:
    """Knows nothing before the first answer."""
    return Redactor()


@pytest.fixture
def api(redactor: Redactor) -> Iterator[Api]:
    """The API of the site."""
    with serving(SecretiveSite()) as url:
        yield Api(url, SITE, timeout=2.0, learn=redactor.learn_received)


def test_cookies_and_csrf_values_are_hidden(api: Api, redactor: Redactor) -> None:
    api.log_in(ADA)
    for secret in (SESSION, CSRF, VISIT, BEFORE):
        assert redactor.clean(f"the value {secret} stands here") == f"the value {HIDDEN} stands here"
        assert redactor.clean(repr(f"Cookie: x={secret}; y")) == repr(f"Cookie: x={HIDDEN}; y")


def test_a_run_hides_what_its_platform_tells(tmp_path: Path) -> None:
    with serving(SecretiveSite()) as url:
        environment = Environment.model_validate(
            {"name": "x", "api_url": url, "admin": ADA, "platform": PlatformDescription(contract=SITE)}
        )
        target = Target(environment, RunFiles(tmp_path, Redactor()), 1)
        token = target.accounts.auth_token()
        target.files.progress.say(f"{token} {CSRF}")
    assert token == SESSION
    assert json.loads(target.files.progress.path.read_text())["text"] == f"{HIDDEN} {HIDDEN}"


def test_tokens_of_a_login_a_refresh_and_a_file_are_hidden(redactor: Redactor) -> None:
    with _telling({"access_token": "opaque-1a2B", "refresh_token": "again-3c4D"}) as url:
        api = Api(url, CONTRACT, learn=redactor.learn_received)
        api.log_in(ADA)
        api.log_in(Account(email="b@x", access_token=SecretStr("made-5e6F"), refresh_token=SecretStr("more-7g8H")))
    for secret in ("opaque-1a2B", "again-3c4D", "made-5e6F", "more-7g8H"):
        assert redactor.clean(f"<{secret}>") == f"<{HIDDEN}>"


def test_a_minted_token_is_hidden(redactor: Redactor) -> None:
    mint = Mint.model_validate({"secret": "k" * 32, "claims": {"sub": "{email}"}})
    made = Api("http://127.0.0.1:9", CONTRACT, learn=redactor.learn_received).log_in(Account(email="a@x", mint=mint))
    assert redactor.clean(f"Bearer {made.access_token}.") == f"Bearer {HIDDEN}."


def test_what_an_operation_also_finds_as_an_id_is_no_secret(redactor: Redactor) -> None:
    told = {"id": "exam-2026-0001", "csrf": "7Kd-902", "seat": 123456, "row": "12345678"}
    create = Operation(
        method="POST",
        path="/exams",
        success=(200,),
        finds={"session_id": "id", "questions": "q"},
        keeps={"exam": "id", "csrf": "csrf", "seat": "seat", "row": "row"},
    )
    with _telling(told) as url:
        Api(url, CONTRACT, learn=redactor.learn_received).call(create)
    assert redactor.clean('exam-2026-0001 7Kd-902 {"n": 123456, "m": 12345678}') == (
        f'exam-2026-0001 {HIDDEN} {{"n": 123456, "m": 12345678}}'
    )


@pytest.mark.parametrize("before", [0, 100, 110, 115, 119])
def test_a_secret_that_a_refusal_repeats_is_hidden_before_the_words_are_cut(before: int) -> None:
    """The first half of a token, at which a text was cut, would be found by nobody afterwards."""
    token = "tok9fK2mQ7xW4zR8"
    with _telling({"detail": "x" * before + token}, status=403) as url:
        reply = Api(url, CONTRACT).call("submit", {"session_id": "s"}, token)
    for words in (reply.words, with_words(reply)):
        assert "tok9" not in words
        assert "x" * min(before, 80) in words


def test_a_password_that_is_refused_is_not_repeated() -> None:
    with _telling({"detail": "not pässword-1"}, status=401) as url:
        reply = Api(url, CONTRACT).call("login", {"email": "a@x", "password": "pässword-1"})
    assert reply.words == f"not {HIDDEN}"
    assert "secrets" not in repr(reply)


def test_people_whose_tokens_are_long_unused_are_forgotten() -> None:
    people = People({"csrf": ""}, most=3)
    for number in range(3):
        people.remember(f"t{number}", {"csrf": str(number)})
    assert people.of("t0") == {"csrf": "0"}
    people.remember("t3", {"csrf": "3"})
    people.add_from_reply("t3", {"more": "4"})
    people.add_from_reply("t1", {"more": "5"})
    assert [people.of(f"t{number}") for number in range(4)] == [
        {"csrf": "0"},
        {"csrf": ""},
        {"csrf": "2"},
        {"csrf": "3", "more": "4"},
    ]
    assert (len(people), people.of(None)) == (3, {"csrf": ""})


@dataclass
class _Teller(FakeExam):
    """Gives the same answer to everybody."""

    body: Any = None
    status: int = 200

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        return httpx.Response(self.status, json=self.body)


def _telling(body: Any, status: int = 200) -> AbstractContextManager[str]:
    return serving(_Teller(body=body, status=status))
