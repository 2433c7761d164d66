"""Probes: one call at a time, and never an exception for what the platform or the network does."""

from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from pytest_examday.config.environment import Account
from pytest_examday.contract.reference import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.platform.ports import pick
from pytest_examday.target.api import Api
from tests.load.fake_exam import FakeExam, html, late, status
from tests.load.server import serving

ADA = Account(email="ada@exam.example", password=SecretStr("her password"))


@pytest.fixture
def exam() -> FakeExam:
    """The platform."""
    return FakeExam()


@pytest.fixture
def api(exam: FakeExam) -> Iterator[Api]:
    """OperationTemplates the platform."""
    with serving(exam) as url:
        yield Api(url, CONTRACT, timeout=1.0)


def test_a_call_carries_its_id_its_token_its_key_and_its_values(api: Api, exam: FakeExam) -> None:
    reply = api.call("create", {"question_count": 2}, "t-1", key="k-1")
    (call,) = exam.seen
    assert (call.token, call.key, call.request_id) == ("t-1", "k-1", reply.request_id)
    assert call.body == {"question_count": 2}
    assert reply.accepted
    assert (reply.find("session_id"), str(reply)) == ("s-1", "HTTP 201")


def test_an_answer_that_is_no_json_is_an_answer(api: Api, exam: FakeExam) -> None:
    exam.disturb("create", html(502))
    reply = api.call("create", {"question_count": 2})
    assert (reply.status, reply.accepted, reply.body, reply.text) == (502, False, None, "<html>")
    assert reply.find("session_id") is None


def test_an_answer_that_comes_too_late_is_none(api: Api, exam: FakeExam) -> None:
    exam.disturb("create", late(0.6))
    reply = api.call("create", {"question_count": 2}, timeout=0.2)
    assert (reply.status, reply.accepted, str(reply)) == (None, False, "no answer in time")


def test_a_platform_that_is_not_there_is_no_exception() -> None:
    reply = Api(f"http://127.0.0.1:{pick()}", CONTRACT).call("health")
    assert (reply.status, str(reply)) == (None, "connection refused")


def test_a_broken_encoding_is_no_exception(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> httpx.Response:
        raise httpx.DecodingError("Error -3 while decompressing data")

    monkeypatch.setattr(httpx.Client, "request", broken)
    reply = api.call("create", {"question_count": 2})
    assert (reply.status, str(reply)) == (None, "Error -3 while decompressing data")


def test_a_login_gives_the_tokens_of_the_account(api: Api) -> None:
    login = api.log_in(ADA)
    assert (login.account, login.access_token, login.refresh_token) == (
        ADA,
        "access-1",
        "refresh-1",
    )


@pytest.mark.parametrize(
    ("code", "told"), [(200, "HTTP 200"), (401, 'HTTP 401 "not [hidden]"'), (500, 'HTTP 500 "not [hidden]"')]
)
def test_a_login_without_a_token_is_unmeasurable_and_tells_the_platforms_words_and_no_password(
    api: Api, exam: FakeExam, code: int, told: str
) -> None:
    exam.disturb("login", status(code, {"detail": "not her password"}))
    with pytest.raises(Unmeasurable) as reason:
        api.log_in(ADA)
    assert str(reason.value) == f"ada@exam.example could not log in: {told}"


def test_prepared_tokens_are_used_as_they_are(api: Api, exam: FakeExam) -> None:
    login = api.log_in(
        Account(email="a@exam.example", access_token=SecretStr("made"), refresh_token=SecretStr("again"))
    )
    assert (login.access_token, login.refresh_token, exam.seen) == ("made", "again", [])
