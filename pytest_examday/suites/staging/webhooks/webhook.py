"""Makes webhooks: their ids, bodies and headers, and the requests that carry them."""

import json
import secrets
import string
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pytest_examday.config.text_file import UnreadableFile, read_text
from pytest_examday.contract.templates import fill
from pytest_examday.contract.vocabulary import PLACEHOLDER, placeholders_in
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.webhooks.settings import Sender, Webhooks
from pytest_examday.suites.staging.webhooks.signing import header_value, secret_bytes, signature, stamp

_LETTERS = string.ascii_lowercase + string.digits
RANDOM_CHARACTERS = 20
"""Of an id and of a canary; nobody stores such a text by chance."""


def random_text(length: int = RANDOM_CHARACTERS) -> str:
    """Random lower-case letters and digits, which no encoding of a text changes."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


@dataclass(frozen=True)
class Request:
    """What goes over the wire, and the id of the webhook that it carries."""

    webhook_id: str
    sender: Sender
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Webhook:
    """One event before it is signed: its id, its moment, and its body."""

    settings: Webhooks
    base_url: str
    sender: Sender
    webhook_id: str
    timestamp: str
    """As it is sent and signed; empty if none is sent."""
    body: bytes
    values: Mapping[str, Any] = field(repr=False)

    @cached_property
    def secret(self) -> bytes:
        """The key of the sender's signatures."""
        signing = self.settings.signing
        return secret_bytes(self.sender.secret.get_secret_value(), signing, self.sender.name)

    def signature(self, *, secret: bytes | None = None, body: bytes | None = None, algorithm: str | None = None) -> str:
        """The right signature, or one that another secret, body or algorithm gives."""
        return signature(
            self.settings.signing,
            self.secret if secret is None else secret,
            self.body if body is None else body,
            webhook_id=self.webhook_id,
            timestamp=self.timestamp,
            algorithm=algorithm,
        )

    def signed(self, signatures: Sequence[str] | None = None) -> Request:
        """The request with its signature, or with these; an empty list leaves the header of the signature out."""
        signing = self.settings.signing
        sent = {name: str(fill(value, dict(self.values))) for name, value in self.settings.headers.items()}
        sent["Content-Type"] = self.settings.content_type
        if signing.id_header is not None:
            sent[signing.id_header] = self.webhook_id
        if signing.timestamp_header is not None and self.timestamp:
            sent[signing.timestamp_header] = self.timestamp
        chosen = [self.signature()] if signatures is None else signatures
        if chosen:
            sent[signing.header] = header_value(signing, chosen, self.timestamp)
        return Request(self.webhook_id, self.sender, self.settings.method, self._url, sent, self.body)

    @property
    def _url(self) -> str:
        return address(self.base_url, self.settings.path, self.sender.values)


def address(base: str, path: str, values: Mapping[str, Any]) -> str:
    """The address of a path with its placeholders filled."""
    return base.rstrip("/") + str(fill(path, dict(values)))


class WebhookMaker:
    """Makes webhooks of one configuration.

    `canaries` maps each field with a random text to that text; all webhooks of the maker hold the same ones. Raises
    Unmeasurable if the file of the body cannot be read, or if no address is known.
    """

    def __init__(self, settings: Webhooks, api_url: str | None, canaries: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self.base_url = _base(settings, api_url)
        self.canaries = {name: random_text() for name in settings.fields} if canaries is None else dict(canaries)
        self._text: str | None = None
        if settings.body_file is not None:
            try:
                self._text = read_text(settings.body_file)
            except UnreadableFile as problem:
                raise Unmeasurable(f"webhooks.body_file {settings.body_file}: {problem}") from None

    def make(
        self,
        *,
        sender: Sender | None = None,
        moment: float | None = None,
        timestamp: str | None = None,
        webhook_id: str | None = None,
        type_name: str | None = None,
    ) -> Webhook:
        """A webhook of now, or of another moment; `timestamp` is sent in place of that of the moment."""
        settings, by = self.settings, self.settings.senders[0] if sender is None else sender
        own_id = self.new_id() if webhook_id is None else webhook_id
        sent_stamp = stamp(time.time() if moment is None else moment, settings.signing.timestamp_unit)
        written = sent_stamp if timestamp is None else timestamp
        values = {
            **by.values,
            **{name: fill(one.value, {"random": self.canaries[name]}) for name, one in settings.fields.items()},
            "id": own_id,
            "type": settings.type if type_name is None else type_name,
            "timestamp": int(written) if written.isdigit() else written or None,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return Webhook(settings, self.base_url, by, own_id, written, self._body(values), values)

    @property
    def has_type(self) -> bool:
        """Whether the body holds the type of the event."""
        return "type" in self._names

    @property
    def stamps_body(self) -> bool:
        """Whether the body holds the time stamp."""
        return "timestamp" in self._names

    @property
    def has_timestamp(self) -> bool:
        """Whether a webhook has a time stamp at all."""
        return self.settings.signing.stamps_header or self.stamps_body

    @cached_property
    def _names(self) -> frozenset[str]:
        """The placeholders of the body."""
        return frozenset(placeholders_in(self.settings.body if self._text is None else self._text))

    def new_id(self) -> str:
        """An id that no webhook had before."""
        return str(fill(self.settings.id, {"random": random_text(), "uuid": str(uuid.uuid4())}))

    def _body(self, values: dict[str, Any]) -> bytes:
        if self._text is None:
            return json.dumps(fill(self.settings.body, values), ensure_ascii=False, separators=(",", ":")).encode()
        quoted = "json" in self.settings.content_type

        def insert(name: str) -> str:
            text = "" if values[name] is None else str(values[name])
            return json.dumps(text, ensure_ascii=False)[1:-1] if quoted else text

        return PLACEHOLDER.sub(lambda match: insert(match[1]) if match[1] in values else match[0], self._text).encode()


def _base(settings: Webhooks, api_url: str | None) -> str:
    base = api_url if settings.base_url is None else str(settings.base_url)
    if base is None:
        raise Unmeasurable("neither api_url nor webhooks.base_url is set, so nobody knows where webhooks are received")
    return base
