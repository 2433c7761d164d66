"""A probe after a restart of all workers: the requests that were sent after it are in the platform's log."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_examday.contract.log_format import LogFormat
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.probe import Probe
from pytest_examday.monotonic_clock import now
from pytest_examday.observe.log_block import TimeSpan
from pytest_examday.observe.log_reader import LogReader
from pytest_examday.observe.log_review import CLOCKS_SECONDS
from pytest_examday.observe.log_waiting import read_until_written
from pytest_examday.observe.logged_ids import LoggedIds
from pytest_examday.observe.logged_requests import LoggedRequestFinder
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate, reply_in_words
from pytest_examday.suites.exam.evidence import ObservabilityEvidence
from pytest_examday.suites.exam.log_comparison.other_ids import names_other_ids
from pytest_examday.suites.exam.log_comparison.requests_in_log import RequestsInLog
from pytest_examday.suites.exam.probe_names import LOGGED_AFTER
from pytest_examday.suites.exam.rules.trials.open_exam import open_exam, with_good_token
from pytest_examday.suites.exam.workers.named_workers import tries_on_every_worker

if TYPE_CHECKING:
    from pytest_examday.target.target import Target


@dataclass(frozen=True)
class SentRequests:
    """Accepted requests that were sent after a restart: their ids, the other ids in their replies, and their time.
    `why` says why there are none; None if there are some."""

    ids: frozenset[str]
    other_ids: Mapping[str, str]
    span: TimeSpan
    why: str | None = None


def send_requests(target: "Target", prober: ProbeCandidate) -> SentRequests:
    """Let the prober read an exam over new connections, so often that every worker is reached."""
    began = now()
    try:
        if prober.session_id is None:
            open_exam(prober)
    except Unmeasurable as reason:
        return SentRequests(frozenset(), {}, TimeSpan(began, now()), str(reason))
    first = with_good_token(prober, prober.read)
    replies = [first, *(prober.read() for _ in range(tries_on_every_worker(target) - 1))]
    accepted = [reply for reply in replies if reply.accepted]
    other_ids = {reply.returned_id: reply.request_id for reply in accepted if reply.returned_id is not None}
    why = None if accepted else f"the prober could not read an exam: {reply_in_words(first)}"
    return SentRequests(frozenset(reply.request_id for reply in accepted), other_ids, TimeSpan(began, now()), why)


def logged_after(target: "Target", sent: SentRequests) -> tuple[Probe, ...]:
    """The probe of these requests in the log. It is left out if phase 6 has already reported that the log lacks
    requests."""
    if _is_reported(target):
        return ()
    if sent.why is not None:
        return (Probe.untried(LOGGED_AFTER, sent.why),)
    try:
        found = read_until_written(
            target.environment,
            lambda: _Search(target, sent),
            complete=lambda search: not search.missing or not search.has_ids,
            written=lambda search: search.is_written,
        ).reading
    except Unmeasurable as reason:
        return (Probe.untried(LOGGED_AFTER, str(reason)),)
    return (found.probe,)


def _is_reported(target: "Target") -> bool:
    seen = target.files.store.read("observability", ObservabilityEvidence).record
    return seen is not None and (seen.traced < seen.trace_sampled or seen.ids_shared is not None)


class _Search:
    """One search for the requests in the log. Raises Unmeasurable if the log cannot be read."""

    def __init__(self, target: "Target", sent: SentRequests) -> None:
        self._sent = sent
        self._reader = LogReader(target.environment, target.runtime, _places)
        self._ids = LoggedIds(sent.span)
        since = sent.span.began - CLOCKS_SECONDS
        finder = LoggedRequestFinder(frozenset(), sent.ids, since, sent.other_ids)
        for block in self._reader.blocks(since):
            requests = block.requests
            finder.add(requests)
            self._ids.add(requests)
        self._found = finder.found
        self.missing: Collection[str] = sent.ids - self._found.statuses.keys()

    @property
    def has_ids(self) -> bool:
        """Whether a format of the logs has request ids."""
        return any(form.request_id is not None for form in self._reader.formats)

    @property
    def is_written(self) -> bool:
        """Whether the log has a line from after the requests."""
        return self._reader.newest is not None and self._reader.newest > self._sent.span.ended

    @property
    def probe(self) -> Probe:
        """The probe of what was found."""
        number = len(self._sent.ids)
        if not self.missing:
            return Probe(name=LOGGED_AFTER, passed=True, detail=f"{number} of {number} requests are in the log")
        why = self._why_unknown()
        message = (
            f"{len(self.missing)} of {number} requests that were accepted after the restart are not in the log, for "
            f"instance {min(self.missing)}"
        )
        if why is not None:
            return Probe.untried(LOGGED_AFTER, why if not self.has_ids else f"{message}: {why}")
        return Probe(name=LOGGED_AFTER, passed=False, detail=message)

    def _why_unknown(self) -> str | None:
        """Why nobody knows whether the missing requests were logged; None if the log should have them."""
        if not self.has_ids:
            return "no log format has `request_id`"
        span = self._sent.span
        if not self.is_written:
            return "the log has no line from after them: lines are written late, or nothing is logged any more"
        begins = max((beginning.at for beginning in self._reader.beginnings.values()), default=None)
        if RequestsInLog.of(self._found, begins, None).outside(min(self.missing), span.began) == "before":
            return "the log begins after them: it was rotated or cut"
        if names_other_ids(len(self._sent.ids), len(self._sent.ids) - len(self.missing), self._ids.lines):
            return f"the log names other request ids, for instance {self._ids.example!r}"
        return None


def _places(form: LogFormat) -> tuple[str | None, ...]:
    return (form.request_id, form.is_request, form.status)
