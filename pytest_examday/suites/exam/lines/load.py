"""Phase 2: latency, errors, pool and submissions under load."""

from collections.abc import Sequence

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import (
    MILLISECONDS,
    PER_CENT,
    SECONDS,
    WHOLE_PER_CENT,
    against,
    bounded,
    exact,
    share,
    shown,
)
from pytest_examday.core.line import Judge, Line
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.figures import (
    ERRORS,
    ActorFate,
    DatabasePoolFigures,
    HarmedActor,
    OperationFigures,
    Window,
)
from pytest_examday.integrity.harmed_actors import harmed_by_waiting
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.gates import (
    DB_POOL,
    ERROR_RATE,
    NO_DUPLICATE_SUBMITS,
    NO_MANUAL_FIXES,
    P95_LATENCY,
    STABLE_UNDER_LOAD,
)
from pytest_examday.suites.exam.lines.busy_machine import judge_slow, taken_by_others, use_in_words
from pytest_examday.suites.exam.lines.delivery import delivery_doubts

_LEAST_GROWTH_BYTES = 32 * 2**20
"""Less growth than this is no leak that an exam would feel."""
_SAMPLES_PER_WINDOW = 20
"""The least number of requests by which p95 of a window is judged: 5 % of 20 requests are one request."""
_WINDOWS = 3
SAMPLES_PER_OPERATION = 20
"""The least number of requests of one operation after the ramp by which the operation is judged."""
_SAMPLES_FOR_MEDIAN = 5
_PLACES = 4
_K6 = "k6"
_READY_SECONDS = 2.0
"""How long the pool watch waits for a reply of the readiness endpoint."""
_SILENT_READINGS, _SILENT_SHARE = 2, 0.2
"""The line is inconclusive if at least so many readings, and more than this share of all, got no reply."""
_LIMITED_SHARE = 0.05
"""A share of requests (0 to 1). If a rate limit refused that many or more, their repetition may make p95 of the
response time slow, so a slow one is a doubt and not a failure."""
_SAMPLES_FOR_RATE = 100
"""Requests that an error rate needs: among fewer, a single error would be more than 1 %."""
_OPERATIONS = {
    "create": ("session-creation", "Session Creation"),
    "answer": ("answer-submissions", "Answer Submissions"),
    "submit": ("session-submits", "Session Submits"),
}
"""Operation -> the beginning of the keys and of the words of its lines (source document 000, phase 2)."""


def _load(measured: Measured) -> LoadEvidence:
    return measured.record("load", LoadEvidence)


def _delivered(measured: Measured, findings: Findings) -> None:
    """Doubt a load that was not delivered, or whose generator was saturated."""
    load = _load(measured)
    for doubt in delivery_doubts(load, measured.limits):
        findings.doubt(doubt)
    busy = taken_by_others(load)
    findings.doubt_if(bool(findings.doubts) and busy is not None, str(busy))
    made = load.generator
    findings.add_fact(f"{made.delivered_actions} of {made.planned_actions} planned writes were sent")
    if load.machine is not None:
        findings.add_fact(use_in_words(load.machine, "the load"))


def _finished(measured: Measured, findings: Findings) -> None:
    made = _load(measured).generator
    message = f"{made.finished_actors} of {made.planned_actors} candidates came to the end of their exam"
    findings.fail_if(made.finished_actors != made.planned_actors, message)
    findings.add_fact(message)


def judged_windows(load: LoadEvidence) -> list[Window]:
    """The windows after the ramp that hold enough requests for a 95th percentile."""
    return [window for window in load.windows if not window.ramp and window.figures.judged >= _SAMPLES_PER_WINDOW]


def _windows(measured: Measured, findings: Findings) -> None:
    """Seed 001: p95 is not "consistently" above the limit. It fails if at least two windows are slow, and at least the
    configured share of all windows."""
    limit = measured.limits.p95_ms
    load = _load(measured)
    judged = judged_windows(load)
    findings.doubt_if(
        len(judged) < _WINDOWS,
        f"only {len(judged)} windows of at least {_SAMPLES_PER_WINDOW} requests after the ramp, {_WINDOWS} are needed",
    )
    told_nothing = [window for window in judged if window.figures.p95_ms is None]
    findings.doubt_if(bool(told_nothing), f"{len(told_nothing)} of {len(judged)} windows hold no 95th percentile")
    thin = [window for window in load.windows if not window.ramp and 0 < window.figures.judged < _SAMPLES_PER_WINDOW]
    if thin:
        findings.add_fact(f"{len(thin)} windows of fewer than {_SAMPLES_PER_WINDOW} requests were left out")
    empty = [window for window in load.windows if _without_requests(window)]
    findings.doubt_if(
        bool(empty), f"in {len(empty)} of {len(load.windows)} windows writes were begun and no request was measured"
    )
    slow = [window for window in judged if _reaches(window.figures.p95_ms, limit)]
    consistent = len(slow) >= 2 and len(slow) >= measured.limits.slow_window_share * len(judged)
    message = f"p95 of requests was too high in {len(slow)} of {len(judged)} windows, at worst {_worst(slow, limit)}"
    judge_slow(load, consistent, f"{message}{_slowest(load, limit)}", findings)
    if len(judged) > len(told_nothing):
        findings.add_fact(
            f"p95 of all requests in the slowest of {len(judged)} windows after the ramp is {_worst(judged, limit)}"
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
        load = _load(measured)
        figures = load.after_ramp(operation)
        if figures is None and _left_out(load, operation, findings):
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


def _left_out(load: LoadEvidence, operation: str, findings: Findings) -> bool:
    not_exercised = operation in load.left_out
    findings.doubt_if(not_exercised, f"{operation} was not exercised: it is no part of a load of shape {load.shape!r}")
    return not_exercised


def _other_latency(measured: Measured, findings: Findings) -> None:
    load = _load(measured)
    others = [figures for figures in load.steady if figures.operation not in _OPERATIONS]
    for figures in others:
        _judge_times(load, measured.limits.p95_ms, figures, findings)
    findings.add_fact(f"{len(others)} other operations")


def _errors(operation: str) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        load = _load(measured)
        figures = load.operation(operation)
        if figures is None and _left_out(load, operation, findings):
            return
        if figures is None or figures.error_rate is None:
            findings.doubt(f"{operation} was not exercised: no request was judged")
            return
        _judge_errors(load, figures, measured.limits.error_rate, findings)

    return judge


def _judge_errors(load: LoadEvidence, figures: OperationFigures, limit: float, findings: Findings) -> None:
    rate = figures.error_rate or 0.0
    message = f"{figures.errors} of {figures.judged} {figures.operation} requests failed ({_rate(rate, limit)})"
    where = (message, _places(load, figures.operation), one_failure(load, figures.operation))
    findings.fail_if(rate >= limit and is_a_rate(figures), ", ".join(filter(None, where)))
    findings.add_fact(message)


def _places(load: LoadEvidence, operation: str) -> str:
    """How many requests failed by the log of each worker, the worst first; empty if logs do not show it."""
    by_place = load.failing_places.get(operation, {})
    worst = sorted(by_place.items(), key=lambda entry: -entry[1].errors / max(1, entry[1].judged))
    words = ", ".join(f"{place} {ended.errors} of {ended.judged}" for place, ended in worst[:_PLACES])
    return f"by log: {words}" if words else ""


def one_failure(load: LoadEvidence, operation: str) -> str:
    """A candidate for whom the operation failed, with the platform's own words; empty if none is known."""
    failures = (
        f"for instance {fate.actor}: {fate.failures[operation]}" for fate in load.fates if operation in fate.failures
    )
    return next(failures, "")


def _rate(rate: float, limit: float) -> str:
    return against(rate, limit, PER_CENT)


def _other_errors(measured: Measured, findings: Findings) -> None:
    load = _load(measured)
    others = [figures for figures in load.operations if figures.operation not in _OPERATIONS]
    for figures in others:
        _judge_errors(load, figures, measured.limits.error_rate, findings)
    findings.add_fact(f"{len(others)} other operations")


def is_a_rate(figures: OperationFigures) -> bool:
    """Whether there are enough errors or requests for a rate: more than one error, or at least 100 requests."""
    return figures.errors > 1 or figures.judged >= _SAMPLES_FOR_RATE


def _error_rate(measured: Measured, findings: Findings) -> None:
    """Judge the error rate of the whole load. Requests that a rate limit refused do not count."""
    overall = _load(measured).overall
    limit = measured.limits.error_rate
    findings.doubt_if(overall.judged < _SAMPLES_FOR_RATE, f"{overall.judged} requests are too few for a rate")
    rate = overall.error_rate
    if rate is None:
        return
    kinds = ", ".join(
        f"{count} {kind}" for kind, count in sorted(overall.by_outcome.items()) if kind in ERRORS and count
    )
    failed = f"{shown(rate, limit, PER_CENT)} of {overall.judged} requests failed"
    findings.fail_if(rate >= limit, f"{failed}, {bounded(rate, limit, PER_CENT)} ({kinds})")
    findings.add_fact(f"{overall.errors} of {overall.judged} requests of the load failed ({_rate(rate, limit)})")


def _submitted(measured: Measured, findings: Findings) -> None:
    """Every candidate submitted, so that nobody has to repair the database by hand."""
    load = _load(measured)
    submits = "submit" not in load.left_out
    findings.doubt_if(not submits, f"submit was not exercised: it is no part of a load of shape {load.shape!r}")
    if not submits or load.overall.requests == 0:  # candidates who sent nothing were refused nothing
        return
    judge_submissions(load.fates, "load", findings)


def judge_submissions(fates: Sequence[ActorFate], activity: str, findings: Findings) -> None:
    """Judge that every candidate of an activity submitted; each one who could not would need a repair by hand."""
    findings.doubt_if(not fates, f"{activity}: no candidate reached the end of an exam")
    outside = [fate for fate in fates if fate.password_doubted]
    if outside:
        refused = f"{activity}: {len(outside)} of {len(fates)} candidates were refused at log-in"
        message = f"{refused}, during the load and again after it"
        findings.doubt(f"{message}; first: {outside[0].actor}: {outside[0].story}; is the password right?")
    stuck = [fate for fate in fates if not (fate.finished or fate.password_doubted)]
    first = f"; first: {stuck[0].actor}: {stuck[0].story}" if stuck else ""
    message = f"{activity}: {len(stuck)} of {len(fates)} candidates could not submit and would need a repair by hand"
    findings.fail_if(bool(stuck), f"{message}{first}")
    findings.add_fact(f"{activity}: {len(fates) - len(stuck) - len(outside)} of {len(fates)} candidates submitted")


def _in_time(measured: Measured, findings: Findings) -> None:
    """Every submission was accepted before the deadline; otherwise a person has to decide whether it counts."""
    load = _load(measured)
    if load.schedule is None:
        findings.doubt("the load had no deadline")
        return
    submitted = [fate for fate in load.fates if fate.finished_at is not None]
    findings.doubt_if(not submitted, "it is unknown when submissions were accepted")
    deadline = load.schedule.deadline
    late = [(seconds, fate) for fate in load.fates if (seconds := fate.late_seconds(deadline))]
    if late:
        seconds, worst = max(late, key=lambda entry: entry[0])
        told_late = (
            f"{len(late)} of {len(load.fates)} submissions were accepted after the deadline; the latest: "
            f"{worst.actor}, {shown(seconds, 0, SECONDS)} late"
        )
        judge_slow(load, True, told_late, findings)
    findings.add_fact(f"{len(late)} of {len(load.fates)} submissions were accepted after the deadline")


def _waits(measured: Measured, findings: Findings) -> None:
    load = _load(measured)
    findings.doubt_if(not load.fates, "no candidate came to the end of an exam")
    submits = "submit" not in load.left_out
    deadline = load.schedule.deadline if load.schedule is not None and submits else None
    limit = measured.limits.max_wait_seconds
    waited = waited_too_long(load.fates, limit, submits=submits, deadline=deadline)
    first = f"; first: {waited[0].actor} {waited[0].story}" if waited else ""
    judge_slow(load, bool(waited), f"candidates who waited too long: {len(waited)}{first}", findings)
    findings.add_fact(f"{len(waited)} of {len(load.fates)} candidates waited longer than {exact(limit)} s")
    if worst := longest_wait(load.fates):
        findings.add_fact(worst)


def _slowest_candidates(measured: Measured, findings: Findings) -> None:
    """Judge the slowest candidates: if one of hundreds waits long for every reply, p95 of all requests does not show
    it."""
    load, limit = _load(measured), measured.limits.p95_ms
    if not load.slowest:
        why = (
            "the evidence does not have them" if load.slowest is None else "nobody sent enough requests after the ramp"
        )
        findings.doubt(f"the waits of single candidates are not known: {why}")
        return
    slow = [wait for wait in load.slowest if wait.p50_ms >= limit]
    worst = load.slowest[0]
    median = against(worst.p50_ms, limit, MILLISECONDS)
    message = f"p50 of {worst.requests} requests of {worst.actor} is {median}"
    more = f"; of {', '.join(wait.actor for wait in slow[1:])} too" if slow[1:] else ""
    judge_slow(load, bool(slow), f"{message}{more}", findings)
    findings.add_fact(message)


def waited_too_long(
    fates: Sequence[ActorFate], limit_seconds: float, *, submits: bool = True, deadline: float | None = None
) -> list[HarmedActor]:
    """The candidates who waited longer than the limit on one action. If one could therefore not submit, or not in time,
    the lines about submissions judge that.

    The harm that the evidence names was found with the limits of the run that measured, which may be others.
    """
    harmed = harmed_by_waiting(fates, limit_seconds, "", submits=submits, deadline=deadline)
    return [harm for harm in harmed if harm.harm == "waited-too-long"]


def longest_wait(fates: Sequence[ActorFate]) -> str:
    """The longest wait of one candidate for one action, in words; empty if nobody did anything."""
    worst = max(fates, key=lambda fate: fate.worst_wait_ms, default=None)
    if worst is None or worst.worst_wait_operation is None:
        return ""
    return f"the longest wait: {worst.worst_wait_ms / 1000:.1f} s on {worst.worst_wait_operation} ({worst.actor})"


def judge_pool(pool: DatabasePoolFigures, limit: float, findings: Findings) -> None:
    """Judge that the pool of the busiest worker does not stay at the limit (a share of 0 to 1) or above it.

    A single reading above it comes from a short burst and does not mean that connections are lacking.
    """
    peak, lasting = pool.peak_usage, pool.sustained_usage
    if peak is None and lasting is None:
        findings.doubt(f"pool usage was not measured ({pool.source})")
        return
    if lasting is not None:
        message = against(lasting, limit, WHOLE_PER_CENT)
        findings.fail_if(lasting >= limit, f"the pool was used in three readings in a row to {message}")
        findings.add_fact(f"a worker's pool was used in three readings in a row to {message}")
    if peak is not None:
        message = against(peak, limit, WHOLE_PER_CENT)
        short = (
            f"a worker's pool was used at its peak to {message}, and {pool.samples} readings do not show for how long"
        )
        findings.doubt_if(lasting is None and peak >= limit, short)
        findings.add_fact(f"at its peak to {message}")


def _memory(measured: Measured, findings: Findings) -> None:
    """The platform's metric is judged, and so is what the runtime tells of the processes: a metric may be wrong. If
    neither was measured, nothing is known."""
    load = _load(measured)
    known = False
    for who, figures in (("the largest worker", load.memory), ("the largest process", load.process_memory)):
        if figures is not None and figures.middle is not None and figures.last is not None:
            known = True
            _judge_growth(figures.middle, figures.last, who, measured.limits.memory_growth, findings)
    memory = load.memory
    if known:
        _judge_peaks(load, measured.limits.memory_growth, findings)
    why = "the evidence does not have it" if memory is None else f"{memory.source}, {memory.samples} readings"
    findings.doubt_if(not known, f"the memory of the workers was not measured ({why})")


def _judge_growth(before: float, after: float, who: str, limit: float, findings: Findings) -> None:
    grown, share_grown = after - before, (after - before) / before if before else 0.0
    message = f"{who} had {_mebibytes(before)} in the middle of the load and {_mebibytes(after)} at its end"
    leaks = grown >= _LEAST_GROWTH_BYTES and share_grown > limit
    findings.fail_if(leaks, f"{message} (+{shown(share_grown, limit, WHOLE_PER_CENT)}, limit {share(limit)})")
    findings.add_fact(message)


def _judge_peaks(load: LoadEvidence, limit: float, findings: Findings) -> None:
    """Processes that grow at the very end of a load, which medians do not show, have to grow in the metric too."""
    metric, processes = load.memory, load.process_memory
    if metric is None or processes is None or metric.middle is None or processes.middle is None:
        return
    if metric.peak is None or processes.peak is None:
        return
    grown, reported = processes.peak - processes.middle, metric.peak - metric.middle
    hidden = grown - reported >= _LEAST_GROWTH_BYTES and grown - reported > limit * processes.middle
    message = f"the largest process grew by {_mebibytes(grown)} up to its peak, the metric by {_mebibytes(reported)}"
    findings.fail_if(hidden, message)


def _mebibytes(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"


def _ready(measured: Measured, findings: Findings) -> None:
    load = _load(measured)
    readings = load.ready_readings
    findings.doubt_if(not readings, "readiness was not read during the load")
    findings.fail_if(load.ready_degraded > 0, f"not ready in {load.ready_degraded} of {readings} readings under load")
    silent, readings_in_all = load.ready_silent, load.ready_silent + (readings or 0)
    message = f"ready gave no reply within {_READY_SECONDS:g} s in {silent} of {readings_in_all} readings under load"
    judge_slow(load, silent >= _SILENT_READINGS and silent > _SILENT_SHARE * readings_in_all, message, findings)
    findings.add_fact(f"ready in {(readings or 0) - load.ready_degraded} of {readings} readings under load")


def _pool(measured: Measured, findings: Findings) -> None:
    judge_pool(_load(measured).pool, measured.limits.pool_usage, findings)


def _exhausted(measured: Measured, findings: Findings) -> None:
    pool = _load(measured).pool
    if pool.exhausted is None:
        findings.doubt(f"pool usage was not measured ({pool.source})")
        return
    findings.fail_if(pool.exhausted, "a worker's pool was exhausted")
    findings.add_fact("a worker's pool was exhausted" if pool.exhausted else "no worker's pool was exhausted")


def _redis(measured: Measured, findings: Findings) -> None:
    load = _load(measured)
    failures = load.redis_connection_failures
    findings.doubt_if(failures is None, "the platform does not report its Redis failures")
    findings.fail_if(bool(failures), f"{failures} Redis connection failures under load, with nothing injected")
    findings.fail_if(load.ready_degraded > 0, f"not ready {load.ready_degraded} times under load")
    if failures is not None:
        findings.add_fact(f"{failures} Redis connection failures, not ready {load.ready_degraded} times")


def _double_submits(measured: Measured, findings: Findings) -> None:
    load = _load(measured)
    tried = load.simultaneous_submits
    findings.doubt_if(tried == 0, "no two submits of a candidate were under way at the same moment")
    findings.add_fact(f"{tried} simultaneous double submits")
    if load.engine.startswith(_K6):
        findings.add_fact("k6 tries no double starts, and no doubles on new connections or without a key: phase 5 does")


def _latency_line(operation: str, key: str, title: str) -> Line:
    return Line(
        f"{key}-latency",
        lambda limits: f"{title}: p95 stays below {exact(limits.p95_ms)} ms",
        2,
        ("load",),
        _latency(operation),
        (P95_LATENCY,),
    )


def _errors_line(operation: str, key: str, title: str) -> Line:
    return Line(
        f"{key}-errors",
        lambda limits: f"{title}: fewer than {share(limits.error_rate)} of requests fail",
        2,
        ("load",),
        _errors(operation),
        (ERROR_RATE,),
        reason_of_gate=False,
    )


def _p95_title(limits: Thresholds) -> str:
    return f"p95 of requests stays below {exact(limits.p95_ms)} ms"


LINES: tuple[Line, ...] = (
    Line(
        "load-was-delivered",
        "The load was delivered as planned: users, writes, duration",
        2,
        ("load",),
        _delivered,
        (P95_LATENCY, ERROR_RATE, DB_POOL),
        reason_of_gate=False,
    ),
    Line("every-candidate-came-to-the-end", "Every candidate came to the end of the exam", 2, ("load",), _finished),
    Line("p95-stays-below-the-limit", _p95_title, 2, ("load",), _windows, (P95_LATENCY,)),
    *(_latency_line(operation, key, title) for operation, (key, title) in _OPERATIONS.items()),
    Line(
        "other-operations-latency",
        lambda limits: f"Every other operation: p95 stays below {exact(limits.p95_ms)} ms",
        2,
        ("load",),
        _other_latency,
        (P95_LATENCY,),
        reason_of_gate=False,
    ),
    Line(
        "nobody-was-harmed-by-waiting-in-load",
        lambda limits: f"No candidate waited longer than {exact(limits.max_wait_seconds)} s on any action",
        2,
        ("load",),
        _waits,
        (P95_LATENCY,),
        reason_of_gate=False,
    ),
    Line(
        "slowest-candidate-median",
        lambda limits: f"Half of the slowest candidate's requests take less than {exact(limits.p95_ms)} ms",
        2,
        ("load",),
        _slowest_candidates,
        (P95_LATENCY,),
        "ignored",
        reason_of_gate=False,
    ),
    Line(
        "error-rate-of-the-load",
        lambda limits: f"The error rate of the whole load stays below {share(limits.error_rate)}",
        2,
        ("load",),
        _error_rate,
        (ERROR_RATE,),
    ),
    *(_errors_line(operation, key, title) for operation, (key, title) in _OPERATIONS.items()),
    Line(
        "other-operations-errors",
        lambda limits: f"Every other operation: fewer than {share(limits.error_rate)} of requests fail",
        2,
        ("load",),
        _other_errors,
        (ERROR_RATE,),
        reason_of_gate=False,
    ),
    Line("every-candidate-submitted", "Every candidate submitted", 2, ("load",), _submitted, (NO_MANUAL_FIXES,)),
    Line(
        "every-submission-in-time",
        "Every submission was accepted before the deadline",
        2,
        ("load",),
        _in_time,
        (NO_MANUAL_FIXES,),
        "ignored",
        reason_of_gate=False,
    ),
    Line(
        "database-connection-pool",
        lambda limits: (
            f"Database connection pool: usage stays below {share(limits.pool_usage)}, short peaks left aside"
        ),
        2,
        ("load",),
        _pool,
        (DB_POOL,),
    ),
    Line(
        "pool-was-not-exhausted",
        "Database connection pool: no pool is exhausted",
        2,
        ("load",),
        _exhausted,
        (DB_POOL,),
        "ignored",
        reason_of_gate=False,
    ),
    Line("ready-under-load", "The platform is ready all the time", 2, ("load",), _ready, (STABLE_UNDER_LOAD,)),
    Line(
        "memory-stays-stable",
        lambda limits: f"Memory of the largest worker grows by at most {share(limits.memory_growth)} up to the end",
        2,
        ("load",),
        _memory,
        (STABLE_UNDER_LOAD,),
        "ignored",
    ),
    Line("redis-status", "Redis: no connection fails, and the platform stays ready", 2, ("load",), _redis),
    Line(
        "double-submits-were-tried",
        "Candidates submitted twice at the same moment",
        2,
        ("load",),
        _double_submits,
        (NO_DUPLICATE_SUBMITS,),
    ),
)
