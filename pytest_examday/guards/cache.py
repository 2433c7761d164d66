"""The `cache` that a user's own test gets where nothing may be written: what Redis calls reading goes through."""

from typing import Any, NoReturn

import redis

from pytest_examday.errors import Unmeasurable

_HARMLESS = frozenset({"PING", "ECHO", "TIME", "INFO"})
"""They touch no key, so Redis does not mark them as reading."""


class ReadOnlyCache(redis.Redis):
    """On the connections of `client`; a command that does not only read raises Unmeasurable with `reason`.

    Redis is asked once for each command whether it reads, so those of later versions are guarded too. A pipeline is
    refused whole: it asks nobody before it sends.
    """

    def __init__(self, client: redis.Redis, reason: str) -> None:
        super().__init__(connection_pool=client.connection_pool)
        self._reason = reason
        self._reads: dict[str, bool] = dict.fromkeys(_HARMLESS, True)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, whose name may be of two words."""
        name = str(args[0]).upper()
        if name not in self._reads:
            self._reads[name] = self._is_reading(name)
        if not self._reads[name]:
            self._refuse(name)
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # redis leaves it untyped

    def pipeline(self, *args: Any, **options: Any) -> NoReturn:
        """Refused."""
        self._refuse("a pipeline")

    def _is_reading(self, name: str) -> bool:
        """By its flags, which newer servers keep with the second word (`memory|usage`)."""
        words = name.lower().split()
        told = super().execute_command("COMMAND INFO", words[0], "|".join(words))  # type: ignore[no-untyped-call] # as above
        return any("readonly" in map(_text, command[2]) for command in told if command is not None)

    def _refuse(self, what: str) -> NoReturn:
        raise Unmeasurable(f"{self._reason}; refused was {what}")


def _text(flag: str | bytes) -> str:
    return flag.decode() if isinstance(flag, bytes) else flag
