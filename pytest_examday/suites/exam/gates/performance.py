"""Gates on what candidates felt under load: latency, errors, pool. They rest on a load that was delivered."""

from pytest_examday.evidence.figures import OperationFigures, Window
from pytest_examday.evidence.phases import EXAM_OPERATIONS, LoadEvidence
from pytest_examday.suites.exam.gates.bench import Bench, Case
from pytest_examday.suites.exam.gates.delivery import delivery_doubts

_SAMPLES_PER_WINDOW = 20
"""Fewer requests have no 95th percentile: with 20, one may be slow."""
_WINDOWS = 3
_SAMPLES_PER_OPERATION = 20
_LIMITED_SHARE = 0.05
"""With every twentieth request refused by a rate limit, the 95th percentile of the response time is that limit's."""
_SAMPLES_FOR_RATE = 100
"""One error among fewer requests would already be more than 1 %."""


def p95_latency(bench: Bench, case: Case) -> None:
    """p95 below the limit for each operation after the ramp, and not above it "consistently" (001): at most one slow
    window, or fewer than the configured share of windows.

    Two times are judged, and the reason names which one. The service time of each request is what the seeds limit.
    The response time of each action runs from the moment at which it was due: it holds retries, back-off and the
    platform's and the generator's own delays, because a candidate sits through all of them. One exception is made: a
    wait that a rate limit imposed may be the rehearsal's own fault (all candidates come from one address), so where
    every twentieth request was limited a slow response is a doubt and no failure.
    """
    load = bench.record("load", LoadEvidence)
    _require_delivery(bench, case, load)
    _require_operations(case, load)
    judged = _judge_windows(bench, case, load)
    for figures in load.steady:
        _judge_operation(bench.thresholds.p95_ms, case, figures)
    waited = [harm for harm in load.harmed if harm.harm == "waited-too-long"]
    case.fail_if(
        bool(waited), f"candidates who waited too long: {len(waited)}; first: {waited[0].story}" if waited else ""
    )
    worst = max((window.figures.p95_ms or 0 for window in judged), default=0)
    felt = max((figures.response_p95_ms or 0 for figures in load.steady), default=0)
    case.ground(
        f"p95 of requests in the slowest of {len(judged)} windows is {worst:.0f} ms, p95 of the slowest operation as "
        f"candidates felt it {felt:.0f} ms, limit {bench.thresholds.p95_ms:.0f} ms"
    )


def _require_operations(case: Case, load: LoadEvidence) -> None:
    """Every operation of an exam was done, and often enough after the ramp to have a percentile."""
    for name in EXAM_OPERATIONS:
        figures = load.after_ramp(name)
        judged = figures.judged if figures else 0
        if _left_out(case, load, name):
            continue
        case.doubt_if(
            judged < _SAMPLES_PER_OPERATION,
            f"too few {name} requests to judge: {judged} after the ramp, {_SAMPLES_PER_OPERATION} are needed",
        )
        responses = figures.responses if figures else 0
        case.doubt_if(
            judged >= _SAMPLES_PER_OPERATION > responses,
            f"too few {name} actions with a response time to judge: {responses}, {_SAMPLES_PER_OPERATION} are needed",
        )


def _left_out(case: Case, load: LoadEvidence, name: str) -> bool:
    wanting = name in load.left_out
    case.doubt_if(wanting, f"{name} was not exercised: it is no part of a load of shape {load.shape!r}")
    return wanting


def _judge_windows(bench: Bench, case: Case, load: LoadEvidence) -> list[Window]:
    limit = bench.thresholds.p95_ms
    judged = [window for window in load.windows if not window.ramp and window.figures.judged >= _SAMPLES_PER_WINDOW]
    case.doubt_if(
        len(judged) < _WINDOWS,
        f"only {len(judged)} windows of at least {_SAMPLES_PER_WINDOW} requests after the ramp, {_WINDOWS} are needed",
    )
    slow = [window for window in judged if _above(window.figures.p95_ms, limit)]
    consistent = len(slow) >= 2 and len(slow) >= bench.thresholds.slow_window_share * len(judged)
    case.fail_if(
        consistent, f"p95 of requests was above {limit:.0f} ms in {len(slow)} of {len(judged)} windows{_worst(slow)}"
    )
    return judged


def _judge_operation(limit: float, case: Case, figures: OperationFigures) -> None:
    """Service time first; a response time that is slow because every request is, is the same news."""
    if figures.judged >= _SAMPLES_PER_OPERATION and _above(figures.p95_ms, limit):
        case.fail_if(
            True, f"p95 of {figures.operation} is {figures.p95_ms:.0f} ms, limit {limit:.0f} ms (each request)"
        )
    elif figures.responses >= _SAMPLES_PER_OPERATION and _above(figures.response_p95_ms, limit):
        felt = f"p95 of {figures.operation} as candidates felt it is {figures.response_p95_ms:.0f} ms"
        limited = figures.limited >= _LIMITED_SHARE * figures.requests
        case.doubt_if(
            limited,
            f"{felt}, limit {limit:.0f} ms, and {figures.limited} of {figures.requests} requests were refused by a "
            "rate limit, which may be this rehearsal's own doing",
        )
        case.fail_if(not limited, f"{felt}, limit {limit:.0f} ms (from when it was due, retries and waits included)")


def _above(p95_ms: float | None, limit: float) -> bool:
    return p95_ms is not None and p95_ms > limit


def _worst(slow: list[Window]) -> str:
    return f", at worst {max(window.figures.p95_ms or 0 for window in slow):.0f} ms" if slow else ""


def error_rate(bench: Bench, case: Case) -> None:
    """Errors below the limit over the whole load; refusals by a rate limit count neither way."""
    load = bench.record("load", LoadEvidence)
    limit = bench.thresholds.error_rate
    _require_delivery(bench, case, load)
    overall = load.overall
    for name in EXAM_OPERATIONS:
        figures = load.operation(name)
        if not _left_out(case, load, name):
            case.doubt_if(figures is None or figures.judged == 0, f"{name} was not exercised: no request was judged")
    case.doubt_if(overall.judged < _SAMPLES_FOR_RATE, f"{overall.judged} requests are too few for a rate")
    rate = overall.error_rate
    if rate is None:
        return
    kinds = ", ".join(
        f"{count} {kind}" for kind, count in sorted(overall.by_outcome.items()) if kind not in ("ok", "limited")
    )
    case.fail_if(rate > limit, f"{rate:.2%} of {overall.judged} requests failed, limit {limit:.0%} ({kinds})")
    case.ground(f"{overall.errors} of {overall.judged} requests failed ({rate:.2%}, limit {limit:.0%})")


def db_pool(bench: Bench, case: Case) -> None:
    """The fullest worker's pool stays below the limit."""
    load = bench.record("load", LoadEvidence)
    limit = bench.thresholds.pool_usage
    _require_delivery(bench, case, load)
    usage = load.pool.peak_usage
    if usage is None:
        case.doubt_if(True, f"pool usage was not measured ({load.pool.source})")
        return
    case.fail_if(usage >= limit, f"the pool was {usage:.0%} used at its peak, limit {limit:.0%}")
    case.ground(f"{usage:.0%} of a worker's pool at its peak, limit {limit:.0%}")


def _require_delivery(bench: Bench, case: Case, load: LoadEvidence) -> None:
    """A load that was not delivered, or a generator that was itself saturated, proves nothing (rule 1)."""
    for doubt in delivery_doubts(load, bench.thresholds):
        case.doubt_if(True, doubt)
