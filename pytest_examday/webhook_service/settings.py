"""The settings of the service's processes, in a private file that each of them reads when it starts."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.private_file import write_private

DEFAULT_PARTS = "pytest_examday.webhook_service.parts:product"
"""The function that gives the parts of the service, as MODULE:FUNCTION."""

_AWAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker or scheduler needs to know; secrets are not shown in the repr. Durations name their unit.

    Secrets are in a file and not in environment variables, which a list of processes may show.
    """

    port: int
    app_database_url: str = field(repr=False)
    scheduler_database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    encryption_key: str = field(repr=False)
    person_key: str = field(repr=False)
    admin_token: str = field(repr=False)
    parts: str = DEFAULT_PARTS
    pool_size: int = 6
    accepted_per_hour: int = 300
    window_seconds: int = 300
    """How old a time stamp of a webhook may be, and how far in the future."""
    offset_days: tuple[int, ...] = (0, 2, 4)
    """When the reminders of a recovery case are due, in days after it was opened."""
    interval_seconds: float = 1.0
    """The time between two passes of a scheduler."""
    lease_seconds: float = 5.0
    """How long a job belongs to the process that claimed it. Then it may be claimed again."""
    payload_days: int = 30
    event_days: int = 60
    housekeeping_seconds: float = 3600.0
    """The time between two runs of the retention by the scheduler."""

    @classmethod
    def awaited(cls, path: Path) -> "Settings":
        """Read the file once it is there. Raises LocalServerError after a minute.

        Processes are started before the database is prepared, because to start takes them as long.
        """
        deadline = time.monotonic() + _AWAIT_SECONDS
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return cls.read(path)

    def write(self, path: Path) -> None:
        """Write the file from which `read` makes equal settings."""
        write_private(path, json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read the file. Raises LocalServerError if it is damaged or not there."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**values, "offset_days": tuple(values["offset_days"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LocalServerError(f"{path} holds no settings of the webhook service: {error}") from error
