"""The top of the HTML page."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

from pytest_examday.core.gate import GateResult
from pytest_examday.evidence.figures import HarmedActor
from pytest_examday.report.html import banner
from pytest_examday.report.verdict_words import STORIES_SHOWN
from pytest_examday.report.view import View
from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests.report import samples

_HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(1)> & "quoted" \' | \n</svg></style>'
# fmt: off
_TAGS = {
    "div", "style", "section", "p", "dl", "dt", "dd", "h2", "table", "thead", "tbody", "tr", "th", "td",
    "span", "code", "ul", "li", "strong", "br", "figure", "figcaption", "svg", "title", "rect", "line",
    "a", "text", "polyline", "circle", "details", "summary",
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


def _banner(evidence: samples.Everything, *gates: GateResult) -> str:
    return _of_view(samples.view(evidence, gates=gates))


def _of_view(view: View) -> str:
    return banner(view.verdict, [view])


def _stories(count: int) -> Iterator[HarmedActor]:
    for number in range(count):
        yield HarmedActor(actor=f"c-{number:02}", harm="no-submit", story="timed out", activity="load")


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
    assert f"0 of 80 candidates were harmed; all {len(EXAM.gates)} gates passed" in html
    said = _read(html).text
    gates = samples.verdict(samples.everything()).gates
    for gate in gates:
        assert gate.title in said
        assert gate.name in said
    board = html.split('aria-label="Lines"')[0]
    assert _read(board).text.count("PASS") == len(gates)


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
    assert "INCONCLUSIVE" in said
    assert "seen harmed, not fully measured" in said
    assert 'class="ed-inconclusive"' in html


def test_at_most_twenty_stories_are_told_and_the_rest_counted() -> None:
    html = _banner(samples.everything(load=samples.load(hurt=tuple(_stories(STORIES_SHOWN + 3)))))
    assert html.count("could not submit") == STORIES_SHOWN
    assert "and 3 more: see verdict.json" in html


def test_nothing_measured_still_makes_a_page() -> None:
    said = " ".join(_read(_banner({})).text)
    assert "NO-GO" in said
    assert "No candidate took part in the rehearsal, so nothing is known about harm" in said
    assert said.count("PASS") == 0
    board = _banner({}).split('aria-label="Lines"')[0]
    assert board.count("INCONCLUSIVE") == len(EXAM.gates)


def test_without_gates_there_is_no_verdict_and_the_pictures_remain() -> None:
    html = banner(None, [replace(samples.view(samples.everything()), verdict=None)])
    said = " ".join(_read(html).text)
    assert "NO VERDICT" in said
    assert "it says neither GO nor NO-GO" in said
    assert html.count("<svg") == 7


def test_text_from_outside_is_only_ever_text() -> None:
    hurt = (HarmedActor(actor=_HOSTILE, harm="lost-answer", story=_HOSTILE, activity=_HOSTILE),)
    redis = samples.drill("drill_redis_outage").model_copy(update={"scenario": _HOSTILE})
    evidence = samples.everything(load=samples.load(hurt=hurt), drill_redis_outage=redis, experience=_HOSTILE)
    gate = GateResult(name=_HOSTILE, outcome="fail", reason=_HOSTILE)
    view = samples.view(evidence, gates=(gate,))
    html = _of_view(samples.view_with(view, conducted_by=_HOSTILE, unmeasured={_HOSTILE: _HOSTILE}))
    reader = _read(html)
    assert reader.tags <= _TAGS
    assert not [name for name in reader.attributes if name.startswith("on")]
    assert "&lt;script&gt;" in html


def test_the_page_needs_nothing_from_outside() -> None:
    html = _banner(samples.everything()).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|url\(|@import|<link|src=", html)


def test_lines_that_did_not_pass_come_first_in_their_phase() -> None:
    drill = samples.drill("drill_worker_loss", found=samples.reconciliation(samples.lost(), acknowledged=200))
    view = samples.view(samples.everything(drill_worker_loss=drill, experience="no permission"))
    html = _of_view(view)
    phases = html.split("<details")[1:]
    assert [phase.startswith(" open") for phase in phases] == [False, False, True, False, True, False, False]
    assert '3 Failure Injection<span class="ed-counts">40 of 41 lines passed, 1 failed</span>' in phases[2]
    lines = sum(line.phase == 5 for line in EXAM.lines)
    assert f'<span class="ed-counts">0 of {lines} lines passed, {lines} inconclusive</span>' in phases[4]
    keys = [re.findall(r'data-line="([\w-]+)"', phase) for phase in phases]
    assert {key for phase in keys for key in phase} == {line.key for line in view.lines}
    assert keys[2][0] == "worker-loss-no-lost-answers"
    assert '<th scope="row"><code>/health</code> is accessible</th>' in phases[0]


def test_several_suites_have_their_lines_each_under_its_title() -> None:
    view = samples.view(samples.everything())
    other = replace(view, suite=replace(EXAM, name="other", title="Other", actor="sender", occasion="the launch"))
    html = banner(view.verdict, [view, other])
    assert "<summary>Exam-Day Rehearsal: 1 Pre-Exam Freeze<" in html
    assert "<summary>Other: 1 Pre-Exam Freeze<" in html
    passed = f"all {len(EXAM.gates)} gates passed"
    assert f"0 of 80 actors were harmed; {passed}, so the exam and the launch may go ahead." in html
