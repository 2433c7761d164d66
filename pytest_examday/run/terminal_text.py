"""What may be written to a terminal: no secret, and no control character of somebody else's text."""

import re
import sys
from collections.abc import Callable
from typing import Any, TextIO, cast

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that move the cursor, change colours or titles, or turn the direction of writing, and bytes of a name that
is no UTF-8, which cannot be printed. Tab and line feed are none of them."""


def printable(text: str) -> str:
    """The text with each control character as its escape, for instance `\\x1b`: a terminal obeys those that it gets."""
    return _CONTROL.sub(lambda found: ascii(found.group())[1:-1], text)


def print_line(text: str, stream: TextIO | None = None) -> None:
    """Print the text and a line end, to the standard output if no stream is given. A character that the stream cannot
    encode, for instance because the console is an ASCII one, is written as its escape."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    writable = printable(text).encode(encoding, "backslashreplace").decode(encoding)
    print(writable, file=stream, flush=True)  # what a command has to say


class _CleanStream:
    """A stream that hides secrets in what is written to it, and is the stream otherwise."""

    def __init__(self, stream: TextIO, clean: Callable[[str], str]) -> None:
        self._stream = stream
        self._clean = clean

    def write(self, text: str) -> int:
        """Write the text without secrets."""
        return self._stream.write(self._clean(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def clean_stream(stream: TextIO, clean: Callable[[str], str]) -> TextIO:
    """The stream, with secrets hidden in every text that is written to it at once."""
    return cast("TextIO", _CleanStream(stream, clean))
