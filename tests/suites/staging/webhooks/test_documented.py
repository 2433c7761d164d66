"""The page about webhooks has every key, and its example is a configuration that can be read."""

import tomllib
from pathlib import Path

import pytest

from pytest_examday.record import Record
from pytest_examday.suites.staging.webhooks.settings import (
    CanaryField,
    Deletion,
    Sender,
    Stored,
    WebhookRateLimit,
    Webhooks,
)
from pytest_examday.suites.staging.webhooks.signing_settings import Signing


@pytest.fixture
def page(checkout: Path) -> str:
    """The page."""
    return (checkout / "docs" / "staging-webhooks.md").read_text()


@pytest.mark.parametrize("record", [Webhooks, Signing, Sender, CanaryField, Stored, WebhookRateLimit, Deletion])
def test_every_key_is_on_the_page(page: str, record: type[Record]) -> None:
    assert [key for key in record.model_fields if f"`{key}`" not in page] == []


def test_the_example_is_a_configuration(page: str) -> None:
    example = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])
    webhooks = Webhooks.model_validate(example["env"]["staging"]["staging"]["webhooks"])
    assert webhooks.signing.header == "webhook-signature"
    assert webhooks.sender("third").values == {"company": "c9e4"}
