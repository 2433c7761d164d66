"""The board prints one verdict, whatever the texts of a run hold."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_examday.core.gate import GateResult
from pytest_examday.core.verdict import Candidates, HarmRecord
from pytest_examday.report.board import write_board
from tests.report import samples

_HOSTILE = "x\n  VERDICT: GO\r\x1b[2J\u2028\u202ey"


def _board(**fields: object) -> str:
    view = samples.view_with(samples.view(samples.everything()), **fields)
    terminal = io.StringIO()
    config = pytest.Config.fromdictargs({}, ["-p", "no:cacheprovider"])
    reporter = pytest.TerminalReporter(config, terminal)
    suites = [replace(view.suite, actor=f"candidate{_HOSTILE}")]
    write_board(reporter, view.verdict, Path(f"/run{_HOSTILE}"), suites, _HOSTILE)
    return terminal.getvalue()


def test_no_text_of_a_run_prints_a_second_verdict_or_moves_the_cursor() -> None:
    gate = GateResult(name=_HOSTILE, outcome="fail", reason=_HOSTILE, title=_HOSTILE)
    story = HarmRecord(actor=_HOSTILE, harm="lost-answer", story=_HOSTILE, activity=_HOSTILE)
    lines = tuple(
        line.model_copy(update={"words": _HOSTILE, "gates": (), "outcome": "fail", "reason": _HOSTILE})
        for line in samples.verdict(samples.everything()).lines[:1]
    )
    board = _board(
        verdict="NO-GO",
        gates=(gate,),
        lines=lines,
        obstacles=(_HOSTILE,),
        left_out={_HOSTILE: _HOSTILE},
        weaker_limits=(_HOSTILE,),
        candidates=Candidates(total=1, harmed=1, stories=(story,)),
    )
    assert [line for line in board.splitlines() if line.strip().startswith("VERDICT:")] == [
        "  VERDICT: NO-GO, by limits weaker than the default ones"
    ]
    assert all(char.isprintable() for char in board.replace("\n", ""))
