"""Whatever is changed in the files of a run, judging it again is refused or INCONCLUSIVE, and never GO.

`sealed`: the manifest was written again afterwards, so that it fits; then what contradicts itself is still found.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.measured import Measured
from pytest_examday.core.verdict import decide
from pytest_examday.errors import UsageProblem
from pytest_examday.run.redaction import Redactor
from pytest_examday.session.earlier_run import EvidenceOfEarlierRun, refuse_altered_run
from pytest_examday.suites.exam.suite import SUITE
from tests.report import samples

Alter = Callable[[Path], object]
_KNOWN = {activity.name: activity for activity in SUITE.activities}


@dataclass(frozen=True)
class Judged:
    """What judging a run again came to: the reason for which it was refused, or the verdict and the reasons of its
    gates."""

    refused: str | None
    verdict: str | None = None
    reasons: str = ""


def judged_again(run: Path, environment: str = "local", profile: str = "smoke") -> Judged:
    """Judge a run directory as a run with `--examday-evidence` does, but for pytest."""
    chosen = Environment.model_validate({"name": environment, "api_url": "http://127.0.0.1:9"})
    chosen = chosen.model_copy(update={"profile": chosen.profile.model_copy(update={"name": profile})})
    try:
        refuse_altered_run(run, chosen)
        store = EvidenceOfEarlierRun(run, Redactor(), _KNOWN)
    except UsageProblem as problem:
        return Judged(str(problem))
    drills = tuple(drill.activity for drill in SUITE.drills if store.has(drill.activity) or drill.always)
    measured = Measured(lambda name: store.read(name, _KNOWN[name].record_type), Thresholds(), drills)
    activities = {name: one for name, one in _KNOWN.items() if store.has(name) or name not in _OPTIONAL}
    results = [line.result(measured) for line in SUITE.lines_in(activities)]
    gates = [SUITE.gate_result(gate, results, measured) for gate in SUITE.gates]
    open_gates = [gate for gate in gates if gate.outcome != "pass"]
    assert {gate.outcome for gate in open_gates} <= {"inconclusive"}, "an altered file accuses no platform"
    return Judged(None, decide(gates), "; ".join(gate.reason for gate in open_gates))


_OPTIONAL = {drill.activity for drill in SUITE.drills if not drill.always}


def _record(name: str, path: str, value: object) -> Alter:
    """Set one value in an evidence file; `path` begins at the file."""

    def alter(run: Path) -> None:
        file = run / "evidence" / f"{name}.json"
        told: dict[str, Any] = json.loads(file.read_text())
        place: Any = told
        *way, last = path.split(".")
        for part in way:
            place = place[int(part) if part.isdigit() else part]
        if value is _GONE:
            del place[last]
        else:
            place[last] = value
        file.write_text(json.dumps(told))

    return alter


def _reconciled(**values: int) -> Alter:
    def alter(run: Path) -> None:
        for name, value in values.items():
            _record("integrity", f"record.reconciliation.{name}", value)(run)

    return alter


def _move(run: Path, source: str, target: str) -> None:
    (run / "evidence" / source).replace(run / "evidence" / target)


def _from_another_run(*names: str, environment: str = "local", profile: str = "smoke", run_id: str = "other") -> Alter:
    """Put files of another run into the place of this one's."""

    def alter(run: Path) -> None:
        other = samples.write_run(run.parent / "other", environment=environment, profile=profile, run_id=run_id)
        for name in names:
            shutil.copy(other / name, run / name)

    return alter


def _write(name: str, text: str) -> Alter:
    return lambda run: (run / name).write_text(text)


def _unlink(name: str) -> Alter:
    return lambda run: (run / name).unlink()


def _folder(name: str) -> Alter:
    def alter(run: Path) -> None:
        (run / name).unlink()
        (run / name).mkdir()

    return alter


def _fifo(name: str) -> Alter:
    def alter(run: Path) -> None:
        (run / name).unlink()
        os.mkfifo(run / name)

    return alter


def _listed(name: str, sum_: str) -> Alter:
    """Add an entry to the manifest."""

    def alter(run: Path) -> None:
        told = json.loads((run / "manifest.json").read_text())
        told["sha256"][name] = sum_
        (run / "manifest.json").write_text(json.dumps(told))

    return alter


_GONE = object()
_CHANGED = "was changed after the run"

REFUSED: dict[str, tuple[Alter, str]] = {
    "lost 7 to 0": (_reconciled(lost=0, kept=400), f"evidence/integrity.json {_CHANGED}"),
    "one blank more": (lambda run: _append(run / "evidence/load.json"), f"evidence/load.json {_CHANGED}"),
    "load of another run": (_from_another_run("evidence/load.json"), f"evidence/load.json {_CHANGED}"),
    "load and manifest of another run": (
        _from_another_run("evidence/load.json", "manifest.json"),
        f"evidence/drill_worker_loss.json {_CHANGED}",
    ),
    "manifest of another run": (_from_another_run("manifest.json"), f"evidence/drill_worker_loss.json {_CHANGED}"),
    "another identity": (_from_another_run("run.json", run_id="third"), f"run.json {_CHANGED}"),
    "evidence missing": (_unlink("evidence/load.json"), "evidence/load.json is missing"),
    "evidence added": (
        lambda run: shutil.copy(run / "evidence/drill_backend_restart.json", run / "evidence/drill_disk_full.json"),
        "evidence/drill_disk_full.json is not listed in manifest.json",
    ),
    "evidence renamed": (
        lambda run: _move(run, "drill_backend_restart.json", "drill_x.json"),
        "evidence/drill_x.json is not listed in manifest.json; evidence/drill_backend_restart.json is missing",
    ),
    "a foreign file among the evidence": (_write("evidence/notes.txt", "x"), "evidence/notes.txt is not listed"),
    "a folder for a file": (_folder("evidence/load.json"), "evidence/load.json is no file"),
    "a pipe for a file": (_fifo("evidence/load.json"), "evidence/load.json is no file"),
    "a ledger's samples changed": (
        _write("ledger/drill_backend_restart.samples.jsonl", ""),
        f"ledger/drill_backend_restart.samples.jsonl {_CHANGED}",
    ),
    "expectations changed": (_write("expected.json", '{"suites": {}}\n'), f"expected.json {_CHANGED}"),
    "expectations missing": (_unlink("expected.json"), "expected.json is missing"),
    "no manifest": (_unlink("manifest.json"), "manifest.json is missing: the run did not come to its end"),
    "an empty manifest": (_write("manifest.json", ""), "manifest.json is damaged: it is no JSON"),
    "a manifest that lists nothing": (_write("manifest.json", "{}"), "manifest.json is damaged: sha256 is missing"),
    "a manifest with an empty list": (
        _write("manifest.json", '{"sha256": {}}'),
        "run.json is not listed in manifest.json; expected.json is not listed",
    ),
    "a manifest of an unknown schema": (
        _write("manifest.json", '{"schema": "examday/manifest/9", "sha256": {}}'),
        "manifest.json is damaged: schema is 'examday/manifest/9'; valid: 'examday/manifest/1'",
    ),
    "a manifest that leads outside": (_listed("../../etc/passwd", "0"), "../../etc/passwd is no file of the run"),
    "a manifest with a name of two lines": (_listed("a\nVERDICT: GO", "0"), "'a\\nVERDICT: GO' is missing"),
    "a manifest with an impossible name": (_listed("a\0b", "0"), "'a\\x00b' is missing"),
    "no identity": (_unlink("run.json"), "run.json is missing"),
}
"""Changes after which the files do not fit the manifest: a usage error names the file."""

SEALED_REFUSED: dict[str, tuple[Alter, str]] = {
    "no identity": (_unlink("run.json"), "run.json is not listed in manifest.json"),
    "a damaged identity": (_write("run.json", "{}"), "run.json is damaged: environment is missing"),
    "an identity of an unknown schema": (
        lambda run: (run / "run.json").write_text((run / "run.json").read_text().replace("run/1", "run/2")),
        "run.json is damaged: schema is 'examday/run/2'; valid: 'examday/run/1'",
    ),
    "no expectations": (_unlink("expected.json"), "expected.json is not listed in manifest.json"),
    "identity of another environment": (
        _from_another_run("run.json", environment="prod"),
        "its run rehearsed environment prod with profile smoke, and this run is to judge environment local",
    ),
}
"""Changes that the manifest fits, and after which nobody knows which run it is."""

INCONCLUSIVE: dict[str, tuple[Alter, str]] = {
    "load of another run": (
        _from_another_run("evidence/load.json"),
        "evidence file load.json is of run other and not of run 20260115T083000Z-0a1b2c3d",
    ),
    "load of another environment": (
        _from_another_run("evidence/load.json", environment="prod"),
        "evidence file load.json is of environment prod and not of environment local",
    ),
    "load of another profile": (
        _from_another_run("evidence/load.json", profile="full"),
        "evidence file load.json is of profile full and not of profile smoke",
    ),
    "load of another version": (
        _record("load", "version", "0.0.9"),
        "evidence file load.json is of version 0.0.9 and not of version 0.1.0",
    ),
    "identity of another run": (
        _from_another_run("run.json"),
        "is of run 20260115T083000Z-0a1b2c3d and not of run other",
    ),
    "evidence without a run": (_record("load", "run", _GONE), "load.json does not name its run, environment, profile"),
    "evidence without a profile": (_record("load", "profile", None), "load.json does not name its run, environment"),
    "one drill for another": (
        lambda run: shutil.copy(run / "evidence/drill_worker_loss.json", run / "evidence/drill_redis_outage.json"),
        "evidence file drill_redis_outage.json is that of drill_worker_loss",
    ),
    "one drill for another, renamed": (
        lambda run: [
            shutil.copy(run / "evidence/drill_worker_loss.json", run / "evidence/drill_redis_outage.json"),
            _record("drill_redis_outage", "activity", "drill_redis_outage")(run),
        ],
        "drill_redis_outage.json is damaged: holds the record of drill_worker_loss",
    ),
    "an earlier look for the later one": (
        lambda run: shutil.copy(run / "evidence/integrity.json", run / "evidence/integrity_after.json"),
        "evidence file integrity_after.json is that of integrity",
    ),
    "a p95 that is no number": (
        _record("load", "record.steady.0.p95_ms", float("nan")),
        "load.json is damaged: record.steady.0.p95_ms is nan, which is no finite number",
    ),
    "an endless p95": (_record("load", "record.overall.p95_ms", float("inf")), "which is no finite number"),
    "p50 above p95": (_record("load", "record.steady.0.p50_ms", 9000.0), "p50, p95 and p99 do not ascend"),
    "a negative count": (_reconciled(lost=-1), "record.reconciliation.lost is -1, and cannot be below 0"),
    "lost above acknowledged": (
        _reconciled(lost=900),
        "acknowledged is 400, and kept, lost, stale and uncompared are 1300 together",
    ),
    "failed above requests": (_record("load", "record.overall.errors", 900), "errors is 900, and by_outcome says 0"),
    "ended above attempted writes": (
        _record("load", "record.writes.acknowledged", 900),
        "more writes ended than were attempted: 900 of 440",
    ),
    "more arrived than planned": (
        _record("load", "record.arrivals.actual", 41),
        "more actors arrived than were planned: 41 of 40",
    ),
    "a negative number of connections": (
        _record("freeze", "record.connections", -1),
        "record.connections is -1, and cannot be below 0",
    ),
    "a load that ended before it began": (
        _record("load", "record.ended", 1.0),
        "s before it started",
    ),
    "a window that ended before it began": (_record("load", "record.windows.3.ended", 1.0), "s before it started"),
    "evidence that ended before it began": (
        _record("load", "ended", "2026-01-01T00:00:00Z"),
        "load.json is damaged: ended 00:00:00, before it started at 08:30:10",
    ),
    "evidence without a time zone": (
        _record("load", "started", "2026-01-15T08:30:10"),
        "load.json is damaged: started",
    ),
    "integrity dated before the load": (
        lambda run: [
            _record("integrity", "started", "2026-01-15T08:30:20Z")(run),
            _record("integrity", "ended", "2026-01-15T08:30:21Z")(run),
        ],
        "integrity.json is dated 2026-01-15 08:30:20, and load.json, on which it rests, 2026-01-15 08:30:36",
    ),
    "a drill's fault dated after the drill": (
        lambda run: [
            _record("drill_backend_restart", "record.injected", samples.BEGAN.timestamp() + 4003)(run),
            _record("drill_backend_restart", "record.removal_began", samples.BEGAN.timestamp() + 4008)(run),
        ],
        "drill_backend_restart.json is damaged: record.injected is not between 08:32:00 and 08:32:20, "
        "when the drill ran",
    ),
    "a drill dated before the run": (
        lambda run: [
            _record("drill_backend_restart", "started", "2026-01-14T08:30:00Z")(run),
            _record("drill_backend_restart", "ended", "2026-01-15T08:32:20Z")(run),
        ],
        "evidence file drill_backend_restart.json is dated 2026-01-14 08:30:00, and its run began 2026-01-15 08:30:00",
    ),
    "nothing was compared": (
        _reconciled(acknowledged=0, kept=0),
        "no answer was acknowledged, so none could be lost",
    ),
    "no acknowledged write was compared": (
        _reconciled(uncompared=400, kept=0),
        "none of 400 answers was compared",
    ),
    "nobody was compared in a drill": (
        lambda run: [
            _record("drill_backend_restart", f"record.reconciliation.{name}", 0)(run)
            for name in ("acknowledged", "kept", "subjects")
        ],
        "drill_backend_restart: no answer was acknowledged, so none could be lost",
    ),
    "an empty record": (_record("load", "record", {}), "load.json is damaged: record.profile is missing"),
    "no record": (_record("load", "record", None), "load.json is damaged: needs either a record or the reason"),
    "an unknown field": (_record("load", "record.verdict", "GO"), "record.verdict is unknown to this version"),
    "a number as a text": (_record("load", "record.candidates", "many"), "load.json is damaged: record.candidates"),
    "an unknown schema": (_record("load", "schema", "examday/evidence/2"), "schema is 'examday/evidence/2'; valid"),
    "an empty file": (_write("evidence/load.json", ""), "load.json is damaged: it is no JSON"),
    "no file": (_unlink("evidence/load.json"), "load was not measured: never measured in this run"),
}
"""Changes that the manifest fits: what contradicts itself was not measured."""


def _append(path: Path) -> None:
    path.write_text(path.read_text() + " ")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory with evidence on which every gate passes."""
    return samples.write_run(tmp_path / "run")


def test_the_run_is_go_where_nothing_is_altered(run: Path) -> None:
    assert judged_again(run) == Judged(None, "GO")


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_the_manifest_is_refused_with_the_name_of_the_file(run: Path, case: str) -> None:
    alter, told = REFUSED[case]
    alter(run)
    refused = judged_again(run).refused
    assert refused is not None
    assert refused.startswith(f"--examday-evidence {run}: not as its run left it: ")
    assert told in refused
    assert "\n" not in refused


@pytest.mark.parametrize("case", SEALED_REFUSED)
def test_a_run_that_nobody_can_tell_is_refused_though_its_manifest_fits(run: Path, case: str) -> None:
    alter, told = SEALED_REFUSED[case]
    alter(run)
    refused = judged_again(samples.seal(run)).refused
    assert refused is not None
    assert told in refused


@pytest.mark.parametrize("case", INCONCLUSIVE)
def test_what_contradicts_itself_is_inconclusive_though_the_manifest_fits(run: Path, case: str) -> None:
    alter, told = INCONCLUSIVE[case]
    alter(run)
    judged = judged_again(samples.seal(run))
    assert (judged.refused, judged.verdict) == (None, "NO-GO")
    assert told in judged.reasons


@pytest.mark.parametrize(("environment", "profile"), [("prod", "full"), ("prod", "smoke"), ("local", "full")])
def test_a_smoke_run_of_local_is_judged_as_nothing_else(run: Path, environment: str, profile: str) -> None:
    refused = judged_again(run, environment, profile).refused
    assert refused is not None
    assert (
        "its run rehearsed environment local with profile smoke, and this run is to judge environment "
        f"{environment} with profile {profile}"
    ) in refused


def test_losses_are_told_as_they_were_measured(tmp_path: Path) -> None:
    """The run of the case `lost 7 to 0`: it is NO-GO, and its evidence with the seven taken out is refused."""
    lost = [samples.lost(f"load-{number:02}@exam.example") for number in range(7)]
    run = samples.write_run(tmp_path / "run", samples.everything(integrity=samples.integrity(*lost)))
    _reconciled(lost=0, kept=400)(run)
    assert f"evidence/integrity.json {_CHANGED}" in str(judged_again(run).refused)
    assert judged_again(samples.seal(run)).verdict == "NO-GO", "its findings contradict it"
