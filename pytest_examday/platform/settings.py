"""The settings that workers and jobs get through environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pytest_examday.platform.platform_error import PlatformError

EXAM_MODE_VARIABLE = "EXAM_MODE"
DEFAULT_APP = "pytest_examday.platform.app:create_app"
_TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one worker; secrets are not shown in the repr.

    The name of a duration ends with its unit. ``pool_max_overflow`` is the number of database connections that the
    worker may open above ``pool_size``.
    """

    worker: str
    host: str
    port: int
    exam_mode: bool
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    access_token_seconds: int = 900
    session_minutes: int = 60
    pool_size: int = 8
    pool_max_overflow: int = 2
    pool_timeout_seconds: int = 5
    app: str = DEFAULT_APP

    @property
    def pool_limit(self) -> int:
        """The most database connections that this worker may hold."""
        return self.pool_size + self.pool_max_overflow

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises PlatformError, naming the variable that is missing or malformed."""
        names = {item.name: variable_of(item.name) for item in fields(cls)}
        kinds: dict[str, Any] = {item.name: item.type for item in fields(cls)}
        present = {name: variable for name, variable in names.items() if variable in environ}
        values: dict[str, Any] = {
            name: _parse(variable, environ[variable], kinds[name]) for name, variable in present.items()
        }
        try:
            return cls(**values)
        except TypeError as error:
            raise PlatformError(f"the environment lacks settings of the platform: {error}") from error

    def to_environment(self) -> dict[str, str]:
        """The environment variables from which :meth:`from_environment` makes equal settings."""
        return {variable_of(item.name): _format(getattr(self, item.name)) for item in fields(self)}


def variable_of(name: str) -> str:
    """The name of the environment variable for the setting ``name``."""
    return EXAM_MODE_VARIABLE if name == "exam_mode" else f"EXAMDAY_{name.upper()}"


def _format(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parse(variable: str, text: str, kind: type) -> object:
    if kind is bool:
        return text.strip().lower() in _TRUE
    try:
        return kind(text)
    except ValueError as error:
        raise PlatformError(f"{variable} must be a whole number, not {text!r}") from error
