"""The top of the HTML page."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pytest_examday.suites.exam.gates.bench import Judgement
from pytest_examday.suites.exam.gates.registry import GATES

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.evidence.figures import HarmedCandidate
from pytest_examday.report.html import banner
from pytest_examday.suites.exam.report.facts import STORIES_SHOWN
from pytest_examday.suites.exam.report.timeline import slices
from tests.report import samples

_HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)> & "quoted" \' | \n</svg></style>'
# fmt: off
_TAGS = {
    "div", "style", "section", "p", "dl", "dt", "dd", "h2", "table", "thead", "tbody", "tr", "th", "td",
    "span", "code", "ul", "li", "strong", "br", "figure", "figcaption", "svg", "title", "rect", "line",
    "text", "polyline", "circle",
}
# fmt: on
_VOID = {"br"}


class _Reader(HTMLParser):
    """Collects tags and attributes, and insists that every tag is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text.append(" ".join(data.split()))


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def _banner(evidence: samples.Everything, *gates: Judgement) -> str:
    return banner(samples.verdict(evidence, gates=gates), evidence, Thresholds())


def _stories(count: int) -> Iterator[HarmedCandidate]:
    for number in range(count):
        yield HarmedCandidate(candidate=f"c-{number:02}", harm="no-submit", story="timed out", activity="load")


def test_the_verdict_is_the_first_thing_said_and_backed_by_a_word() -> None:
    for evidence, word, tone in (
        (samples.everything(), "GO", "examday-go"),
        (samples.everything(load="not delivered"), "NO-GO", "examday-no-go"),
    ):
        html = _banner(evidence)
        assert f'class="examday {tone}"' in html
        assert f'aria-level="2">{word}</p>' in html


def test_a_go_shows_candidates_harm_and_all_gates_in_the_words_of_the_seeds() -> None:
    html = _banner(samples.everything())
    assert "0 of 70 candidates were harmed; all 12 gates passed" in html
    said = _read(html).text
    for gate in GATES:
        assert gate.title in said
        assert gate.name in said
    assert said.count("PASS") == len(GATES)


def test_a_lost_answer_turns_the_page_red_and_tells_the_story() -> None:
    html = _banner(samples.everything(integrity_after=samples.integrity(samples.lost())))
    said = " ".join(_read(html).text)
    assert "NO-GO" in said
    assert "load-07@exam.example" in said
    assert "acknowledged B and nothing is stored" in said
    assert 'class="ed-fail"' in html
    assert "1 lost" in said


def test_what_could_not_be_judged_is_not_shown_as_good() -> None:
    html = _banner(samples.everything(integrity_after="the database cannot be reached"))
    said = _read(html).text
    assert "NOT MEASURED" in said
    assert "seen harmed, not fully measured" in said
    assert 'class="ed-inconclusive"' in html


def test_at_most_twenty_stories_are_told_and_the_rest_counted() -> None:
    html = _banner(samples.everything(load=samples.load(hurt=tuple(_stories(STORIES_SHOWN + 3)))))
    assert html.count("could not submit") == STORIES_SHOWN
    assert "and 3 more: see verdict.json" in html


def test_nothing_measured_still_makes_a_page() -> None:
    said = " ".join(_read(_banner({})).text)
    assert "NO-GO" in said
    assert "No candidate sat the rehearsal, so nothing is known about harm" in said
    assert said.count("NOT MEASURED") == len(GATES)


def test_without_gates_there_is_no_verdict_and_the_pictures_remain() -> None:
    html = banner(None, samples.everything(), Thresholds())
    said = " ".join(_read(html).text)
    assert "NO VERDICT" in said
    assert "it says neither GO nor NO-GO" in said
    assert html.count("<svg") == 6


def test_every_picture_says_in_words_what_it_shows() -> None:
    html = _banner(samples.everything())
    titles = re.findall(r"<svg[^>]*><title>(.+?)</title>", html)
    assert len(titles) == html.count("<svg") == 6
    assert "limit 500 ms" in titles[0]
    assert titles[1] == "writes in each of 12 windows: 432 planned, 426 begun"
    assert "60 of 60 requests failed meanwhile" in titles[4]
    assert "recovered after 0.7 s" in html


def test_a_load_that_tells_no_planned_writes_has_no_picture_of_them() -> None:
    windows = tuple(one.model_copy(update={"planned": None}) for one in samples.load().windows)
    html = _banner(samples.everything(load=samples.load().model_copy(update={"windows": windows})))
    assert html.count("<svg") == 5
    assert "The planned load and the delivered one" not in html


def test_a_stalled_load_is_seen_in_the_picture_of_its_writes() -> None:
    windows = tuple(
        one.model_copy(update={"begun": 0 if 4 <= number < 8 else 54})
        for number, one in enumerate(samples.load().windows)
    )
    html = _banner(samples.everything(load=samples.load().model_copy(update={"windows": windows})))
    picture = html.split("The planned load and the delivered one")[1].split("</svg>")[0]
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', picture)]
    assert [height == 200.0 for height in heights] == [4 <= number < 8 for number in range(12)]
    assert "deadline" in picture


def test_the_line_under_the_title_names_where_the_evidence_was_measured() -> None:
    evidence = samples.everything()
    verdict = samples.verdict(evidence).model_copy(update={"measured_environment": "prod"})
    said = " ".join(_read(banner(verdict, evidence, Thresholds())).text)
    assert "environment staging, evidence measured on prod" in said


def test_a_picture_of_requests_needs_the_samples_of_the_run(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run")
    record = samples.drill("recovery")
    parts = slices(run, record)
    assert sum(part.failed for part in parts) == 60
    assert sum(part.succeeded for part in parts) == 160
    assert slices(None, record) == ()
    (run / record.samples[0]).write_text("{broken\n")
    assert slices(run, record) == ()


def test_a_long_drill_is_cut_into_few_pieces(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run")
    short = samples.drill("recovery")
    long = short.model_copy(update={"after": short.after.model_copy(update={"ended": short.before.started + 3600})})
    assert all(part.ended - part.started <= 45 for part in slices(run, long))
    assert len(slices(run, long)) == 1


def test_one_lost_answer_among_a_million_is_seen() -> None:
    found = samples.reconciliation(samples.lost(), acknowledged=1_000_000)
    evidence = samples.everything(
        integrity_after=samples.integrity(samples.lost()).model_copy(update={"reconciliation": found})
    )
    widths = re.findall(r'<rect x="[\d.]+" y="8.0" width="([\d.]+)"', _banner(evidence))
    assert len(widths) == 2
    assert float(widths[1]) >= 6


@pytest.mark.parametrize("limit", [10.0, 500.0])
def test_the_limit_lies_inside_the_picture(limit: float) -> None:
    evidence = samples.everything()
    html = banner(samples.verdict(evidence), evidence, Thresholds(p95_ms=limit))
    heights = [float(y) for y in re.findall(r'y1="(-?[\d.]+)"', html.split("</svg>", 1)[0])]
    assert len(heights) > 3
    assert all(0 <= y <= 228 for y in heights)


def test_text_from_outside_is_only_ever_text() -> None:
    hurt = (HarmedCandidate(candidate=_HOSTILE, harm="lost-answer", story=_HOSTILE, activity=_HOSTILE),)
    redis = samples.drill("redis_outage").model_copy(update={"scenario": _HOSTILE})
    evidence = samples.everything(load=samples.load(hurt=hurt), redis_outage=redis, experience=_HOSTILE)
    gate = Judgement(name=_HOSTILE, outcome="fail", reason=_HOSTILE)
    verdict = samples.verdict(evidence, gates=(gate,))
    html = banner(
        verdict.model_copy(update={"conducted_by": _HOSTILE, "unmeasured": {_HOSTILE: _HOSTILE}}),
        evidence,
        Thresholds(),
    )
    reader = _read(html)
    assert reader.tags <= _TAGS
    assert not [name for name in reader.attributes if name.startswith("on")]
    assert "&lt;script&gt;" in html


def test_the_page_needs_nothing_from_outside() -> None:
    html = _banner(samples.everything()).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|url\(|@import|<link|src=", html)
