"""What speaks for and against a line is noted only if it is so."""

from pytest_examday.core.findings import Findings


def test_a_failure_is_noted_where_something_is_wrong() -> None:
    findings = Findings()
    findings.fail("wrong")
    findings.fail_if(False, "right")
    assert findings.failures == ["wrong"]


def test_a_doubt_is_noted_where_something_was_not_measured() -> None:
    findings = Findings()
    findings.doubt("unknown")
    findings.doubt_if(False, "known")
    assert findings.doubts == ["unknown"]


def test_a_fact_is_noted_in_any_case() -> None:
    findings = Findings()
    findings.fail("2 of 10 are wrong")
    findings.add_fact("8 of 10 are right")
    assert findings.facts == ["8 of 10 are right"]


def test_two_findings_share_nothing() -> None:
    Findings().add_fact("a fact")
    assert Findings().facts == []
