"""The k6 scripts, run by hand as source document 001 says, against a real platform."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.platform.platform_harness import Candidate, Platform

PASSED, THRESHOLD_CROSSED, SCRIPT_ERROR = 0, 99, 107
"""Exit codes of k6."""
_PEOPLE = itertools.count()


@pytest.fixture
def candidate(platform: Platform) -> Candidate:
    """Whose token the scripts use; loads of the other tests have the first accounts, and a platform limits log-ins."""
    accounts = platform.state["candidates"]
    return platform.login(accounts["email"].format(n=accounts["count"] - next(_PEOPLE)), accounts["password"])


def k6(checkout: Path, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a summary in JSON."""
    found = shutil.which("k6", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, "k6 is part of the test dependencies"
    command = [found, "run", "--quiet", "--no-usage-report", *arguments, str(checkout / "k6" / script)]
    plain = {name: value for name, value in os.environ.items() if name not in ("AUTH_TOKEN", "API_URL", "SESSION_IDS")}
    return subprocess.run(command, env={**plain, **variables}, capture_output=True, text=True, timeout=60, check=False)


def access(platform: Platform, candidate: Candidate) -> dict[str, str]:
    """The variables that a person exports."""
    return {"API_URL": platform.state["api_url"], "AUTH_TOKEN": candidate.tokens["access_token"]}


def test_the_session_burst_creates_sessions(platform: Platform, candidate: Candidate, checkout: Path) -> None:
    before = platform.query("SELECT count(*) FROM exam_sessions")[0][0]
    done = k6(checkout, "sessions.js", "--vus", "3", "--duration", "2s", **access(platform, candidate))
    assert done.returncode == PASSED, done.stdout + done.stderr
    assert platform.query("SELECT count(*) FROM exam_sessions")[0][0] >= before + 3


def test_the_answers_are_stored(platform: Platform, candidate: Candidate, checkout: Path) -> None:
    think = {"THINK_MIN": "0.1", "THINK_MAX": "0.3"}
    done = k6(checkout, "answers.js", "--vus", "2", "--duration", "2s", **access(platform, candidate), **think)
    assert done.returncode == PASSED, done.stdout + done.stderr
    assert platform.query("SELECT count(*) FROM attempt_events WHERE kind = 'ANSWER'")[0][0] > 5


def test_the_submit_spike_submits_each_session_once(
    platform: Platform, candidate: Candidate, checkout: Path, tmp_path: Path
) -> None:
    ids = [candidate.create(key=f"k6-{number}")["session_id"] for number in range(3)]
    summary = tmp_path / "summary.json"
    arguments = ("--vus", "3", "--duration", "2s", "--summary-export", str(summary))
    variables = {**access(platform, candidate), "SESSION_IDS": ",".join(ids)}
    done = k6(checkout, "submit.js", *arguments, **variables)
    assert done.returncode == PASSED, done.stdout + done.stderr
    rows = platform.query(
        "SELECT count(*) FROM attempt_events WHERE kind = 'SUBMIT' AND session_id::text = ANY(%s) GROUP BY session_id",
        ids,
    )
    assert rows == [(1,)] * 3
    assert json.loads(summary.read_text())["metrics"]["http_reqs"]["count"] >= 6


@pytest.mark.parametrize("script", ["sessions.js", "answers.js", "submit.js"])
def test_a_missing_token_is_named(checkout: Path, script: str) -> None:
    done = k6(checkout, script, "--vus", "1", "--iterations", "1")
    assert done.returncode == SCRIPT_ERROR
    assert "AUTH_TOKEN is not set" in done.stderr


def test_missing_sessions_are_named(checkout: Path) -> None:
    done = k6(checkout, "submit.js", "--vus", "1", "--iterations", "1", AUTH_TOKEN="any")
    assert done.returncode == SCRIPT_ERROR
    assert "SESSION_IDS is not set" in done.stderr


def test_a_dead_platform_does_not_pass(checkout: Path) -> None:
    done = k6(checkout, "sessions.js", "--vus", "1", "--duration", "1s", API_URL="http://127.0.0.1:9", AUTH_TOKEN="any")
    assert done.returncode == THRESHOLD_CROSSED
