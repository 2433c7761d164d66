"""Runs one small rehearsal on a platform with a planted defect, as a user would run it, and reads its results."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.patient_thresholds import thresholds
from tests.pytest_command import PYTEST

HERE = Path(__file__).parent
MISBEHAVIOURS = "misbehaviours"
"""The file in which the variant `misbehaving` finds what it does."""
_START_SECONDS = 120
_STOP_SECONDS = 60
_RUN_SECONDS = 800
_ACCOUNTS = 82
_OVERFLOW = 40
"""A worker has more connections than all candidates need at once, however busy the machine that tests."""
_OUTER = ("API_URL", "AUTH_TOKEN", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
"""Variables of the run that tests the plugin; a user's run does not have them."""
_PYTEST = (*PYTEST, "--env", "defect")
_CONFIGURATION = """\
[env.defect]
runtime = {{kind = "embedded", state = "{state}"}}
allow = ["read", "write", "disrupt"]

{limits}
[profile.smoke.load]
candidates = 30
arrive_seconds = 2.5
answer_seconds = 2
submit_seconds = 4
questions = 20
ramp_seconds = 0.5
window_seconds = 1.5
habits = {{think_seconds = [0.5, 0.9], change_share = 0.5, resume_share = 0.6, double_click_share = 0.5, \
patience_seconds = 60, timeout_seconds = 30}}

[profile.smoke.drill]
candidates = 5
steady_seconds = 0.6
hold_seconds = 1
settle_seconds = 0.8
slow_database_ms = 500
stop_health_failures = 100
drills = {drills}
habits = {{think_seconds = [0.1, 0.3], patience_seconds = {patience}}}
"""
"""The least load that the gates accept: three windows of 20 requests after the ramp, 20 of each operation.

Candidates are `candidate-0002` to `candidate-0031`: the freeze takes the first account, drills the later ones.
"""


@dataclass(frozen=True)
class Defect:
    """A defect of a platform, and the rehearsal that looks for it."""

    triggers: tuple[str, ...] = ()
    """Files of `triggers/`, without `.sql`."""
    variants: tuple[str, ...] = ()
    """Modules of `variants/`."""
    misbehaviours: tuple[str, ...] = ()
    """What the variant `misbehaving` does."""
    modules: str | None = None
    """A folder of this package. The processes of the rehearsal import its modules before all others."""
    server: Mapping[str, str] = field(default_factory=dict)
    """Settings of PostgreSQL."""
    accounts: int = _ACCOUNTS
    """The number of candidates' accounts, without those of `drills`."""
    engine: str = "candidates"
    """The load engine of the rehearsal."""
    drills: tuple[str, ...] = ()
    """The drills of the rehearsal besides the four that every rehearsal has."""
    options: tuple[str, ...] = ()
    """Further options for the platform's command line."""
    patience: float = 30
    """How long a candidate of a drill retries one action, in seconds."""
    limits: Mapping[str, float] = field(default_factory=dict)
    """The thresholds that the defect exceeds."""
    checked: bool = False
    """Whether the tests of phases 3 and 7 run too, besides the gates."""
    judging: tuple[str, ...] = ()
    """The gates and drills whose tests run; empty: all of them."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The options of pytest that select the tests. Evidence that no selected test needs is not gathered."""
        marks = ("-m", "gates or phase3 or phase7" if self.checked else "gates")
        named = (*self.drills, *(f"test_{gate.replace('-', '_')}" for gate in self.judging))
        return (*marks, "-k", " or ".join(named)) if self.judging else marks

    def configuration(self, state: Path) -> str:
        """The environment and a small profile, as TOML."""
        limits = thresholds("defect", **self.limits)
        return _CONFIGURATION.format(state=state, drills=json.dumps(self.drills), patience=self.patience, limits=limits)


@dataclass(frozen=True)
class Outcome:
    """How one run of pytest ended: its exit status, what it printed, and its run directory."""

    exit_status: int
    output: str
    directory: Path

    @property
    def verdict(self) -> dict[str, Any]:
        """The content of `verdict.json`."""
        path = self.directory / "verdict.json"
        assert path.exists(), f"no verdict; pytest said:\n{self.output}"
        read: dict[str, Any] = json.loads(path.read_text())
        return read

    @property
    def gates(self) -> dict[str, tuple[str, str]]:
        """Outcome and reason of every gate."""
        return {gate["name"]: (gate["outcome"], gate["reason"]) for gate in self.verdict["gates"]}

    @property
    def red(self) -> dict[str, tuple[str, str]]:
        """Outcome and reason of the gates that did not pass."""
        return {name: judged for name, judged in self.gates.items() if judged[0] != "pass"}

    @property
    def failed(self) -> set[str]:
        """The checks that did not pass, by the name of their test."""
        return {c["nodeid"].rpartition("::")[2] for c in self.verdict["tests"] if c["outcome"] != "passed"}

    @property
    def harmed(self) -> list[str]:
        """The harms that were done, one for each candidate and kind."""
        return [story["harm"] for story in self.verdict["candidates"]["stories"]]

    def stories(self, drill: str) -> set[str]:
        """How the exams of those candidates of a drill ended who could not submit."""
        evidence = json.loads((self.directory / "evidence" / f"{drill}.json").read_text())
        return {fate["story"] for fate in evidence["record"]["fates"] if not fate["finished"]}

    def reasons(self) -> dict[str, str]:
        """Gate and reason of those that did not pass, each of which failed; the verdict is NO-GO, and the run said so
        in its status and on the terminal."""
        assert {outcome for outcome, _ in self.red.values()} == {"fail"}, self.red
        assert self.verdict["verdict"] == "NO-GO"
        assert self.exit_status == 1
        reasons = {name: reason for name, (_, reason) in self.red.items()}
        assert [reason for reason in reasons.values() if reason not in self.output] == [], "not on the terminal"
        return reasons

    def only_red(self, gate: str) -> str:
        """The reason of that gate, which failed alone."""
        reasons = self.reasons()
        assert set(reasons) == {gate}, reasons
        return reasons[gate]


def rehearse(folder: Path, defect: Defect) -> Outcome:
    """Start a platform with the defect, rehearse on it, stop it."""
    with platform_with(folder, defect) as state:
        (folder / "examday.toml").write_text(defect.configuration(state))
        modules = {} if defect.modules is None else _importable(HERE / defect.modules)
        return _pytest(folder, "run", (*defect.chosen, "--examday-engine", defect.engine), modules)


def judge_again(folder: Path, defect: Defect, earlier: Outcome, tests: str) -> Outcome:
    """Judge the evidence of an earlier rehearsal with that defect together with a user's own test file."""
    (folder / "examday.toml").write_text(defect.configuration(folder / "platform.json"))
    (folder / "test_own.py").write_text(tests)
    return _pytest(folder, "again", ("-m", "gates", "--examday-evidence", str(earlier.directory), "test_own.py"), {})


def _pytest(folder: Path, name: str, arguments: tuple[str, ...], variables: Mapping[str, str]) -> Outcome:
    inherited = {key: value for key, value in os.environ.items() if key not in _OUTER and "XDIST" not in key}
    ended = subprocess.run(
        [*_PYTEST, "--examday-dir", name, *arguments],
        cwd=folder,
        env={**inherited, "COLUMNS": "2000", **variables},
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS,
        check=False,
    )
    return Outcome(ended.returncode, ended.stdout + ended.stderr, folder / name)


def _importable(folder: Path) -> dict[str, str]:
    """The variable that makes a folder's modules importable before all others."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))}


@contextmanager
def platform_with(folder: Path, defect: Defect) -> Iterator[Path]:
    """A running platform with the defect in it; gives its state file.

    Its data lie outside pytest's folders, which every start of pytest closes to the user that PostgreSQL runs as.
    """
    directory = Path(tempfile.mkdtemp(prefix="examday-defect-"))
    options = [
        "--dir",
        str(directory),
        "--candidates",
        str(defect.accounts + 12 * len(defect.drills)),
        "--watch-pid",
        str(os.getpid()),
    ]
    options += ["--pool-max-overflow", str(_OVERFLOW), *defect.options]
    if defect.variants:
        options += ["--app", "variants:create_app"]
    variables = {"DEFECT_FOLDER": str(folder), "DEFECT_VARIANTS": ",".join(defect.variants)}
    (folder / MISBEHAVIOURS).write_text("\n".join(defect.misbehaviours))
    log = folder / "platform.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest_examday.platform", *options],
            env={**os.environ, **_importable(HERE), **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_state(process, directory / "platform.json", log)
        _plant(directory / "platform.json", defect)
        yield directory / "platform.json"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)
        if (directory / "logs").exists():  # not where it could not start, which has been told
            shutil.copytree(directory / "logs", folder / "logs")
        shutil.rmtree(directory)


def _await_state(process: subprocess.Popen[bytes], state: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not state.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"no platform after {_START_SECONDS} s: {log.read_text()}"
        time.sleep(0.05)


def _plant(state: Path, defect: Defect) -> None:
    if not (defect.triggers or defect.server):
        return
    with psycopg.connect(json.loads(state.read_text())["admin_database_url"], autocommit=True) as connection:
        for name in ("common", *defect.triggers) if defect.triggers else ():
            connection.execute((HERE / "triggers" / f"{name}.sql").read_bytes())
        for name, value in defect.server.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        connection.execute("SELECT pg_reload_conf()")
