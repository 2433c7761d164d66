"""The paths inside the directory of an embedded service."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one directory. `name` is what the service calls itself: "platform" has a `platform.json`."""

    root: Path
    name: str

    @property
    def lock(self) -> Path:
        """Held with ``flock`` for as long as a supervisor lives."""
        return self.root / f"{self.name}.lock"

    @property
    def state(self) -> Path:
        """The state file; it exists only while the service runs."""
        return self.root / f"{self.name}.json"

    @property
    def credentials(self) -> Path:
        """The passwords and keys, kept so that a later start can use the same data."""
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
        """The folder of the files through which workers share their metrics."""
        return self.root / "metrics"

    def log(self, service: str) -> Path:
        """Log file of one service."""
        return self.logs / f"{service}.log"
