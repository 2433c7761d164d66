"""How evidence of phase 2 is judged where no receiver has to be asked."""

import re
from typing import Any

import pytest

from pytest_examday.suites.staging.webhooks.evidence import (
    HUGE,
    DeletionSeen,
    Duplicates,
    Padding,
    RateLimitSeen,
    Reply,
    Trace,
    TraceSearch,
    WebhooksEvidence,
    WebhookTrial,
)
from tests.suites.staging.webhooks.judging import judged, outcomes

_ACCEPTED = Reply(status=202, accepted=True)
_REFUSED = Reply(status=401, accepted=False)
_LIMITED = Reply(status=429, accepted=False, limited=True)
_SEEN = TraceSearch(searched=3, sees=True)


def _right(name: str, about: Any = "control", **changed: Any) -> WebhookTrial:
    return WebhookTrial(name=name, about=about, expected="processed", reply=_ACCEPTED, rows=1).model_copy(
        update=changed
    )


def _wrong(name: str, about: Any, **changed: Any) -> WebhookTrial:
    return WebhookTrial(name=name, about=about, expected="refused", reply=_REFUSED, rows=0).model_copy(update=changed)


_DUPLICATES = Duplicates(name="50 at once", about="idempotency", webhook_id="e", requests=50, at_once=50, rows=1)
_LIMIT = RateLimitSeen(
    limit=300,
    used_before=0,
    used_is_known=True,
    forged=5,
    sent=310,
    let_through=300,
    stored=300,
    refused=10,
    longest_wait_seconds=3000,
    window_seconds=3600,
    other_sender=_right("a webhook of another"),
)
GOOD = WebhooksEvidence(
    sent=400,
    processed=350,
    errors=0,
    trials=(
        _right("an ordinary webhook"),
        _wrong("no signature", "signature"),
        _wrong("a day old", "replay"),
        _wrong("without a time stamp", "timestamp"),
        _wrong(HUGE, "content"),
    ),
    duplicates=(_DUPLICATES, _DUPLICATES.model_copy(update={"about": "replay", "name": "the same request again"})),
    attributed=1,
    rate_limit=_LIMIT,
    fields={"email": "encrypted", "note": "omitted", "plan": "plain"},
    tables=_SEEN,
    logs=_SEEN,
    dump=_SEEN,
    padding=Padding(added=2000, row_bytes=300, padded_row_bytes=310),
    deletion=DeletionSeen(status=200, accepted=True, rows_before=1),
)


def _with_trial(name: str, **changed: Any) -> WebhooksEvidence:
    trials = tuple(one.model_copy(update=changed) if one.name == name else one for one in GOOD.trials)
    return GOOD.model_copy(update={"trials": trials})


def _with(**changed: Any) -> WebhooksEvidence:
    return GOOD.model_copy(update=changed)


def _limit(**changed: Any) -> WebhooksEvidence:
    return _with(rate_limit=_LIMIT.model_copy(update=changed))


def _duplicates(**changed: Any) -> WebhooksEvidence:
    return _with(duplicates=(_DUPLICATES.model_copy(update=changed), GOOD.duplicates[1]))


def test_good_evidence_passes() -> None:
    assert outcomes(GOOD) == {}


@pytest.mark.parametrize(
    ("evidence", "line", "reason"),
    [
        (_with_trial("no signature", rows=1), "signature", "no signature was stored"),
        (
            _with_trial("no signature", rose=1, rose_again=1),
            "signature",
            "stored, though not under its id",
        ),
        (_with_trial("a day old", reply=_ACCEPTED), "replay", r"a day old was accepted \(HTTP 202\)"),
        (_with_trial(HUGE, reply=Reply(status=500, accepted=False)), "event-ingestion", "made the service fail"),
        (_with_trial("an ordinary webhook", rows=2), "event-ingestion", "left 2 effects"),
        (_limit(let_through=295, refused=15), "rate-limit", "5 webhooks with a wrong signature have used it up too"),
        (_limit(refused=0, others={"HTTP 503": 10}), "rate-limit", "10 of 310 webhooks got HTTP 503"),
        (_limit(longest_wait_seconds=7200), "rate-limit", "try again in 7200 s, and the window is 3600 s"),
        (_limit(stored=299), "event-ingestion", "1 webhooks were accepted in a burst and left no effect"),
        (_duplicates(rows=2), "idempotency", "50 requests left 2 effects"),
        (_duplicates(wrong={"HTTP 500": 3}), "idempotency", "3 of 50 requests got HTTP 500"),
        (_with(attributed=0), "recovery-attribution", "attributed to nothing"),
        (_with(padding=Padding(added=2000, row_bytes=300, padded_row_bytes=1300)), "minimal-payload", "1000 bytes"),
        (_with(deletion=DeletionSeen(status=404, rows_before=1)), "gdpr", r"was refused \(HTTP 404\)"),
        (
            _with(dump=_SEEN.model_copy(update={"traces": (Trace(field="email", place="dump of a.b", table="a.b"),)})),
            "gdpr",
            "email was found in dump of a.b",
        ),
    ],
)
def test_a_defect_is_a_failure_of_one_line(evidence: WebhooksEvidence, line: str, reason: str) -> None:
    found = outcomes(evidence)
    assert list(found) == [f"webhooks-{line}"]
    assert found[f"webhooks-{line}"].startswith("fail")
    result = judged(evidence)[f"webhooks-{line}"]
    assert any(re.search(reason, failure) for failure in result.failures), result.failures


@pytest.mark.parametrize(
    ("evidence", "line", "reason"),
    [
        (_with_trial("no signature", reply=_LIMITED), "signature", "the rate limit refused it"),
        (_with_trial("no signature", reply=None, no_reply="no reply: reset"), "signature", "no reply: reset"),
        (_with_trial("no signature", rose=1, rose_again=0), "signature", "perhaps by others"),
        (_with_trial("a day old", untried="it took so long"), "replay", "it took so long"),
        (_with(others_write=True, unexplained=2), "event-ingestion", "others may have written them"),
        (_limit(let_through=250, refused=60, used_is_known=False), "rate-limit", "webhooks.rate_limit.used would tell"),
        (_limit(let_through=299, others={"no reply: reset": 1}), "rate-limit", "1 webhooks got no reply: reset"),
        (_limit(other_sender=None), "rate-limit", "none was tried"),
        (_with(rate_limit=None, rate_limit_untried="not set"), "rate-limit", "not set"),
        (_duplicates(at_once=7), "idempotency", "only 7 of 50 were under way"),
        (_duplicates(limited=50), "idempotency", "the rate limit refused 50"),
        (_with(padding=Padding(untried="others write")), "minimal-payload", "others write"),
        (_with(dump=TraceSearch(untried="there is no pg_dump")), "gdpr", "there is no pg_dump"),
        (_with(logs=_SEEN.model_copy(update={"sees": False})), "gdpr", "no line was added"),
        (_with(deletion=DeletionSeen(untried="not accepted")), "gdpr", "not accepted"),
    ],
)
def test_what_was_not_measured_is_a_doubt_and_no_failure(evidence: WebhooksEvidence, line: str, reason: str) -> None:
    found = outcomes(evidence)
    assert list(found) == [f"webhooks-{line}"]
    assert found[f"webhooks-{line}"].startswith("inconclusive")
    assert reason in found[f"webhooks-{line}"]


def test_a_table_that_could_not_be_read_leaves_both_lines_on_storage_undecided() -> None:
    found = outcomes(_with(tables=TraceSearch(searched=3, sees=True, unread={"public.events": "denied"})))
    assert list(found) == ["webhooks-payload-encryption", "webhooks-minimal-payload"]
    assert all("public.events could not be searched: denied" in reason for reason in found.values())


def test_a_huge_body_may_end_without_a_reply() -> None:
    assert outcomes(_with_trial(HUGE, reply=None, no_reply="no reply: closed")) == {}


def test_no_webhook_is_no_measurement() -> None:
    assert WebhooksEvidence(sent=0, processed=0, errors=0).nothing_measured == "no webhook was sent"
    found = judged(WebhooksEvidence(sent=0, processed=0, errors=0))
    assert {result.outcome for result in found.values()} == {"inconclusive"}


def test_what_a_table_search_found_is_not_told_again_by_the_dump() -> None:
    trace = Trace(field="email", place="column note of public.events", table="public.events")
    dumped = Trace(field="email", place="dump of public.events", table="public.events")
    tables, dump = (_SEEN.model_copy(update={"traces": (one,)}) for one in (trace, dumped))
    found = outcomes(_with(tables=tables, dump=dump))
    assert found == {"webhooks-payload-encryption": "fail: email is stored as plain text: column note of public.events"}
