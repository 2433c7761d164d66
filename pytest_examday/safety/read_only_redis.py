"""A Redis client that sends only reading commands: the fixture `redis_client` if the environment does not allow
`write`."""

from typing import Any, NoReturn

import redis

from pytest_examday.errors import Unmeasurable

_HARMLESS = frozenset({"PING", "ECHO", "TIME", "INFO"})
"""These commands touch no key, so Redis does not mark them as reading."""


class ReadOnlyRedis(redis.Redis):
    """A Redis client that raises Unmeasurable with `reason` for every command that writes.

    It asks Redis once for each command whether the command only reads, so commands of later Redis versions are covered.
    A pipeline is refused as a whole, because it does not pass through `execute_command`.
    """

    def __init__(self, client: redis.Redis, reason: str) -> None:
        super().__init__(connection_pool=client.connection_pool)
        self._reason = reason
        self._reads: dict[str, bool] = dict.fromkeys(_HARMLESS, True)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command; its name may be two words, for instance `MEMORY USAGE`."""
        name = str(args[0]).upper()
        if name not in self._reads:
            self._reads[name] = self._is_reading(name)
        if not self._reads[name]:
            self._refuse(name)
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # redis does not type it

    def pipeline(self, *args: Any, **options: Any) -> NoReturn:
        """Raise Unmeasurable."""
        self._refuse("a pipeline")

    def _is_reading(self, name: str) -> bool:
        """Whether Redis marks the command as reading; newer servers mark each subcommand (`memory|usage`)."""
        words = name.lower().split()
        names = (words[0], "|".join(words))
        reply = super().execute_command("COMMAND INFO", *names)  # type: ignore[no-untyped-call] # redis does not type it
        return any("readonly" in map(_text, command[2]) for command in reply if command is not None)

    def _refuse(self, what: str) -> NoReturn:
        raise Unmeasurable(f"{self._reason}; refused: {what}")


def _text(flag: str | bytes) -> str:
    return flag.decode() if isinstance(flag, bytes) else flag
