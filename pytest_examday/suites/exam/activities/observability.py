"""Phase 6: read the platform's own logs, and compare them with what clients saw."""

import math
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import GATEWAY_STATUSES, DatabasePoolFigures
from pytest_examday.evidence.probe import Probe
from pytest_examday.load.samples import Sample, read_samples
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.clock_offsets import clock_offsets
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_contradictions import contradictions
from pytest_examday.observe.log_line import LogLine
from pytest_examday.observe.log_review import LogQuery, review_when_written
from pytest_examday.observe.logged_requests import LoggedRequests
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, probe
from pytest_examday.suites.exam.evidence import LoadEvidence, ObservabilityEvidence
from pytest_examday.suites.exam.exam_mode.exam_mode_afterwards import exam_mode_again
from pytest_examday.target.target import Target

_BEFORE_SECONDS = 60
"""Logs are read from this many seconds before the first request, because clocks differ."""
_TRACE_SAMPLE = 200
_DRILL_SAMPLE = 40
_WRITTEN_SECONDS = 1.0
"""A request that ended so long before a fault has to be in the log: a log that lags by more cannot be relied on."""
_CALLED = ("login", "refresh", "create", "read", "answer", "clear", "submit", "review")
"""The operations that candidates of a load call."""
_NAMED = 20


@dataclass(frozen=True)
class _LoggedRequests:
    """The requests in the log, and the time that the log is known to cover (seconds since the epoch)."""

    found: LoggedRequests
    begins: float
    ends: float

    def lacks(self, request_id: str, ended: float) -> bool:
        """Whether the log has no line of the request although it reaches to the time at which the request ended."""
        return request_id not in self.found.statuses and self.begins <= ended <= self.ends

    def outside(self, request_id: str, ended: float) -> Literal["before", "after"] | None:
        """Whether a request that has no line in the log ended before or after the time of the log; None for others."""
        if request_id in self.found.statuses:
            return None
        return "before" if ended < self.begins else "after" if ended > self.ends else None


@dataclass(frozen=True)
class _Seen:
    """What clients saw in this run.

    `began` is when logs have to be read from (seconds since the epoch). `failures` are all replies with an error, as
    request id, status and the time at which they ended. `cut` counts errors that a proxy reported because a drill had
    cut the connection behind it. `answered` are requests of the load that got a reply, evenly spread. `calm` are, for
    each drill, accepted requests of its candidates that ended before the fault went in or began after the recovery.
    `other_ids` maps the ids in replies to those that were sent, if they differ.
    """

    began: float
    failures: list[tuple[str, int, float]]
    cut: int
    answered: list[Sample]
    calm: dict[str, list[Sample]]
    other_ids: dict[str, str] = field(default_factory=dict)

    @property
    def of_load(self) -> TimeSpan | None:
        """The time of the followed requests of the load; None if there are none."""
        if not self.answered:
            return None
        return TimeSpan(min(sample.started for sample in self.answered), max(sample.ended for sample in self.answered))

    @property
    def followed(self) -> frozenset[str]:
        """The requests whose log lines are compared with what their clients saw."""
        return frozenset(sample.request_id for sample in self.answered)

    @property
    def others(self) -> frozenset[str]:
        """The requests that have to be in the log, with the right status if they failed."""
        calm = (sample.request_id for samples in self.calm.values() for sample in samples)
        return frozenset((*calm, *(name for name, _, _ in self.failures)))


def gather(target: Target) -> ObservabilityEvidence:
    """Read the logs and compare them with what candidates saw. Raises Unmeasurable if logs or samples cannot be
    read."""
    target.files.progress.say("observability: reading exam mode and trying protected operations again")
    again = exam_mode_again(target)
    target.files.progress.say("observability: following requests from client to log")
    began = now()
    provoked, secrets, last = _provoke(target)
    load = target.files.store.read("load", LoadEvidence).record
    drills = target.files.store.all_of(DrillEvidence)
    seen = _seen(target, load, drills)
    others = seen.others | {made.request_id for made in provoked if made.request_id is not None}
    if last is not None:
        others |= {last.request_id or ""}
    query = LogQuery(
        seen.followed,
        others,
        secrets,
        [_span(drill) for drill in drills],
        seen.of_load,
        None if last is None else last.request_id,
        seen.other_ids | _other_ids((*provoked, *((last,) if last else ()))),
    )
    reviewed = review_when_written(target.environment, target.runtime, seen.began, query)
    found = reviewed.found
    beginning = reviewed.beginning
    logged = _LoggedRequests(
        found,
        -math.inf if beginning is None else beginning.at - _WRITTEN_SECONDS,
        math.inf if reviewed.ends is None or reviewed.written else reviewed.ends,
    )
    parts = reviewed.figures | _traces(target, seen.answered, logged)
    parts |= _failures(seen.failures, provoked, began, logged) | _in_drills(seen.calm, logged)
    parts |= {"log_ends": reviewed.ends, "log_complete_after": reviewed.waited if reviewed.complete else None}
    parts["fields_not_logged"] = reviewed.fields_not_logged
    parts |= {"ids_shared": reviewed.ids.shared, "ids_in_log": reviewed.ids.example, "ids_of_load": reviewed.ids.lines}
    if beginning is not None:
        cut = parts["trace_before_log"] or parts["failures_before_log"]
        several = len(reviewed.figures["log_files"]) > 1  # type: ignore[arg-type] # a tuple of names
        parts |= {
            "log_begins": beginning.at,
            "log_beginning": beginning.line if cut else None,
            "log_that_begins": beginning.file if several else None,
        }
    parts |= {
        "secrets_logged": tuple(f"{what} in {file}" for what, file in reviewed.secrets.items()),
        "pool": load.pool if load else DatabasePoolFigures(samples=0, source="not watched: no load was run"),
        "redis_reconnects": load.redis_reconnects if load else None,
    }
    parts |= {"provoked": provoked, "gateway_failures": seen.cut, "exam_mode": again}
    return ObservabilityEvidence.model_validate(parts)


def _span(drill: DrillEvidence) -> TimeSpan:
    """The time from the moment at which the fault went in until the platform had recovered."""
    return TimeSpan(drill.injected, drill.after.started)


def _seen(target: Target, load: LoadEvidence | None, drills: Iterable[DrillEvidence]) -> _Seen:
    """Read the samples of the load and of all drills. Raises Unmeasurable if they are damaged."""
    of_load = () if load is None else tuple(target.files.directory / name for name in load.samples)
    files = sorted((target.files.ledger).glob("*.samples.jsonl"))
    spans = {Path(name).name: _span(drill) for drill in drills if drill.cuts_connections for name in drill.samples}
    began, failures, cut = now(), [], 0
    other_ids: dict[str, str] = {}
    try:
        for path, sample in _samples(files):
            began = min(began, sample.started)
            if sample.status is None or sample.status < 400:
                continue
            if _is_cut(sample, spans.get(path.name)):
                cut += 1
            else:
                failures.append((sample.request_id, sample.status, sample.ended))
                other_ids |= _other_ids((sample,))
        answered = _spread(_answered(of_load))
        calm = {drill.drill: _spread(_calm(target, drill), _DRILL_SAMPLE) for drill in drills}
    except (OSError, ValueError) as problem:
        raise Unmeasurable(f"the samples cannot be read: {problem}") from None
    other_ids |= _other_ids((*answered, *(in_drill for chosen in calm.values() for in_drill in chosen)))
    return _Seen(began - _BEFORE_SECONDS, failures, cut, answered, calm, other_ids)


def _other_ids(requests: Iterable[Sample | Probe]) -> dict[str, str]:
    """The id in a reply -> the id that was sent, if they differ."""
    return {
        request.returned_id: request.request_id
        for request in requests
        if request.returned_id is not None and request.request_id is not None
    }


def _samples(files: Iterable[Path]) -> Iterator[tuple[Path, Sample]]:
    for path in files:
        for sample in read_samples(path):
            yield path, sample


def _is_cut(sample: Sample, span: TimeSpan | None) -> bool:
    """Whether a proxy sent the reply because a drill had cut the connection behind it. The platform never finished such
    a request, so it cannot have logged it."""
    if span is None or sample.status not in GATEWAY_STATUSES:
        return False
    return sample.ended >= span.began and sample.started <= span.ended


def _answered(files: Iterable[Path]) -> Iterator[Sample]:
    """The requests of these files that got a reply."""
    return (sample for path in files for sample in read_samples(path) if sample.status is not None)


def _calm(target: Target, drill: DrillEvidence) -> Iterator[Sample]:
    """The accepted requests of a drill's candidates that no fault can have kept out of the log."""
    for sample in _answered(target.files.directory / name for name in drill.samples):
        before = sample.ended < drill.injected - _WRITTEN_SECONDS
        if sample.outcome == "ok" and (before or sample.started > drill.after.started):
            yield sample


def _spread(samples: Iterable[Sample], most: int = _TRACE_SAMPLE) -> list[Sample]:
    """At most so many of the requests, evenly spread. Whenever twice as many are chosen, every second one is dropped
    again."""
    chosen: list[Sample] = []
    step = 1
    for number, sample in enumerate(samples):
        if number % step == 0:
            chosen.append(sample)
        if len(chosen) == 2 * most:
            chosen, step = chosen[::2], 2 * step
    size = min(len(chosen), most)
    return [chosen[number * len(chosen) // size] for number in range(size)]


def _provoke(target: Target) -> tuple[tuple[Probe, ...], dict[str, str], Probe | None]:
    """Make failures on purpose: without a failure, a log cannot prove that it records failures. Returns the secrets
    that were sent and that no log may hold, by what they are; and the last request if it was accepted."""
    try:
        (account,) = target.accounts.take(1)
        candidate = ProbeCandidate.begin(target, account)
    except Unmeasurable as reason:
        return (Probe.untried("a refused request", str(reason)),), {}, None
    wrong = f"wrong-{uuid.uuid4().hex}"
    candidate.open()
    nowhere = {"session_id": str(uuid.uuid4())}
    replies = {
        "a session that does not exist": target.api.call("read", nowhere, candidate.login.access_token),
        "no token": target.api.call("read", {"session_id": candidate.session_id or nowhere["session_id"]}),
    }
    sent = {"an access token": candidate.login.access_token}
    contract = target.environment.platform.contract
    if contract.login is not None:
        replies["wrong password"] = target.api.request_login(account.model_copy(update={"password": SecretStr(wrong)}))
        sent["a password"] = wrong
    if contract.review is not None:
        replies["review before the submit"] = candidate.review()
    probes = tuple(probe(name, reply, reply.refused) for name, reply in replies.items())
    if candidate.login.refresh_token is not None:
        sent["a refresh token"] = candidate.login.refresh_token
    last = None if candidate.session_id is None else candidate.read()
    return probes, sent, None if last is None or not last.accepted else probe("read", last)


def _in_drills(calm: dict[str, list[Sample]], logged: "_LoggedRequests") -> dict[str, object]:
    """Drill -> its requests that the log does not have although it covers their time."""
    lost = {
        name: [sample.request_id for sample in chosen if logged.lacks(sample.request_id, sample.ended)]
        for name, chosen in calm.items()
    }
    return {
        "followed_in_drills": sum(map(len, calm.values())),
        "missing_in_drills": {name: tuple(ids) for name, ids in lost.items() if ids},
    }


def _traces(target: Target, chosen: list[Sample], logged: _LoggedRequests) -> dict[str, object]:
    """Look for each of these requests in the log by its id.

    They are requests of the load alone: in a drill, a killed worker may not have had the time to log a request.
    """
    by_id = {name: tuple(lines.values()) for name, lines in logged.found.lines.items()}
    found = [sample for sample in chosen if sample.request_id in by_id]
    missing = [sample.request_id for sample in chosen if logged.lacks(sample.request_id, sample.ended)]
    outside = Counter(logged.outside(sample.request_id, sample.ended) for sample in chosen)
    example = _example(found[-1], by_id[found[-1].request_id][0]) if found else {}
    compared = [(sample, line) for sample in found for line in by_id[sample.request_id]]
    contradicted = contradictions(compared, _paths(target))
    return {
        "contradictions": dict(Counter(contradiction.kind for contradiction in contradicted)),
        "clock_offsets": clock_offsets(compared),
        "contradicting": tuple(contradiction.words for contradiction in contradicted[:_NAMED]),
        "trace_sampled": len(chosen),
        "traced": len(found),
        "lines_compared": len(compared),
        "trace_missing": tuple(missing[:_NAMED]),
        "trace_before_log": outside["before"],
        "trace_after_log": outside["after"],
        "trace_example": example,
    }


def _paths(target: Target) -> dict[str, str]:
    """The path of each operation that candidates call."""
    contract = target.environment.platform.contract
    named = {name: getattr(contract, name, None) for name in _CALLED}
    return {name: operation.path for name, operation in named.items() if operation is not None}


def _example(sample: Sample, line: LogLine) -> dict[str, str | None]:
    form = line.form
    fields = {"route": form.route, "status": form.status, "total_ms": form.total_ms, "db_ms": form.db_ms}
    logged = {name: _text(line.get(place)) for name, place in fields.items()}
    return {
        "request_id": sample.request_id,
        "candidate": sample.actor,
        "operation": sample.operation,
        "client_ms": f"{sample.ms:.1f}",
        "file": line.file,
        **logged,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _failures(
    failures: list[tuple[str, int, float]], provoked: Iterable[Probe], provoked_at: float, logged: _LoggedRequests
) -> dict[str, object]:
    """Look for each failure that a client saw in the log: it has to be there with the same status."""
    of_probes = (
        (made.request_id or "", made.status, provoked_at)
        for made in provoked
        if made.passed and made.status is not None
    )
    seen = [*failures, *of_probes]
    other = [(name, status, ended) for name, status, ended in seen if not logged.found.has(name, status)]
    sides = {name: logged.outside(name, ended) for name, _, ended in other}
    silent = [f"{name} (HTTP {status})" for name, status, _ in other if sides[name] is None]
    outside = Counter(sides[name] for name, _, _ in other)
    return {
        "client_failures": len(seen),
        "failures_logged": len(seen) - len(other),
        "failures_before_log": outside["before"],
        "failures_after_log": outside["after"],
        "failures_silent": tuple(silent[:_NAMED]),
    }
