"""Records of requests and waits, shared by load and drills. Times are seconds since the epoch, waits milliseconds."""

from typing import Literal

from pydantic import Field

from pytest_examday.contract.model import Record

Outcome = Literal["ok", "refused", "limited", "client_error", "server_error", "unexpected", "timeout", "transport"]
"""How one request ended. `refused` is a definitive no that the candidate's own act earned (a second submit, an
answer after the end); `limited` is a 429, counted apart: neither a success nor a failure of the platform;
`unexpected` is an accepted status whose body does not say what the contract promises."""

ERRORS: frozenset[Outcome] = frozenset({"client_error", "server_error", "unexpected", "timeout", "transport"})
"""The outcomes that count into the error rate."""


class OperationFigures(Record):
    """One operation over one span of time; percentiles are None where nothing was measured."""

    operation: str
    requests: int
    succeeded: int
    errors: int
    limited: int
    by_outcome: dict[str, int]
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None

    @property
    def judged(self) -> int:
        """Requests that count: all but those refused by a rate limit."""
        return self.requests - self.limited

    @property
    def error_rate(self) -> float | None:
        """Errors as a share of the judged requests, None where there are none."""
        return self.errors / self.judged if self.judged else None

    @property
    def success_rate(self) -> float | None:
        """Successes as a share of the judged requests, None where there are none."""
        return self.succeeded / self.judged if self.judged else None


class Window(Record):
    """A slice of the load: its figures over all operations, and whether it belongs to the ramp."""

    started: float
    ended: float
    ramp: bool
    figures: OperationFigures


class HarmedCandidate(Record):
    """A candidate who was harmed, how, and the story in one sentence (design, "harmed candidate")."""

    candidate: str
    harm: Literal["lost-answer", "changed-answer", "no-submit", "waited-too-long", "lost-session", "wrong-score"]
    story: str
    activity: str


class WriteCounts(Record):
    """How the writes of one ledger ended."""

    attempted: int
    acknowledged: int
    refused: int
    unknown: int


class Generator(Record):
    """The load generator's watch over itself: planned against delivered, its event loops' lag, its processors.

    Of several processes the counts are summed and the figures are those of the worst.
    """

    processes: int = 1
    planned_candidates: int
    started_candidates: int
    finished_candidates: int
    planned_actions: int = Field(description="writes that the plan's candidates would make")
    delivered_actions: int
    lag_p95_ms: float | None
    lag_max_ms: float | None
    cpu_share: float | None = Field(description="CPU seconds per second of one core, on average")
    cpu_peak_share: float | None = Field(default=None, description="the same in the busiest seconds: 95th percentile")


class PoolFigures(Record):
    """The database pool as the platform tells it and connections as PostgreSQL counts them, over one load; a figure
    that nobody told is None."""

    samples: int
    source: str
    pool_size: int | None = None
    max_overflow: int | None = None
    peak_in_use: float | None = Field(default=None, description="highest number in use in any one worker")
    limit_per_worker: float | None = None
    peak_usage: float | None = Field(default=None, description="share of a worker's limit, 0 to 1")
    average_usage: float | None = None
    peak_connections: int | None = Field(default=None, description="connections of the application in pg_stat_activity")
    exhausted: bool | None = None


class CandidateFate(Record):
    """How one candidate's exam ended."""

    candidate: str
    session_id: str | None
    submitted: bool
    submitted_at: float | None = None
    worst_wait_ms: float
    worst_wait_operation: str | None
    story: str
