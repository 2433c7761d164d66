"""The web page is served whole."""

import re

from tests.platform.platform_harness import Platform


def test_the_page_and_all_that_it_refers_to_are_served(platform: Platform) -> None:
    client = platform.client()
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    references = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert len(references) == 3
    for reference in [*references, "/static/client.js"]:
        assert reference.startswith("/static/")
        assert client.get(reference).status_code == 200


def test_every_element_that_the_script_uses_is_on_the_page(platform: Platform) -> None:
    client = platform.client()
    present = set(re.findall(r'id="([^"]+)"', client.get("/").text))
    used = set(re.findall(r'\$\("([\w-]+)"\)', client.get("/static/exam.js").text))
    assert used
    assert used <= present


def test_nothing_else_is_served_from_the_package(platform: Platform) -> None:
    client = platform.client()
    assert client.get("/static/schema.sql").status_code == 404
    assert client.get("/static/..%2Fschema.sql").status_code == 404
