"""One API worker, which the supervisor starts: `python -m pytest_examday.webhook_service.worker`."""

import sys

import uvicorn

from pytest_examday.local_servers.ports import bind_shared
from pytest_examday.webhook_service.app import build_app
from pytest_examday.webhook_service.load_parts import load_parts
from pytest_examday.webhook_service.process import run_process
from pytest_examday.webhook_service.settings import Settings

_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 8


def serve(name: str, settings: Settings) -> None:
    """Serve requests until SIGTERM; then finish the requests that have begun and return."""
    config = uvicorn.Config(
        build_app(settings, load_parts(settings), name),
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[bind_shared(settings.port)])


if __name__ == "__main__":
    sys.exit(run_process(serve))
