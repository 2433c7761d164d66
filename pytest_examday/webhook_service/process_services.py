"""The service's own processes as services of the supervisor."""

import os
import sys
from pathlib import Path
from typing import ClassVar

import psutil
from prometheus_client import multiprocess

from pytest_examday.local_servers.layout import Layout
from pytest_examday.local_servers.processes import Command
from pytest_examday.local_servers.service import Service
from pytest_examday.webhook_service.metrics import VARIABLE
from pytest_examday.webhook_service.scheduler_process import BEAT_VARIABLE


class Process(Service):
    """A process that reads the settings file and shares metrics with the others."""

    start_seconds: ClassVar[float] = 80.0  # it waits for the database to be prepared

    def __init__(self, module: str, name: str, layout: Layout, settings: Path) -> None:
        super().__init__(name)
        self._module = f"pytest_examday.webhook_service.{module}"
        self._layout = layout
        self._settings = settings

    @property
    def beat(self) -> Path:
        """The file that a scheduler writes when it works."""
        return self._layout.metrics / f"{self.name}.beat"

    def command(self) -> Command:
        """No secret is on the command line or in the environment."""
        return Command(
            argv=[sys.executable, "-m", self._module, "--name", self.name, "--settings", str(self._settings)],
            environment={**os.environ, VARIABLE: str(self._layout.metrics), BEAT_VARIABLE: str(self.beat)},
            log=self._layout.log(self.name),
        )

    def prepare(self) -> None:
        """Forget that the process before this one worked."""
        self.beat.unlink(missing_ok=True)

    async def is_ready(self, pid: int) -> bool:
        """Whether the process has begun to work."""
        return self.beat.exists()

    def forget(self, pid: int) -> None:
        """Remove the gauges of a dead process from the sums."""
        multiprocess.mark_process_dead(pid, str(self._layout.metrics))  # type: ignore[no-untyped-call]


class Worker(Process):
    """One API process with its own listening socket on the shared port."""

    def __init__(self, name: str, layout: Layout, settings: Path, port: int) -> None:
        super().__init__("worker", name, layout, settings)
        self._port = port

    async def is_ready(self, pid: int) -> bool:
        """Whether this process itself listens; a request could be answered by another worker."""
        try:
            sockets = psutil.Process(pid).net_connections(kind="tcp4")
        except psutil.Error:
            return False
        return any(item.status == psutil.CONN_LISTEN and item.laddr.port == self._port for item in sockets)
