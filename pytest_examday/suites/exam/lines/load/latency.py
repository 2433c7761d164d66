"""Phase 2: p95 of requests, in windows of the load and for each operation."""

import math

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    MILLISECONDS,
    against,
    exact,
    shown,
)
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import (
    OperationFigures,
    Window,
)
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import (
    P95_LATENCY,
)
from pytest_examday.suites.exam.lines.busy_machine import judge_slow
from pytest_examday.suites.exam.lines.load.operations import OPERATIONS, is_left_out
from pytest_examday.suites.exam.lines.load.record import load_record

_SAMPLES_PER_WINDOW = 20
"""The least number of requests by which p95 of a window is judged: 5 % of 20 requests are one request."""
_WINDOWS = 3
SAMPLES_PER_OPERATION = 20
"""The least number of requests of one operation after the ramp by which the operation is judged."""
_SAMPLES_FOR_MEDIAN = 5
_LIMITED_SHARE = 0.05
"""A share of requests (0 to 1). If a rate limit refused that many or more, their repetition may make p95 of the
response time slow, so a slow one is a doubt and not a failure."""


def judged_windows(load: LoadEvidence) -> list[Window]:
    """The windows after the ramp that hold enough requests for a 95th percentile."""
    return [window for window in load.windows if not window.ramp and window.figures.judged >= _SAMPLES_PER_WINDOW]


def _windows(measured: Measured, findings: Findings) -> None:
    """Source document 001: p95 is not "consistently" above the limit. It fails if at least two windows are slow, and at
    least the configured share of all windows."""
    limit = measured.limits.p95_ms
    load = load_record(measured)
    judged = judged_windows(load)
    findings.doubt_if(
        len(judged) < _WINDOWS,
        f"only {len(judged)} windows of at least {_SAMPLES_PER_WINDOW} requests after the ramp, {_WINDOWS} are needed",
    )
    without_p95 = [window for window in judged if window.figures.p95_ms is None]
    findings.doubt_if(bool(without_p95), f"{len(without_p95)} of {len(judged)} windows hold no 95th percentile")
    thin = [window for window in load.windows if not window.ramp and 0 < window.figures.judged < _SAMPLES_PER_WINDOW]
    if thin:
        findings.add_fact(f"{len(thin)} windows of fewer than {_SAMPLES_PER_WINDOW} requests were left out")
    empty = [window for window in load.windows if _without_requests(window)]
    findings.doubt_if(
        bool(empty), f"in {len(empty)} of {len(load.windows)} windows writes were begun and no request was measured"
    )
    slow = [window for window in judged if _reaches(window.figures.p95_ms, limit)]
    too_many = max(2, math.ceil(measured.limits.slow_window_share * len(judged)))
    consistent = len(slow) >= too_many
    message = f"p95 of requests was too high in {len(slow)} of {len(judged)} windows, at worst {_worst(slow, limit)}"
    judge_slow(load, consistent, f"{message}{_slowest(load, limit)}", findings)
    if len(judged) > len(without_p95):
        findings.add_fact(
            f"p95 of all requests in the slowest of {len(judged)} windows after the ramp is {_worst(judged, limit)}"
            + (f"; too slow in {len(slow)} of them, and {too_many} would fail" if 0 < len(slow) < too_many else "")
        )


def _slowest(load: LoadEvidence, limit: float) -> str:
    """The operation whose requests were the slowest after the ramp, if it was too slow; windows hold all operations
    together, and a slow one with few requests hides behind the others."""
    slow = [figures for figures in load.steady if _reaches(figures.p95_ms, limit)]
    if not slow:
        return ""
    worst = max(slow, key=lambda figures: (figures.p50_ms or 0.0, figures.p95_ms or 0.0))
    p50, p95 = _ms(worst.p50_ms, limit), _ms(worst.p95_ms, limit)
    return f"; slowest: {worst.operation}, p50 {p50}, p95 {p95} of {worst.judged} requests"


def _without_requests(window: Window) -> bool:
    """Whether a window after the ramp began many writes and has no request. A single write that was begun at the end of
    the window may have been sent in the next one."""
    return not window.ramp and window.figures.judged == 0 and (window.begun or 0) >= _SAMPLES_PER_WINDOW


def _worst(windows: list[Window], limit: float) -> str:
    return against(max((window.figures.p95_ms or 0 for window in windows), default=0), limit, MILLISECONDS)


def _reaches(p95_ms: float | None, limit: float) -> bool:
    return p95_ms is not None and p95_ms >= limit


def _latency(operation: str) -> Judge:
    """Judge p95 of one operation after the ramp.

    Two times are judged, and the reason says which one is slow. The service time of each request is what the source
    documents limit. The response time of each action runs from the moment at which it was due: retries, pauses and
    delays of platform and generator count, because a candidate waits for all of them. A rate limit may refuse
    candidates only because all of them come from one address. So if it refused every twentieth request, a slow response
    time is a doubt and not a failure.
    """

    def judge(measured: Measured, findings: Findings) -> None:
        load = load_record(measured)
        figures = load.after_ramp(operation)
        if figures is None and is_left_out(load, operation, findings):
            return
        judged = figures.judged if figures else 0
        findings.doubt_if(
            judged < SAMPLES_PER_OPERATION,
            f"too few {operation} requests to judge: {judged} after the ramp, {SAMPLES_PER_OPERATION} are needed",
        )
        responses = figures.responses if figures else 0
        findings.doubt_if(
            judged >= SAMPLES_PER_OPERATION > responses,
            f"too few {operation} actions with a response time to judge: {responses}, {SAMPLES_PER_OPERATION} are "
            "needed",
        )
        if figures is not None:
            _judge_times(load, measured.limits.p95_ms, figures, findings)

    return judge


def _judge_times(load: LoadEvidence, limit: float, figures: OperationFigures, findings: Findings) -> None:
    """Judge the service time, and the response time only if the service time is good: if every request is slow, every
    response is slow for the same reason.

    Of few requests p95 is nearly the slowest of them. But if at least half of five or more are too slow, so are
    more than 5 % of all: chance makes it so in about one of 450 cases at most (three of six)."""
    findings.add_fact(
        f"p95 of {figures.operation} after the ramp {_ms(figures.p95_ms, limit)}, response time "
        f"{_ms(figures.response_p95_ms, limit)}, limit {exact(limit)} ms"
    )
    findings.doubt_if(
        figures.judged >= SAMPLES_PER_OPERATION and figures.p95_ms is None,
        f"the evidence of {figures.judged} {figures.operation} requests holds no 95th percentile",
    )
    findings.doubt_if(
        figures.responses >= SAMPLES_PER_OPERATION and figures.response_p95_ms is None,
        f"the evidence of {figures.responses} {figures.operation} actions holds no 95th percentile of their response "
        "times",
    )
    service, response = figures.p95_ms or 0.0, figures.response_p95_ms or 0.0
    if figures.judged >= SAMPLES_PER_OPERATION and _reaches(figures.p95_ms, limit):
        message = f"p95 of {figures.operation} is {against(service, limit, MILLISECONDS)} (each request)"
        judge_slow(load, True, message, findings)
    elif figures.judged >= _SAMPLES_FOR_MEDIAN and _reaches(figures.p50_ms, limit):
        median = against(figures.p50_ms or 0.0, limit, MILLISECONDS)
        message = f"p50 of {figures.operation} is {median} ({figures.judged} requests, too few for p95)"
        judge_slow(load, True, message, findings)
    elif figures.responses >= SAMPLES_PER_OPERATION and _reaches(figures.response_p95_ms, limit):
        felt = f"p95 of the response time of {figures.operation} is {against(response, limit, MILLISECONDS)}"
        limited = figures.limited >= _LIMITED_SHARE * figures.requests
        findings.doubt_if(
            limited,
            f"{felt}, and {figures.limited} of {figures.requests} requests were refused by a "
            "rate limit, which this rehearsal itself may have caused",
        )
        judge_slow(load, not limited, f"{felt} (from when it was due, retries and waits included)", findings)


def _ms(value: float | None, limit: float) -> str:
    return "not measured" if value is None else shown(value, limit, MILLISECONDS)


def _other_latency(measured: Measured, findings: Findings) -> None:
    load = load_record(measured)
    others = [figures for figures in load.steady if figures.operation not in OPERATIONS]
    for figures in others:
        _judge_times(load, measured.limits.p95_ms, figures, findings)
    findings.add_fact(f"{len(others)} other operations")


def _latency_line(operation: str, key: str, title: str) -> Line:
    return Line(
        f"{key}-latency",
        lambda limits: f"{title}: p95 stays below {exact(limits.p95_ms)} ms",
        2,
        ("load",),
        _latency(operation),
        (P95_LATENCY,),
    )


def _p95_title(limits: Thresholds) -> str:
    return f"p95 of requests stays below {exact(limits.p95_ms)} ms"


LINES: tuple[Line, ...] = (
    Line("p95-stays-below-the-limit", _p95_title, 2, ("load",), _windows, (P95_LATENCY,)),
    *(_latency_line(operation, key, title) for operation, (key, title) in OPERATIONS.items()),
    Line(
        "other-operations-latency",
        lambda limits: f"Every other operation: p95 stays below {exact(limits.p95_ms)} ms",
        2,
        ("load",),
        _other_latency,
        (P95_LATENCY,),
        reason_of_gate=False,
    ),
)
