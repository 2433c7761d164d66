"""One API worker, which the supervisor starts: ``python -m pytest_examday.platform.worker``."""

import importlib
import os
import sys
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from pytest_examday.local_servers.ports import bind_shared
from pytest_examday.platform import logs
from pytest_examday.platform.platform_error import PlatformError
from pytest_examday.platform.settings import Settings

_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 8


def load_factory(reference: str) -> Callable[[Settings], Starlette]:
    """The application factory named ``MODULE:FACTORY``. Raises PlatformError if the module or name does not
    exist."""
    module, _, name = reference.partition(":")
    try:
        factory: Callable[[Settings], Starlette] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PlatformError(f"cannot load the application {reference}: {error}") from error
    return factory


def serve(settings: Settings) -> None:
    """Serve requests until SIGTERM; then finish the requests that have begun and return."""
    config = uvicorn.Config(
        load_factory(settings.app)(settings),
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


def main() -> int:
    """Run the worker. Returns 0 after a graceful stop, 1 if the application cannot start."""
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.worker)
    try:
        serve(settings)
    except Exception as error:  # noqa: BLE001 (whatever it is, it belongs in the log as one line)
        logs.log_exception("worker_failed", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
