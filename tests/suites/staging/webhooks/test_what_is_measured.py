"""What a measurement of phase 2 finds, beside the defects that turn single lines red."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import psycopg
import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.lines.webhooks import LINES
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence
from tests.suites.staging.webhooks.conftest import RunningReceiver
from tests.suites.staging.webhooks.judging import judged, outcomes
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def clean(receiver: RunningReceiver) -> WebhooksEvidence:
    """Evidence of a receiver without defects."""
    return receiver.measured()


def test_the_report_gets_its_three_counters(clean: WebhooksEvidence) -> None:
    assert clean.sent > 80
    assert 0 < clean.processed < clean.sent
    assert clean.errors == 0


def test_all_duplicates_were_under_way_at_the_same_moment(clean: WebhooksEvidence) -> None:
    (at_once,) = [one for one in clean.duplicates if one.at_once]
    assert at_once.at_once == at_once.requests == 10


def test_evidence_holds_no_secret_and_no_random_text(clean: WebhooksEvidence) -> None:
    text = clean.to_json()
    assert "secret of main" not in text
    assert "@example.com" not in text


def test_evidence_of_a_clean_receiver_is_read_back(clean: WebhooksEvidence) -> None:
    assert WebhooksEvidence.model_validate_json(clean.to_json()) == clean


def test_words_hold_the_configured_limits(clean: WebhooksEvidence) -> None:
    words = {result.words for result in judged(clean).values()}
    assert {"HMAC-SHA256 signature validation", "Replay protection (5min window)", "Rate limiting (300/hour)"} <= words


def test_acknowledged_and_lost_turns_the_ingestion_red_and_accuses_nothing_else(receiver: RunningReceiver) -> None:
    found = outcomes(receiver.measured("acknowledged-and-lost"))
    assert [key for key, reason in found.items() if reason.startswith("fail")] == ["webhooks-event-ingestion"]
    assert "was accepted (HTTP 202) and left no effect in the database" in found["webhooks-event-ingestion"]
    assert len(found) == len(LINES)


def test_a_time_stamp_that_is_not_signed_turns_the_replay_protection_red(receiver: RunningReceiver) -> None:
    found = outcomes(receiver.measured("signs-body-alone", signing__signed="{body}"))
    assert list(found) == ["webhooks-replay"]
    assert "old, with a new time stamp was accepted" in found["webhooks-replay"]


def test_webhooks_without_a_time_stamp_leave_its_lines_undecided(receiver: RunningReceiver) -> None:
    signing = {"header": "X-Signature", "prefix": "v1=", "signed": "{body}"}
    found = outcomes(receiver.measured("signs-body-alone", "timestamp-optional", signing=signing))
    assert list(found) == ["webhooks-replay", "webhooks-timestamp"]
    assert all(reason.startswith("inconclusive: webhooks have no time stamp") for reason in found.values())


def test_a_service_that_dies_between_effect_and_key_leaves_two_effects(receiver: RunningReceiver) -> None:
    def kill() -> None:
        with psycopg.connect(receiver.database_url, autocommit=True) as connection:
            wait_until(lambda: connection.execute(_UNKEYED.encode()).fetchone() is not None)
            row = connection.execute(_UNKEYED.encode()).fetchone()
        with suppress(ProcessLookupError):
            os.kill(int(row[0]) if row else 0, signal.SIGKILL)

    found = outcomes(receiver.measured("effect-before-key", kill_worker=kill, id="die_{random}", deadline_seconds=5))
    assert list(found) == ["webhooks-idempotency"]
    assert "while a worker was killed, and afterwards" in found["webhooks-idempotency"]


def test_a_worker_that_cannot_be_killed_leaves_the_line_undecided(receiver: RunningReceiver) -> None:
    def kill() -> None:
        raise Unmeasurable("the command ended with 127: command not found")

    found = outcomes(receiver.measured(kill_worker=kill))
    assert list(found) == ["webhooks-idempotency"]
    assert found["webhooks-idempotency"].startswith("inconclusive: while a worker was killed")


def test_duplicates_around_a_death_pass_on_a_service_that_stores_both_together(receiver: RunningReceiver) -> None:
    def kill() -> None:
        with psycopg.connect(receiver.database_url, autocommit=True) as connection:
            row = connection.execute(b"SELECT worker FROM events ORDER BY id DESC LIMIT 1").fetchone()
        os.kill(int(row[0]) if row else 0, signal.SIGKILL)

    assert outcomes(receiver.measured(kill_worker=kill)) == {}


def test_row_level_security_that_hides_rows_accuses_nobody(receiver: RunningReceiver) -> None:
    with psycopg.connect(receiver.database_url, autocommit=True) as connection:
        connection.execute(_HIDE.encode())
        try:
            hidden = receiver.database_url.replace("examday:examday-tests", "blind:blind")
            blind = RunningReceiver(receiver.url, hidden, receiver.log, receiver.defects)
            receiver.switch()
            found = outcomes(blind.measured_as_it_is())
        finally:
            connection.execute(_SHOW.encode())
    assert [reason for reason in found.values() if not reason.startswith("inconclusive")] == []
    assert "row level security hides rows of events" in found["webhooks-event-ingestion"]


def test_without_fields_nothing_about_storage_is_decided(receiver: RunningReceiver) -> None:
    body = {"id": "{id}", "type": "{type}"}
    found = outcomes(receiver.measured(fields={}, body=body))
    assert list(found) == ["webhooks-payload-encryption", "webhooks-minimal-payload", "webhooks-gdpr"]
    assert all(reason.startswith("inconclusive: webhooks.fields names no field") for reason in found.values())


def test_a_rate_limit_that_is_used_up_already_is_undecided(receiver: RunningReceiver) -> None:
    receiver.switch()
    with psycopg.connect(receiver.database_url) as connection:
        connection.execute(b"INSERT INTO uses VALUES ('limited', 12)")
    found = outcomes(receiver.measured_as_it_is())
    assert list(found) == ["webhooks-rate-limit"]
    assert "the limit of limited is used up already (12 of 12)" in found["webhooks-rate-limit"]


def test_what_was_used_before_is_taken_from_the_limit(receiver: RunningReceiver) -> None:
    receiver.switch()
    with psycopg.connect(receiver.database_url) as connection:
        connection.execute(b"INSERT INTO uses VALUES ('limited', 5)")
    evidence = receiver.measured_as_it_is()
    assert outcomes(evidence) == {}
    assert evidence.rate_limit is not None
    assert (evidence.rate_limit.used_before, evidence.rate_limit.let_through) == (5, 7)


def test_without_a_described_limit_attribution_or_deletion_nothing_is_accused(receiver: RunningReceiver) -> None:
    found = outcomes(receiver.measured(rate_limit=None, stored__attributed=None, deletion=None))
    assert found == {
        "webhooks-rate-limit": "inconclusive: webhooks.rate_limit is not set",
        "webhooks-recovery-attribution": "inconclusive: webhooks.stored.attributed is not set",
    }


_UNKEYED = """
    SELECT e.worker FROM events e LEFT JOIN keys k ON (k.company, k.external_id) = (e.company, e.external_id)
    WHERE k.company IS NULL AND e.external_id IS NOT NULL AND e.name IS NULL
      AND (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock') > 0
    ORDER BY e.id DESC LIMIT 1
"""
"""The worker that has stored an event and not its key yet, while other requests with the same event wait for it."""
_HIDE = """
    CREATE ROLE blind LOGIN PASSWORD 'blind';
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO blind;
    ALTER TABLE events ENABLE ROW LEVEL SECURITY;
"""
_SHOW = """
    ALTER TABLE events DISABLE ROW LEVEL SECURITY;
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM blind;
    DROP ROLE blind;
"""


def test_others_who_write_meanwhile_are_not_taken_for_the_service(receiver: RunningReceiver) -> None:
    with ThreadPoolExecutor(1) as beside, psycopg.connect(receiver.database_url, autocommit=True) as connection:
        stopped = Event()
        writing = beside.submit(_write, connection, stopped)
        try:
            found = outcomes(receiver.measured(settle_seconds=0.2))
        finally:
            stopped.set()
        writing.result()
    assert [reason for reason in found.values() if not reason.startswith("inconclusive")] == []
    assert "webhooks-event-ingestion" in found


def _write(connection: psycopg.Connection[tuple[object, ...]], stopped: Event) -> None:
    """Store events that nobody has sent, as somebody else's webhooks would."""
    while not stopped.wait(0.02):
        connection.execute(b"INSERT INTO events (company, payload, worker) VALUES ('main', 'other', 0)")
