"""A run of one phase: the reports tell of its lines, and of no others."""

import re
from pathlib import Path

from pytest_examday.suites.exam.suite import SUITE as EXAM
from tests.report import samples
from tests.report.judged_run import judge


def test_lines_that_nobody_asked_for_are_no_part_of_the_report(tmp_path: Path) -> None:
    run = judge(samples.write_run(tmp_path / "earlier"), tmp_path / "run", options=("-m", "phase5"))
    assert run.exit_status == 0, run.terminal
    assert not (run.directory / "verdict.json").exists()
    shown = re.findall(r'data-line="([\w-]+)"', run.read("report.html"))
    lines = [line.key for line in EXAM.lines if line.phase == 5]
    assert shown == lines
    document = run.read("report.md")
    assert "- [x] Timer behaves correctly" in document
    assert "- [ ] Auth still works (not measured: not part of this run)" in document
    assert f"**Issues Found**: none ({len(lines)} lines passed)" in document
    assert "**Issues Found**: not measured: the lines of this phase were not part of this run" in document
