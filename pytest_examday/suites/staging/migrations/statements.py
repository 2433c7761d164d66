"""Splits a file of SQL into its statements, as `psql` does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*)
  | (?P<block>/\*)
  | (?P<text>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<number>\d+)
  | (?P<sign>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")
_TRANSACTION_WORDS = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT"})


class UnsplittableSql(Exception):
    """The file holds something that only the program `psql` understands; the message names line and reason."""


@dataclass(frozen=True)
class Statement:
    """One statement of a file."""

    text: str
    line: int
    """The line of the file on which it begins, from 1."""
    words: tuple[str, ...]
    """Its key words and unquoted names in capitals, without those inside of texts and function bodies."""

    @property
    def controls_transaction(self) -> bool:
        """Whether it begins or ends a transaction."""
        first = self.words[:1]
        return first != () and (first[0] in _TRANSACTION_WORDS or self.words[:2] == ("START", "TRANSACTION"))

    @property
    def refuses_transaction(self) -> bool:
        """Whether PostgreSQL refuses it within a transaction, or refuses there to use what it has made."""
        first, words = self.words[:2], self.words
        if first == ("ALTER", "TYPE"):
            return any(pair == ("ADD", "VALUE") for pair in pairwise(words))
        if first[:1] == ("VACUUM",) or first == ("ALTER", "SYSTEM"):
            return True
        if first in {(verb, kind) for verb in ("CREATE", "DROP") for kind in ("DATABASE", "TABLESPACE")}:
            return True
        return first[:1] in {("CREATE",), ("DROP",), ("REINDEX",), ("ALTER",)} and "CONCURRENTLY" in words


def split(text: str) -> tuple[Statement, ...]:
    """The statements of a file. A statement that is not finished reaches to the end of the file.

    Raises UnsplittableSql for a command of `psql`, such as `\\i`, and for rows below `COPY … FROM stdin`.
    """
    return tuple(_statements(text))


def _statements(text: str) -> Iterator[Statement]:
    start: int | None = None
    words: list[str] = []
    brackets = blocks = 0
    for kind, begin, end in _tokens(text):
        piece = text[begin:end]
        if start is None:
            if piece == ";":
                continue
            if piece == "\\":
                raise UnsplittableSql(f"line {_line(text, begin)}: {_rest_of_line(text, begin)} is a command of psql")
            start = begin
        if kind == "word":
            words.append(piece.upper())
            blocks = _atomic_depth(words, blocks)
        elif piece in "()":
            brackets = max(0, brackets + (1 if piece == "(" else -1))
        elif piece == ";" and brackets == blocks == 0:
            statement = Statement(text[start:end], _line(text, start), tuple(words))
            if words[:1] == ["COPY"] and words[-2:] == ["FROM", "STDIN"]:
                raise UnsplittableSql(f"line {statement.line}: only psql can read the rows below COPY … FROM stdin")
            yield statement
            start, words = None, []
    if start is not None:
        yield Statement(text[start:].rstrip(), _line(text, start), tuple(words))


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Kind, begin and end of every token that is no comment. A quoted text is one token."""
    position = 0
    while (found := _TOKEN.search(text, position)) is not None:
        kind, position = str(found.lastgroup), found.end()
        if kind == "block":
            position = _end_of_comment(text, found.end())
        elif kind == "dollar":
            closing = text.find(found.group(), found.end())
            position = len(text) if closing < 0 else closing + len(found.group())
        if kind not in ("comment", "block"):
            yield kind, found.start(), position


def _end_of_comment(text: str, position: int) -> int:
    """The end of a comment whose `/*` ends at this position. Comments of SQL may hold comments."""
    depth = 1
    while depth and (edge := _BLOCK_EDGE.search(text, position)) is not None:
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position if depth == 0 else len(text)


def _atomic_depth(words: list[str], depth: int) -> int:
    """How many `END` are missing after the last word, within the body of a function that begins with `BEGIN ATOMIC`."""
    if words[-2:] == ["BEGIN", "ATOMIC"]:
        return 1
    if depth and words[-1] == "CASE":
        return depth + 1
    return depth - 1 if depth and words[-1] == "END" else depth


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _rest_of_line(text: str, position: int) -> str:
    return text[position:].split("\n", 1)[0].strip()
