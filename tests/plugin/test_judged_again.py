"""Evidence of an earlier run, judged again."""

import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.run.identity import identity_of
from tests.plugin.conftest import Rehearse
from tests.report.samples import seal


@pytest.mark.parametrize(
    ("environment", "profile"), [("prod", "full"), ("prod", "smoke"), ("local", "full")], ids=lambda name: name
)
def test_a_run_of_another_environment_or_profile_is_refused(
    rehearse: Rehearse, go_run: Path, environment: str, profile: str
) -> None:
    files = {"examday.toml": "[env.prod]\napi_url = 'http://127.0.0.1:9'\n"}
    chosen = ("--env", environment, "--examday-profile", profile, "--examday-evidence", str(go_run))
    run = rehearse("-m", "gates", *chosen, files=files, env=None)
    assert run.exit_status == 4, run.output
    assert (
        f"{go_run}: its run rehearsed environment local with profile smoke, and this run is to judge "
        f"environment {environment} with profile {profile}"
    ) in run.output
    assert not (run.folder / "rehearsals").exists()


def test_a_users_gate_that_reads_the_platform_judges_no_new_embedded_one(rehearse: Rehearse, go_run: Path) -> None:
    body = "def test_empty(db):\n    assert db.execute('SELECT 1 AS one').fetchone()['one'] == 1\n"
    gate = f"import pytest\n@pytest.mark.gate(name='database-answers')\n{body}"
    run = rehearse("-m", "gates", files={"test_mine.py": gate}, apart=True)
    assert (run.exit_status, run.verdict["verdict"]) == (1, "NO-GO")
    judged = {one["name"]: (one["outcome"], one["reason"]) for one in run.verdict["gates"]}
    outcome, reason = judged["database-answers"]
    assert outcome == "inconclusive"
    assert "an earlier run is judged, and its embedded platform has ended" in reason
    assert {outcome for name, (outcome, _) in judged.items() if name != "database-answers"} == {"pass"}


def test_harm_of_the_measured_run_is_no_go_whatever_the_limits_of_this_run(
    rehearse: Rehearse, go_run: Path, tmp_path: Path
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    path = earlier / "evidence" / "load.json"
    evidence = json.loads(path.read_text())
    actor = evidence["record"]["fates"][0]["actor"]
    harm = {"actor": actor, "harm": "waited-too-long", "story": "waited 31 s on answer", "activity": "load"}
    evidence["record"]["harmed"] = [harm]
    path.write_text(json.dumps(evidence))
    seal(earlier)
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert (run.exit_status, run.verdict["verdict"], run.verdict["candidates"]["harmed"]) == (1, "NO-GO", 1)
    assert "by the limits of the run that measured, 1 were harmed, and no gate of this run " in run.output


_LOST = "load the conftest.py or plugin that adds it"
_CONFTEST = """
from pytest_examday.public import Gate, Line, Suite
from pytest_examday.suites import PREFLIGHT_ACTIVITY

def judge(measured, findings):
    findings.add_fact("fine")

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
    findings.add_fact("fine")

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
    shutil.copy(before.directory / "expected.json", earlier)
    seal(earlier)
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
def test_what_was_judged_before_and_is_not_judged_again_is_no_go(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, files: dict[str, str], gate: str, reason: str
) -> None:
    earlier = _measured_with(rehearse, go_run, tmp_path, files)
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
    (earlier / "expected.json").write_text(json.dumps({"suites": suites}))
    seal(earlier)
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


def test_a_damaged_file_of_the_earlier_run_is_named_in_one_line(
    rehearse: Rehearse, go_run: Path, tmp_path: Path
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    (earlier / "expected.json").write_text('{"half": ')
    seal(earlier)
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.exit_status == 4
    assert f"{earlier / 'expected.json'} is damaged, so it is unknown what its run had to judge" in run.output
    assert "Traceback" not in run.output


def test_hidden_files_and_files_of_others_neither_break_nor_count(
    rehearse: Rehearse, go_run: Path, tmp_path: Path
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    suites = {"shop": {"gates": ["shop:tills"], "lines": {}}}
    (earlier / ".expected-9.json").write_text(json.dumps({"suites": suites}))
    (earlier / ".gates-9.json").write_text("no list")
    (earlier / "evidence" / ".drill_clock_skew.begun").write_text("1")
    (earlier / "evidence" / ".drill_clock_skew.json").write_text("{}")
    (earlier / "notes.txt").write_text("of a person")
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.exit_status == 0, run.output


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_that_was_altered_is_refused_in_one_line(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, workers: str
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    path = earlier / "evidence" / "load.json"
    path.write_text(path.read_text().replace('"simultaneous_submits": 8', '"simultaneous_submits": 9'))
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}", "-n", workers)
    assert run.exit_status == 4, run.output
    assert f"{earlier}: not as its run left it: evidence/load.json was changed after the run" in run.output
    assert not (run.folder / "rehearsals").exists()


def test_the_verdict_holds_its_limits_and_the_hashes_of_what_it_was_judged_from(
    rehearse: Rehearse, go_run: Path
) -> None:
    run = rehearse("-m", "gates")
    sums = {
        str(path.relative_to(go_run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (go_run / "run.json", go_run / "expected.json", *(go_run / "evidence").glob("*.json"))
    }
    assert run.verdict["judged_sha256"] == sums
    assert run.verdict["limits"]["p95_ms"] == 500
    assert run.verdict["run"] == json.loads((run.directory / "run.json").read_text())["run"]


def test_a_verdict_on_earlier_evidence_names_the_earlier_run(
    rehearse: Rehearse, go_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = identity_of(go_run)
    run = rehearse("-m", "gates")
    again = f"judged again from the evidence of run {earlier.run} of {earlier.began:%Y-%m-%d %H:%M UTC}"
    assert f"  VERDICT: GO, on the embedded platform, {again}\n" in run.output
    assert datetime.fromisoformat(run.verdict["judged_again"].pop("began")) == earlier.began
    assert run.verdict["judged_again"]["run"] == earlier.run
    for report in ("report.md", "report.html"):
        assert again in (run.directory / report).read_text()
    assert main(["verify", str(run.directory)]) == 0
    assert again in capsys.readouterr().out


@pytest.mark.parametrize("by", ["variable", "ini"])
def test_evidence_that_nobody_typed_is_refused(
    rehearse: Rehearse, go_run: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    option = f"--examday-evidence={go_run}"
    files = {} if by == "variable" else {"pytest.ini": f"[pytest]\naddopts = {option}\n"}
    if by == "variable":
        monkeypatch.setenv("PYTEST_ADDOPTS", option)
    run = rehearse("--env", "local", "-m", "gates", env=None, files=files)
    assert run.exit_status == 4, run.output
    assert f"--examday-evidence {go_run} was not typed: an ini file or PYTEST_ADDOPTS adds it" in run.output
    assert not (run.folder / "rehearsals").exists()


def test_a_run_that_only_judges_leaves_the_link_to_the_run_that_measured(rehearse: Rehearse) -> None:
    run = rehearse("-m", "gates")
    assert run.exit_status == 0, run.output
    assert not (run.folder / "rehearsals" / "latest").exists()


def test_a_run_that_only_judged_cannot_be_judged_and_names_the_one_that_can(rehearse: Rehearse, go_run: Path) -> None:
    before = rehearse("-m", "gates")
    run = rehearse("-m", "gates", f"--examday-evidence={before.directory}")
    assert run.exit_status == 4
    assert f"that run only judged; name the run that measured: {go_run}" in run.output


def test_a_verdict_of_a_judging_run_is_verified_by_the_files_of_the_measured_run(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert main(["verify", str(run.directory), "--env", "local", "--examday-profile", "smoke"]) == 0
    assert main(["verify", str(run.directory), "--max-age", "1h"]) == 1, "judging again makes no evidence younger"
    path = earlier / "evidence" / "load.json"
    path.write_text(path.read_text() + " ")
    changed = "evidence/load.json was changed after the run"
    capsys.readouterr()
    assert main(["verify", str(run.directory)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(f"{run.directory}: ")[2] for line in said] == [
        f"{earlier}: {changed}",
        f"{changed}, by verdict.json",
    ]
    shutil.rmtree(earlier)
    assert main(["verify", str(run.directory)]) == 1
    assert f"it was judged from {earlier}, which is not there" in capsys.readouterr().err
