"""A PostgreSQL that loses its data if the machine stops, and is faster for it."""

from dataclasses import replace

from pytest_examday.local_servers.postgres import Postgres
from pytest_examday.local_servers.processes import Command

_OPTIONS = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")


class ForgetfulPostgres(Postgres):
    """PostgreSQL on the loopback address that does not wait for the disk."""

    def command(self) -> Command:
        """The command of a lasting server, with other options."""
        command = super().command()
        return replace(command, argv=[*command.argv, *_OPTIONS])
