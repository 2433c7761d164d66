"""`pytest --env local`: the whole rehearsal on the embedded platform, as the README's command runs it."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.__main__ import main
from pytest_examday.suites.exam.suite import SUITE
from tests.limits import thresholds
from tests.platform.platform_harness import processes_of
from tests.rehearsal.conftest import Started

EVIDENCE = {
    "preflight", "freeze", "load", "drill_redis_outage", "drill_worker_loss", "drill_postgres_crash",
    "integrity", "experience",
    "observability",
    "drill_backend_restart", "integrity_after",
}  # fmt: skip

SHARED = thresholds("local") + '[env.local.runtime]\nkind = "embedded"\nworkers = 4\n'
"""Other tests use the same cores at the same time: requests take longer, and hold a connection of the pool for longer.
The pools of four workers suffice for that."""


_WITHOUT_OTHER_EXTRAS = """
import sys

for name in ("selectolax", "playwright", "cryptography", "k6"):
    sys.modules[name] = None
"""
"""A `sitecustomize.py` for processes that find only what the extra `local` installs, as the README's command does."""


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """One whole rehearsal with the smoke profile as it is shipped, on an installation without further extras."""
    folder, lacking = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("lacking")
    (lacking / "sitecustomize.py").write_text(_WITHOUT_OTHER_EXTRAS)
    variables = {"PYTHONPATH": os.pathsep.join(filter(None, (str(lacking), os.environ.get("PYTHONPATH"))))}
    run = Started(folder, "--env", "local", "--junit-xml=junit.xml", config=SHARED, variables=variables)
    status = run.wait()
    assert status == 0, run.output.read_text()
    return run


def test_it_ends_in_go_with_nobody_harmed(rehearsal: Started) -> None:
    verdict = rehearsal.verdict
    assert verdict["schema"] == "examday/verdict/1"
    assert verdict["verdict"] == "GO"
    assert verdict["environment"] == "local"
    assert {gate["outcome"] for gate in verdict["gates"]} == {"pass"}
    assert [gate["name"] for gate in verdict["gates"]] == list(SUITE.gate_by_name)
    assert verdict["candidates"]["harmed"] == 0
    assert verdict["candidates"]["total"] == 80


def test_every_phase_has_its_tests(rehearsal: Started) -> None:
    phases = {check["phase"] for check in rehearsal.verdict["tests"]}
    assert phases == {1, 2, 3, 4, 5, 6, 7}
    assert {check["outcome"] for check in rehearsal.verdict["tests"]} == {"passed"}


def test_its_evidence_names_what_was_measured(rehearsal: Started) -> None:
    files = {path.stem: json.loads(path.read_text()) for path in (rehearsal.directory / "evidence").glob("*.json")}
    assert set(files) == EVIDENCE
    assert all(file["unmeasured"] is None for file in files.values())
    load = files["load"]["record"]
    assert load["writes"]["acknowledged"] > 400
    assert load["writes"]["acknowledged"] == load["writes"]["attempted"]
    assert files["integrity_after"]["record"]["reconciliation"]["kept"] > 800


def test_the_manifest_has_the_sum_of_every_file(rehearsal: Started) -> None:
    manifest: dict[str, Any] = json.loads((rehearsal.directory / "manifest.json").read_text())
    for name in ("report.html", "report.md", "verdict.json", "evidence/load.json", "ledger/load.ledger.jsonl"):
        sum_ = hashlib.sha256((rehearsal.directory / name).read_bytes()).hexdigest()
        assert manifest["sha256"][name] == sum_


def test_the_logs_of_the_platform_are_kept(rehearsal: Started) -> None:
    logs = rehearsal.directory / "logs"
    assert (logs / "worker-1.log").stat().st_size > 0
    assert (logs / "worker-2.log").stat().st_size > 0


def test_nothing_stays_behind(rehearsal: Started) -> None:
    assert not (rehearsal.directory / ".platform").exists()
    said = (rehearsal.directory / "logs" / "platform.log").read_text()
    (data,) = re.findall(r"password in (\S+)/platform\.json", said)
    assert not Path(data).exists()
    assert processes_of(Path(data)) == []


def test_progress_was_shown_while_it_ran(rehearsal: Started) -> None:
    output = rehearsal.output.read_text()
    for text in ("load: 40 candidates arrive", "fault in: Redis stopped", "fault out: worker killed", "VERDICT: GO"):
        assert text in output


def test_latest_points_to_it(rehearsal: Started) -> None:
    runs = rehearsal.folder / "rehearsals"
    assert (runs / "latest").is_symlink()
    assert rehearsal.directory.parent == runs.resolve()
    assert re.fullmatch(r"\d{8}T\d{6}Z-local", rehearsal.directory.name)


def test_it_is_verified(rehearsal: Started, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--env", "local", "--examday-profile", "smoke", "--examday-suite", "exam", "--max-age", "1h"]
    assert main(["verify", str(rehearsal.directory), *wanted]) == 0, capsys.readouterr().err


def test_its_evidence_tells_its_run(rehearsal: Started) -> None:
    told = json.loads((rehearsal.directory / "run.json").read_text())
    for path in (rehearsal.directory / "evidence").glob("*.json"):
        evidence = json.loads(path.read_text())
        assert {key: evidence[key] for key in ("run", "environment", "profile", "version")} == {
            key: told[key] for key in ("run", "environment", "profile", "version")
        }


def test_it_can_be_judged_again_from_its_evidence(rehearsal: Started, tmp_path: Path) -> None:
    run = Started(
        tmp_path, "--env", "local", "-m", "gates", "--examday-evidence", str(rehearsal.directory), config=SHARED
    )
    assert run.wait() == 0, run.output.read_text()
    assert run.verdict["verdict"] == "GO"
    assert run.verdict["judged_from"] == str(rehearsal.directory)
