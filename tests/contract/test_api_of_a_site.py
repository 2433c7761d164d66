"""Probes on a platform of server-rendered pages: each person sends what its own pages told."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.contract.person_values import address_of
from pytest_examday.errors import Unmeasurable
from pytest_examday.target.api import Api
from tests.load.fake_site import SITE, Site
from tests.load.server import serving

ADA = Account(email="ada@exam.example", password=SecretStr("her password"))
ANSWER = {"session_id": 17, "question_id": 3, "value": "B", "sequence": 1, "marked": False}


@pytest.fixture
def site() -> Site:
    """The platform."""
    return Site()


@pytest.fixture
def api(site: Site) -> Iterator[Api]:
    """Its API."""
    with serving(site) as url:
        yield Api(url, SITE, timeout=2.0)


def _fields(site: Site) -> dict[str, list[str]]:
    return parse_qs(site.seen_by_it[-1].content.decode())


@pytest.mark.parametrize("password", ["her password", "wrong"])
def test_a_login_sends_what_the_page_before_it_told_whatever_the_password(api: Api, site: Site, password: str) -> None:
    api.request_login(ADA.model_copy(update={"password": SecretStr(password)}))
    login = next(one for one in site.seen_by_it if one.method == "POST")
    assert parse_qs(login.content.decode()) == {"email": [ADA.email], "word": [password], "csrf": ["c&1 ü"]}
    assert login.headers["Cookie"] == "pre=p-1"
    assert login.headers["X-Forwarded-For"] == address_of(ADA.email)


def test_a_token_goes_with_what_its_own_person_keeps(api: Api, site: Site) -> None:
    token = api.log_in(ADA).access_token
    reply = api.call("answer", ANSWER, token)
    assert reply.accepted
    assert reply.find("saved") == "17"
    assert site.seen_by_it[-1].headers["Cookie"] == "sid=s-1; seen=v-1"
    assert _fields(site)["csrf"] == ["c&1 ü"]
    api.call("answer", ANSWER, "of somebody else")
    assert "csrf" not in _fields(site)


def test_a_new_token_of_the_same_person_sends_the_same(api: Api, site: Site) -> None:
    api.reuse_values("renewed", api.log_in(ADA).access_token)
    api.call("answer", ANSWER, "renewed")
    assert _fields(site)["csrf"] == ["c&1 ü"]
    assert site.seen_by_it[-1].headers["Cookie"] == "sid=renewed; seen=v-1"


def test_another_address_of_the_platform_knows_its_people(api: Api, site: Site) -> None:
    token = api.log_in(ADA).access_token
    api.at(api.base_url, "another address").call("read", ANSWER, token)
    assert site.seen_by_it[-1].headers["Cookie"] == f"sid={token}; seen=v-1"


def test_a_page_around_the_login_that_is_not_shown_is_told(api: Api, site: Site) -> None:
    site.tokens = 1
    with pytest.raises(Unmeasurable) as problem:
        api.log_in(ADA)
    assert str(problem.value) == 'ada@exam.example could not log in: /exams: HTTP 503 "Closed"'


def test_a_redirect_that_was_expected_is_no_remark(api: Api) -> None:
    assert str(api.call("login", {"email": "a", "password": "b"})) == "HTTP 303"
