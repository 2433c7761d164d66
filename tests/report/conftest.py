"""A browser for the tests that look at a page as its reader does."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.machine import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@pytest.fixture(scope="package")
def browser() -> Iterator["Browser"]:
    """A headless browser. If the machine has none, its tests are left out; a pipeline must have one.

    Ended with the tests of the report: as long as it is there an event loop runs in this process, and tests that start
    one of their own would fail.
    """
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        pytest.fail("no browser: set CHROMIUM or put chromium on the path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield started
        started.close()
