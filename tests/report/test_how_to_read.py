"""A person who signs a report and reads no code finds in it what its words mean, and how small a trial was."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import escape

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.report.how_to_read import how_to_read
from pytest_examday.report.html import banner
from pytest_examday.report.plain_document import plain_document
from pytest_examday.report.view import View
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.gates import GATES
from pytest_examday.suites.exam.report.markdown import markdown
from tests.report import samples

MEANINGS = how_to_read("candidate")


def _html(view: View) -> str:
    return banner(view.verdict, [view])


@pytest.mark.parametrize("write", [_html, markdown, plain_document])
def test_every_report_explains_its_words(write: Callable[[View], str]) -> None:
    report = write(samples.view(samples.everything()))
    for word, meaning in MEANINGS.items():
        assert word in report
        assert meaning in report or str(escape(meaning)) in report


def test_the_page_for_the_person_who_signs_explains_the_same_words(checkout: Path) -> None:
    page = (checkout / "docs" / "reading-a-report.md").read_text()
    assert [word for word, meaning in MEANINGS.items() if f"| {word} | {meaning} |" not in page] == []
    assert "(docs/reading-a-report.md)" in (checkout / "README.md").read_text()


def test_the_page_for_the_person_who_signs_says_what_each_gate_asks_and_what_each_drill_does(checkout: Path) -> None:
    page = (checkout / "docs" / "reading-a-report.md").read_text()
    assert [gate.name for gate in GATES if f"| `{gate.name}` | " not in page] == []
    assert [drill.title for drill in DRILLS if f"| {drill.title} | " not in page] == []


def test_the_page_for_the_person_who_signs_tells_the_default_limits_of_a_wait() -> None:
    limits = Thresholds()
    words = f"Longer than {limits.max_wait_seconds:g} seconds for one action, in a drill {limits.drill_wait_seconds:g}"
    assert MEANINGS["too long"].startswith(words)


@pytest.mark.parametrize("write", [_html, markdown, plain_document])
def test_an_optional_line_that_was_not_measured_is_marked_beside_its_gate(write: Callable[[View], str]) -> None:
    view = samples.view(samples.everything())
    key = next(key for key, line in view.suite.line_by_key.items() if line.when_unmeasured == "ignored" and line.gates)
    gate = view.suite.line_by_key[key].gates[0]
    assert f"{gate} (optional)" in write(view)


@pytest.mark.parametrize("write", [_html, markdown, plain_document])
def test_a_report_of_the_smallest_profile_says_that_it_was_a_small_trial(write: Callable[[View], str]) -> None:
    view = samples.view(samples.everything())
    assert view.verdict is not None
    assert view.verdict.profile == "smoke"
    assert "A small rehearsal: 40 candidates under load (profile smoke); the exam may have more" in write(view)
    full = view.verdict.model_copy(update={"profile": "full"})
    assert "A small rehearsal" not in write(replace(view, verdict=full))
