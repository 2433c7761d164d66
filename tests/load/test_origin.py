"""Where requests go: the parts of a base URL."""

import pytest

from pytest_examday.load.request import Origin


@pytest.mark.parametrize(
    ("url", "tls", "host", "port", "authority", "prefix"),
    [
        ("http://exam.example", False, "exam.example", 80, "exam.example", ""),
        ("https://exam.example/", True, "exam.example", 443, "exam.example", ""),
        ("https://exam.example:443", True, "exam.example", 443, "exam.example", ""),
        ("https://exam.example:8443/api", True, "exam.example", 8443, "exam.example:8443", "/api"),
        ("http://[::1]:8000/api/", False, "::1", 8000, "[::1]:8000", "/api"),
        ("http://[::1]", False, "::1", 80, "[::1]", ""),
        ("http://ada:pw@exam.example", False, "exam.example", 80, "exam.example", ""),
    ],
)
def test_a_base_url_says_where_the_platform_is(
    url: str, tls: bool, host: str, port: int, authority: str, prefix: str
) -> None:
    assert Origin.of(url) == Origin(tls, host, port, authority, prefix)


@pytest.mark.parametrize("url", ["", "exam.example", "ftp://exam.example", "http://", "http://exam.example:x"])
def test_anything_but_an_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Origin.of(url)
