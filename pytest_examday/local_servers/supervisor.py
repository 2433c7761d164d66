"""A supervisor: starts and watches the processes of an embedded service, obeys the control socket, stops everything at
the end."""

import asyncio
import json
import logging
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_examday.local_servers.control_server import ControlServer
from pytest_examday.local_servers.json_logs import log_event
from pytest_examday.local_servers.layout import Layout
from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.private_file import write_private
from pytest_examday.local_servers.processes import is_alive
from pytest_examday.local_servers.service import Service

_WATCH_SECONDS = 0.25


class Supervisor(ABC):
    """One running embedded service. Every start and end of a process is written to its state file.

    It stops when the process `watch_pid` is gone; None watches no process.
    """

    def __init__(self, layout: Layout, watch_pid: int | None) -> None:
        self._layout = layout
        self._watch_pid = watch_pid
        self._announced = False
        self._last_state: dict[str, Any] = {}
        self._stopping = asyncio.Event()
        self._control = ControlServer(self)

    @property
    @abstractmethod
    def services(self) -> Sequence[Service]:
        """All processes that the control socket can start and stop."""

    @property
    @abstractmethod
    def groups(self) -> Mapping[str, Sequence[Service]]:
        """Names that stand for several of the services."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The contents of the state file."""

    @abstractmethod
    async def start_all(self) -> None:
        """Start everything; returns when the service can be used. Raises LocalServerError if it cannot."""

    @abstractmethod
    async def stop_all(self) -> None:
        """Stop everything, in an order in which no request fails that has begun."""

    @abstractmethod
    async def run_job(self, name: str) -> dict[str, Any]:
        """Run a background job. Raises LocalServerError for an unknown name."""

    @abstractmethod
    def announce(self) -> None:
        """Tell people that the service is ready."""

    @abstractmethod
    def before_change(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Called with the old and the new contents before the state file is written."""

    def request_stop(self) -> None:
        """Ask :meth:`run` to end."""
        self._stopping.set()

    @property
    def orphaned(self) -> bool:
        """Whether the watched process is gone."""
        return self._watch_pid is not None and not is_alive(self._watch_pid)

    async def run(self) -> None:
        """Start everything, wait for a signal or a request to stop, and stop everything. Raises LocalServerError if a
        process does not start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.request_stop)
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
        """The services that ``name`` stands for. Raises LocalServerError, listing the valid names."""
        if name in self.groups:
            return list(self.groups[name])
        chosen = [service for service in self.services if service.name == name]
        if not chosen:
            valid = ", ".join([*(service.name for service in self.services), *self.groups])
            raise LocalServerError(f"unknown service {name!r}; valid are: {valid}")
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

    def refresh(self) -> None:
        """Write the state file if something has changed."""
        if not self._announced:
            return
        state = self.describe()
        if state != self._last_state:
            self.before_change(self._last_state, state)
            write_private(self._layout.state, json.dumps(state, indent=2))
            self._last_state = state

    def discard(self) -> None:
        """Remove the directory of the service."""
        shutil.rmtree(self._layout.root, ignore_errors=True)

    async def _live(self) -> None:
        watch = asyncio.create_task(self._watch())
        try:
            await self.start_all()
            await self._control.open()
            self._announced = True
            self.refresh()
            self.announce()
            await watch
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        """Notice that a process has ended by itself, or that the watched process is gone."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            self.refresh()
            if self.orphaned:
                log_event(logging.INFO, "watched_process_gone", pid=self._watch_pid)
                self.request_stop()

    async def _shut_down(self) -> None:
        self._announced = False
        log_event(logging.INFO, "stopping")
        await self.stop_all()
        await self._control.close()
        self._layout.state.unlink(missing_ok=True)
