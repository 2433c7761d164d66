"""Evidence of an earlier run, judged again."""

import json
import shutil
from pathlib import Path

import pytest

from tests.plugin.conftest import Rehearse


@pytest.mark.parametrize(("measured_on", "told"), [("prod", "prod"), ("local", None), (None, None)])
def test_evidence_of_another_environment_is_named_in_one_line(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, measured_on: str | None, told: str | None
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    for path in (earlier / "evidence").glob("*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "environment": measured_on}))
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.exit_status == 0, run.output
    assert (run.verdict["environment"], run.verdict["measured_environment"]) == ("local", told)
    assert ("evidence measured on prod" in run.output) is (told is not None)


def test_a_users_gate_that_reads_the_platform_judges_no_new_embedded_one(rehearse: Rehearse, go_run: Path) -> None:
    body = "def test_empty(db):\n    assert db.execute('SELECT 1 AS one').fetchone()['one'] == 1\n"
    gate = f"import pytest\n@pytest.mark.gate(name='database-answers')\n{body}"
    run = rehearse("-m", "gates", files={"test_mine.py": gate}, apart=True)
    assert (run.exit_status, run.verdict["verdict"]) == (1, "NO-GO")
    judged = {one["name"]: (one["outcome"], one["reason"]) for one in run.verdict["gates"]}
    outcome, reason = judged["database-answers"]
    assert outcome == "inconclusive"
    assert "an earlier run is judged, and its embedded platform is over" in reason
    assert {outcome for name, (outcome, _) in judged.items() if name != "database-answers"} == {"pass"}


def test_harm_of_the_run_that_measured_is_no_go_though_no_gate_fails_by_the_limits_of_this_run(
    rehearse: Rehearse, go_run: Path, tmp_path: Path
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    path = earlier / "evidence" / "load.json"
    evidence = json.loads(path.read_text())
    actor = evidence["record"]["fates"][0]["actor"]
    harm = {"actor": actor, "harm": "waited-too-long", "story": "waited 31 s on answer", "activity": "load"}
    evidence["record"]["harmed"] = [harm]
    path.write_text(json.dumps(evidence))
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert (run.exit_status, run.verdict["verdict"], run.verdict["candidates"]["harmed"]) == (1, "NO-GO", 1)
    assert "by the limits of the run that measured 1 were harmed, and no gate says so; first: " in run.output


_LOST = "load the conftest.py or plugin that adds it"
_CONFTEST = """
from pytest_examday.public import Gate, Line, Suite
from pytest_examday.suites import REACHING

def judge(measured, findings):
    findings.tell("fine")

def pytest_examday_gates(suite):
    return [Gate("doors-open", "Doors open", 1)] if suite == "exam" else []

def pytest_examday_lines(suite):
    if suite != "exam":
        return []
    own = Line("doors-are-open", "Doors are open", 1, ("preflight",), judge, ("doors-open",))
    return [own, Line("rooms-are-warm", "Rooms are warm", 1, ("preflight",), judge, ("error-rate",))]
"""
_TEST = "import pytest\n@pytest.mark.gate(name='certificates')\ndef test_certificates():\n    pass\n"
_SUITE = """
from pytest_examday.public import Activity, Gate, Line, Suite

def judge(measured, findings):
    findings.tell("fine")

def pytest_examday_suites():
    line = Line("till", "The till opens", 1, ("preflight",), judge, ("tills",))
    gates = (Gate("tills", "Tills", 1),)
    return [Suite("shop", "Shop", {1: "Opening"}, (), (line,), gates, "buyer", "the sale")]
"""


def _measured_with(rehearse: Rehearse, go_run: Path, tmp_path: Path, files: dict[str, str]) -> Path:
    """A run directory as it is left by a run that had these files; and the files are gone."""
    before = rehearse("-m", "gates", files=files)
    assert before.exit_status == 0, before.output
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    for path in (*before.directory.glob(".expected-*"), *before.directory.glob(".gates-*")):
        shutil.copy(path, earlier)
    shutil.copy(before.directory / "verdict.json", earlier)
    for name in files:
        (before.folder / name).unlink()
    return earlier


@pytest.mark.parametrize(
    ("files", "gate", "reason"),
    [
        (
            {"test_mine.py": _TEST},
            "certificates",
            "the earlier run had this gate in a test of the user's, which this run",
        ),
        (
            {"conftest.py": _CONFTEST},
            "doors-open",
            f"the earlier run had this gate in the suite exam, and this run has not: {_LOST}",
        ),
        (
            {"conftest.py": _CONFTEST},
            "error-rate",
            "the earlier run judged this gate by rooms-are-warm too, and this run has no",
        ),
    ],
    ids=["gate of a test", "gate of a hook", "line of a hook"],
)
@pytest.mark.parametrize("hidden", [True, False], ids=["all files kept", "hidden files lost"])
def test_what_was_judged_before_and_is_not_judged_again_is_no_go(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, files: dict[str, str], gate: str, reason: str, hidden: bool
) -> None:
    earlier = _measured_with(rehearse, go_run, tmp_path, files)
    for path in (earlier / "verdict.json",) if hidden else earlier.glob(".*"):
        path.unlink()
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.exit_status != 0
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate(gate)["outcome"] == "inconclusive"
    assert reason in run.gate(gate)["reason"]
    assert f"INCONCLUSIVE {gate} " in run.output


def test_a_rule_that_was_judged_before_is_not_excused_afterwards(
    rehearse: Rehearse, go_run: Path, tmp_path: Path
) -> None:
    earlier = _measured_with(rehearse, go_run, tmp_path, {})
    excusing = {"examday.toml": '[env.local]\nnot_promised = ["timer-behaves-correctly"]\n'}
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}", files=excusing)
    assert run.gate("exam-rules")["outcome"] == "inconclusive"
    assert run.gate("exam-rules")["reason"].endswith(
        "the earlier run judged this gate by timer-behaves-correctly too, and this run does not: "
        "env.local.not_promised names it"
    )


def test_a_suite_that_was_judged_before_is_missed(rehearse: Rehearse, go_run: Path, tmp_path: Path) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    suites = {"shop": {"gates": ["shop:tills"], "lines": {}}}
    (earlier / ".expected-1.json").write_text(json.dumps({"suites": suites}))
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.verdict["verdict"] == "NO-GO"
    assert run.gate("shop:tills")["reason"] == (
        f"the earlier run had the suite shop with this gate, and this run has not: {_LOST}"
    )
    assert "shop:tills" in (run.directory / "report.md").read_text()


def test_with_all_that_it_was_judged_with_it_is_go_again(rehearse: Rehearse, go_run: Path, tmp_path: Path) -> None:
    files = {"test_mine.py": _TEST, "conftest.py": _CONFTEST}
    earlier = _measured_with(rehearse, go_run, tmp_path, files)
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}", files=files)
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize("name", [".expected-1.json", "verdict.json"])
def test_a_damaged_file_of_the_earlier_run_is_named_in_one_line(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, name: str
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    (earlier / name).write_text('{"half": ')
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.exit_status == 4
    assert f"{earlier / name} is damaged, so it is unknown what its run had to judge" in run.output
    assert "Traceback" not in run.output


def test_a_run_that_only_judges_leaves_the_link_to_the_run_that_measured(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates")
    assert run.exit_status == 0, run.output
    assert not (run.folder / "rehearsals" / "latest").exists()


def test_a_run_that_only_judged_cannot_be_judged_and_names_the_one_that_can(rehearse: Rehearse, go_run: Path) -> None:
    before = rehearse("-m", "gates")
    run = rehearse("-m", "gates", f"--examday-evidence={before.directory}")
    assert run.exit_status == 4
    assert f"that run only judged; name the run that measured: {go_run}" in run.output
