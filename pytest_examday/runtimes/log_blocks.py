"""Reads logs for runtimes in blocks, so that a log of any size takes the memory of one block."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from pytest_examday.errors import Unmeasurable
from pytest_examday.named_files import open_file

_BLOCK_BYTES = 256 * 1024
"""Small enough that a block and what is decoded of it stay in a processor's cache."""
_LONGEST_BYTES = 8 * 1024 * 1024
"""A longer line is cut to so many bytes: it is no log line, and may be as long as the log."""


def blocks_of(path: Path) -> Iterator[bytes]:
    """The log file in blocks of whole lines. Raises Unmeasurable if the file cannot be read."""
    try:
        with open_file(path) as file:
            yield from blocks_in(file)
    except OSError as problem:
        raise Unmeasurable(f"log file {path}: {problem.strerror}") from None


def blocks_in(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of the open file in blocks of whole lines."""
    return whole_lines(iter(lambda: file.read(_BLOCK_BYTES), b""))


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A stream whose chunks may end within a line, in blocks that end with a line; the last one may lack its line
    end."""
    held: list[bytes] = []
    size, skipping = 0, False
    for chunk in chunks:
        begin = chunk.find(b"\n") + 1 if skipping else 0
        if skipping and begin == 0:
            continue
        skipping = False
        held.append(chunk[begin:])
        size += len(held[-1])
        if size < _BLOCK_BYTES:
            continue
        read = b"".join(held)
        end = read.rfind(b"\n") + 1
        if end == 0 and size >= _LONGEST_BYTES:
            end, skipping = size, True
        if end:
            yield read[:end]
        held, size = [read[end:]], size - end
    if size:
        yield b"".join(held)


def lines_in(blocks: Iterable[bytes]) -> Iterator[str]:
    """The lines that are not empty, without line ends."""
    for block in blocks:
        yield from (line.decode(errors="replace") for line in block.split(b"\n") if line)
