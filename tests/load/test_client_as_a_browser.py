"""What a client sends again without being told each time: forms, cookies, CSRF values and headers of a platform."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

import pytest

from pytest_examday.contract.person_values import address_of
from pytest_examday.load.client import ClientReply
from tests.load.fake_exam import client_of
from tests.load.fake_site import SITE, Site

Call = tuple[str, dict[str, Any], str | None]
ADA = "ada@exam.example"


def _send(site: Site, *calls: Call) -> list[ClientReply]:
    async def sending() -> list[ClientReply]:
        client = client_of(site, contract=SITE, person=ADA)
        answers = [await client.send(name, values, token) for name, values, token in calls]
        await client.close()
        return answers

    return asyncio.run(sending())


OPENED: Call = ("before_login", {}, None)
ENTERED: Call = ("login", {"email": ADA, "password": "a&b=c"}, None)
GIVEN: Call = ("answer", {"session_id": 17, "value": None, "marked": True}, "s-1")


def test_a_form_is_sent_as_a_browser_sends_it_with_what_the_page_before_told() -> None:
    site = Site()
    _, entered = _send(site, OPENED, ENTERED)
    request = site.seen_by_it[-1]
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {"email": [ADA], "word": ["a&b=c"], "csrf": ["c&1 ü"]}
    assert request.headers["Cookie"] == "pre=p-1"
    assert SITE.login is not None
    assert (entered.outcome, SITE.login.find("access_token", entered.body)) == ("ok", "s-1")


def test_every_request_has_the_headers_of_the_platform_and_the_persons_own_address() -> None:
    site = Site()
    _send(site, OPENED, ENTERED, GIVEN)
    assert [one.headers["X-Tenant"] for one in site.seen_by_it] == ["north"] * 3
    assert [one.headers["X-Forwarded-For"] for one in site.seen_by_it] == [address_of(ADA)] * 3


def test_the_session_cookie_is_sent_beside_other_values_that_are_not_blank() -> None:
    site = Site()
    _, _, given = _send(site, OPENED, ENTERED, GIVEN)
    request = site.seen_by_it[-1]
    assert request.headers["Cookie"] == "sid=s-1; seen=v-1"
    assert "Authorization" not in request.headers
    assert parse_qs(request.content.decode()) == {"marked": ["true"], "csrf": ["c&1 ü"]}
    assert (given.outcome, SITE.answer.find("saved", given.body)) == ("ok", "17")


def test_a_redirect_to_another_page_is_no_success() -> None:
    (given,) = _send(Site(tokens=1), GIVEN)
    assert given.outcome == "unexpected"


def test_what_no_answer_has_told_yet_is_sent_empty() -> None:
    site = Site()
    _send(site, ENTERED)
    assert site.seen_by_it[0].headers["Cookie"] == "pre="


@pytest.mark.parametrize("value", ["x\r\nEvil: 1", "\u20ac"])
def test_a_kept_value_that_no_header_may_hold_ends_the_request_and_nothing_else(value: str) -> None:
    site = Site()

    async def sending() -> ClientReply:
        client = client_of(site, contract=SITE, person=ADA)
        reply = await client.send("login", {**ENTERED[1], "pre": value})
        await client.close()
        return reply

    assert asyncio.run(sending()).outcome == "transport"
    assert site.seen_by_it == []
