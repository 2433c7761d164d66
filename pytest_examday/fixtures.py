"""The fixtures: environment, auth token, API, database, cache, runtime, the rehearsal, and one per evidence.

What one of them cannot measure raises Unmeasurable; the hooks make one line of it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.integrity import IntegrityEvidence
from pytest_examday.evidence.phases import (
    DrillEvidence,
    ExperienceEvidence,
    FreezeEvidence,
    LoadEvidence,
    ObservabilityEvidence,
    PreflightEvidence,
)
from pytest_examday.guards.services import guarded
from pytest_examday.runtimes.base import Runtime
from pytest_examday.session.keys import REHEARSAL
from pytest_examday.session.marks import gate_name
from pytest_examday.session.rehearsal import Rehearsal
from pytest_examday.target.api import Api
from pytest_examday.target.target import Connection

if TYPE_CHECKING:
    import redis

__all__ = [
    "api",
    "auth_token",
    "cache",
    "db",
    "environment",
    "experience_evidence",
    "freeze_evidence",
    "integrity_after_evidence",
    "integrity_evidence",
    "judge",
    "load_evidence",
    "observability_evidence",
    "planned_drill",
    "planned_drill_evidence",
    "preflight_evidence",
    "recovery_evidence",
    "redis_outage_evidence",
    "rehearsal",
    "runtime",
    "worker_loss_evidence",
]


@pytest.fixture(scope="session")
def rehearsal(request: pytest.FixtureRequest) -> Rehearsal:
    """The rehearsal: its environment, run directory, evidence and judgements."""
    return request.config.stash[REHEARSAL]


@pytest.fixture(scope="session")
def environment(rehearsal: Rehearsal) -> Environment:
    """The environment that `--env` named."""
    return rehearsal.environment


@pytest.fixture(scope="session")
def api(rehearsal: Rehearsal) -> Api:
    """Calls operations of the platform's contract."""
    return rehearsal.target.api


@pytest.fixture(scope="session")
def auth_token(rehearsal: Rehearsal) -> str:
    """The token for admin operations: AUTH_TOKEN, or the configured admin's by logging in."""
    return rehearsal.target.auth_token()


@pytest.fixture
def db(rehearsal: Rehearsal) -> Iterator[Connection]:
    """A read-only connection to the platform's PostgreSQL."""
    with rehearsal.target.database() as connection:
        yield connection


@pytest.fixture
def cache(rehearsal: Rehearsal) -> Iterator["redis.Redis"]:
    """A connection to the platform's Redis, only to be read where the environment does not allow `write`."""
    reason = rehearsal.target.refusal("write", "writing through the fixture cache")
    with rehearsal.target.cache() as connection:
        yield connection if reason is None else _reading(connection, reason)


def _reading(connection: "redis.Redis", reason: str) -> "redis.Redis":
    from pytest_examday.guards.cache import ReadOnlyCache

    return ReadOnlyCache(connection, reason)


@pytest.fixture(scope="session")
def runtime(rehearsal: Rehearsal) -> Runtime:
    """What reads the platform's services, and stops and starts them where the environment allows `disrupt`."""
    return guarded(rehearsal.target.runtime, rehearsal.target.refusal)


@pytest.fixture
def judge(request: pytest.FixtureRequest, rehearsal: Rehearsal) -> Callable[[], None]:
    """Judges the gate that the test is marked as; a gate that does not pass fails the test with its reason."""

    def judged() -> None:
        name = gate_name(request.node)
        if name is None:
            pytest.fail("the judge fixture needs @pytest.mark.gate(name=…)", pytrace=False)
        judgement = rehearsal.judge(name)
        request.node.user_properties.append(("examday_judgement", judgement.model_dump_json()))
        if judgement.outcome != "pass":
            word = "INCONCLUSIVE" if judgement.outcome == "inconclusive" else "NO-GO"
            pytest.fail(f"{word}: {judgement.reason}", pytrace=False)

    return judged


def _record(rehearsal: Rehearsal, activity: str) -> Any:
    evidence = rehearsal.evidence(activity)
    if evidence.record is None:
        pytest.fail(f"INCONCLUSIVE: {activity} was not measured: {evidence.unmeasured}", pytrace=False)
    return evidence.record


@pytest.fixture(scope="session")
def preflight_evidence(rehearsal: Rehearsal) -> PreflightEvidence:
    """What answered before anything was done."""
    record: PreflightEvidence = _record(rehearsal, "preflight")
    return record


@pytest.fixture(scope="session")
def freeze_evidence(rehearsal: Rehearsal) -> FreezeEvidence:
    """Phase 1: exam mode, guards, jobs."""
    record: FreezeEvidence = _record(rehearsal, "freeze")
    return record


@pytest.fixture(scope="session")
def load_evidence(rehearsal: Rehearsal) -> LoadEvidence:
    """Phase 2: an exam lived by candidates."""
    record: LoadEvidence = _record(rehearsal, "load")
    return record


@pytest.fixture(scope="session")
def redis_outage_evidence(rehearsal: Rehearsal) -> DrillEvidence:
    """Phase 3 A: Redis away for a while."""
    record: DrillEvidence = _record(rehearsal, "redis_outage")
    return record


@pytest.fixture(scope="session")
def worker_loss_evidence(rehearsal: Rehearsal) -> DrillEvidence:
    """Phase 3 B: one worker killed and restarted."""
    record: DrillEvidence = _record(rehearsal, "worker_loss")
    return record


@pytest.fixture(scope="session")
def planned_drill(request: pytest.FixtureRequest) -> str:
    """One drill that the profile adds: a test that asks for it is made once for each of them."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def planned_drill_evidence(rehearsal: Rehearsal, planned_drill: str) -> DrillEvidence:
    """Phases 3 and 7: that drill."""
    record: DrillEvidence = _record(rehearsal, planned_drill)
    return record


@pytest.fixture(scope="session")
def integrity_evidence(rehearsal: Rehearsal) -> IntegrityEvidence:
    """Phase 4: SQL checks and the ledger against the database."""
    record: IntegrityEvidence = _record(rehearsal, "integrity")
    return record


@pytest.fixture(scope="session")
def experience_evidence(rehearsal: Rehearsal) -> ExperienceEvidence:
    """Phase 5: refresh, logout, resume, timer."""
    record: ExperienceEvidence = _record(rehearsal, "experience")
    return record


@pytest.fixture(scope="session")
def observability_evidence(rehearsal: Rehearsal) -> ObservabilityEvidence:
    """Phase 6: logs and metrics."""
    record: ObservabilityEvidence = _record(rehearsal, "observability")
    return record


@pytest.fixture(scope="session")
def recovery_evidence(rehearsal: Rehearsal) -> DrillEvidence:
    """Phase 7: the whole backend restarted."""
    record: DrillEvidence = _record(rehearsal, "recovery")
    return record


@pytest.fixture(scope="session")
def integrity_after_evidence(rehearsal: Rehearsal) -> IntegrityEvidence:
    """Phase 7: phase 4 once more, after the recovery drill."""
    record: IntegrityEvidence = _record(rehearsal, "integrity_after")
    return record
