"""The main process of a backend container: the embedded platform's application, one worker, reachable from outside."""

import os
from pathlib import Path

import uvicorn

from pytest_examday.platform import logs
from pytest_examday.platform.settings import Settings
from pytest_examday.platform.worker import load_factory


def main() -> None:
    """Answer until SIGTERM."""
    settings = Settings.from_environment(os.environ)
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(exist_ok=True)
    logs.configure(settings.worker)
    uvicorn.run(
        load_factory(settings.app)(settings),
        host=settings.host,
        port=settings.port,
        http="httptools",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
