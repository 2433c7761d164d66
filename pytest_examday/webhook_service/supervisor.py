"""The supervisor of the webhook service."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from pytest_examday.local_servers import directory, json_logs, ports
from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.local_servers.layout import Layout
from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.postgres import Postgres
from pytest_examday.local_servers.readiness import until_ready
from pytest_examday.local_servers.redis_server import RedisServer
from pytest_examday.local_servers.service import Service
from pytest_examday.local_servers.supervisor import Supervisor
from pytest_examday.webhook_service.companies import companies
from pytest_examday.webhook_service.context import request_id
from pytest_examday.webhook_service.credentials import load_or_create
from pytest_examday.webhook_service.encryption import Encryption
from pytest_examday.webhook_service.process_services import Process, Worker
from pytest_examday.webhook_service.provision import database_urls, provision
from pytest_examday.webhook_service.settings import Settings
from pytest_examday.webhook_service.start_options import Options

SCHEMA = "examday/webhook-service/1"
NAME = "service"
"""The state file is `service.json`."""
_SPARE_CONNECTIONS = 40
_SERVER = {
    # The details of an error quote rows, and rows hold what must not be in a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class ServiceSupervisor(Supervisor):
    """One running webhook service: PostgreSQL, Redis, API workers and schedulers."""

    def __init__(self, options: Options, layout: Layout, port: int) -> None:
        super().__init__(layout, options.watch_pid)
        self._options = options
        self._port = port
        self._credentials = load_or_create(layout.credentials)
        self._companies = companies(options.companies, self._credentials.signing_seed)
        postgres_port, self._redis_port = ports.pick(), ports.pick()
        self._urls = database_urls(postgres_port, self._credentials)
        self._settings = self._made_settings()
        connections = options.workers * (self._settings.pool_size + 8) + options.schedulers * 16 + _SPARE_CONNECTIONS
        self._postgres = Postgres(
            layout.postgres,
            layout.log("postgres"),
            postgres_port,
            self._credentials.administrator_password,
            connections,
            _SERVER,
        )
        self._redis = RedisServer(layout.redis, layout.log("redis"), self._redis_port, self._credentials.redis_password)
        path = layout.root / "settings.json"
        path.unlink(missing_ok=True)
        self._settings_file = path
        self._workers = [Worker(f"worker-{n}", layout, path, port) for n in range(1, options.workers + 1)]
        self._schedulers = [
            Process("scheduler_process", f"scheduler-{n}", layout, path) for n in range(1, options.schedulers + 1)
        ]

    @property
    def services(self) -> Sequence[Service]:
        """All services in the order in which they start."""
        return [self._postgres, self._redis, *self._processes]

    @property
    def groups(self) -> Mapping[str, Sequence[Service]]:
        """All workers, and all schedulers."""
        return {"backend": self._workers, "scheduler": self._schedulers}

    def describe(self) -> dict[str, Any]:
        """The contents of `service.json`."""
        logged = [*self._processes, self._postgres, self._redis]
        return {
            "schema": SCHEMA,
            "api_url": f"http://{ports.HOST}:{self._port}",
            "database_url": self._urls.administrator,
            "owner_database_url": self._urls.owner,
            "app_database_url": self._urls.app,
            "scheduler_database_url": self._urls.scheduler,
            "redis_url": self._settings.redis_url,
            "log_files": [str(self._layout.log(service.name)) for service in logged],
            "supervisor_log": str(self._layout.log("supervisor")),
            "control": str(self._control.path),
            "supervisor_pid": os.getpid(),
            "workers": {worker.name: worker.pid for worker in self._workers},
            "schedulers": {scheduler.name: scheduler.pid for scheduler in self._schedulers},
            "services": {service.name: service.pid for service in (self._postgres, self._redis)},
            "companies": [{"id": str(company.id), "name": company.name} for company in self._companies],
            "secrets": {str(company.id): company.secret for company in self._companies},
            "admin_token": self._credentials.admin_token,
            "accepted_per_hour": self._settings.accepted_per_hour,
        }

    async def start_all(self) -> None:
        """Start everything at once; the processes begin to work when the database is prepared."""
        await asyncio.gather(self._prepare(), *(process.start() for process in self._processes))
        await until_ready(self._port, "/ready")

    async def _prepare(self) -> None:
        """Start the stores, run the migrations, and let the processes have their settings."""
        await asyncio.gather(self._postgres.start(), self._redis.start())
        try:
            provision(self._urls, self._credentials, self._companies, Encryption(self._settings))
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise LocalServerError(f"the database in {self._layout.postgres} cannot be prepared: {reason}") from error
        self._settings.write(self._settings_file)

    async def stop_all(self) -> None:
        """Stop the processes before the stores."""
        await asyncio.gather(*(process.stop() for process in self._processes))
        await self._redis.stop()
        await self._postgres.stop()

    async def run_job(self, name: str) -> dict[str, Any]:
        """The service's jobs are started over its API."""
        raise LocalServerError(f"no job {name!r} is started here: use POST /scheduler/run or POST /jobs/retention")

    def before_change(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Remove the metrics of processes that have ended from the sums."""
        for process in self._processes:
            kind = "workers" if isinstance(process, Worker) else "schedulers"
            pid = before.get(kind, {}).get(process.name)
            if pid is not None and pid != after[kind][process.name]:
                log_event(logging.INFO, "process_gone", service=process.name, pid=pid)
                process.forget(pid)

    def announce(self) -> None:
        """Tell people where the service, its secrets and its logs are."""
        log_event(logging.INFO, "ready", port=self._port)
        lines = [
            f"The webhook service is ready: http://{ports.HOST}:{self._port} ({len(self._workers)} workers)",
            f"  Companies and secrets: {self._layout.state}",
            f"  Logs:                  {self._layout.logs}",
            "  Stop:                  Ctrl-C",
        ]
        print("\n".join(lines), flush=True)  # noqa: T201

    @property
    def _processes(self) -> list[Process]:
        return [*self._workers, *self._schedulers]

    def _made_settings(self) -> Settings:
        credentials, options = self._credentials, self._options
        return Settings(
            port=self._port,
            app_database_url=self._urls.app,
            scheduler_database_url=self._urls.scheduler,
            redis_url=f"redis://:{credentials.redis_password}@{ports.HOST}:{self._redis_port}/0",
            encryption_key=credentials.encryption_key,
            person_key=credentials.person_key,
            admin_token=credentials.admin_token,
            parts=options.parts,
            accepted_per_hour=options.rate_limit,
        )


async def run(options: Options) -> None:
    """Run one service until a signal, the control socket or the end of the watched process stops it."""
    layout = Layout(options.directory, NAME)
    with directory.owned(layout), ports.reserve(options.port) as reserved:
        directory.prepare(layout)
        with layout.log("supervisor").open("a", buffering=1, encoding="utf-8") as log:
            json_logs.configure("supervisor", log, request_id)
            supervisor = ServiceSupervisor(options, layout, reserved.getsockname()[1])
            await supervisor.run()
        if options.discard and supervisor.orphaned:
            supervisor.discard()
