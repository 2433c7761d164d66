"""Reads the lines of k6's console, which say what actors do, and writes them to ledger, samples and fates.

A line is a marker and JSON: `examday-ledger {…}`. Lines of other scripts are ignored, and so is text that a log
collector puts before the marker.
"""

import errno
import json
import re
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.samples import percentile

_LINE = re.compile(rb"examday-(begun|arrived|ledger|sample|fate|done|crashed) ([\[{].*)")


class ConsoleLines:
    """Appends the content of console lines to the files of a load, and counts the lines.

    `plan` is the fingerprint of the plan, `begun` the moment at which the load began (seconds since the epoch), `crash`
    the reason for which a script failed; each is None until a line has it."""

    def __init__(self, ledger: Path, samples: Path, fates: Path) -> None:
        self._files: dict[bytes, IO[bytes]] = {
            kind: path.open("wb", buffering=0)
            for kind, path in ((b"ledger", ledger), (b"sample", samples), (b"fate", fates))
        }
        self.plan: str | None = None
        self.begun: float | None = None
        self.crash: str | None = None
        self.arrived, self.done = 0, 0
        self.writes, self.requests = 0, 0
        self._counted_writes, self._counted_requests = 0, 0
        self._lags: list[float] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def take(self, lines: Iterable[bytes]) -> None:
        """Read whole lines in the order of writing.

        Raises Unmeasurable for a damaged line, OSError if a file takes no more.
        """
        batches: dict[bytes, list[bytes]] = {kind: [] for kind in self._files}
        for line in lines:
            match = _LINE.search(line)
            if match is None:
                continue
            kind, content = match.groups()
            if kind in batches:
                batches[kind].append(content.rstrip() + b"\n")
                self.writes += kind == b"ledger" and b'"state":"intent"' in content
                self.requests += kind == b"sample"
            else:
                self._hear(kind.decode(), content)
        for kind, batch in batches.items():
            self._append(kind, b"".join(batch))

    def _append(self, kind: bytes, content: bytes) -> None:
        if self._files[kind].write(content) != len(content):
            raise OSError(errno.ENOSPC, f"the disk took only a part of what the load's {kind.decode()} lines hold")

    def lags(self) -> tuple[float | None, float | None]:
        """How late actors woke after they had slept, in ms: the 95th percentile and the longest; see `k6_watchdog`."""
        ordered = sorted(self._lags)
        return percentile(ordered, 0.95), percentile(ordered, 1.0)

    @property
    def gap(self) -> str | None:
        """What the console lacks of the writes and requests that the actors counted; None if it lacks nothing."""
        if (self.writes, self.requests) == (self._counted_writes, self._counted_requests):
            return None
        return (
            f"actors made {self._counted_writes} writes and {self._counted_requests} requests, and k6's console has "
            f"{self.writes} and {self.requests}"
        )

    def _hear(self, kind: str, content: bytes) -> None:
        try:
            event: dict[str, Any] = json.loads(content)
        except ValueError:
            raise Unmeasurable(f"k6's console has a damaged line: {content[:80]!r}") from None
        if kind == "begun":
            self._begin(event)
        elif kind == "arrived":
            self.arrived += 1
        elif kind == "crashed":
            self.crash = str(event["problem"])
        else:
            self.done += 1
            self._counted_writes += event["writes"]
            self._counted_requests += event["requests"]
            self._lags += event["lags_ms"]

    def _begin(self, event: dict[str, Any]) -> None:
        if self.plan not in (None, event["plan"]):
            raise Unmeasurable(f"these are results of two plans, {self.plan} and {event['plan']}")
        moment = event["begun"] / 1000
        self.plan, self.begun = event["plan"], moment if self.begun is None else min(self.begun, moment)
