"""The passwords and keys of one platform directory."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pytest_examday.local_servers.private_file import write_private
from pytest_examday.platform.platform_error import PlatformError


def _fresh() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One random secret for each purpose; none is shown in the repr."""

    owner_password: str = field(default_factory=_fresh, repr=False)
    app_password: str = field(default_factory=_fresh, repr=False)
    auditor_password: str = field(default_factory=_fresh, repr=False)
    redis_password: str = field(default_factory=_fresh, repr=False)
    candidate_password: str = field(default_factory=_fresh, repr=False)
    admin_password: str = field(default_factory=_fresh, repr=False)
    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)


def load_or_create(path: Path) -> Credentials:
    """The secrets of an earlier start, otherwise new ones, which are stored with mode 0600.

    Raises PlatformError if the file exists and is damaged.
    """
    if not path.exists():
        credentials = Credentials()
        write_private(path, json.dumps(asdict(credentials), indent=2))
        return credentials
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise PlatformError(f"{path} is damaged; remove the directory to start afresh") from error
