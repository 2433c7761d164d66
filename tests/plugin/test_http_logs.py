"""The tokens and cookies of an answer are in no log, although the HTTP client logs its headers."""

import logging
from collections.abc import Iterator

import httpx
import pytest

from pytest_examday.session.http_logs import leave_headers_out_of_logs, log_headers_again
from tests.load.fake_site import Site
from tests.load.server import serving


@pytest.fixture
def quiet() -> Iterator[None]:
    """As in a rehearsal."""
    leave_headers_out_of_logs()
    yield
    log_headers_again()


def _cookie(caplog: pytest.LogCaptureFixture) -> bool:
    caplog.set_level(logging.DEBUG)
    with serving(Site()) as url:
        assert httpx.get(f"{url}/enter").headers["Set-Cookie"].startswith("pre=p-1")
    assert "receive_response_headers.complete" in caplog.text
    return "pre=p-1" in caplog.text


@pytest.mark.usefixtures("quiet")
def test_headers_of_answers_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert not _cookie(caplog)


def test_without_a_rehearsal_the_client_logs_as_it_does(caplog: pytest.LogCaptureFixture) -> None:
    assert _cookie(caplog)
