"""Gates on what candidates felt under load: latency, errors, pool. They rest on a load that was delivered."""

from pytest_examday.evidence.figures import OperationFigures, Window
from pytest_examday.evidence.phases import LoadEvidence
from pytest_examday.gates.bench import Bench, Case

_SAMPLES_PER_WINDOW = 20
"""Fewer requests have no 95th percentile: with 20, one may be slow."""
_WINDOWS = 3
_SAMPLES_PER_OPERATION = 20
_SAMPLES_FOR_RATE = 100
"""One error among fewer requests would already be more than 1 %."""


def p95_latency(bench: Bench, case: Case) -> None:
    """p95 below the limit per operation, and not above it "consistently" (001): the ramp excluded, at most one
    slow window, or fewer than the configured share of windows."""
    load = bench.record("load", LoadEvidence)
    limit = bench.thresholds.p95_ms
    _require_delivery(bench, case, load)
    judged = [window for window in load.windows if not window.ramp and window.figures.judged >= _SAMPLES_PER_WINDOW]
    case.doubt_if(
        len(judged) < _WINDOWS,
        f"only {len(judged)} windows of at least {_SAMPLES_PER_WINDOW} requests after the ramp, {_WINDOWS} are needed",
    )
    slow = [window for window in judged if _above(window.figures, limit)]
    consistent = len(slow) >= 2 and len(slow) >= bench.thresholds.slow_window_share * len(judged)
    case.fail_if(consistent, f"p95 was above {limit:.0f} ms in {len(slow)} of {len(judged)} windows{_worst(slow)}")
    for figures in load.steady:
        enough = figures.judged >= _SAMPLES_PER_OPERATION
        case.fail_if(
            enough and _above(figures, limit),
            f"p95 of {figures.operation} is {figures.p95_ms:.0f} ms, limit {limit:.0f} ms",
        )
    waited = [harm for harm in load.harmed if harm.harm == "waited-too-long"]
    case.fail_if(
        bool(waited), f"candidates who waited too long: {len(waited)}; first: {waited[0].story}" if waited else ""
    )
    worst = max((window.figures.p95_ms or 0 for window in judged), default=0)
    case.ground(f"p95 in the slowest of {len(judged)} windows is {worst:.0f} ms, limit {limit:.0f} ms")


def _above(figures: OperationFigures, limit: float) -> bool:
    return figures.p95_ms is not None and figures.p95_ms > limit


def _worst(slow: list[Window]) -> str:
    return f", at worst {max(window.figures.p95_ms or 0 for window in slow):.0f} ms" if slow else ""


def error_rate(bench: Bench, case: Case) -> None:
    """Errors below the limit over the whole load; refusals by a rate limit count neither way."""
    load = bench.record("load", LoadEvidence)
    limit = bench.thresholds.error_rate
    _require_delivery(bench, case, load)
    overall = load.overall
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
    made = load.generator
    delivered = made.delivered_actions / made.planned_actions if made.planned_actions else 0.0
    least = bench.thresholds.delivered_share
    case.doubt_if(
        delivered < least,
        f"the load was not delivered: {made.delivered_actions} of {made.planned_actions} planned writes were sent",
    )
    lag = made.lag_p95_ms
    case.doubt_if(lag is None, "the load generator did not watch itself")
    most = bench.thresholds.generator_lag_ms
    case.doubt_if(lag is not None and lag > most, f"the load generator was saturated: its p95 lag was {lag} ms")
