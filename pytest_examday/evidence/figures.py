"""Records of requests and waits, for loads and drills. Times are seconds since the epoch, waits are milliseconds.

A request has a service time: from its sending to its end. An action (one click, with all its retries) has a response
time: from the moment at which the actor's schedule has it due to the end of its last request. So the response time also
shows the delay of a platform or a generator that falls behind its schedule (no coordinated omission).
"""

from typing import Literal

from pydantic import Field

from pytest_examday.record import Record

Outcome = Literal["ok", "limited", "expired", "client_error", "server_error", "unexpected", "timeout", "transport"]
"""How one request ended.

* `ok`: accepted, and the body holds what the contract promises; `unexpected`: accepted, and the body does not.
* `limited`: a 429. It counts apart, as neither a success nor a failure of the platform.
* `expired`: the first 401 of an action. The actor renews its token and sends the request again.
* `client_error`: any other status below 500 that the contract does not accept, and a second 401.
* `server_error`: a 5xx, 408 or 425.
* `timeout`: no answer in time; `transport`: the connection broke.
"""

ERRORS: frozenset[Outcome] = frozenset(
    {"expired", "client_error", "server_error", "unexpected", "timeout", "transport"}
)
"""The outcomes that count as errors. `expired` is one of them: actors renew their tokens before they end, so a 401
means that the platform refused a token that was still valid, even if the next attempt succeeds."""

GATEWAY_STATUSES = frozenset({502, 504})
"""The statuses with which a proxy reports that the server behind it broke the connection or did not answer (RFC
9110)."""


def status_class(status: int | None, outcome: Outcome) -> str:
    """The class under which a request is counted: `429`, `502` and `504` by themselves, else `2xx`, `3xx`, `4xx` or
    `5xx`; `timeout` or `transport` if no status came."""
    if status is None:
        return "timeout" if outcome == "timeout" else "transport"
    return str(status) if status == 429 or status in GATEWAY_STATUSES else f"{status // 100}xx"


class OperationFigures(Record):
    """One operation over one span of time; percentiles are None where nothing was measured.

    `p50_ms` to `max_ms` are the service times of all requests that no rate limit refused. `response_…` are the response
    times of the `responses` actions that ended. Percentiles have three significant digits and are never rounded down.
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
        """The number of requests that are judged: all but those that a rate limit refused."""
        return self.requests - self.limited

    @property
    def error_rate(self) -> float | None:
        """Errors as a share (0 to 1) of the judged requests; None if no request was judged."""
        return self.errors / self.judged if self.judged else None

    @property
    def success_rate(self) -> float | None:
        """Successes as a share (0 to 1) of the judged requests; None if no request was judged."""
        return self.succeeded / self.judged if self.judged else None


Wait = Literal["service", "response"]
Span = Literal["whole", "steady"]
"""`whole` is the whole load, `steady` the time after its ramp."""


class Histogram(Record):
    """The waits of one operation as an HDR histogram: microseconds, three significant digits, up to one hour.

    `encoded` is the compressed form (V2, base64) that every implementation of HdrHistogram reads. Waits longer than an
    hour are in its last class, and `clipped` counts them.
    """

    operation: str
    kind: Wait
    span: Span
    count: int
    clipped: int
    longest_ms: float
    encoded: str


class Window(Record):
    """A part of the load of fixed length: its figures over all operations, and whether it belongs to the ramp.

    `planned` is how many writes were due in it by the plan, `begun` how many were begun in it; None if the evidence
    does not tell."""

    started: float
    ended: float
    ramp: bool
    figures: OperationFigures
    planned: int | None = None
    begun: int | None = None


class Stage(Record):
    """The figures of one section of a load, or of the time before, during or after the fault of a drill."""

    name: str
    started: float
    ended: float
    overall: OperationFigures
    operations: tuple[OperationFigures, ...]


class Arrivals(Record):
    """How many actors were planned, how many sent a first request, and how late they sent it."""

    planned: int
    actual: int
    late_p95_ms: float | None
    late_max_ms: float | None


class HarmedActor(Record):
    """An actor who was harmed: the kind of harm, and one sentence that tells what happened."""

    actor: str
    harm: Literal["lost-answer", "changed-answer", "no-submit", "waited-too-long", "lost-session", "wrong-score"]
    story: str
    activity: str


class WriteCounts(Record):
    """How many writes of one or more ledgers ended in which way."""

    attempted: int
    acknowledged: int
    refused: int
    unknown: int


class Generator(Record):
    """What the load generator measured of itself: planned and delivered work, the lag of its event loops, its use of
    the processor.

    With several processes, counts are summed; of lag and processor use the worst process counts.
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
    cpu_peak_share: float | None = Field(
        default=None, description="CPU seconds per second of one core in the busiest seconds: the 95th percentile"
    )


class PoolFigures(Record):
    """The use of the database pool during one load, from the platform's metrics, and the connections that PostgreSQL
    counted. A figure that was not told is None."""

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
    """How one actor ended.

    `subject` is what its writes belong to. `finished` says whether the platform accepted the finish that its plan had
    (in an exam the submission), `finished_at` when. The longest wait is that for one action."""

    actor: str
    subject: str | None
    finished: bool
    finished_at: float | None = None
    worst_wait_ms: float
    worst_wait_operation: str | None
    story: str

    def late_seconds(self, deadline: float) -> float | None:
        """Seconds from the deadline (seconds since the epoch) to the accepted finish; None if it was in time or
        unknown."""
        late = None if self.finished_at is None else self.finished_at - deadline
        return late if late is not None and late > 0 else None
