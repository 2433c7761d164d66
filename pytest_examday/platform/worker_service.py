"""An API worker as a service of the supervisor."""

import os
import sys
from pathlib import Path

import psutil
from prometheus_client import multiprocess

from pytest_examday.local_servers.processes import Command
from pytest_examday.local_servers.service import Service
from pytest_examday.platform.settings import Settings

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def worker_environment(settings: Settings, metrics: Path) -> dict[str, str]:
    """This process's environment, so that its PYTHONPATH applies, with the platform's settings added."""
    return {**os.environ, **settings.to_environment(), METRICS_VARIABLE: str(metrics)}


class Worker(Service):
    """One API process with its own listening socket on the shared port."""

    def __init__(self, settings: Settings, root: Path, metrics: Path, log: Path) -> None:
        super().__init__(settings.worker)
        self._settings = settings
        self._root = root
        self._metrics = metrics
        self._log = log

    def command(self) -> Command:
        """The name and directory on the command line are for people who read a list of processes."""
        module = "pytest_examday.platform.worker"
        return Command(
            argv=[sys.executable, "-m", module, "--name", self.name, "--dir", str(self._root)],
            environment=worker_environment(self._settings, self._metrics),
            log=self._log,
        )

    async def is_ready(self, pid: int) -> bool:
        """Whether this process itself listens; a request could be answered by another worker."""
        try:
            sockets = psutil.Process(pid).net_connections(kind="tcp4")
        except psutil.Error:
            return False
        return any(item.status == psutil.CONN_LISTEN and item.laddr.port == self._settings.port for item in sockets)

    def forget(self, pid: int) -> None:
        """Remove the gauges of a dead process from the sums."""
        multiprocess.mark_process_dead(pid, str(self._metrics))  # type: ignore[no-untyped-call]
