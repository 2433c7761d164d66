"""Holes in the exam mode of a platform with eight workers, each found by the freeze alone, and never anybody else's
work."""

import itertools
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.activities import freeze
from pytest_examday.suites.exam.exam_mode import watched_acts
from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_again
from pytest_examday.target.target import Target
from tests import builders

from .harness import Defect, platform_with

Holes = Callable[..., tuple[str, str]]
_UNNAMED = CONTRACT.model_copy(
    update={"protected": tuple(protected.model_copy(update={"effects": ()}) for protected in CONTRACT.protected)}
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the platform's holes are written."""
    return tmp_path_factory.mktemp("holes")


@pytest.fixture(scope="module")
def state(folder: Path) -> Iterator[Path]:
    """A platform with eight workers."""
    with platform_with(folder, Defect(variants=("exam_mode_holes",), options=("--workers", "8"))) as state:
        yield state


@pytest.fixture(scope="module")
def token(state: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The administrator's token; the platform limits logins."""
    return _target(state, tmp_path_factory.mktemp("login")).accounts.auth_token()


def _target(state: Path, folder: Path, **more: object) -> Target:
    (folder / "logs").mkdir(exist_ok=True)
    given = {"name": "staging", "runtime": {"kind": "embedded", "state": state}, "allow": ["read", "write"], **more}
    return Target(Environment.model_validate(given), RunFiles(folder, Redactor()), 1)


@pytest.fixture
def judged(folder: Path, state: Path, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holes]:
    """Outcome and reason of the gate on the platform with these holes."""
    monkeypatch.setattr(watched_acts, "CONTROL_SECONDS", 1.0)
    monkeypatch.setattr(watched_acts, "REPEAT_SETTLE_SECONDS", 0.05)

    def judge(description: PlatformDescription | None = None, **holes: object) -> tuple[str, str]:
        (folder / "holes.json").write_text(json.dumps(holes))
        target = _target(state, tmp_path, auth_token=token, platform=description or PlatformDescription())
        result = builders.gate("exam-mode-verified", freeze=freeze.gather(target))
        return result.outcome, result.reason

    yield judge
    (folder / "holes.json").write_text("{}")


def test_without_a_hole_the_gate_passes(judged: Holes) -> None:
    outcome, reason = judged()
    assert outcome == "pass", reason


def test_one_of_eight_workers_without_protected_operations_is_named(judged: Holes) -> None:
    outcome, reason = judged(open="worker-7")
    assert outcome == "fail"
    assert reason.count("HTTP 202 by worker-7: not refused by exam mode") == len(CONTRACT.protected)


def test_one_of_eight_workers_with_exam_mode_off_is_named_and_nothing_is_called(judged: Holes, state: Path) -> None:
    before = _runs(state)
    outcome, reason = judged(off="worker-2", open="worker-2")
    assert outcome == "fail"
    assert "readings: worker-2; protected operations and jobs were not called" in reason
    assert _runs(state) == before


def test_an_operation_that_answers_403_and_executes_is_named_with_its_tables(judged: Holes) -> None:
    outcome, reason = judged(executes=["rank run", "e-mail outbox drain", "notification broadcast"])
    assert outcome == "fail"
    for protected in ("rank runs", "email outbox drain", "notification broadcast"):
        assert f"protected operation {protected}: refused by worker-1, worker-2" in reason
    assert "notifications (rows written: " in reason


@pytest.fixture
def later(judged: Holes, folder: Path, state: Path, token: str, tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Outcome and reason of the gate if these holes open after phase 1."""

    def judge(**holes: object) -> tuple[str, str]:
        target = _target(state, tmp_path, auth_token=token)
        (folder / "holes.json").write_text(json.dumps(holes))
        result = builders.gate("exam-mode-verified", load=builders.load(exam_mode=exam_mode_again(target)))
        return result.outcome, result.reason

    return judge


def test_protected_operations_that_open_after_phase_1_are_found_after_the_load(later: Holes) -> None:
    outcome, reason = later(open="worker-7")
    assert outcome == "fail"
    assert reason.startswith("after the load: protected operations after: BKT recompute: HTTP 202 by worker-7")


def test_exam_mode_that_ends_after_phase_1_is_found_after_the_load(later: Holes) -> None:
    outcome, reason = later(off="worker-2")
    assert (outcome, reason) == ("fail", "after the load: exam mode after: off in worker-2")


def test_protected_operations_that_hold_after_the_load_pass(later: Holes) -> None:
    outcome, reason = later()
    assert outcome == "pass", reason


@pytest.mark.parametrize("pause", [0.02, 0.3])
def test_a_shared_platform_on_which_others_work_is_not_accused(judged: Holes, state: Path, pause: float) -> None:
    with _traffic(state, pause):
        outcome, reason = judged(PlatformDescription(contract=_UNNAMED))
    assert outcome != "fail", reason


def _runs(state: Path) -> object:
    with psycopg.connect(json.loads(state.read_text())["admin_database_url"]) as connection:
        return connection.execute(
            "SELECT (SELECT count(*) FROM admin_runs), (SELECT count(*) FROM job_runs)"
        ).fetchone()


@contextmanager
def _traffic(state: Path, pause: float) -> Iterator[None]:
    """Somebody notifies, mails and runs jobs, at random moments."""
    ended = threading.Event()
    chance = random.Random(7)
    statements = itertools.cycle(
        (
            b"INSERT INTO notifications (user_id, message) SELECT id, 'x' FROM users LIMIT 3",
            b"UPDATE email_outbox SET sent_at = now()",
            b"INSERT INTO job_runs (name, outcome) VALUES ('other', 'done')",
        )
    )

    def work() -> None:
        with psycopg.connect(json.loads(state.read_text())["admin_database_url"], autocommit=True) as connection:
            while not ended.wait(pause * chance.uniform(0.2, 1.8)):
                connection.execute(next(statements))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join()
