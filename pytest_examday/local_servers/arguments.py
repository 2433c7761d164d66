"""Options of command lines, whose mistakes are told in one line."""

import argparse
import re
from collections.abc import Callable
from typing import NoReturn

from pytest_examday.local_servers.local_server_error import LocalServerError

_REFERENCE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class OneLineParser(argparse.ArgumentParser):
    """A parser that raises LocalServerError with one line, without the usage text."""

    def error(self, message: str) -> NoReturn:
        """Report what is wrong."""
        raise LocalServerError(message)


def whole(least: int, most: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number in this range."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return parse


def reference(text: str) -> str:
    """The type of an option that names a function of a module."""
    if not _REFERENCE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must look like MODULE:FUNCTION, not {text!r}")
    return text
