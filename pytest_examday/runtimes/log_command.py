"""Reads the platform's log by the user's own command, for logs that are collected in one place such as Loki."""

from collections.abc import Iterator, Mapping
from typing import cast

from pytest_examday.runtimes.base import Ability, Runtime
from pytest_examday.runtimes.log_blocks import blocks_in, lines_in
from pytest_examday.runtimes.shell import printing
from pytest_examday.runtimes.since_variables import since_variables
from pytest_examday.runtimes.wrapped import WrappedRuntime

SOURCE = "log_command"
"""The name of the only log source."""
_SECONDS = 600
"""The longest time of the command: a log store gives an hour of 400 candidates page by page."""


class _WithLogCommand(WrappedRuntime):
    """A runtime whose log is the output of a command; everything else is left to the runtime that it wraps.

    The command finds the time from which on lines are needed in the variables of `since_variables`.
    """

    def __init__(self, runtime: Runtime, command: str, where: str, variables: Mapping[str, str]) -> None:
        super().__init__(runtime)
        self._command = command
        self._where = where
        self._variables = variables

    def require(self, service: str, *abilities: Ability) -> None:
        """Check the abilities of the wrapped runtime, except for logs: the command does not need the runtime."""
        self._runtime.require(service, *(name for name in abilities if name != "logs" or service != SOURCE))

    def log_sources(self) -> tuple[str, ...]:
        return (SOURCE,)

    def log_blocks(self, source: str, since: float) -> Iterator[bytes]:
        """The output of the command, or the log of another source of the wrapped runtime, in blocks of whole lines.

        Raises Unmeasurable if the command fails or takes longer than ten minutes.
        """
        if source != SOURCE:
            yield from self._runtime.log_blocks(source, since)
            return
        variables = {**self._variables, **since_variables(since)}
        with printing(self._command, self._where, _SECONDS, variables) as output:
            yield from blocks_in(output)

    def logs(self, source: str, since: float) -> Iterator[str]:
        return lines_in(self.log_blocks(source, since))


def with_log_command(runtime: Runtime, command: str, where: str, variables: Mapping[str, str] | None = None) -> Runtime:
    """The runtime with a log that the command prints. Messages name `where`, the configuration key of the command."""
    return cast("Runtime", _WithLogCommand(runtime, command, where, variables or {}))
