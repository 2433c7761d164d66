"""A rehearsal of a Compose project, configured as its users would: freeze, failures, observability, recovery."""

import json
import re
from pathlib import Path

from tests.docker.stack import REPLICAS, Stack
from tests.rehearsal.conftest import TINY, Started

MARKS = "phase1 or phase3 or phase6 or phase7"
LIMITS = "[env.staging.thresholds]\np95_ms = 10_000\nmax_wait_seconds = 60\n"
"""Six containers share a small machine with the candidates: how fast they are is not the question here."""
FIGURES = {"test_request_duration", "test_database_query_duration", "test_database_pool_usage"}
WORKERS = {f"backend-{number}" for number in range(1, REPLICAS + 1)}


def test_four_phases_are_rehearsed_in_containers(stack: Stack, tmp_path: Path) -> None:
    run = Started(tmp_path, "--env", "staging", "-m", MARKS, "-rf", config=stack.configuration() + LIMITS + TINY)
    try:
        run.wait(240)
    finally:
        run.kill()
    output = run.output.read_text()
    failed = set(re.findall(r"^FAILED \S+::(\w+)", output, re.MULTILINE))
    assert failed <= FIGURES, output
    assert int(re.findall(r"(\d+) passed", output)[0]) > 25, output
    evidence = {
        name: json.loads((run.directory / "evidence" / f"{name}.json").read_text())["record"]
        for name in ("redis_outage", "worker_loss", "recovery", "observability")
    }
    assert [evidence[name]["target"] for name in ("redis_outage", "worker_loss", "recovery")] == [
        "redis",
        "backend-3",
        "backend",
    ]
    for name in ("redis_outage", "worker_loss", "recovery"):
        assert evidence[name]["fault_gone"]
        seconds = {item["name"]: item["seconds"] for item in evidence[name]["recoveries"]}
        assert set(seconds) > WORKERS
        assert None not in seconds.values()
        print(name, seconds)
    assert set(evidence["observability"]["log_files"]) == WORKERS
    _no_secret_in(run.directory, stack)
    stack.await_ready()


def _no_secret_in(directory: Path, stack: Stack) -> None:
    texts = [path.read_text(errors="replace") for path in directory.rglob("*") if path.is_file()]
    assert len(texts) > 8
    for secret in _secrets(stack):
        assert not [text for text in texts if secret in text]


def _secrets(stack: Stack) -> list[str]:
    """Every password and key of the platform."""
    return [str(getattr(stack.credentials, name)) for name in stack.credentials.__dataclass_fields__]
