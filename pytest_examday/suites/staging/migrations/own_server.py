"""A PostgreSQL of the rehearsal's own, for an environment whose server must not hold scratch databases."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_examday.errors import Unmeasurable
from pytest_examday.vanishing_folder import remove_now, vanish_after

_CONNECTIONS = 30


@contextmanager
def own_server() -> Iterator[str]:
    """The address of a database on a new server, as a superuser. The server and its files are gone at the end of the
    block, or when this process has ended. It does not wait for the disk: nothing on it is worth keeping.

    Raises Unmeasurable if it does not start, or if the extra `local` is not installed.
    """
    try:
        from pytest_examday.local_servers import ports
        from pytest_examday.local_servers.local_server_error import LocalServerError
        from pytest_examday.local_servers.postgres import OWNER
        from pytest_examday.suites.staging.migrations.forgetful_postgres import ForgetfulPostgres
    except ImportError as problem:
        raise Unmeasurable(
            f"embedded = true needs pytest-examday[local], and {problem.name} is not installed"
        ) from None
    folder = Path(tempfile.mkdtemp(prefix="examday-scratch-"))
    vanish_after(folder, (os.getpid(),))
    password, port = secrets.token_urlsafe(), ports.pick()
    server = ForgetfulPostgres(folder / "home", folder / "postgres.log", port, password, _CONNECTIONS)
    try:
        asyncio.run(server.start())
        yield f"postgresql://{OWNER}:{password}@{ports.HOST}:{port}/postgres"
    except LocalServerError as problem:
        raise Unmeasurable(f"the PostgreSQL for scratch databases did not start: {problem}") from None
    finally:
        asyncio.run(server.stop())
        remove_now(folder)
