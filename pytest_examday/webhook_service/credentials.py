"""The passwords and keys of one directory of the service."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.local_servers.private_file import write_private


def _fresh() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Credentials:
    """One random secret for each purpose; none is shown in the repr."""

    administrator_password: str = field(default_factory=_fresh, repr=False)
    owner_password: str = field(default_factory=_fresh, repr=False)
    app_password: str = field(default_factory=_fresh, repr=False)
    scheduler_password: str = field(default_factory=_fresh, repr=False)
    redis_password: str = field(default_factory=_fresh, repr=False)
    admin_token: str = field(default_factory=_fresh, repr=False)
    encryption_key: str = field(default_factory=lambda: Fernet.generate_key().decode(), repr=False)
    person_key: str = field(default_factory=_fresh, repr=False)
    signing_seed: str = field(default_factory=_fresh, repr=False)
    """From which the secret of each company is derived."""


def load_or_create(path: Path) -> Credentials:
    """The secrets of an earlier start, otherwise new ones, which are stored with mode 0600.

    Raises LocalServerError if the file exists and is damaged.
    """
    if not path.exists():
        credentials = Credentials()
        write_private(path, json.dumps(asdict(credentials), indent=2))
        return credentials
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise LocalServerError(f"{path} is damaged; remove the directory to start afresh") from error
