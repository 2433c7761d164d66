"""Searches a dump of the database for random texts, as it comes from `pg_dump`."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, cast

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.postgres_programs import find_program, libpq_variables
from pytest_examday.suites.staging.webhooks.evidence import Trace, TraceSearch
from pytest_examday.suites.staging.webhooks.traces.forms import Finder

_BLOCK = 1024 * 1024
_MOST_BYTES = 2 * 1024**3
_MOST_SECONDS = 300.0
_COPY = re.compile(rb"^(?:COPY (\S+) .*FROM stdin;|\\\.)$", re.MULTILINE)
"""The lines at which the rows of a table begin and end."""


def search_dump(url: str, texts: Mapping[str, tuple[str, ...]], expected: frozenset[str]) -> TraceSearch:
    """Dump all data of the database and search it. Names of `expected` have to be found: they show that the search is
    not blind, and are no traces."""
    try:
        program = str(find_program("pg_dump"))
    except Unmeasurable as reason:
        return TraceSearch(untried=str(reason))
    finder = Finder(texts)
    found: dict[tuple[str, str], None] = {}
    read = 0
    with _dumping(program, url) as (output, ended):
        for table, rows in _parts(output, finder.overlap):
            read += len(rows)
            found.update(dict.fromkeys((name, table) for name in finder.names_in(rows)))
            if read > _MOST_BYTES:
                break
        problem = f"it is longer than {_MOST_BYTES // 1024**3} GiB" if read > _MOST_BYTES else ended()
    return TraceSearch(
        traces=tuple(
            Trace(field=name, place=f"dump of {table or 'what is in no table'}", table=table)
            for name, table in found
            if name not in expected
        ),
        searched=read,
        sees=any(name in expected for name, _ in found),
        unread={} if problem is None else {"the whole dump": problem},
    )


@contextmanager
def _dumping(program: str, url: str) -> Iterator[tuple[IO[bytes], Callable[[], str | None]]]:
    """The output of a running `pg_dump`, and a function that waits for its end and says what went wrong."""
    command = [program, "--data-only", "--no-owner", "--no-privileges", "-b", "--no-password"]
    with TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            env={**os.environ, **libpq_variables(url)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        too_late = threading.Timer(_MOST_SECONDS, process.kill)
        too_late.start()

        def ended() -> str | None:
            status = process.wait()
            if status == 0:
                return None
            if not too_late.is_alive():
                return f"it took more than {_MOST_SECONDS:g} s"
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").strip().splitlines()
            return f"pg_dump ended with {status}: {lines[0] if lines else 'it said nothing'}"

        output = cast("IO[bytes]", process.stdout)
        try:
            yield output, ended
        finally:
            too_late.cancel()
            process.kill()
            output.close()
            process.wait()


def _parts(output: IO[bytes], overlap: int) -> Iterator[tuple[str, bytes]]:
    """The dump in parts, each with the table to whose rows it belongs; empty for what belongs to none."""
    table, rest = "", b""
    while block := output.read(_BLOCK):
        data, begin = rest + block, 0
        for mark in _COPY.finditer(data):
            yield table, data[begin : mark.start()]
            table, begin = (mark[1] or b"").decode(errors="replace").replace('"', ""), mark.end()
        yield table, data[begin:]
        line_begins = data.rfind(b"\n") + 1
        # The last line may go on in the next block; of a very long one its end is enough.
        rest = data[line_begins:] if len(data) - line_begins < _BLOCK else data[-overlap:]
