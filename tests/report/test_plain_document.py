"""The part of `report.md` for a suite that writes none of its own."""

from dataclasses import replace

from pytest_examday.core.gate import GateResult
from pytest_examday.report.plain_document import plain_document
from tests.report import bad_samples, samples

_HOSTILE = "a|b\n## Owned <script>alert(1)</script> `code`"


def test_it_lists_every_line_with_its_outcome() -> None:
    view = samples.view(bad_samples.everything())
    document = plain_document(view)
    assert not [line.key for line in view.lines if f" ({line.key}) | " not in document]
    assert view.verdict is not None
    outcomes = [*(line.outcome for line in view.lines), *(gate.outcome for gate in view.verdict.gates)]
    assert document.count(" | FAIL | ") == outcomes.count("fail")


def test_it_tells_who_was_harmed_and_how_many_more_there_are() -> None:
    view = samples.view(bad_samples.everything())
    assert view.verdict is not None
    told = plain_document(view).count("\n- **")
    assert told == min(20, len(view.verdict.candidates.stories)) > 0


def test_without_a_verdict_it_says_so() -> None:
    document = plain_document(replace(samples.view(samples.everything()), verdict=None, lines=()))
    assert "**Status**: no verdict" in document
    assert "| none | INCONCLUSIVE | the gates were not part of this run |" in document
    assert "no line was part of this run" in document


def test_gates_of_other_suites_are_left_to_their_own_documents() -> None:
    own, other = (
        GateResult(name=name, outcome="pass", reason="fine", title=name, suite=suite)
        for name, suite in (("of-a-test", None), ("shop:tills", "shop"))
    )
    document = plain_document(samples.view(samples.everything(), gates=(own, other)))
    assert "(of-a-test)" in document
    assert "(shop:tills)" not in document


def test_text_from_elsewhere_adds_no_markup() -> None:
    hostile = GateResult(name="mine", outcome="fail", reason=_HOSTILE, title="Mine", suite=None)
    document = plain_document(samples.view(samples.everything(), gates=(hostile,)))
    (row,) = [line for line in document.splitlines() if "(mine)" in line]
    assert row == r"| Mine (mine) | FAIL | a\|b ## Owned &lt;script>alert(1)&lt;/script> \`code\` |"
