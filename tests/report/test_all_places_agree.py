"""One fact, one judge: wherever a line or a gate shows, it shows with the same outcome and the same reason.

Every line of the exam is judged with good, bad and absent evidence in a real run of pytest. What its judge says of the
planted evidence is compared with all that the run left.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.core import suite as core_suite
from pytest_examday.core.gate import GateOutcomeOfLines
from pytest_examday.core.outcome import Outcome, worst
from pytest_examday.report import issues, verdict_words
from pytest_examday.report.view import Box as TickBox
from pytest_examday.report.view import View
from pytest_examday.session.items import LineItem
from pytest_examday.suites.exam.evidence import FreezeEvidence
from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests.report import bad_samples, samples
from tests.report.judged_run import JudgedRun, judge
from tests.report.places import BOXES, FIGURES, Box, Places, Said

_NEVER_FAIL = {
    *(line.key for line in EXAM.lines if line.key.endswith("-fault-is-felt")),
    "every-worker-was-read",
    "workers-have-one-name",
    "api-answers",
    "load-was-delivered",
    "double-submits-were-tried",
    "redis-reconnects",
    "failures-were-provoked",
}
"""Lines that say whether something was measured: bad evidence makes them inconclusive."""


def _mixed(**instead: Any) -> samples.Everything:
    """Good evidence of every activity but for these."""
    every = {name: item.record or item.unmeasured for name, item in samples.every_activity().items()}
    return samples.everything(**{**every, **instead})


PLANTED: dict[str, Callable[[], samples.Everything]] = {
    "everything good": samples.every_activity,
    "everything bad": bad_samples.everything,
    "nothing measured": dict,
    "a worker's loss is bad": lambda: _mixed(
        drill_worker_loss=bad_samples.drill("drill_worker_loss"),
        drill_proxy_restart="there is no proxy",
        preflight=None,
    ),
    "the load is bad": lambda: _mixed(load=bad_samples.load(), observability="the log files cannot be read"),
    "stored answers are bad at last": lambda: _mixed(integrity_after=bad_samples.integrity(), freeze=None),
    "only the API tells what is stored": lambda: _mixed(
        integrity=samples.told_by_the_api(), integrity_after=samples.told_by_the_api(lost=1, kept=399)
    ),
    "the recovery drill is bad": lambda: _mixed(
        drill_backend_restart=bad_samples.drill("drill_backend_restart"),
        drill_system_restart=bad_samples.drill("drill_system_restart"),
    ),
}


def _planted(evidence: samples.Everything, folder: Path, *plugins: object) -> JudgedRun:
    earlier = samples.write_run(folder / "earlier", evidence)
    return judge(earlier, folder / "run", *plugins, options=("--examday-suite=exam",))


def _disagreements(run: JudgedRun, evidence: samples.Everything) -> list[str]:
    """Every place that does not say what the judges say of the planted evidence."""
    view, places = samples.view(evidence), Places(run)
    return [
        *_of_lines(view, places),
        *_of_gates(view, places),
        *(problem for box in BOXES for problem in _of_box(view, box, places.of_box(box))),
        *_of_figures(view, places),
        *(f"box that nobody reads: {line}" for line in places.unread_boxes()),
        *_of_words(view, places),
    ]


def _of_lines(view: View, places: Places) -> Iterator[str]:
    for line in view.lines:
        expected = Said(line.outcome, line.reason)
        yield from _compared(f"line {line.key}", expected, places.of_line(line.key))
    keys = {line.key for line in view.lines}
    shown = {one["key"] for one in places.verdict["lines"]}
    yield from (f"line {key}: verdict.json alone has it" for key in sorted(shown - keys))


def _of_gates(view: View, places: Places) -> Iterator[str]:
    assert view.verdict is not None
    for gate in view.verdict.gates:
        expected = Said(gate.outcome, gate.reason)
        shown = places.of_gate(gate.name)
        shown["its lines"] = Said(_by_its_lines(view, gate.name))
        yield from _compared(f"gate {gate.name}", expected, shown)


def _by_its_lines(view: View, name: str) -> Outcome:
    """As bad as the worst line that counts; a gate also needs activities, and at least one line."""
    gate = EXAM.gate_by_name[name]
    lines = [line for line in view.lines if name in line.gates]
    outcomes = [
        line.outcome
        for line in lines
        if line.outcome != "inconclusive" or EXAM.line_by_key[line.key].when_unmeasured == "blocks"
    ]
    drills = [drill.activity for drill in EXAM.drills if drill.always or drill.activity in view.evidence]
    needed = gate.needed(drills)
    if "fail" in outcomes:
        return "fail"
    measured = all(activity in view.evidence and view.evidence[activity].record for activity in needed)
    return "pass" if measured and outcomes and set(outcomes) == {"pass"} else "inconclusive"


def _compared(subject: str, expected: Said, shown: dict[str, Said | None]) -> Iterator[str]:
    for place, said in shown.items():
        if said is None:
            yield f"{subject}: {place} does not tell of it"
        elif said.outcome != expected.outcome:
            yield f"{subject}: {place} says {said.outcome}, its judge says {expected.outcome}"
        elif said.reason is not None and said.outcome != "pass" and _bare(said.reason) != _bare(expected.reason or ""):
            yield f"{subject}: {place} gives the reason {said.reason!r}, its judge {expected.reason!r}"


def _of_box(view: View, box: Box, said: Said | None) -> Iterator[str]:
    if said is None:
        yield f"box {box.label}: not in report.md"
        return
    if not box.keys:
        if said != Said("no pass", "not measured: needs a browser"):
            yield f"box {box.label}: says {said}, and nobody measured it"
        return
    lines = [line for line in view.lines if line.key in box.keys]
    expected = worst(line.outcome for line in lines)
    told = said.outcome if box.form is not None or expected == "pass" else {"no pass": expected}.get(said.outcome)
    if told != expected:
        yield f"box {box.label}: report.md says {said.outcome}, its lines are {expected}"
    reasons = [line.reason for line in lines if line.outcome == expected != "pass"]
    for reason in reasons:
        if _bare(reason) not in _bare(said.reason or ""):
            yield f"box {box.label}: report.md does not give the reason {reason!r}"


def _of_figures(view: View, places: Places) -> Iterator[str]:
    """A count of offending rows is not 0 if its line failed, in phase 4 or after the recovery drill."""
    for key, before in FIGURES.items():
        figure = places.figure(before)
        outcome = worst(line.outcome for line in view.lines if line.key in (key, f"data-consistency-{key}"))
        counts = [int(count) for count in re.findall(r"\d+", figure.replace("in phase 4", ""))]
        counted = "fail" if any(counts) else "pass"
        told = "inconclusive" if figure.startswith("not measured") else counted
        if told != outcome:
            yield f"figure {key}: report.md says {figure}, its lines are {outcome}"


def _of_words(view: View, places: Places) -> Iterator[str]:
    assert view.verdict is not None
    expected = view.verdict.verdict
    yield from (f"verdict: {place} says {word}" for place, word in places.words().items() if word != expected)


def _bare(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("planted", PLANTED)
def test_every_place_says_what_the_judge_says(planted: str, tmp_path: Path) -> None:
    evidence = PLANTED[planted]()
    run = _planted(evidence, tmp_path)
    assert run.exit_status in (0, 1), run.terminal
    assert _disagreements(run, evidence) == []


def test_the_planted_evidence_shows_every_line_in_every_state() -> None:
    every = {line.key for line in EXAM.lines}
    good, bad = samples.view(PLANTED["everything good"]()), samples.view(PLANTED["everything bad"]())
    assert {line.key for line in good.lines if line.outcome == "pass"} == every
    failing = {line.key for line in bad.lines if line.outcome == "fail"}
    told = "make tests/report/bad_samples.py turn these lines red, or add them to _NEVER_FAIL here"
    assert failing == every - _NEVER_FAIL, f"{told}: {sorted(every - _NEVER_FAIL - failing)}"
    assert {line.key for line in bad.lines if line.outcome == "inconclusive"} == _NEVER_FAIL
    absent = samples.view(_nothing_of_every_activity())
    assert {line.key for line in absent.lines if line.outcome == "inconclusive"} == every


def _nothing_of_every_activity() -> samples.Everything:
    return samples.everything(**dict.fromkeys((one.name for one in EXAM.activities), "no permission"))


def test_every_line_of_the_template_has_its_boxes() -> None:
    known = {line.key for line in EXAM.lines}
    assert {key for box in BOXES for key in box.keys} <= known
    assert max(Counter((box.heading, box.label) for box in BOXES).values()) == 1
    assert all(len(box.keys) == 1 for box in BOXES if box.form is None and box.keys)


class _Altered:
    """Evidence files that somebody changes after the tests and before the report."""

    def __init__(self, folder: Path, record: str, field: str, value: object) -> None:
        self._path = folder / "earlier" / "evidence" / f"{record}.json"
        self._field, self._value = field, value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Change it when the last test is done."""
        done = yield
        kept = json.loads(self._path.read_text())
        kept["record"][self._field] = self._value
        self._path.write_text(json.dumps(kept))
        return done


@pytest.mark.parametrize(
    ("freeze", "readings", "told"),
    [
        (samples.freeze(), [False], "says fail, its judge says pass"),
        (bad_samples.freeze(), [True], "says inconclusive, its judge says fail"),
    ],
    ids=["good, then bad", "bad, then good"],
)
def test_evidence_that_is_altered_between_test_and_report_is_noticed(
    freeze: FreezeEvidence, readings: list[bool], told: str, tmp_path: Path
) -> None:
    evidence = samples.everything(freeze=freeze)
    altered = _Altered(tmp_path, "freeze", "exam_mode_readings", readings)
    run = _planted(evidence, tmp_path, altered)
    assert f"line exam-mode-is-on: verdict.json, lines {told}" in _disagreements(run, evidence)
    assert "evidence/freeze.json was changed while it was judged" in run.verdict["obstacles"]


def _tick_every_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "box", lambda view, key: TickBox(True))


def _answer_every_question_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = View.yes_no
    monkeypatch.setattr(View, "yes_no", lambda view, lines: asked(view, [line for line in lines if line is None]))


def _name_no_issue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues, "_not_passed", lambda lines: [])


def _show_every_line_as_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = verdict_words.line_row
    monkeypatch.setattr(
        verdict_words,
        "line_row",
        lambda line, suite: shown(line.model_copy(update={"outcome": "pass", "reason": "fine"}), suite),
    )


def _pass_every_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        core_suite, "judge_gate", lambda results, missing, problem: GateOutcomeOfLines("pass", "fine", ())
    )


def _pass_the_test_of_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LineItem, "runtest", lambda item: None)


@pytest.mark.parametrize(
    ("decides_for_itself", "told"),
    [
        (_tick_every_box, "box No lost answers: report.md says pass, its lines are fail"),
        (_answer_every_question_with_yes, "box Degradation handled: report.md says inconclusive, its lines are pass"),
        (_name_no_issue, "line worker-loss-no-lost-answers: report.md, issues says pass, its judge says fail"),
        (
            _show_every_line_as_passed,
            "line worker-loss-no-lost-answers: report.html, lines says pass, its judge says fail",
        ),
        (_pass_every_gate, "gate failures-handled: test says pass, its judge says fail"),
        (_pass_the_test_of_every_line, "line worker-loss-no-lost-answers: test says pass, its judge says fail"),
    ],
)
def test_a_place_that_decides_for_itself_is_noticed(
    decides_for_itself: Callable[[pytest.MonkeyPatch], None], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = samples.everything(drill_worker_loss=bad_samples.drill("drill_worker_loss"))
    with monkeypatch.context() as patched:
        decides_for_itself(patched)
        run = _planted(evidence, tmp_path)
    assert told in _disagreements(run, evidence)
