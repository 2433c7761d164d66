"""Records of requests and waits, for loads and drills. Times are seconds since the epoch, waits are milliseconds.

A request has a service time: from its sending to its end. An action (one click, with all its retries) has a response
time: from the time at which it is due by the actor's schedule to the end of its last request. So the response time also
shows the delay of a platform or a generator that falls behind its schedule (no coordinated omission).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from pytest_examday.evidence.former_names import by_present_names
from pytest_examday.evidence.quantities import (
    Amount,
    Count,
    Milliseconds,
    Moment,
    Seconds,
    Share,
    require_ascending,
    require_no_more,
    require_order,
    unique_by,
)
from pytest_examday.record import Record

RequestOutcome = Literal[
    "ok", "limited", "conflict", "expired", "client_error", "server_error", "unexpected", "timeout", "transport"
]
"""How one request ended.

* `ok`: accepted, and the body holds what the contract promises; `unexpected`: accepted, and the body does not.
* `limited`: a 429. It counts apart, as neither a success nor a failure of the platform.
* `conflict`: a 409 to one of two clicks at the same moment, or a 429 if the other click is accepted: the platform
  refuses the second one while it works on the first one. It counts apart as well.
* `expired`: the first 401 of an action. The actor renews its token and sends the request again.
* `client_error`: any other status below 500 that the contract does not accept, and a second 401.
* `server_error`: a 5xx, 408 or 425.
* `timeout`: no reply in time; `transport`: the connection broke.
"""

ERRORS: frozenset[RequestOutcome] = frozenset(
    {"expired", "client_error", "server_error", "unexpected", "timeout", "transport"}
)
"""The outcomes that count as errors. `expired` is one of them: actors renew their tokens before they end, so a 401
means that the platform refused a token that was still valid, even if the next attempt succeeds."""

UNJUDGED: frozenset[RequestOutcome] = frozenset({"limited", "conflict"})
"""The outcomes that count as neither success nor error."""

GATEWAY_STATUSES = frozenset({502, 504})
"""The statuses with which a proxy reports that the server behind it broke the connection or did not answer (RFC
9110)."""


def status_class(status: int | None, outcome: RequestOutcome) -> str:
    """The class under which a request is counted: `429`, `502` and `504` by themselves, else `2xx`, `3xx`, `4xx` or
    `5xx`; `timeout` or `transport` if no status came."""
    if status is None:
        return "timeout" if outcome == "timeout" else "transport"
    return str(status) if status == 429 or status in GATEWAY_STATUSES else f"{status // 100}xx"


class OperationFigures(Record):
    """One operation over one span of time. Percentiles are None if nothing was measured; they have three significant
    digits and are never rounded down."""

    operation: str
    requests: Count
    succeeded: Count
    errors: Count
    limited: Count
    """Requests that a rate limit refused."""
    by_outcome: dict[RequestOutcome, Count]
    by_status: dict[str, Count] = Field(default_factory=dict, description="status class -> requests, see status_class")
    p50_ms: Milliseconds | None
    """This and the next three: service times of all requests that no rate limit refused."""
    p95_ms: Milliseconds | None
    p99_ms: Milliseconds | None
    max_ms: Milliseconds | None
    responses: Count = 0
    """Actions that ended."""
    response_p50_ms: Milliseconds | None = None
    """This and the next three: response times of these actions."""
    response_p95_ms: Milliseconds | None = None
    response_p99_ms: Milliseconds | None = None
    response_max_ms: Milliseconds | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Every request has one outcome, and the sums are those of the outcomes."""
        by_outcome = self.by_outcome
        sums = {
            "requests": (self.requests, sum(by_outcome.values())),
            "succeeded": (self.succeeded, by_outcome.get("ok", 0)),
            "limited": (self.limited, by_outcome.get("limited", 0)),
            "errors": (self.errors, sum(by_outcome.get(outcome, 0) for outcome in ERRORS)),
        }
        for name, (count, counted) in sums.items():
            if count != counted:
                raise ValueError(f"{name} is {count}, and by_outcome says {counted}")
        if self.by_status and sum(self.by_status.values()) != self.requests:
            raise ValueError(f"requests is {self.requests}, and by_status says {sum(self.by_status.values())}")
        require_ascending((self.p50_ms, self.p95_ms, self.p99_ms), "service times")
        require_ascending((self.response_p50_ms, self.response_p95_ms, self.response_p99_ms), "response times")
        return self

    @property
    def judged(self) -> int:
        """The number of requests that succeeded or failed: all but those of the outcomes `UNJUDGED`."""
        return self.succeeded + self.errors

    @property
    def error_rate(self) -> float | None:
        """Errors as a share (0 to 1) of the judged requests; None if no request was judged."""
        return self.errors / self.judged if self.judged else None

    @property
    def success_rate(self) -> float | None:
        """Successes as a share (0 to 1) of the judged requests; None if no request was judged."""
        return self.succeeded / self.judged if self.judged else None


FiguresByOperation = Annotated[tuple[OperationFigures, ...], unique_by("operation")]
"""The figures of several operations, each once."""
WaitKind = Literal["service", "response"]
"""Whether a wait is the service time of a request or the response time of an action."""
HistogramSpan = Literal["whole", "steady"]
"""`whole` is the whole load, `steady` the time after its ramp."""


class Histogram(Record):
    """The waits of one operation as an HDR histogram: microseconds, three significant digits, up to one hour."""

    operation: str
    kind: WaitKind
    span: HistogramSpan
    count: Count
    clipped: Count
    """Waits longer than an hour, which are counted in the last class."""
    longest_ms: Milliseconds
    encoded: str
    """The compressed form (V2, base64) that every implementation of HdrHistogram reads."""


class ErrorCount(Record):
    """How many requests were judged, and how many of them failed."""

    judged: Count
    errors: Count

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        require_no_more(self.errors, self.judged, "more requests failed than were judged")
        return self


class Window(Record):
    """A part of the load of fixed length."""

    started: Moment
    ended: Moment
    ramp: bool
    """Whether it belongs to the ramp."""
    figures: OperationFigures
    """The figures over all operations."""
    planned: Count | None = None
    """How many writes were due in it by the plan; None if the evidence does not say."""
    begun: Count | None = None
    """How many writes were begun in it; None if the evidence does not say."""
    operations: dict[str, ErrorCount] = Field({})
    """Operation -> its requests; empty if the evidence does not say."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        require_order(self.started, self.ended, "window")
        return self


class SpanFigures(Record):
    """The figures of a span of time that has a name."""

    name: str
    started: Moment
    ended: Moment
    overall: OperationFigures
    operations: FiguresByOperation

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        require_order(self.started, self.ended, self.name)
        return self


class LoadPart(SpanFigures):
    """The figures of one part of a load."""


class DrillStage(SpanFigures):
    """The figures of one stage of a drill: before, during or after its fault."""


class Arrivals(Record):
    """How many actors were planned, how many sent a first request, and how late they sent it."""

    planned: Count
    actual: Count
    late_p95_ms: Milliseconds | None
    late_max_ms: Milliseconds | None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        require_no_more(self.actual, self.planned, "more actors arrived than were planned")
        return self


class HarmedActor(Record):
    """An actor who was harmed."""

    actor: str
    harm: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    """The kind of harm, one of those that the suite has words for."""
    story: str
    """What happened, in one sentence."""
    activity: str


class WriteCounts(Record):
    """How many writes of one or more ledgers ended in which way."""

    attempted: Count
    acknowledged: Count
    refused: Count
    unknown: Count

    @model_validator(mode="after")
    def _ended_once(self) -> Self:
        ended = self.acknowledged + self.refused + self.unknown
        require_no_more(ended, self.attempted, "more writes ended than were attempted")
        return self


class GeneratorFigures(Record):
    """What the load generator measured of itself: planned and delivered work, the lag of its event loops, its use of
    the processor.

    With several processes, counts are summed; of lag and processor use the worst process counts.
    """

    processes: Count = 1
    planned_actors: Count
    started_actors: Count
    finished_actors: Count
    planned_actions: Count = Field(description="writes that the plan's actors would make")
    delivered_actions: Count
    lag_p95_ms: Milliseconds | None
    lag_max_ms: Milliseconds | None
    cpu_share: Amount | None = Field(description="CPU seconds per second of one core, on average")
    cpu_peak_share: Amount | None = Field(
        default=None, description="CPU seconds per second of one core in the busiest seconds: the 95th percentile"
    )


class Processors(Record):
    """Who used the processors of a machine in a span of time, as shares (0 to 1) of all of them: the rehearsal and its
    embedded platform, other processes, the host of a virtual machine, nobody.

    `pressure` is the share of the time in which some process waited for a processor; None if the kernel does not
    say."""

    seconds: Seconds
    ours: Share
    others: Share
    stolen: Share
    idle: Share
    pressure: Share | None = None

    @property
    def taken(self) -> float:
        """The share that other processes and the host used."""
        return self.others + self.stolen


class MachineUse(Record):
    """Who used the processors of the machine that ran a load and the platform, in consecutive spans of time."""

    spans: Annotated[tuple[Processors, ...], Field(min_length=1)]


class DatabasePoolFigures(Record):
    """The use of the database pool during one load, from the platform's metrics, and the connections that PostgreSQL
    counted. A figure that the platform does not give is None."""

    samples: Count
    source: str
    pool_size: Count | None = None
    max_overflow: int | None = None
    peak_in_use: Amount | None = Field(default=None, description="highest number in use in any one worker")
    limit_per_worker: Amount | None = None
    peak_usage: Amount | None = Field(default=None, description="share of a worker's limit, 0 to 1")
    sustained_usage: Amount | None = Field(
        default=None, description="share of the fullest worker's limit that three readings in a row reached"
    )
    average_usage: Amount | None = None
    peak_connections: Count | None = Field(default=None, description="of the application, in pg_stat_activity")
    exhausted: bool | None = None
    of_all_workers: bool = Field(
        default=False,
        description="no pool was read: connections of all workers together are compared with `connection_limit`",
    )


class MemoryFigures(Record):
    """The resident memory of the largest worker during one load, in bytes: medians of the middle and of the last third
    of the readings. A figure that the platform does not give is None."""

    samples: Count
    source: str
    middle: Amount | None = None
    last: Amount | None = None
    peak: Amount | None = None


class OpenFiles(Record):
    """How many files the worker with the most of them had open during one load, without its connections: medians of the
    middle and of the last third of the readings; None if there were too few."""

    samples: Count
    middle: Amount | None = None
    last: Amount | None = None


class ActorWait(Record):
    """How long an actor waited for its requests in one load, at the median of their service times."""

    actor: str
    requests: Count
    p50_ms: Milliseconds


class ActorFate(Record):
    """How the work of one actor ended."""

    actor: str
    subject: str | None
    """What its writes belong to."""
    finished: bool
    """Whether the platform accepted the finish that the plan had; in an exam the submission."""
    finished_at: Moment | None = None
    worst_wait_ms: Milliseconds
    """The longest wait for one action."""
    worst_wait_operation: str | None
    story: str
    password_doubted: bool = False
    """Whether its log-in was refused for good, so that it took no part and its password in the configuration may be
    wrong. False if another actor that was refused could log in afterwards: then the platform is the cause."""
    shown_wrongly: tuple[str, ...] = ()
    """One text for each thing that a page did not show as acknowledged: page, question, expected and shown value."""
    compared: dict[str, Count] = Field({})
    """Operation -> how many of its pages were compared."""
    not_comparable: dict[str, str] = Field({})
    """Operation -> why one of its pages could not be compared."""
    failures: dict[str, str] = Field({})
    """Operation -> its first failed reply, in the platform's own words."""
    shown_end: float | None = None
    """The end of the subject by the first page that showed one (seconds since the epoch); None if no page did."""
    right_choices: dict[str, str] = Field({})
    """Question, by a name that it has for others who were shown the same -> the choice that a review calls right. Empty
    once they are compared."""

    @model_validator(mode="before")
    @classmethod
    def _by_present_names(cls, fields: Any) -> Any:
        return by_present_names(fields, {"kept_out": "password_doubted", "told_end": "shown_end"})

    def late_seconds(self, deadline: float) -> float | None:
        """Seconds from the deadline (seconds since the epoch) to the accepted finish; None if it was in time or
        unknown."""
        late = None if self.finished_at is None else self.finished_at - deadline
        return late if late is not None and late > 0 else None
