"""The tutorial, as it is written: the whole rehearsal on the embedded platform, a NO-GO, and one phase."""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.__main__ import main
from pytest_examday.suites.exam.suite import SUITE
from tests.patient_thresholds import thresholds
from tests.platform.platform_harness import processes_of
from tests.rehearsal.conftest import Started
from tests.rehearsal.reader import Done, Reader, blocks, not_printed

EVIDENCE = {
    "preflight", "freeze", "load", "drill_redis_outage", "drill_worker_loss", "drill_postgres_crash",
    "integrity", "experience",
    "observability",
    "drill_backend_restart", "integrity_after",
}  # fmt: skip

SHARED = thresholds("local") + '[env.local.runtime]\nkind = "embedded"\nworkers = 4\n'
"""Other tests use the same cores at the same time: requests take longer, and hold a connection of the pool for longer.
The pools of four workers suffice for that."""


@dataclass(frozen=True)
class First:
    """The rehearsal that the tutorial begins with: its folder, its run directory, and what it printed."""

    folder: Path
    directory: Path
    output: str

    @property
    def verdict(self) -> dict[str, Any]:
        """`verdict.json`."""
        loaded: dict[str, Any] = json.loads((self.directory / "verdict.json").read_text())
        return loaded


@pytest.fixture(scope="module")
def reader(checkout: Path) -> Iterator[Reader]:
    """The reader of the tutorial, in an empty folder.

    It lies outside pytest's folders. Every start of pytest closes those to the user that PostgreSQL runs as, and the
    reader's virtual environment has PostgreSQL's files.
    """
    with tempfile.TemporaryDirectory(prefix="examday-tutorial-") as folder:
        wheels, empty = Path(folder, "wheels"), Path(folder, "empty")
        building = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(wheels), str(checkout)]
        subprocess.run(building, check=True, capture_output=True, timeout=300)
        empty.mkdir()
        yield Reader(empty, wheels)


@pytest.fixture(scope="module")
def rehearsal(reader: Reader) -> First:
    """One whole rehearsal with the smoke profile as it is shipped, by the first block of the tutorial."""
    reader.write("examday.toml", SHARED)
    (_, first), *_ = blocks()
    done = reader.run(first)
    assert done.status == 0, done.output
    return First(reader.folder, (reader.folder / "rehearsals" / "latest").resolve(), done.output)


def test_it_ends_in_go_with_nobody_harmed(rehearsal: First) -> None:
    verdict = rehearsal.verdict
    assert verdict["schema"] == "examday/verdict/1"
    assert verdict["verdict"] == "GO"
    assert verdict["environment"] == "local"
    assert {gate["outcome"] for gate in verdict["gates"]} == {"pass"}
    assert [gate["name"] for gate in verdict["gates"]] == list(SUITE.gate_by_name)
    assert verdict["candidates"]["harmed"] == 0
    assert verdict["candidates"]["total"] == 80


def test_every_phase_has_its_tests(rehearsal: First) -> None:
    phases = {check["phase"] for check in rehearsal.verdict["tests"]}
    assert phases == {1, 2, 3, 4, 5, 6, 7}
    assert {check["outcome"] for check in rehearsal.verdict["tests"]} == {"passed"}


def test_its_evidence_names_what_was_measured(rehearsal: First) -> None:
    files = {path.stem: json.loads(path.read_text()) for path in (rehearsal.directory / "evidence").glob("*.json")}
    assert set(files) == EVIDENCE
    assert all(file["unmeasured"] is None for file in files.values())
    load = files["load"]["record"]
    assert load["writes"]["acknowledged"] > 400
    assert load["writes"]["acknowledged"] == load["writes"]["attempted"]
    assert files["integrity_after"]["record"]["reconciliation"]["kept"] > 800


def test_the_manifest_has_the_sum_of_every_file(rehearsal: First) -> None:
    manifest: dict[str, Any] = json.loads((rehearsal.directory / "manifest.json").read_text())
    for name in ("report.html", "report.md", "verdict.json", "evidence/load.json", "ledger/load.ledger.jsonl"):
        sum_ = hashlib.sha256((rehearsal.directory / name).read_bytes()).hexdigest()
        assert manifest["sha256"][name] == sum_


def test_the_logs_of_the_platform_are_kept(rehearsal: First) -> None:
    logs = rehearsal.directory / "logs"
    assert (logs / "worker-1.log").stat().st_size > 0
    assert (logs / "worker-2.log").stat().st_size > 0


def test_nothing_stays_behind(rehearsal: First) -> None:
    assert not (rehearsal.directory / ".platform").exists()
    said = (rehearsal.directory / "logs" / "platform.log").read_text()
    (data,) = re.findall(r"password in (\S+)/platform\.json", said)
    assert not Path(data).exists()
    assert processes_of(Path(data)) == []


def test_progress_was_shown_while_it_ran(rehearsal: First) -> None:
    output = rehearsal.output
    for text in ("load: 40 candidates arrive", "fault in: Redis stopped", "fault out: worker killed", "VERDICT: GO"):
        assert text in output


def test_latest_points_to_it(rehearsal: First) -> None:
    runs = rehearsal.folder / "rehearsals"
    assert (runs / "latest").is_symlink()
    assert rehearsal.directory.parent == runs.resolve()
    assert re.fullmatch(r"\d{8}T\d{6}Z-local", rehearsal.directory.name)


def test_it_is_verified(rehearsal: First, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--env", "local", "--examday-profile", "smoke", "--examday-suite", "exam", "--max-age", "1h"]
    assert main(["verify", str(rehearsal.directory), *wanted]) == 0, capsys.readouterr().err


def test_its_evidence_tells_its_run(rehearsal: First) -> None:
    told = json.loads((rehearsal.directory / "run.json").read_text())
    for path in (rehearsal.directory / "evidence").glob("*.json"):
        evidence = json.loads(path.read_text())
        assert {key: evidence[key] for key in ("run", "environment", "profile", "version")} == {
            key: told[key] for key in ("run", "environment", "profile", "version")
        }


def test_it_can_be_judged_again_from_its_evidence(rehearsal: First, tmp_path: Path) -> None:
    run = Started(
        tmp_path, "--env", "local", "-m", "gates", "--examday-evidence", str(rehearsal.directory), config=SHARED
    )
    assert run.wait() == 0, run.output.read_text()
    assert run.verdict["verdict"] == "GO"
    assert run.verdict["judged_from"] == str(rehearsal.directory)


def test_the_tutorial_leads_to_what_it_shows(reader: Reader, rehearsal: First) -> None:
    """After its first block. Limits of time are wide, because other tests use the same processors."""
    assert [language for language, _ in blocks()] == ["sh", "", "sh", "sh", "toml", "sh", "", "sh", ""]
    _, go, platform, plant, configuration, gates, no_go, phase, no_verdict = (text for _, text in blocks())
    assert not_printed(go, rehearsal.output) == []

    with reader.running(platform):
        assert reader.run(plant) == Done(0, "")
        reader.write("examday.toml", configuration + thresholds("mine"))
        done = reader.run(gates)
    assert (done.status, not_printed(no_go, done.output)) == (1, []), done.output
    failed = re.findall(r"^  (?:FAIL|INCONCLUSIVE) (\S+)", done.output, re.MULTILINE)
    assert failed == ["zero-data-loss"], done.output
    assert "candidates: 80, harmed: 1\n" in done.output

    reader.write("examday.toml", thresholds("local"))
    done = reader.run(phase)
    assert (done.status, not_printed(no_verdict, done.output)) == (0, []), done.output
