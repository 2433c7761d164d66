"""Judges where random texts of webhooks were found: in tables, in logs, in a dump, and after a deletion."""

from pytest_examday.core.findings import Findings
from pytest_examday.suites.staging.webhooks.evidence import Trace, TraceSearch, WebhooksEvidence
from pytest_examday.suites.staging.webhooks.settings import StoredHow


def judge_encryption(seen: WebhooksEvidence, findings: Findings) -> None:
    """No field that has to be encrypted is in a table as plain text."""
    _judge_tables(seen, "encrypted", "is stored as plain text", findings)


def judge_minimal(seen: WebhooksEvidence, findings: Findings) -> None:
    """No omitted field is in a table as plain text, nor makes the stored rows longer."""
    _judge_tables(seen, "omitted", "is stored, and should be omitted", findings)
    padding = seen.padding
    if padding is None:
        return
    findings.doubt_if(bool(padding.untried), f"omitted fields, made longer: {padding.untried}")
    if not padding.untried:
        grew = padding.padded_row_bytes - padding.row_bytes
        words = f"omitted fields were {padding.added} bytes longer, and the stored rows {grew} bytes"
        findings.fail_if(padding.is_stored, words)
        findings.add_fact(words)


def judge_privacy(seen: WebhooksEvidence, findings: Findings) -> None:
    """No field that has to be encrypted or not stored is in the logs or in a dump, and a deletion leaves nothing."""
    sought = [name for name, how in seen.fields.items() if how != "plain"]
    if not _can_judge(seen, sought, findings, 'stored = "encrypted" or "omitted"'):
        return
    _judge_search(seen.logs, "the logs", "no line was added to them while webhooks were sent", findings)
    _judge_search(seen.dump, "the dump", "not even the id of a webhook was found there", findings)
    judged_already = {(trace.field, trace.table) for trace in seen.tables.traces}
    dumped = [trace for trace in seen.dump.traces if (trace.field, trace.table) not in judged_already]
    for trace in (*seen.logs.traces, *dumped):
        findings.fail(f"{trace.field} was found in {trace.place}")
    findings.add_fact(f"{len(sought)} fields were searched for in {seen.logs.searched} logs and in a dump")
    _judge_deletion(seen, findings)


def _judge_tables(seen: WebhooksEvidence, how: StoredHow, words: str, findings: Findings) -> None:
    fields = [name for name, stored in seen.fields.items() if stored == how]
    if not _can_judge(seen, fields, findings, f'stored = "{how}"'):
        return
    blind = 'no id of a webhook and no plain field was found there; a field with stored = "plain" would show the way'
    _judge_search(seen.tables, "the tables", blind, findings)
    for field in fields:
        places = [trace.place for trace in seen.tables.traces if trace.field == field]
        findings.fail_if(bool(places), f"{field} {words}: {', '.join(places)}")
    findings.add_fact(f"{', '.join(fields)} searched for in {seen.tables.searched} tables")


def _can_judge(seen: WebhooksEvidence, fields: list[str], findings: Findings, wanted: str) -> bool:
    """Whether there is something to be judged; otherwise a doubt says what is missing."""
    if seen.control_problem:
        findings.doubt(f"{seen.control_problem}, so nothing could be stored")
    elif not fields:
        findings.doubt(f"webhooks.fields names no field with {wanted}")
    return bool(fields) and not seen.control_problem


def _judge_search(search: TraceSearch, where: str, blind: str, findings: Findings) -> None:
    """The search was made, read everything, and was not blind."""
    findings.doubt_if(bool(search.untried), f"{where} could not be searched: {search.untried}")
    for what, reason in search.unread.items():
        findings.doubt(f"{what} could not be searched: {reason}")
    findings.doubt_if(not search.untried and not search.sees, f"nobody knows if {where} were searched: {blind}")


def _judge_deletion(seen: WebhooksEvidence, findings: Findings) -> None:
    deletion = seen.deletion
    if deletion is None:
        findings.add_fact("no deletion request is configured")
        return
    if deletion.untried:
        findings.doubt(f"deletion request: {deletion.untried}")
        return
    answer = "no reply" if deletion.status is None else f"HTTP {deletion.status}"
    findings.fail_if(not deletion.accepted, f"the deletion request was refused ({answer})")
    findings.fail_if(deletion.rows_after > 0, f"the deletion request ({answer}) left {deletion.rows_after} rows")
    for what, reason in deletion.search.unread.items():
        findings.doubt(f"{what} could not be searched after the deletion: {reason}")
    left: tuple[Trace, ...] = deletion.search.traces if not deletion.rows_after else ()
    for trace in left:
        findings.fail(f"the deletion request left {trace.field} in {trace.place}")
    findings.add_fact(f"a deletion request removed {deletion.rows_before - deletion.rows_after} rows")
