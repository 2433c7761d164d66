"""Runs one of the user's shell commands with a time limit."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from pytest_examday.errors import Unmeasurable

_NOT_RUN = {126: "it cannot be executed", 127: "command not found"}
_SSH_FAILED = 255
"""The exit status of ssh if the connection failed; the command on the other machine may not have run."""

_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Ended:
    """The result of a command."""

    exit_status: int
    output: str
    complaints: str

    @property
    def last_line_of_output(self) -> str:
        """The last line of its standard error, or of its standard output if standard error is empty."""
        lines = (self.complaints.strip() or self.output.strip()).splitlines()
        return lines[-1] if lines else "it said nothing"


def run(command: str, where: str, seconds: float, variables: Mapping[str, str] | None = None) -> Ended:
    """Run the command with `sh`; of what it writes, the last 16 MiB are kept.

    Error messages name `where`, the configuration key of the command, because the command's text may hold a secret.
    Raises Unmeasurable if the shell could not run it, a signal ended it, ssh could not connect, or it took longer
    than `seconds`; in the last case its whole process group is killed.
    """
    with _written(command, where, seconds, variables) as (status, output, complaints):
        return Ended(status, _end_of(output), _end_of(complaints))


@contextmanager
def printing(
    command: str, where: str, seconds: float, variables: Mapping[str, str] | None = None
) -> Iterator[IO[bytes]]:
    """Run the command with `sh` to its end, and give all that it printed as a file, of any length.

    Raises Unmeasurable as `run` does, and if the command ends with another exit status than 0.
    """
    with _written(command, where, seconds, variables) as (status, output, complaints):
        if status != 0:
            last_line_of_output = Ended(status, _end_of(output), _end_of(complaints)).last_line_of_output
            raise Unmeasurable(f"{where} ended with exit status {status}: {last_line_of_output}")
        output.seek(0)
        yield output


@contextmanager
def _written(
    command: str, where: str, seconds: float, variables: Mapping[str, str] | None
) -> Iterator[tuple[int, IO[bytes], IO[bytes]]]:
    """The exit status of the command, and the files that hold its standard output and standard error."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        # Files, not pipes: a daemon that the command starts may keep them open for ever.
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=complaints,
            env={**os.environ, **(variables or {})},
            start_new_session=True,
        )
        status = _wait(process, where, seconds)
        if status < 0:
            raise Unmeasurable(f"{where} was ended by {signal.Signals(-status).name}")
        if status in _NOT_RUN or status == _SSH_FAILED:
            last_line_of_output = Ended(status, _end_of(output), _end_of(complaints)).last_line_of_output
            raise Unmeasurable(f"{where}: {_NOT_RUN.get(status, 'exit status 255')}: {last_line_of_output}")
        yield status, output, complaints


def _end_of(file: IO[bytes]) -> str:
    """The text in the file, or its end: a command may write more than the memory holds."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - _MOST_BYTES))
    return file.read(_MOST_BYTES).decode(errors="replace")


def _wait(process: "subprocess.Popen[bytes]", where: str, seconds: float) -> int:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Unmeasurable(f"{where} was not done within {seconds:.0f} s") from None
    finally:
        if process.returncode is None:  # late, or interrupted
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
