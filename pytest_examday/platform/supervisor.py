"""The supervisor: starts the platform's services, watches them, answers the control socket, and stops everything at the
end."""

import asyncio
import json
import logging
import os
import shutil
import signal
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import psycopg

from pytest_examday.platform import directory, ports, provision
from pytest_examday.platform.control_server import ControlServer
from pytest_examday.platform.credentials import load_or_create
from pytest_examday.platform.job_runner import run_job
from pytest_examday.platform.layout import Layout
from pytest_examday.platform.link_service import LinkService
from pytest_examday.platform.logs import configure, log_event
from pytest_examday.platform.platform_error import PlatformError
from pytest_examday.platform.postgres import Postgres
from pytest_examday.platform.private_file import write_private
from pytest_examday.platform.processes import is_alive
from pytest_examday.platform.readiness import until_ready
from pytest_examday.platform.redis_server import RedisServer
from pytest_examday.platform.seeding import ADMIN_EMAIL, CANDIDATE_EMAIL
from pytest_examday.platform.service import Service
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.start_options import Options
from pytest_examday.platform.worker_service import Worker, worker_environment

SCHEMA = "examday/platform/1"
BACKEND = "backend"
PROXY = "proxy"
_WATCH_SECONDS = 0.25
_SPARE_CONNECTIONS = 30


class Supervisor:
    """One running platform. Every start and end of a process is written to ``platform.json``.

    ``port`` is where callers reach the API. ``behind`` is where the workers listen; it is another port if a front
    proxy stands before them.
    """

    def __init__(self, options: Options, layout: Layout, port: int, behind: int) -> None:
        self._options = options
        self._layout = layout
        self._port = port
        self._behind = behind
        self._credentials = load_or_create(layout.credentials)
        self._redis_port = ports.pick()
        postgres_port = ports.pick()
        self._postgres_port = postgres_port
        self._urls = provision.database_urls(postgres_port, self._credentials)
        self._candidates = 0
        self._announced = False
        self._last_state: dict[str, Any] = {}
        self._stopping = asyncio.Event()
        self._control = ControlServer(self)
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

    def request_stop(self) -> None:
        """Ask :meth:`run` to end."""
        self._stopping.set()

    @property
    def orphaned(self) -> bool:
        """Whether the watched process is gone."""
        return self._options.watch_pid is not None and not is_alive(self._options.watch_pid)

    async def run(self) -> None:
        """Start all services, wait for a request to stop, and stop them. Raises PlatformError if they do not
        start."""
        life = asyncio.create_task(self._live())
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({life, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            life.cancel()
            outcome = (await asyncio.gather(life, return_exceptions=True))[0]
            await self._shut_down()
        if isinstance(outcome, Exception):
            raise outcome

    def select(self, name: str) -> list[Service]:
        """The services that ``name`` stands for. Raises PlatformError, listing the valid names."""
        if name == BACKEND:
            return list(self._workers)
        chosen = [service for service in self.services if service.name == name]
        if not chosen:
            valid = ", ".join([*(service.name for service in self.services), BACKEND])
            raise PlatformError(f"unknown service {name!r}; valid are: {valid}")
        return chosen

    async def change(self, action: str, name: str) -> dict[str, Any]:
        """Do ``start``, ``stop``, ``kill`` or ``restart``; returns the state afterwards."""
        chosen = self.select(name)
        log_event(logging.INFO, "control", action=action, service=name)
        steps = ("stop", "start") if action == "restart" else (action,)
        for step in steps:
            await asyncio.gather(*(getattr(service, step)() for service in chosen))
            self.refresh()
        return self.describe()

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

    def refresh(self) -> None:
        """Write ``platform.json`` if something has changed."""
        if not self._announced:
            return
        state = self.describe()
        if state != self._last_state:
            self._forget_dead_workers(state)
            write_private(self._layout.state, json.dumps(state, indent=2))
            self._last_state = state

    async def _live(self) -> None:
        watch = asyncio.create_task(self._watch())
        try:
            await self._start()
            await watch
        finally:
            watch.cancel()

    async def _start(self) -> None:
        await asyncio.gather(self._postgres.start(), self._redis.start())
        self._candidates = self._provision()
        await asyncio.gather(*(link.start() for link in self._links.values()))
        await asyncio.gather(*(service.start() for service in (*self._workers, *self._proxy)))
        await until_ready(self._port)
        await self._control.open()
        self._announced = True
        self.refresh()
        log_event(logging.INFO, "ready", api_url=self.api_url)
        self._tell()

    def _provision(self) -> int:
        options = self._options
        try:
            return provision.provision(self._urls, self._credentials, options.candidates, options.questions)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise PlatformError(f"the database in {self._layout.postgres} cannot be prepared: {reason}") from error

    async def _watch(self) -> None:
        """Notice that a process has ended by itself, or that the watched process is gone."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            self.refresh()
            if self.orphaned:
                log_event(logging.INFO, "watched_process_gone", pid=self._options.watch_pid)
                self.request_stop()

    async def _shut_down(self) -> None:
        self._announced = False
        log_event(logging.INFO, "stopping")
        await asyncio.gather(*(proxy.stop() for proxy in self._proxy))
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        await asyncio.gather(*(link.stop() for link in self._links.values()))
        await self._redis.stop()
        await self._postgres.stop()
        await self._control.close()
        self._layout.state.unlink(missing_ok=True)

    def _forget_dead_workers(self, state: dict[str, Any]) -> None:
        for worker in self._workers:
            before = self._last_state.get("workers", {}).get(worker.name)
            if before is not None and before != state["workers"][worker.name]:
                log_event(logging.INFO, "worker_gone", service=worker.name, pid=before)
                worker.forget(before)

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

    def _tell(self) -> None:
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
    layout = Layout(options.directory)
    with (
        directory.owned(layout),
        ports.reserve(options.port) as reserved,
        ports.reserve(0) if options.proxy else nullcontext(reserved) as behind,
    ):
        directory.prepare(layout)
        with layout.log("supervisor").open("a", buffering=1, encoding="utf-8") as log:
            configure("supervisor", log)
            supervisor = Supervisor(options, layout, reserved.getsockname()[1], behind.getsockname()[1])
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, supervisor.request_stop)
            await supervisor.run()
        if options.discard and supervisor.orphaned:
            shutil.rmtree(layout.root, ignore_errors=True)
