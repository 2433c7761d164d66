"""Limits are told as they are configured; what weakens a GO is told before it, in every place."""

import json
from pathlib import Path

import pytest

from pytest_examday.core.suite import Suite
from tests.report import samples
from tests.report.judged_run import JudgedRun, judge

_WEAKER = "Judged by limits weaker than the default ones: p95_ms 60000 (default: 500)"
_WHY = "not asked for by --examday-suite exam"
_LEFT_OUT = f"Suite webhooks was left out: {_WHY}"


def _judged(folder: Path, p95_ms: float, *plugins: object) -> JudgedRun:
    """A rehearsal whose requests took 0.9 s, judged by this limit."""
    config = folder / "examday.toml"
    config.write_text(f"[env.local.thresholds]\np95_ms = {p95_ms:g}\n")
    slow = samples.observability().model_copy(update={"p95_ms": 900.0, "p99_ms": 900.0})
    evidence = samples.everything(load=samples.load(p95=900.0), observability=slow)
    earlier = samples.write_run(folder / "earlier", evidence)
    return judge(earlier, folder / "run", *plugins, options=(f"--examday-config={config}", "--examday-suite=exam"))


class _Webhooks:
    """A plugin with a suite that nobody asks for."""

    def pytest_examday_suites(self) -> list[Suite]:
        """One suite."""
        suite = Suite(
            name="webhooks",
            title="Webhooks",
            phases={1: "Delivery"},
            activities=(),
            lines=(),
            gates=(),
            actor="sender",
            occasion="the launch",
        )
        return [suite]


@pytest.fixture(scope="module")
def weaker(tmp_path_factory: pytest.TempPathFactory) -> JudgedRun:
    """A GO by a limit of a minute."""
    return _judged(tmp_path_factory.mktemp("weaker"), 60000, _Webhooks())


def _before(text: str, first: str, then: str) -> bool:
    return 0 <= text.find(first) < text.find(then)


def test_a_weaker_limit_makes_a_go_that_says_so_first(weaker: JudgedRun) -> None:
    assert weaker.exit_status == 0, weaker.terminal
    assert weaker.verdict["verdict"] == "GO"
    assert weaker.verdict["weaker_limits"] == ["p95_ms 60000 (default: 500)"]
    assert weaker.verdict["limits"]["p95_ms"] == 60000
    assert _before(weaker.terminal, _WEAKER, "  PASS zero-data-loss")
    assert "VERDICT: GO, on the embedded platform, by limits weaker than the default ones" in weaker.terminal
    beside = "by limits weaker than the default ones, judged again from the evidence of run "
    assert f"**Status**: [x] GO  [ ] NO-GO, {beside}" in weaker.read("report.md")
    assert _before(weaker.read("report.md"), f"**Notice**: {_WEAKER}", "**Overall Assessment**")
    page = weaker.read("report.html").replace("&#39;", "'")
    assert _before(page, f'<p class="ed-line">{beside}', "GO/NO-GO gates")
    assert _before(page, f'<p class="ed-notice">{_WEAKER}</p>', "GO/NO-GO gates")


def test_no_report_states_a_limit_that_was_not_used(weaker: JudgedRun) -> None:
    document, page = weaker.read("report.md"), weaker.read("report.html").replace("&lt;", "<")
    titles = [one["title"] for kind in ("gates", "tests") for one in weaker.verdict[kind]]
    titles += [line["words"] for line in weaker.verdict["lines"]]
    for text in (document, page, weaker.terminal, json.dumps(titles)):
        assert "< 500" not in text
        assert "limit 500 " not in text
        assert "below 500" not in text
    assert "- [x] p95 latency acceptable (< 60000ms) (PASS" in document
    assert "p95 latency acceptable (< 60000ms)" in page
    assert "p95 latency acceptable (< 60000ms)" in titles
    assert "p95 of requests stays below 60000 ms" in titles


def test_a_suite_that_was_left_out_is_named_everywhere(weaker: JudgedRun) -> None:
    assert weaker.verdict["left_out"]["webhooks"] == _WHY
    assert f"  {_LEFT_OUT}\n" in weaker.terminal
    assert f"**Notice**: {_LEFT_OUT}\n" in weaker.read("report.md")
    assert f'<p class="ed-notice">{_LEFT_OUT}</p>' in weaker.read("report.html")


def test_the_same_evidence_is_no_go_by_a_stricter_limit(tmp_path: Path) -> None:
    strict = _judged(tmp_path, 400)
    assert strict.verdict["verdict"] == "NO-GO"
    assert strict.verdict["weaker_limits"] == []
    assert "- [ ] p95 latency acceptable (< 400ms) (FAIL" in strict.read("report.md")
    for text in (strict.terminal, strict.read("report.md"), strict.read("report.html")):
        assert "weaker" not in text
