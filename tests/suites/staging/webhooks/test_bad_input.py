"""A mistake of the user gets one clear line, and what cannot be measured is not measured."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.measure import WebhookService, measure
from pytest_examday.suites.staging.webhooks.webhook import WebhookMaker
from tests.suites.staging.webhooks.conftest import RunningReceiver, settings


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"path": "hooks"}, "must begin with /"),
        ({"path": "/hooks/{tenant}"}, "unknown placeholder {tenant}; valid: {company}"),
        ({"body": None}, "is empty; give one of: body, body_file"),
        ({"body": {"id": "{identity}"}}, "unknown placeholder {identity}"),
        ({"id": "event"}, "has no {random} and no {uuid}"),
        ({"senders": []}, "at least 1 item"),
        ({"senders": [{"name": "main", "secret": ""}]}, "senders.0.secret"),
        ({"fields": {"email": {"value": "ada@example.com"}}}, "has no {random}"),
        ({"fields": {"type": {}}}, "{type} has another meaning already"),
        ({"stored__by_id": "SELECT * FROM events"}, "has no {id}"),
        ({"stored__by_id": "DELETE FROM events WHERE external_id = {id}"}, "only reads"),
        ({"stored__count": "SELECT count(*) FROM events WHERE company = {tenant}"}, "unknown placeholder {tenant}"),
        ({"rate_limit__sender": "nobody"}, "no sender is called 'nobody'; senders: main, second, limited, other"),
        ({"rate_limit__sender": "main"}, "is the first sender"),
        ({"rate_limit__sender": "other"}, "must be another one than `sender`"),
        ({"success": []}, "at least 1 item"),
        ({"deletion__body": {"who": "{everybody}"}}, "unknown placeholder {everybody}"),
    ],
)
def test_a_mistake_in_the_table_is_told(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**changed)
    assert message in str(refused.value)


def test_a_sender_without_a_value_that_others_have_is_named() -> None:
    senders = [{"name": "main", "secret": "s", "values": {"company": "a"}}, {"name": "second", "secret": "s"}]
    with pytest.raises(ValidationError, match="every sender needs the same values"):
        settings(senders=senders, rate_limit=None)


def test_without_an_address_nothing_is_sent() -> None:
    with pytest.raises(Unmeasurable, match=r"neither api_url nor webhooks\.base_url is set"):
        WebhookMaker(settings(), None)


def test_a_body_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unmeasurable, match=r"webhooks\.body_file .*event\.json: no such file"):
        WebhookMaker(settings(body=None, body_file=str(tmp_path / "event.json")), "http://127.0.0.1")


def test_a_body_file_is_filled_as_text(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text('{"id": "{id}", "type": "{type}", "list": {"a": [1]}, "at": {timestamp}}')
    maker = WebhookMaker(settings(body=None, body_file=str(file), type='odd "type"'), "http://127.0.0.1")
    webhook = maker.make()
    assert b'"type": "odd \\"type\\""' in webhook.body
    assert f'"at": {webhook.timestamp}}}'.encode() in webhook.body
    assert maker.stamps_body


def test_a_path_that_redirects_is_told_with_the_address_to_write(receiver: RunningReceiver) -> None:
    with pytest.raises(Unmeasurable, match=r"redirects \(HTTP 308\) to /hooks/main; write that address"):
        receiver.measured(path="/moved/{company}")


def test_a_service_that_is_not_there_is_told(receiver: RunningReceiver) -> None:
    with pytest.raises(Unmeasurable, match="the address of the webhooks: no reply"):
        receiver.measured(base_url="http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"stored__by_id": "SELECT * FROM nothing WHERE id = {id}"}, r'webhooks\.stored\.by_id: relation "nothing"'),
        ({"stored__count": "SELECT 'many'"}, r"webhooks\.stored\.count has to select one number"),
        ({"stored__schemas": ["elsewhere"]}, r"there is no table in the schema elsewhere"),
    ],
)
def test_sql_that_does_not_fit_is_named_by_its_key(
    receiver: RunningReceiver, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(Unmeasurable, match=message):
        receiver.measured(**changed)


def test_a_database_that_is_not_there_is_told(receiver: RunningReceiver) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/none?connect_timeout=2"
    with pytest.raises(Unmeasurable, match="the database of the service"):
        measure(WebhookService(settings(), receiver.url, nowhere))
