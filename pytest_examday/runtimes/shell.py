"""Runs the shell commands of the configuration. Every such command is started here.

A command has a limit to its time and to what it may write, and it ends with this process, however that ends.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from pytest_examday.errors import Unmeasurable

_NOT_RUN = {126: "it cannot be executed", 127: "command not found"}
_SSH_FAILED = 255
"""The exit status of ssh if the connection failed; the command on the other machine may not have run."""

_COMMAND = "EXAMDAY_COMMAND"
_START = f"""
exec 3<&0 </dev/null
command=${_COMMAND}
unset {_COMMAND}
(read -r released <&3 || kill -KILL 0) &
exec 3<&- /bin/sh -c "$command"
"""
"""Starts the command beside a process that reads from a pipe of ours, and kills their process group at its end. The
command is no argument of that process, because `pgrep -f` in the command would find it there."""
_RELEASE = b"\n"
"""Ends that process and leaves the group alone."""

_MIB = 1024 * 1024
_KEPT_BYTES = 16 * _MIB
MOST_BYTES = 256 * _MIB
"""A command whose output is kept in memory may write this much."""
_MOST_PRINTED_BYTES = 8192 * _MIB
"""A command that prints a log may write this much: the log of a large exam has 5 GB."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.0005, 0.02
"""Between two polls of a command. `cat /dev/zero` writes about 50 MB in the longer one."""


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


@dataclass(frozen=True)
class _Command:
    """A command with its limits. `may_leave` says that it may start processes that outlive it."""

    text: str
    where: str
    seconds: float
    most_bytes: int
    variables: Mapping[str, str] | None
    may_leave: bool = False


def run(
    command: str,
    where: str,
    seconds: float,
    variables: Mapping[str, str] | None = None,
    *,
    kept_bytes: int = _KEPT_BYTES,
    may_leave: bool = False,
) -> Ended:
    """Run the command with `sh`; of what it writes, the last `kept_bytes` are kept.

    Error messages name `where`, the configuration key of the command, because the command's text may hold a secret.
    Processes that it leaves in its process group are killed, unless it `may_leave` some: a command that starts a
    service may.

    Raises Unmeasurable if the shell could not run it, a signal ended it, ssh could not connect, it took longer than
    `seconds`, or it wrote more than 256 MiB or more than half of the free disk. In the last cases its whole process
    group is killed.
    """
    with _written(_Command(command, where, seconds, MOST_BYTES, variables, may_leave)) as (status, output, complaints):
        return Ended(status, _end_of(output, kept_bytes), _end_of(complaints))


@contextmanager
def printing(
    command: str, where: str, seconds: float, variables: Mapping[str, str] | None = None
) -> Iterator[IO[bytes]]:
    """Run the command with `sh` to its end, and give all that it printed as a file, of up to 8 GiB.

    Raises Unmeasurable as `run` does, and if the command ends with another exit status than 0.
    """
    with _written(_Command(command, where, seconds, _MOST_PRINTED_BYTES, variables)) as (status, output, complaints):
        if status != 0:
            last_line_of_output = Ended(status, _end_of(output), _end_of(complaints)).last_line_of_output
            raise Unmeasurable(f"{where} ended with exit status {status}: {last_line_of_output}")
        output.seek(0)
        yield output


@contextmanager
def _written(command: _Command) -> Iterator[tuple[int, IO[bytes], IO[bytes]]]:
    """The exit status of the command, and the files that hold its standard output and standard error."""
    where = command.where
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        # Files, not pipes: a daemon that the command starts may keep them open for ever.
        status = _status_of(command, output, complaints)
        if status < 0:
            raise Unmeasurable(f"{where} was ended by {signal.Signals(-status).name}")
        if status in _NOT_RUN or status == _SSH_FAILED:
            last_line_of_output = Ended(status, _end_of(output), _end_of(complaints)).last_line_of_output
            raise Unmeasurable(f"{where}: {_NOT_RUN.get(status, 'exit status 255')}: {last_line_of_output}")
        yield status, output, complaints


def _status_of(command: _Command, output: IO[bytes], complaints: IO[bytes]) -> int:
    """Run the command within its limits; the result is its exit status, or minus the signal that ended it."""
    most_bytes, limit = _most(command, output)
    try:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _START],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=complaints,
            env={**os.environb, **_encoded({**(command.variables or {}), _COMMAND: command.text})},
            start_new_session=True,
        )
    except OSError as problem:  # a text of more than 128 KiB
        raise Unmeasurable(f"{command.where} cannot be started: {problem.strerror}") from None
    keeps_group = False
    try:
        deadline, pause = time.monotonic() + command.seconds, _FIRST_PAUSE_SECONDS
        while True:
            status = process.poll()  # before its files are read, so that the last reading has all that it wrote
            if _size(output) + _size(complaints) > most_bytes:
                raise Unmeasurable(f"{command.where} wrote more than {limit}, and was ended")
            if status is not None:
                break
            if time.monotonic() >= deadline:
                raise Unmeasurable(f"{command.where} was not done within {command.seconds:g} s")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        keeps_group = command.may_leave and status >= 0
        return status
    finally:
        _end_group(process, released=keeps_group)


def _encoded(variables: Mapping[str, str]) -> dict[bytes, bytes]:
    """The variables as a command gets them: in UTF-8, whatever the locale of this process is."""
    return {
        name.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
        for name, value in variables.items()
    }


def _most(command: _Command, output: IO[bytes]) -> tuple[int, str]:
    """How many bytes the command may write, and the limit in words."""
    half_of_disk = shutil.disk_usage(output.fileno()).free // 2
    if half_of_disk < command.most_bytes:
        return half_of_disk, f"half of what was free in {tempfile.gettempdir()}"
    return command.most_bytes, f"{command.most_bytes // _MIB} MiB"


def _end_group(process: "subprocess.Popen[bytes]", *, released: bool) -> None:
    """Kill what is left of the command's process group, unless it is `released`."""
    if process.stdin is None:
        return
    try:
        if released:
            process.stdin.write(_RELEASE)
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.stdin.close()
    except (ProcessLookupError, BrokenPipeError):  # the command has killed its own process group
        process.stdin.close()
    process.wait()


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _end_of(file: IO[bytes], most_bytes: int = _KEPT_BYTES) -> str:
    """What was written, or the end of it."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - most_bytes))
    return file.read(most_bytes).decode(errors="replace")
