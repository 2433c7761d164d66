"""The pictures of an exam on the page."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import Markup

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.report.drill_chart import drill_picture
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
    restart = next(one for one in made if one.heading == "Drill: full backend restart")
    assert "60 of 60 requests failed while the fault was in" in restart.drawing
    assert "all answered after 0.7 s" in restart.drawing


def test_drills_are_drawn_in_the_order_in_which_they_were_made() -> None:
    view = samples.view(samples.everything())
    drawn = [picture.heading for picture in pictures(view) if picture.heading.startswith("Drill: ")]
    records = [item.record for name, item in view.evidence.items() if name.startswith("drill_")]
    made = sorted((one for one in records if isinstance(one, DrillEvidence)), key=lambda record: record.injected)
    assert drawn == [f"Drill: {record.scenario}" for record in made]


def test_the_line_of_the_recovery_stands_so_many_seconds_after_the_red_ground_as_it_says() -> None:
    record = samples.drill("drill_backend_restart", took=2.5)
    drawing = str(drill_picture(record, Path("nowhere")).drawing)
    grounds = [
        (float(left), float(left) + float(width))
        for left, width, colour in re.findall(
            r'<rect x="([\d.]+)" y="28.0" width="([\d.]+)"[^>]*fill="(#cf222e\w\w)"', drawing
        )
    ]
    (fault_in, fault_out), (removal, removed) = grounds
    (at,) = (float(x) for x in re.findall(r'<line x1="([\d.]+)"[^>]*stroke-dasharray="5 3"', drawing))
    pixels = (fault_out - fault_in) / record.held_seconds
    assert record.restart_seconds is not None
    assert removal == pytest.approx(fault_out, abs=0.2)
    assert (removed - removal) / pixels == pytest.approx(record.restart_seconds, abs=0.02)
    assert (at - fault_out) / pixels == pytest.approx(2.5, abs=0.02)
    assert "all answered after 2.5 s" in drawing


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
