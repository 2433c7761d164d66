"""Phase 2: the lines on webhooks, and how each is judged (source document 003, section 2)."""

from collections.abc import Callable
from typing import Any

from pytest_examday.core.findings import Findings
from pytest_examday.core.limit_words import exact
from pytest_examday.core.line import Judge, Line, WordsOfTable
from pytest_examday.core.measured import Measured
from pytest_examday.suites.staging.gates import WEBHOOKS_END_TO_END
from pytest_examday.suites.staging.lines.webhook_traces import judge_encryption, judge_minimal, judge_privacy
from pytest_examday.suites.staging.lines.webhook_trials import judge_processed, judge_trials
from pytest_examday.suites.staging.webhooks.evidence import (
    About,
    Duplicates,
    DuplicatesAbout,
    RateLimitSeen,
    WebhooksEvidence,
)
from pytest_examday.suites.staging.webhooks.settings import WebhookRateLimit, Webhooks
from pytest_examday.suites.staging.webhooks.signing_settings import Signing

ACTIVITY = "webhooks"
"""The activity whose evidence these lines need."""
_PHASE = 2
_GATES = (WEBHOOKS_END_TO_END,)
_ROUNDED_SECONDS = 2
"""A wait may be rounded up, and clocks may differ a little."""
_NO_TIMESTAMP = (
    "webhooks have no time stamp, so an old one cannot be told from a new one; give webhooks.signing.timestamp_header, "
    "or write {timestamp} into header_value or the body"
)

_Judged = Callable[[WebhooksEvidence, Findings], None]


def _signatures(seen: WebhooksEvidence, findings: Findings) -> None:
    judge_trials(seen, "signature", findings)


def _replays(seen: WebhooksEvidence, findings: Findings) -> None:
    """Old webhooks are refused, also with a new time stamp, and a replayed request has no second effect."""
    _judge_time(seen, "replay", findings)
    _judge_duplicates(seen, "replay", findings)


def _timestamps(seen: WebhooksEvidence, findings: Findings) -> None:
    _judge_time(seen, "timestamp", findings)


def _judge_time(seen: WebhooksEvidence, about: About, findings: Findings) -> None:
    if seen.has_timestamp:
        judge_trials(seen, about, findings)
    else:
        findings.doubt(_NO_TIMESTAMP)


def _idempotency(seen: WebhooksEvidence, findings: Findings) -> None:
    _judge_duplicates(seen, "idempotency", findings)


def _judge_duplicates(seen: WebhooksEvidence, about: DuplicatesAbout, findings: Findings) -> None:
    """Duplicates leave one effect, and get no reply that makes their sender repeat them."""
    mine = [one for one in seen.duplicates if one.about == about]
    findings.doubt_if(not mine, f"no duplicate was sent: {seen.control_problem or 'none was tried'}")
    for one in mine:
        if one.untried:
            findings.doubt(f"{one.name}: {one.untried}")
        else:
            _judge_duplicate(one, findings)


def _judge_duplicate(one: Duplicates, findings: Findings) -> None:
    findings.fail_if(one.rows != 1, f"{one.name}: {one.requests} requests left {one.rows} effects")
    for words, count in one.wrong.items():
        findings.fail(f"{one.name}: {count} of {one.requests} requests got {words}")
    findings.doubt_if(one.limited > 0, f"{one.name}: the rate limit refused {one.limited} of {one.requests} requests")
    too_few = 0 < one.at_once < one.requests / 2
    findings.doubt_if(too_few, f"{one.name}: only {one.at_once} of {one.requests} were under way at the same moment")
    findings.add_fact(f"{one.name}: {one.requests} requests, {one.rows} effect")


def _ingestion(seen: WebhooksEvidence, findings: Findings) -> None:
    """Ordinary webhooks leave their effect, odd contents are refused, and every refusal tells the sender so."""
    for trial in [trial for trial in seen.trials if trial.about == "control"]:
        if seen.rows_hidden and trial.was_accepted and not trial.rows:
            findings.doubt(
                f"{trial.name} left no effect that this role can see; row level security hides rows of "
                f"{seen.rows_hidden} from it"
            )
        elif trial.reply is None:
            findings.fail(f"{trial.name} got {trial.no_reply}")
        else:
            judge_processed(trial, findings)
    if not seen.control_problem:
        judge_trials(seen, "content", findings)
    _judge_refusals(seen, findings)
    words = (
        f"{seen.unexplained} effects were stored that belong to no webhook that was sent; others may have written them"
    )
    findings.doubt_if(seen.unexplained > 0, words)
    lost = 0 if seen.rate_limit is None else seen.rate_limit.lost
    findings.fail_if(lost > 0, f"{lost} webhooks were accepted in a burst and left no effect")
    findings.add_fact(f"{seen.sent} webhooks sent, {seen.processed} processed, {seen.errors} errors")
    for reason in seen.left_out:
        findings.add_fact(f"not tried: {reason}")


def _judge_refusals(seen: WebhooksEvidence, findings: Findings) -> None:
    """No refusal looks like a success, and none is a crash."""
    replies = [(trial.name, trial.reply) for trial in seen.trials if trial.reply is not None]
    for words, those in {
        "were refused with a success status and an error in the body": [
            name for name, reply in replies if reply.accepted and reply.tells_error
        ],
        "made the service fail (HTTP 500 or more)": [name for name, reply in replies if reply.status >= 500],
    }.items():
        findings.fail_if(bool(those), f"{len(those)} webhooks {words}, among them: {those[0] if those else ''}")


def _rate_limit(seen: WebhooksEvidence, findings: Findings) -> None:
    limit = seen.rate_limit
    if limit is None or seen.control_problem:
        findings.doubt(seen.control_problem or seen.rate_limit_untried)
        return
    _judge_let_through(limit, findings)
    _judge_limit_refusals(limit, findings)
    other = limit.other_sender
    if other is None or other.reply is None:
        findings.doubt(f"the other sender: {'none was tried' if other is None else other.no_reply}")
    elif other.reply.limited:
        findings.fail(f"{other.name} was refused too ({other.reply.in_words}): senders share the limit")
    else:
        findings.doubt_if(not other.was_accepted, f"{other.name} got {other.reply.in_words}")
    findings.add_fact(
        f"{limit.let_through} of {limit.sent} let through, {limit.refused} refused, in {limit.seconds:.1f} s; "
        f"{limit.used_before} of the limit were used before"
    )


def _judge_let_through(limit: RateLimitSeen, findings: Findings) -> None:
    """As many webhooks were let through as the limit allows."""
    allowed = limit.limit - limit.used_before
    words = f"{limit.let_through} webhooks were let through, the limit leaves {allowed}"
    if limit.let_through < allowed and any(words.startswith("no reply") for words in limit.others):
        findings.doubt(f"{words}; some got no reply")
    elif limit.let_through < allowed and not limit.used_is_known:
        findings.doubt(f"{words}; webhooks.rate_limit.used would tell what was used before")
    elif allowed - limit.forged == limit.let_through:
        findings.fail(f"{words}: {limit.forged} webhooks with a wrong signature have used it up too")
    else:
        findings.fail_if(limit.let_through != allowed, words)


def _judge_limit_refusals(limit: RateLimitSeen, findings: Findings) -> None:
    """Webhooks beyond the limit were refused as promised, and are not stored."""
    for words, count in limit.others.items():
        if words.startswith("no reply"):
            findings.doubt(f"{count} webhooks got {words}")
        else:
            findings.fail(f"{count} of {limit.sent} webhooks got {words}, which is no refusal by the limit")
    without = limit.refusal_without_header
    findings.fail_if(without > 0, f"{without} of {limit.refused} refusals do not say when to try again")
    wait = limit.longest_wait_seconds
    if wait is not None:
        too_long = f"a refusal says to try again in {wait:.0f} s, and the window is {exact(limit.window_seconds)} s"
        findings.fail_if(wait > limit.window_seconds + _ROUNDED_SECONDS, too_long)
        findings.add_fact(f"refusals say to try again in {wait:.0f} s")
    findings.fail_if(limit.refused_stored > 0, f"{limit.refused_stored} refused webhooks were stored")


def _attribution(seen: WebhooksEvidence, findings: Findings) -> None:
    if seen.control_problem or seen.attributed is None:
        findings.doubt(seen.control_problem or seen.attribution_untried)
        return
    findings.fail_if(seen.attributed == 0, "a processed webhook was attributed to nothing")
    findings.add_fact(f"a webhook was attributed to {seen.attributed} row{'' if seen.attributed == 1 else 's'}")


def _judge(judged: _Judged) -> Judge:
    def judge(measured: Measured, findings: Findings) -> None:
        judged(measured.record(ACTIVITY, WebhooksEvidence), findings)

    return judge


def _line(key: str, words: str | WordsOfTable, judged: _Judged, *, reason_of_gate: bool = False) -> Line:
    judge = _judge(judged)
    return Line(f"webhooks-{key}", words, _PHASE, (ACTIVITY,), judge, _GATES, reason_of_gate=reason_of_gate)


def _settings(table: Any) -> Webhooks | None:
    """The webhooks' part of the suite's table."""
    found = getattr(table, "webhooks", None)
    return found if isinstance(found, Webhooks) else None


def _signature_words(table: Any) -> str:
    settings = _settings(table)
    algorithm = "sha256" if settings is None else settings.signing.algorithm
    return f"HMAC-{algorithm.upper()} signature validation"


def _replay_words(table: Any) -> str:
    settings = _settings(table)
    default = Signing.model_fields["window_seconds"].default
    seconds = default if settings is None else settings.signing.window_seconds
    shown = f"{exact(seconds / 60)}min" if seconds % 60 == 0 else f"{seconds}s"
    return f"Replay protection ({shown} window)"


def _limit_words(table: Any) -> str:
    settings = _settings(table)
    limit = None if settings is None else settings.rate_limit
    return f"Rate limiting ({(limit or WebhookRateLimit(sender='-', other='-')).words})"


LINES = (
    _line("signature", WordsOfTable(_signature_words), _signatures),
    _line("replay", WordsOfTable(_replay_words), _replays),
    _line("timestamp", "Timestamp validation", _timestamps),
    _line("rate-limit", WordsOfTable(_limit_words), _rate_limit),
    _line("idempotency", "Idempotent processing", _idempotency),
    _line("event-ingestion", "Event ingestion", _ingestion, reason_of_gate=True),
    _line("payload-encryption", "Payload encryption", judge_encryption),
    _line("recovery-attribution", "Recovery case attribution", _attribution),
    _line("minimal-payload", "Minimal payload storage", judge_minimal),
    _line("gdpr", "GDPR compliance", judge_privacy),
)
"""In the order of the report template."""
