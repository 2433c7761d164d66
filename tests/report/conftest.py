"""A browser for the tests that look at a page as its reader does."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def find_chromium() -> str | None:
    """The browser named by the variable CHROMIUM, or the first one on the path."""
    return os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="package")
def browser() -> Iterator["Browser"]:
    """A headless browser. A pipeline must have one; on a developer's machine its tests are skipped.

    Ended with the tests of the report: as long as it is there an event loop runs in this process, and tests that start
    one of their own would fail.
    """
    path = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        missing = "no browser: install playwright, and set CHROMIUM or put chromium on the path"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield started
        started.close()
