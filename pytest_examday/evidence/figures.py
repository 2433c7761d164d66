"""Records of requests and waits, shared by load and drills. Times are seconds since the epoch, waits milliseconds.

A request has a service time: from its sending to its end. An action (one click, with all its retries) has a response
time: from the moment at which it was due by the actor's schedule to the end of the request that ended it. A
generator or a platform that falls behind cannot hide in the response time (no coordinated omission).
"""

from typing import Literal

from pydantic import Field

from pytest_examday.record import Record

Outcome = Literal[
    "ok", "refused", "limited", "expired", "client_error", "server_error", "unexpected", "timeout", "transport"
]
"""How one request ended. `refused` is a definitive no that the actor's own act earned (a second finish, a
write after the end); `limited` is a 429, counted apart: neither a success nor a failure of the platform; `expired` is
a 401 to a token, for which the actor gets a new one and sends the request again, once in an action: a 401 to the
new one is a `client_error`; `unexpected` is an accepted status whose body does not say what the contract promises."""

ERRORS: frozenset[Outcome] = frozenset(
    {"expired", "client_error", "server_error", "unexpected", "timeout", "transport"}
)
"""The outcomes that count into the error rate. `expired` is one of them: actors renew their tokens in time, so that
a platform that says 401 to good ones shows here, however well everybody gets over it."""


GATEWAY_STATUSES = frozenset({502, 504})
"""What a proxy answers by itself where the connection to the server behind it broke, or nothing came (RFC 9110)."""


def status_class(status: int | None, outcome: Outcome) -> str:
    """`2xx`, `3xx`, `4xx`, `5xx`, `429` apart from other 4xx, `502` and `504` apart from other 5xx, or `timeout` and
    `transport` where no status came."""
    if status is None:
        return "timeout" if outcome == "timeout" else "transport"
    return str(status) if status == 429 or status in GATEWAY_STATUSES else f"{status // 100}xx"


class OperationFigures(Record):
    """One operation over one span of time; percentiles are None where nothing was measured.

    `p50_ms` to `max_ms` are service times of all requests but those that a rate limit refused; `response_…` are
    response times of the actions that ended, of which there were `responses`. Percentiles have three significant
    digits and are never rounded to the fast side.
    """

    operation: str
    requests: int
    succeeded: int
    errors: int
    limited: int
    by_outcome: dict[str, int]
    by_status: dict[str, int] = Field(default_factory=dict, description="status class -> requests, see status_class")
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    responses: int = 0
    response_p50_ms: float | None = None
    response_p95_ms: float | None = None
    response_p99_ms: float | None = None
    response_max_ms: float | None = None

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


Wait = Literal["service", "response"]
Span = Literal["whole", "steady"]
"""`steady` is after the ramp."""


class Histogram(Record):
    """The waits of one operation as an HDR histogram: microseconds, three significant digits, up to one hour.

    `encoded` is the compressed form (V2, base64) that every implementation of HdrHistogram reads. Waits beyond an
    hour are in its last class and counted in `clipped`.
    """

    operation: str
    kind: Wait
    span: Span
    count: int
    clipped: int
    longest_ms: float
    encoded: str


class Window(Record):
    """A slice of the load: its figures over all operations, and whether it belongs to the ramp.

    `planned` is how many writes the plan had due in it, `begun` how many were begun in it;
    None where the evidence does not tell.
    """

    started: float
    ended: float
    ramp: bool
    figures: OperationFigures
    planned: int | None = None
    begun: int | None = None


class Stage(Record):
    """A span of a load or a drill (before, during or after the fault): what actors met in it."""

    name: str
    started: float
    ended: float
    overall: OperationFigures
    operations: tuple[OperationFigures, ...]


class Arrivals(Record):
    """How many actors were to arrive, how many did, and how late: by the first request of each."""

    planned: int
    actual: int
    late_p95_ms: float | None
    late_max_ms: float | None


class HarmedActor(Record):
    """An actor who was harmed, how, and the story in one sentence."""

    actor: str
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
    planned_actors: int
    started_actors: int
    finished_actors: int
    planned_actions: int = Field(description="writes that the plan's actors would make")
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


class ActorFate(Record):
    """How it ended for one actor: the subject that its writes belong to, whether it came to the finish that its plan
    had (in an exam the submission), and when that was accepted."""

    actor: str
    subject: str | None
    finished: bool
    finished_at: float | None = None
    worst_wait_ms: float
    worst_wait_operation: str | None
    story: str

    def late_seconds(self, deadline: float) -> float | None:
        """How long after the deadline (epoch) the finish was accepted; None where it was in time or nobody told."""
        late = None if self.finished_at is None else self.finished_at - deadline
        return late if late is not None and late > 0 else None
