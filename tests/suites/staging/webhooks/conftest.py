"""One receiver of webhooks for all tests here, on a real PostgreSQL."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet

from pytest_examday.local_servers import ports
from pytest_examday.local_servers.postgres import OWNER, Postgres
from pytest_examday.suites.staging.webhooks.duplicates import KillWorker
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence
from pytest_examday.suites.staging.webhooks.measure import WebhookService, measure
from pytest_examday.suites.staging.webhooks.settings import Webhooks
from tests.suites.staging.webhooks.receiver import LIMIT, SCHEMA
from tests.waiting import wait_until

_PASSWORD = "examday-tests"
SECRETS = {"main": "secret of main", "second": "secret of second", "limited": "a third", "other": "a fourth"}
SETTINGS: dict[str, Any] = {
    "path": "/hooks/{company}",
    "body": {
        "id": "{id}",
        "type": "{type}",
        "customer": {"email": "{email}", "name": "{name}", "note": "{note}", "plan": "{plan}"},
    },
    "type": "payment_failed",
    "senders": [{"name": name, "secret": secret, "values": {"company": name}} for name, secret in SECRETS.items()],
    "signing": {
        "header": "X-Signature",
        "prefix": "v1=",
        "separator": ",",
        "signed": "{timestamp}.{body}",
        "timestamp_header": "X-Timestamp",
    },
    "fields": {
        "email": {"value": "{random}@example.com"},
        "name": {"value": "Ada {random}"},
        "note": {"stored": "omitted"},
        "plan": {"stored": "plain"},
    },
    "stored": {
        "by_id": "SELECT * FROM events WHERE external_id = {id} AND company = {company}",
        "count": "SELECT count(*) FROM events WHERE company = {company}",
        "attributed": "SELECT * FROM cases WHERE external_id = {id} AND company = {company}",
    },
    "too_large_bytes": 300_000,
    "deadline_seconds": 2,
    "settle_seconds": 0,
    "duplicates": 10,
    "rate_limit": {
        "count": LIMIT,
        "sender": "limited",
        "other": "other",
        "used": "SELECT coalesce(sum(used), 0) FROM uses WHERE company = {company}",
    },
    "deletion": {"path": "/people/{company}/delete", "body": {"id": "{id}"}},
}
"""The receiver, as a configuration describes it."""


@dataclass(frozen=True)
class RunningReceiver:
    """The receiver as tests use it."""

    url: str
    database_url: str
    log: Path
    defects: Path

    def measured(
        self,
        *defects: str,
        kill_worker: KillWorker | None = None,
        log_files: tuple[str, ...] | None = None,
        **changed: Any,
    ) -> WebhooksEvidence:
        """What phase 2 measures while these defects are switched on. Keys of the settings may be changed."""
        self.switch(*defects)
        return measure(self.service(kill_worker=kill_worker, log_files=log_files, **changed))

    def measured_as_it_is(self) -> WebhooksEvidence:
        """What phase 2 measures with the defects that are switched on, and with what is used of the limits."""
        return measure(self.service())

    def switch(self, *defects: str) -> None:
        """Switch these defects on and all others off; rate limits begin anew."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("DELETE FROM uses")
        draft = self.defects.with_suffix(".new")
        draft.write_text("\n".join(defects))
        draft.replace(self.defects)

    def service(
        self, *, kill_worker: KillWorker | None = None, log_files: tuple[str, ...] | None = None, **changed: Any
    ) -> WebhookService:
        """The receiver, with changed settings."""
        logs = (str(self.log),) if log_files is None else log_files
        return WebhookService(settings(**changed), self.url, self.database_url, logs, kill_worker)


def settings(**changed: Any) -> Webhooks:
    """The settings with some keys changed; None leaves a key out. A key of a table is written `table__key`."""
    given: dict[str, Any] = json.loads(json.dumps(SETTINGS))
    for key, value in changed.items():
        table, _, name = key.rpartition("__")
        place = given[table] if table else given
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
    return Webhooks.model_validate(given)


@pytest.fixture(scope="session")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReceiver]:
    """The running receiver, without defects until a test switches some on."""
    folder = tmp_path_factory.mktemp("receiver")
    port = ports.pick()
    fast = {"fsync": "off", "autovacuum": "off"}
    postgres = Postgres(folder / "home", folder / "postgres.log", port, _PASSWORD, 40, fast)
    asyncio.run(postgres.start())
    url = f"postgresql://{OWNER}:{_PASSWORD}@{ports.HOST}:{port}/postgres"
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute(SCHEMA.encode())
        yield from _receiver(folder, url)
    finally:
        asyncio.run(postgres.stop())


def _receiver(folder: Path, url: str) -> Iterator[RunningReceiver]:
    log, defects, port_file = folder / "receiver.log", folder / "defects", folder / "port"
    log.touch()
    defects.touch()
    given = {
        "database_url": url,
        "log": str(log),
        "defects": str(defects),
        "port_file": str(port_file),
        "secrets": SECRETS,
        "key": Fernet.generate_key().decode(),
    }
    started = folder / "settings.json"
    started.write_text(json.dumps(given))
    command = [sys.executable, "-m", "tests.suites.staging.webhooks.receiver", str(started)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        wait_until(lambda: port_file.exists() and port_file.read_text())
        yield RunningReceiver(f"http://127.0.0.1:{port_file.read_text()}", url, log, defects)
        process.communicate()
