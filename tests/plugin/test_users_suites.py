"""A plugin or conftest.py of the user's adds suites, activities, gates and lines through the hooks."""

import json

import pytest

from tests.plugin.conftest import Rehearse

PAYMENTS = """
from pytest_examday.public import Activity, Findings, Gate, Line, Measured, Record, Suite, Unmeasurable

class Terminals(Record):
    reached: int

def gather(target):
    if {reached} < 0:
        raise Unmeasurable("the terminals do not answer")
    return Terminals(reached={reached})

def enough(measured: Measured, findings: Findings) -> None:
    reached = measured.record("terminals", Terminals).reached
    findings.fail_if(reached < 3, f"{{reached}} of 3 terminals reached")
    findings.add_fact(f"{{reached}} of 3 terminals reached")

TERMINALS = Activity("terminals", 1, Terminals, gather, "read", "payment terminals called once", runs_after=())
ENOUGH = Line("terminals-reached", "Every terminal is reached", 1, ("terminals",), enough, ("terminals-ready",))
READY = Gate("terminals-ready", "Terminals are ready", 1, hard=True)
"""
OWN_SUITE = (
    PAYMENTS
    + """
def pytest_examday_suites():
    phases = {{1: "Terminals"}}
    return [Suite("payments", "Payments", phases, (TERMINALS,), (ENOUGH,), (READY,), "customer", "the sale")]
"""
)
ADDED_TO_THE_EXAM = (
    PAYMENTS
    + """
def pytest_examday_activities(suite):
    return [TERMINALS] if suite == "exam" else []

def pytest_examday_lines(suite):
    return [ENOUGH] if suite == "exam" else []

def pytest_examday_gates(suite):
    return [READY] if suite == "exam" else []
"""
)
LIVE = {"examday.toml": '[env.shop]\napi_url = "http://127.0.0.1:9"\n'}
ALONE = ("--env", "shop", "--examday-suite", "payments")


def files(conftest: str, reached: int = 3) -> dict[str, str]:
    return {**LIVE, "conftest.py": conftest.format(reached=reached)}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_suite_of_the_users_is_rehearsed_alone(rehearse: Rehearse, workers: str) -> None:
    run = rehearse(*ALONE, "-n", workers, files=files(OWN_SUITE), env=None)
    assert run.exit_status == 0, run.output
    verdict = run.verdict
    assert (verdict["verdict"], verdict["suites"]) == ("GO", ["payments"])
    assert [gate["name"] for gate in verdict["gates"]] == ["payments:terminals-ready"]
    assert verdict["left_out"] == dict.fromkeys(("exam", "staging"), "not asked for by --examday-suite payments")
    assert [line["key"] for line in verdict["lines"]] == ["terminals-reached"]
    evidence = json.loads((run.folder / "rehearsals/latest/evidence/terminals.json").read_text())
    assert evidence["record"] == {"reached": 3}


@pytest.mark.parametrize(
    ("reached", "outcome", "reason"),
    [
        (2, "fail", "2 of 3 terminals reached"),
        (-1, "inconclusive", "terminals was not measured: the terminals do not answer"),
    ],
)
def test_its_lines_and_gates_are_judged_like_the_built_in_ones(
    rehearse: Rehearse, reached: int, outcome: str, reason: str
) -> None:
    run = rehearse(*ALONE, files=files(OWN_SUITE, reached), env=None)
    assert run.exit_status == 1, run.output
    assert run.verdict["verdict"] == "NO-GO"
    (gate,) = run.verdict["gates"]
    assert (gate["outcome"], gate["reason"]) == (outcome, reason)
    (line,) = run.verdict["lines"]
    assert (line["outcome"], line["reason"]) == (outcome, reason)


@pytest.mark.parametrize(
    ("reached", "status", "state", "reason"),
    [
        (3, "GO", "PASS", "3 of 3 terminals reached"),
        (2, "NO-GO", "FAIL", "2 of 3 terminals reached"),
        (-1, "NO-GO", "INCONCLUSIVE", "terminals was not measured: the terminals do not answer"),
    ],
)
def test_without_a_document_of_its_own_it_gets_a_plain_one(
    rehearse: Rehearse, reached: int, status: str, state: str, reason: str
) -> None:
    run = rehearse(*ALONE, files=files(OWN_SUITE, reached), env=None)
    report = (run.directory / "report.md").read_text()
    assert report.startswith("# Payments\n")
    assert f"**Status**: {status}\n" in report
    assert f"| Terminals are ready (payments:terminals-ready) | {state} | {reason} |" in report
    assert "- Phase 1: Terminals" in report
    assert f"| 1 | Every terminal is reached (terminals-reached) | {state} | {reason} | terminals-ready |" in report


def test_without_any_gate_the_verdict_says_why_it_is_no_go(rehearse: Rehearse) -> None:
    no_gates = OWN_SUITE.replace(', ("terminals-ready",))', ")").replace("(READY,)", "()")
    run = rehearse(*ALONE, files=files(no_gates), env=None)
    why = "there is no gate that could pass: suite payments has none, and no test of yours has the mark gate"
    assert run.exit_status == 1, run.output
    assert (run.verdict["verdict"], run.verdict["obstacles"]) == ("NO-GO", [why])
    assert f"  because {why}" in run.output
    report = (run.folder / "rehearsals/latest/report.md").read_text()
    assert f"T{why[1:]}, so the sale must not go ahead" in report


def test_where_nobody_takes_part_the_board_tells_no_number_of_harmed(rehearse: Rehearse) -> None:
    run = rehearse(*ALONE, files=files(OWN_SUITE), env=None)
    assert "VERDICT: GO" in run.output
    assert "harmed:" not in run.output


def test_evidence_of_an_earlier_run_chooses_the_suites_that_it_was_of(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates", files=files(OWN_SUITE))
    assert run.exit_status == 0, run.output
    assert run.verdict["suites"] == ["exam"]
    assert run.verdict["left_out"] == dict.fromkeys(("staging", "payments"), "the earlier run holds no evidence of it")


def test_its_marks_select_its_gates_alone(rehearse: Rehearse) -> None:
    run = rehearse("--env", "shop", "-m", "gates and payments", files=files(OWN_SUITE), env=None)
    assert run.exit_status == 0, run.output
    assert [gate["name"] for gate in run.verdict["gates"]] == ["payments:terminals-ready"]
    assert "its gates were not asked for" in run.verdict["left_out"]["exam"]
    assert "Suite exam was left out" in run.output


def test_its_evidence_is_a_fixture(rehearse: Rehearse) -> None:
    mine = "def test_mine(terminals_evidence):\n    assert terminals_evidence.reached == 3\n"
    run = rehearse(*ALONE, files={**files(OWN_SUITE), "test_mine.py": mine}, env=None)
    assert run.exit_status == 0, run.output


def test_lines_gates_and_activities_are_added_to_the_exam(rehearse: Rehearse) -> None:
    """The evidence that is judged again has none of the added activity, which makes its gate inconclusive and no
    other."""
    run = rehearse(files={"conftest.py": ADDED_TO_THE_EXAM.format(reached=3)})
    assert run.exit_status == 1, run.output
    assert {gate["name"]: gate["outcome"] for gate in run.verdict["gates"] if gate["outcome"] != "pass"} == {
        "terminals-ready": "inconclusive"
    }
    assert "examday::exam::phase1::test_terminals_reached" in run.output


@pytest.mark.parametrize(
    ("conftest", "complaint"),
    [
        (OWN_SUITE.replace('"payments"', '"exam"'), "two suites are called exam"),
        (
            OWN_SUITE.replace('("terminals",), enough', '("tills",), enough'),
            "no activity 'tills'; there are: terminals",
        ),
        (
            OWN_SUITE.replace('("terminals-ready",)', '("till-ready",)'),
            "no gate 'till-ready'; there are: terminals-ready",
        ),
        (OWN_SUITE.replace('is reached", 1,', 'is reached", 4,'), "there is no phase 4"),
        (ADDED_TO_THE_EXAM.replace('"terminals-ready"', '"error-rate"'), "two gates are called error-rate"),
        (
            OWN_SUITE.replace('"terminals", 1', '"load", 1').replace('("terminals",)', '("load",)'),
            "both have an activity load",
        ),
    ],
)
def test_a_contradiction_is_one_line(rehearse: Rehearse, conftest: str, complaint: str) -> None:
    run = rehearse("--env", "shop", files=files(conftest), env=None)
    assert run.exit_status == 4, run.output
    assert complaint in run.output
    assert "Traceback" not in run.output


def test_an_unknown_hook_is_one_line_with_the_valid_names(rehearse: Rehearse) -> None:
    run = rehearse(files={"conftest.py": "def pytest_examday_line(suite):\n    return []\n"})
    assert run.exit_status == 4, run.output
    assert "conftest.py: there is no hook pytest_examday_line; valid: pytest_examday_activities, " in run.output
    assert "Traceback" not in run.output
    assert "INTERNALERROR" not in run.output


def test_a_contradiction_in_a_built_in_suite_is_one_line(rehearse: Rehearse) -> None:
    broken = "import pytest_examday.suites.exam.gates as gates\ngates.GATES = (*gates.GATES, gates.GATES[0])\n"
    run = rehearse("-p", "broken_gates", files={"broken_gates.py": broken}, fresh=True)
    assert run.exit_status == 4, run.output
    assert "suite exam: two gates are called " in run.output
    assert "INTERNALERROR" not in run.output


def test_an_unknown_suite_is_one_line_with_the_valid_names(rehearse: Rehearse) -> None:
    run = rehearse("--examday-suite", "exam,stagging")
    assert run.exit_status == 4
    assert "--examday-suite exam,stagging: no suite 'stagging'; valid: exam" in run.output


def test_an_environment_without_an_address_has_no_suite(rehearse: Rehearse) -> None:
    run = rehearse("--env", "empty", files={"examday.toml": "[env.empty]\n"}, env=None)
    assert run.exit_status == 4
    complaint = "no suite can be rehearsed: suite exam: env.empty.api_url is not set, nor is the variable API_URL"
    assert complaint in run.output


def test_a_gate_of_the_users_that_no_line_belongs_to_is_refused(rehearse: Rehearse) -> None:
    conftest = (
        "from pytest_examday.public import Gate\n"
        "def pytest_examday_gates(suite):\n    return [Gate('quiet', 'Quiet', 1)]\n"
    )
    run = rehearse(files={"conftest.py": conftest})
    assert run.exit_status == 4
    assert "no line belongs to the gate quiet" in run.output


WITH_A_TABLE = """
from pydantic import SecretStr
from pytest_examday.public import Activity, Gate, Line, Record, Suite, Unmeasurable, WordsOfTable

class Shop(Record):
    tills: int = 3
    code: SecretStr | None = None

class Tills(Record):
    reached: int
    note: str

def gather(target):
    shop = target.environment.table_of("shop", Shop)
    return Tills(reached=shop.tills, note=f"entered with {{shop.code.get_secret_value()}}")

def reach(target):
    {reach}
    return Tills(reached=0, note="reached")

def enough(measured, findings):
    found = measured.record("tills", Tills)
    findings.fail_if(found.reached < 3, f"{{found.reached}} tills, {{found.note}}")
    findings.add_fact(f"{{found.reached}} tills, {{found.note}}")

def words(shop):
    return f"All {{3 if shop is None else shop.tills}} tills are open"

def asked(environment):
    return "it is rehearsed only if it is asked for" if environment.name == "quiet" else None

PREFLIGHT = Activity("shop_preflight", 0, Tills, reach, "read", "the shop", runs_after=(), reaches=True)
ACTIVITY = Activity("tills", 1, Tills, gather, "read", "tills", runs_after=("shop_preflight",))
LINE = Line("tills-open", WordsOfTable(words), 1, ("tills",), enough, ("ready",))
GATE = Gate("ready", "Ready", 1)

def pytest_examday_suites():
    return [
        Suite(
            "shop", "Shop", {{1: "Tills", 2: "Doors"}}, (PREFLIGHT, ACTIVITY), (LINE,), (GATE,), "customer", "the sale",
            settings=Shop, phase_marks={{1: "tills", 2: {mark!r}}}, only_if_asked_for=asked,
        )
    ]
"""
OWN_TABLE = "[env.{name}.shop]\ntills = {tills}\ncode = '${{TILL_CODE}}'\n"
CODE = "Gv-marble-8812"


def of_shop(name: str = "corner", tills: int = 3, more: str = "", **parts: object) -> dict[str, str]:
    conftest = WITH_A_TABLE.format(**{"reach": "pass", "mark": "doors"} | parts)
    return {"examday.toml": OWN_TABLE.format(name=name, tills=tills) + more, "conftest.py": conftest}


def test_a_suite_reads_its_own_table_and_writes_its_limits(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has no exam and no address of one."""
    monkeypatch.setenv("TILL_CODE", CODE)
    run = rehearse("--env", "corner", "-v", files=of_shop(tills=4), env=None)
    assert run.exit_status == 0, run.output
    (line,) = run.verdict["lines"]
    assert (line["words"], line["reason"]) == ("All 4 tills are open", "4 tills, entered with [hidden]")
    assert run.verdict["left_out"] == {
        "exam": "env.corner.api_url is not set, nor is the variable API_URL",
        "staging": "the table [env.corner.staging] is missing",
    }
    written = [path for path in run.directory.rglob("*") if path.is_file()]
    assert not [path for path in written if CODE in path.read_text(errors="replace")]
    assert CODE not in run.output
    assert not (run.directory / "evidence/preflight.json").exists()


def test_a_mistake_in_its_table_is_one_line(rehearse: Rehearse) -> None:
    run = rehearse("--env", "corner", files=of_shop(more="tils = 3\n"), env=None)
    assert run.exit_status == 4, run.output
    assert "examday.toml: env.corner.shop.code: the environment variable TILL_CODE is not set" in run.output
    assert "examday.toml: env.corner.shop.tils: unknown key; did you mean tills? valid keys: tills, code" in run.output


def test_where_its_system_is_not_reached_the_reason_is_told_once(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILL_CODE", CODE)
    run = rehearse("--env", "corner", files=of_shop(reach="raise Unmeasurable('the shop is closed')"), env=None)
    assert run.exit_status == 1, run.output
    assert "The preflight of suite shop failed: the shop is closed" in run.output
    (gate,) = run.verdict["gates"]
    assert gate["reason"] == "tills was not measured: its shop_preflight failed"


def test_a_mark_of_a_phase_selects_its_lines(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILL_CODE", CODE)
    lines = rehearse("--env", "corner", "-m", "tills", "--strict-markers", files=of_shop(), env=None)
    assert lines.exit_status == 0, lines.output
    assert "1 passed, 1 deselected" in lines.output
    assert "no verdict: the gates were not part of this run" in lines.output


@pytest.mark.parametrize("marks", ["doors", "gates and tills"])
def test_marks_that_select_nothing_pass_nothing(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, marks: str
) -> None:
    monkeypatch.setenv("TILL_CODE", CODE)
    none = rehearse("--env", "corner", "-m", marks, "--strict-markers", files=of_shop(), env=None)
    assert none.exit_status == pytest.ExitCode.NO_TESTS_COLLECTED, none.output
    assert "2 deselected" in none.output


def test_a_suite_that_wants_to_be_asked_for_runs_only_if_it_is(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILL_CODE", CODE)
    unasked = rehearse("--env", "quiet", files=of_shop("quiet"), env=None)
    assert unasked.exit_status == 4
    assert "suite shop: it is rehearsed only if it is asked for" in unasked.output
    asked = rehearse("--env", "quiet", "--examday-suite", "shop", files=of_shop("quiet"), env=None)
    assert asked.exit_status == 0, asked.output


@pytest.mark.parametrize(
    ("mark", "complaint"),
    [
        ("gates", "suite shop, mark 'gates' of phase 2: this mark has a meaning already"),
        ("tills", "suite shop, mark 'tills' of phase 2: this mark has a meaning already"),
        (
            "two words",
            "suite shop, mark 'two words' of phase 2: write lower-case letters, digits and _ alone",
        ),
        (7, "suite shop, mark 7 of phase 2: write lower-case letters, digits and _ alone"),
    ],
)
def test_a_mark_of_a_phase_that_clashes_is_one_line(rehearse: Rehearse, mark: object, complaint: str) -> None:
    run = rehearse("--env", "corner", files=of_shop(mark=mark), env=None)
    assert run.exit_status == 4, run.output
    assert complaint in run.output
    assert "Traceback" not in run.output


def test_two_suites_of_a_run_with_one_mark_are_refused(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILL_CODE", CODE)
    made = of_shop(mark="exam")
    both = {
        **made,
        "examday.toml": made["examday.toml"].replace("[env", '[env.corner]\napi_url = "http://x.example"\n[env', 1),
    }
    run = rehearse("--env", "corner", files=both, env=None)
    assert run.exit_status == 4, run.output
    assert "suites exam and shop: both have the mark exam; rehearse one of them by --examday-suite" in run.output


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("settings=Shop", "settings=3"), "suite shop: settings is 3; write a subclass of Record"),
        (
            ('"shop", "Shop"', '"lacks", "Shop"'),
            "suite lacks: settings: [env.NAME.lacks] is a key of every environment; call the suite something else",
        ),
        (
            ('Activity("shop_preflight"', 'Activity("reach_it"'),
            "activity reach_it: `reaches` is true, so it is the preflight of the suite; call it shop_preflight",
        ),
        (('{{1: "tills"'.replace("{{", "{"), '{3: "tills"'), "mark 'tills' of phase 3: there is no phase 3"),
    ],
)
def test_a_contradiction_of_a_suite_with_a_table_is_one_line(
    rehearse: Rehearse, change: tuple[str, str], complaint: str
) -> None:
    made = of_shop()
    conftest = made["conftest.py"].replace(*change)
    assert conftest != made["conftest.py"]
    run = rehearse("--env", "corner", files={**made, "conftest.py": conftest}, env=None)
    assert run.exit_status == 4, run.output
    assert complaint in run.output
    assert "Traceback" not in run.output
