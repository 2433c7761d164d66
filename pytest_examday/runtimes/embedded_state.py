"""The state file of an embedded platform: its addresses and accounts."""

from pathlib import Path

from pydantic import Field, ValidationError

from pytest_examday.errors import Unmeasurable
from pytest_examday.named_files import read_file
from pytest_examday.record import Record


class AccountState(Record):
    """An account that the embedded platform has made."""

    email: str
    password: str


class CandidateState(AccountState):
    """The candidates' accounts: `email` with `{n}`, which counts from 1 to `count`."""

    count: int


class PlatformState(Record, extra="ignore"):
    """The contents of the state file `platform.json`."""

    api_url: str
    database_url: str
    redis_url: str
    log_files: tuple[str, ...]
    control: str
    supervisor_pid: int
    workers: dict[str, int | None]
    links: dict[str, str] = Field({})
    admin: AccountState
    candidates: CandidateState
    pool: dict[str, int]


def read_state(path: Path) -> PlatformState:
    """The state of a running platform. Raises Unmeasurable if the file is missing or damaged."""
    try:
        return PlatformState.model_validate_json(read_file(path))
    except FileNotFoundError:
        raise Unmeasurable(f"no platform is running: {path} does not exist") from None
    except (OSError, ValidationError) as problem:
        raise Unmeasurable(f"{path}: not a platform's state: {str(problem).splitlines()[0]}") from None
