"""The supervisor of the exam platform."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import psycopg

from pytest_examday.local_servers import directory, ports
from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.local_servers.layout import Layout
from pytest_examday.local_servers.link_service import LinkService
from pytest_examday.local_servers.postgres import Postgres
from pytest_examday.local_servers.readiness import until_ready
from pytest_examday.local_servers.redis_server import RedisServer
from pytest_examday.local_servers.service import Service
from pytest_examday.local_servers.supervisor import Supervisor
from pytest_examday.platform import provision
from pytest_examday.platform.credentials import load_or_create
from pytest_examday.platform.job_runner import run_job
from pytest_examday.platform.logs import configure
from pytest_examday.platform.platform_error import PlatformError
from pytest_examday.platform.seeding import ADMIN_EMAIL, CANDIDATE_EMAIL
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.start_options import Options
from pytest_examday.platform.worker_service import Worker, worker_environment

SCHEMA = "examday/platform/1"
BACKEND = "backend"
PROXY = "proxy"
_SPARE_CONNECTIONS = 30


class PlatformSupervisor(Supervisor):
    """One running platform. Every start and end of a process is written to ``platform.json``.

    ``port`` is where callers reach the API. ``behind`` is where the workers listen; it is another port if a front
    proxy stands before them.
    """

    def __init__(self, options: Options, layout: Layout, port: int, behind: int) -> None:
        super().__init__(layout, options.watch_pid)
        self._options = options
        self._port = port
        self._behind = behind
        self._credentials = load_or_create(layout.credentials)
        self._redis_port = ports.pick()
        postgres_port = ports.pick()
        self._postgres_port = postgres_port
        self._urls = provision.database_urls(postgres_port, self._credentials)
        self._candidates = 0
        self._postgres = Postgres(
            layout.postgres,
            layout.log("postgres"),
            postgres_port,
            self._credentials.owner_password,
            options.workers * (options.pool_size + options.pool_max_overflow) + _SPARE_CONNECTIONS,
        )
        self._redis = RedisServer(layout.redis, layout.log("redis"), self._redis_port, self._credentials.redis_password)
        linked = {"postgres": postgres_port, "redis": self._redis_port} if options.links else {}
        self._links = {name: self._link(f"{name}-link", ports.pick(), target) for name, target in linked.items()}
        self._proxy = (self._link(PROXY, port, behind),) if options.proxy else ()
        self._workers = [self._worker(number) for number in range(1, options.workers + 1)]

    @property
    def api_url(self) -> str:
        """The address of the API."""
        return f"http://{ports.HOST}:{self._port}"

    @property
    def services(self) -> Sequence[Service]:
        """All services in the order in which they start."""
        return [self._postgres, self._redis, *self._links.values(), *self._workers, *self._proxy]

    @property
    def groups(self) -> Mapping[str, Sequence[Service]]:
        """All workers together."""
        return {BACKEND: self._workers}

    async def run_job(self, name: str) -> dict[str, Any]:
        """Run a background job as the scheduler would; returns ``{"exit_status", "output"}``."""
        settings = self._settings("job")
        environment = worker_environment(settings, self._layout.metrics)
        # A job must not add its metrics to those of the workers.
        environment.pop("PROMETHEUS_MULTIPROC_DIR")
        log_event(logging.INFO, "job", job=name)
        return await run_job(name, environment, self._layout.logs)

    def describe(self) -> dict[str, Any]:
        """The contents of ``platform.json``."""
        options, credentials = self._options, self._credentials
        return {
            "schema": SCHEMA,
            "api_url": self.api_url,
            "database_url": self._urls.auditor,
            "admin_database_url": self._urls.owner,
            "redis_url": self._redis_at(self._redis_port),
            "log_files": [str(self._layout.log(service.name)) for service in self._logged()],
            "supervisor_log": str(self._layout.log("supervisor")),
            "control": str(self._control.path),
            "supervisor_pid": os.getpid(),
            "workers": {worker.name: worker.pid for worker in self._workers},
            "services": {service.name: service.pid for service in (self._postgres, self._redis, *self._proxy)},
            "links": {name: str(link.control) for name, link in self._fronts.items()},
            "exam_mode": options.exam_mode,
            "admin": {"email": ADMIN_EMAIL, "password": credentials.admin_password},
            "candidates": {
                "email": CANDIDATE_EMAIL,
                "password": credentials.candidate_password,
                "count": self._candidates,
            },
            "pool": {
                "size": options.pool_size,
                "max_overflow": options.pool_max_overflow,
                "workers": options.workers,
            },
        }

    def before_change(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Remove the metrics of workers that have ended from the sums."""
        for worker in self._workers:
            pid = before.get("workers", {}).get(worker.name)
            if pid is not None and pid != after["workers"][worker.name]:
                log_event(logging.INFO, "worker_gone", service=worker.name, pid=pid)
                worker.forget(pid)

    async def start_all(self) -> None:
        """Start all services in their order, and fill the database."""
        await asyncio.gather(self._postgres.start(), self._redis.start())
        self._candidates = self._provision()
        await asyncio.gather(*(link.start() for link in self._links.values()))
        await asyncio.gather(*(service.start() for service in (*self._workers, *self._proxy)))
        await until_ready(self._port, "/v1/ready")

    def _provision(self) -> int:
        options = self._options
        try:
            return provision.provision(self._urls, self._credentials, options.candidates, options.questions)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise PlatformError(f"the database in {self._layout.postgres} cannot be prepared: {reason}") from error

    async def stop_all(self) -> None:
        """Stop the services, callers of a service before it."""
        await asyncio.gather(*(proxy.stop() for proxy in self._proxy))
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        await asyncio.gather(*(link.stop() for link in self._links.values()))
        await self._redis.stop()
        await self._postgres.stop()

    def _worker(self, number: int) -> Worker:
        settings = self._settings(f"worker-{number}")
        return Worker(settings, self._layout.root, self._layout.metrics, self._layout.log(settings.worker))

    @property
    def _fronts(self) -> dict[str, LinkService]:
        """The links by the service that each delays, the front proxy included."""
        return {**self._links, **{proxy.name: proxy for proxy in self._proxy}}

    def _link(self, name: str, port: int, target: int) -> LinkService:
        return LinkService(name, port, target, self._control.path.with_name(f"{name}.sock"), self._layout.log(name))

    def _seen_by_workers(self, service: str, port: int) -> int:
        """The port on which workers reach the service: that of its link if there is one."""
        return self._links[service].port if service in self._links else port

    def _settings(self, name: str) -> Settings:
        options = self._options
        postgres_port = self._seen_by_workers("postgres", self._postgres_port)
        return Settings(
            worker=name,
            host=ports.HOST,
            port=self._behind,
            exam_mode=options.exam_mode,
            database_url=provision.database_urls(postgres_port, self._credentials).app,
            redis_url=self._redis_at(self._seen_by_workers("redis", self._redis_port)),
            jwt_secret=self._credentials.jwt_secret,
            access_token_seconds=options.access_token_seconds,
            session_minutes=options.session_minutes,
            pool_size=options.pool_size,
            pool_max_overflow=options.pool_max_overflow,
            app=options.app,
        )

    def _redis_at(self, port: int) -> str:
        return f"redis://:{self._credentials.redis_password}@{ports.HOST}:{port}/0"

    def _logged(self) -> Sequence[Service]:
        return [*self._workers, self._postgres, self._redis]

    def announce(self) -> None:
        """Tell people where the exam page, the accounts and the logs are."""
        log_event(logging.INFO, "ready", api_url=self.api_url)
        mode = "on" if self._options.exam_mode else "off"
        first, last = CANDIDATE_EMAIL.format(n=1), CANDIDATE_EMAIL.format(n=self._candidates)
        lines = [
            f"The exam platform is ready: {self.api_url} ({len(self._workers)} workers, exam mode {mode})",
            f"  Exam page:  {self.api_url}/",
            f"  Candidates: {first} to {last}; password in {self._layout.state}",
            f"  Logs:       {self._layout.logs}",
            "  Stop:       Ctrl-C",
        ]
        print("\n".join(lines), flush=True)  # noqa: T201


async def run(options: Options) -> None:
    """Run one platform until a signal, the control socket or the end of the watched process stops it."""
    layout = Layout(options.directory, "platform")
    with (
        directory.owned(layout),
        ports.reserve(options.port) as reserved,
        ports.reserve(0) if options.proxy else nullcontext(reserved) as behind,
    ):
        directory.prepare(layout)
        with layout.log("supervisor").open("a", buffering=1, encoding="utf-8") as log:
            configure("supervisor", log)
            supervisor = PlatformSupervisor(options, layout, reserved.getsockname()[1], behind.getsockname()[1])
            await supervisor.run()
        if options.discard and supervisor.orphaned:
            supervisor.discard()
