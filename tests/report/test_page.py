"""The whole page, made by a real run of pytest and looked at in a browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests.report import samples
from tests.report.judged_run import judge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_GATES, _PHASES = len(EXAM.gates), len(EXAM.phases)
_HEADINGS = ["Result", "Phase", "Gate", "Test", "Duration", "Links"]


@dataclass
class Opened:
    """A page and what its console complained of."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)


def _rehearse(folder: Path, evidence: samples.Everything) -> Path:
    """Judge the evidence in a run of its own; returns the new run directory."""
    run = judge(samples.write_run(folder / "earlier", evidence), folder / "run", options=("-m", "gates"))
    assert (run.directory / "report.html").exists(), run.terminal
    return run.directory


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory that says GO."""
    return _rehearse(tmp_path_factory.mktemp("go"), samples.everything())


@pytest.fixture(scope="module")
def no_go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory that says NO-GO because of a lost answer."""
    evidence = samples.everything(integrity_after=samples.integrity(samples.lost()))
    return _rehearse(tmp_path_factory.mktemp("no-go"), evidence)


@pytest.fixture
def look(browser: "Browser") -> Iterator[Callable[[Path, int], Opened]]:
    """Opens the report of a run directory in a window of the given width and 900 pixels of height."""
    pages: list[Page] = []

    def open_page(directory: Path, width: int) -> Opened:
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        opened = Opened(page)
        page.on(
            "console",
            lambda message: opened.complaints.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("request", lambda request: _note_foreign(request.url, opened))
        page.goto((directory / "report.html").as_uri())
        return opened

    yield open_page
    for page in pages:
        page.close()


def _note_foreign(url: str, opened: Opened) -> None:
    if not url.startswith(("file:", "data:")):
        opened.complaints.append(f"asks for {url}")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize(("run", "word"), [("go", "GO"), ("no_go", "NO-GO")])
def test_the_verdict_is_seen_without_scrolling(
    request: pytest.FixtureRequest, look: Callable[[Path, int], Opened], run: str, word: str, width: int
) -> None:
    opened = look(request.getfixturevalue(run), width)
    heading = opened.page.locator(".ed-word")
    assert heading.inner_text() == word
    box = heading.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 200
    assert box["height"] >= 40
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.complaints == []


def test_the_columns_stand_in_order_over_their_cells(go: Path, look: Callable[[Path, int], Opened]) -> None:
    page = look(go, 1280).page
    assert page.locator("#results-table th").all_inner_texts() == _HEADINGS
    cells = page.locator("#results-table tr.collapsible").first.locator("td")
    assert cells.count() == len(_HEADINGS)
    assert cells.nth(1).inner_text() == "GO/NO-GO"
    assert cells.nth(2).inner_text() == "zero-data-loss"
    for index in range(3):
        over, under = (
            page.locator("#results-table th").nth(index).bounding_box(),
            cells.nth(index).bounding_box(),
        )
        assert over is not None
        assert under is not None
        assert abs(over["x"] - under["x"]) < 2


def test_the_table_begins_with_what_failed_and_sorts_by_gate(no_go: Path, look: Callable[[Path, int], Opened]) -> None:
    opened = look(no_go, 1280)
    rows = opened.page.locator("#results-table tr.collapsible")
    assert rows.count() == _GATES
    assert rows.first.locator("td").first.inner_text() == "Failed"
    opened.page.locator('#results-table th[data-column-type="gate"]').click()
    gates = [rows.nth(index).locator("td").nth(2).inner_text() for index in range(_GATES)]
    assert gates == sorted(gates)
    assert opened.complaints == []


def test_the_harmed_candidate_and_seven_pictures_are_on_the_page(
    no_go: Path, look: Callable[[Path, int], Opened]
) -> None:
    page = look(no_go, 1280).page
    assert "load-07@exam.example" in page.locator(".ed-stories").first.inner_text()
    assert page.locator(".examday svg").count() == 7


def test_lines_are_folded_where_all_passed_and_open_where_one_did_not(
    go: Path, no_go: Path, look: Callable[[Path, int], Opened]
) -> None:
    good = look(go, 1280).page
    assert good.locator("details").count() == _PHASES
    assert good.locator("details[open]").count() == 0
    bad = look(no_go, 1280).page
    assert bad.locator("details[open] summary").all_inner_texts() == ["7 Recovery Drill30 of 31 lines passed, 1 failed"]
    first = bad.locator("details[open] tbody tr").first
    assert first.locator("td").first.inner_text() == "FAIL"
    assert first.locator("th").inner_text().startswith("Data Consistency: The ledger: every acknowledged answer")


@pytest.mark.parametrize("width", [1280, 400])
def test_unfolded_lines_need_no_scrolling_sideways(go: Path, look: Callable[[Path, int], Opened], width: int) -> None:
    page = look(go, width).page
    for index in range(_PHASES):
        page.locator("details summary").nth(index).click()
    assert page.locator("details[open] tr[data-line]").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_both_reports_say_the_same_sentence(no_go: Path, look: Callable[[Path, int], Opened]) -> None:
    sentence = look(no_go, 1280).page.locator(".ed-sentence").inner_text()
    assert f"**Overall Assessment**: {sentence}\n" in (no_go / "report.md").read_text(encoding="utf-8")


def test_what_pytest_html_says_of_tests_that_ran_again_is_not_seen_if_none_did(
    go: Path, look: Callable[[Path, int], Opened]
) -> None:
    seen = look(go, 1280).page.inner_text("body")
    assert [word for word in ("Reruns", "Retried", "still tests running") if word in seen] == []
    assert "0 Failed" in seen
