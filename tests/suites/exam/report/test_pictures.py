"""The pictures of an exam on the page."""

import re
from dataclasses import replace

import pytest
from markupsafe import Markup

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.report.picture import Picture
from pytest_examday.suites.exam.drills.all_drills import DRILLS
from pytest_examday.suites.exam.report.pictures import pictures
from tests.report import samples

_WRITES = "The planned load and the delivered one"


def _pictures(evidence: samples.Everything, limits: Thresholds | None = None) -> dict[str, Picture]:
    return {picture.heading: picture for picture in pictures(samples.view(evidence, limits))}


def test_every_picture_says_in_words_what_it_shows() -> None:
    made = list(_pictures(samples.everything()).values())
    titles = [title for one in made for title in re.findall(r"<svg[^>]*><title>(.+?)</title>", one.drawing)]
    assert len(titles) == len(made) == 7
    assert all(one.words for one in made)
    assert "limit 500 ms" in titles[0]
    assert titles[1] == "writes in each of 12 windows: 432 planned, 440 begun"
    assert "60 of 60 requests failed while the fault was in" in titles[4]
    assert "recovered in 0.7 s" in made[4].drawing


def test_a_drill_with_a_chart_of_its_own_is_drawn_by_it() -> None:
    view = samples.view(samples.everything())
    own = Picture("Queue while it was frozen", Markup("<svg/>"), ("nobody waited",))
    drills = tuple(replace(drill, chart=lambda record, measured_in: own) for drill in DRILLS[:1])
    made = list(pictures(replace(view, suite=replace(view.suite, drills=(*drills, *DRILLS[1:])))))
    assert [one for one in made if one is own] == [own]
    assert len(made) == 7


def test_what_was_not_measured_has_no_picture() -> None:
    assert _pictures({}) == {}


def test_a_load_that_tells_no_planned_writes_has_no_picture_of_them() -> None:
    windows = tuple(one.model_copy(update={"planned": None}) for one in samples.load().windows)
    made = _pictures(samples.everything(load=samples.load().model_copy(update={"windows": windows})))
    assert len(made) == 6
    assert _WRITES not in made


def test_a_stalled_load_is_seen_in_the_picture_of_its_writes() -> None:
    windows = tuple(
        one.model_copy(update={"begun": 0 if 4 <= number < 8 else 54})
        for number, one in enumerate(samples.load().windows)
    )
    made = _pictures(samples.everything(load=samples.load().model_copy(update={"windows": windows})))
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', made[_WRITES].drawing)]
    assert [height == 200.0 for height in heights] == [4 <= number < 8 for number in range(12)]
    assert "deadline" in made[_WRITES].drawing


def test_one_lost_answer_among_a_million_is_seen() -> None:
    found = samples.reconciliation(samples.lost(), acknowledged=1_000_000)
    after = samples.integrity(samples.lost()).model_copy(update={"reconciliation": found})
    bar = _pictures(samples.everything(integrity_after=after))["What became of every answer"].drawing
    widths = re.findall(r'<rect x="[\d.]+" y="8.0" width="([\d.]+)"', bar)
    assert len(widths) == 2
    assert float(widths[1]) >= 6


@pytest.mark.parametrize("limit", [10.0, 500.0])
def test_the_limit_lies_inside_the_picture(limit: float) -> None:
    first = next(iter(_pictures(samples.everything(), Thresholds(p95_ms=limit)).values()))
    heights = [float(y) for y in re.findall(r'y1="(-?[\d.]+)"', first.drawing)]
    assert len(heights) > 3
    assert all(0 <= y <= 228 for y in heights)
