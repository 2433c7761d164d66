"""The parts of one process of the service, and how they are connected."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_examday.webhook_service.company_lock import CompanyLock
from pytest_examday.webhook_service.company_secrets import CompanySecrets
from pytest_examday.webhook_service.database import Database
from pytest_examday.webhook_service.encryption import Encryption
from pytest_examday.webhook_service.event_store import EventStore
from pytest_examday.webhook_service.handlers import Handlers
from pytest_examday.webhook_service.intake import Intake
from pytest_examday.webhook_service.job_queue import JobQueue
from pytest_examday.webhook_service.middleware import BodyLimitMiddleware, RequestMiddleware
from pytest_examday.webhook_service.rate_limit import RateLimit
from pytest_examday.webhook_service.recovery import Recovery
from pytest_examday.webhook_service.retention import Retention
from pytest_examday.webhook_service.scheduler import Scheduler
from pytest_examday.webhook_service.settings import Settings
from pytest_examday.webhook_service.signatures import Signatures
from pytest_examday.webhook_service.status import Status
from pytest_examday.webhook_service.wake import Wake

_SCHEDULER_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Parts:
    """The classes of which the service is made. A variant of the service replaces one by a subclass::

        def plant(settings: Settings) -> Parts:
            return Parts(store=ForgetfulEventStore)

    `middleware` is listed from the outermost inwards.
    """

    encryption: Callable[[Settings], Encryption] = Encryption
    signatures: Callable[[Settings], Signatures] = Signatures
    limit: Callable[[Settings], RateLimit] = RateLimit
    recovery: Callable[[Settings], Recovery] = Recovery
    store: Callable[[Database, Encryption, RateLimit, Recovery], EventStore] = EventStore
    intake: Callable[[CompanySecrets, Signatures, EventStore], Intake] = Intake
    handlers: Callable[[], Handlers] = Handlers
    queue: Callable[[Settings, Handlers, str], JobQueue] = JobQueue
    lock: Callable[[], CompanyLock] = CompanyLock
    scheduler: Callable[[Database, JobQueue, CompanyLock], Scheduler] = Scheduler
    retention: Callable[[Settings, Database, Encryption], Retention] = Retention
    status: Callable[[Settings, Database, Wake], Status] = Status
    middleware: Sequence[Callable[..., Any]] = field(default=(RequestMiddleware, BodyLimitMiddleware))


@dataclass(frozen=True, slots=True)
class Services:
    """The objects that one process uses."""

    settings: Settings
    app_database: Database
    scheduler_database: Database
    wake: Wake
    intake: Intake
    scheduler: Scheduler
    retention: Retention
    status: Status

    async def open(self) -> None:
        """Connect to the database, if it can be reached."""
        await asyncio.gather(self.app_database.open(), self.scheduler_database.open())

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(self.app_database.close(), self.scheduler_database.close(), self.wake.close())


def product(_settings: Settings) -> Parts:
    """The service as it comes."""
    return Parts()


def assemble(settings: Settings, parts: Parts, name: str) -> Services:
    """Create the services of the process `name`; no connection is opened yet."""
    app_database = Database(settings.app_database_url, settings.pool_size, name)
    scheduler_database = Database(settings.scheduler_database_url, _SCHEDULER_CONNECTIONS, f"{name}-jobs")
    encryption = parts.encryption(settings)
    wake = Wake(settings.redis_url, settings.interval_seconds)
    store = parts.store(app_database, encryption, parts.limit(settings), parts.recovery(settings))
    queue = parts.queue(settings, parts.handlers(), name)
    return Services(
        settings=settings,
        app_database=app_database,
        scheduler_database=scheduler_database,
        wake=wake,
        intake=parts.intake(CompanySecrets(app_database, encryption), parts.signatures(settings), store),
        scheduler=parts.scheduler(scheduler_database, queue, parts.lock()),
        retention=parts.retention(settings, scheduler_database, encryption),
        status=parts.status(settings, scheduler_database, wake),
    )
