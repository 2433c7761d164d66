"""Where things lie inside the platform's directory."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below one platform directory."""

    root: Path

    @property
    def lock(self) -> Path:
        """Held with ``flock`` for as long as a supervisor lives."""
        return self.root / "platform.lock"

    @property
    def state(self) -> Path:
        """The description of the running platform; present only while it runs."""
        return self.root / "platform.json"

    @property
    def credentials(self) -> Path:
        """Passwords and keys, kept so that a later start can take the data over."""
        return self.root / "credentials.json"

    @property
    def logs(self) -> Path:
        """Folder of all log files."""
        return self.root / "logs"

    @property
    def postgres(self) -> Path:
        """Home of PostgreSQL; its data directory is ``postgres/data``."""
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        """Working directory of Redis."""
        return self.root / "redis"

    @property
    def metrics(self) -> Path:
        """Files through which the workers share their counters."""
        return self.root / "metrics"

    def log(self, service: str) -> Path:
        """Log file of one service."""
        return self.logs / f"{service}.log"
