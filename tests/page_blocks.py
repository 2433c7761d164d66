"""The blocks of code in the pages that users follow, and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped] # its types are a package of their own

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", *(f"docs/{name}.md" for name in ("staging", "how-to", "your-platform")))
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CONTINUED = re.compile(r"\\\n\s*")
_LOOP = re.compile(r"^(?:[^\n]*; )?for [^\n]*\n.*?^done$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code, with the line of the page at which it begins."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


class Command(NamedTuple):
    """A command of the shell, as it is written on the page but for comments and line breaks."""

    block: Block
    text: str

    @property
    def words(self) -> list[str]:
        """Its words, as the shell makes them. Those of a loop cannot be made, nor are they needed."""
        return shlex.split(self.text, comments=True)

    def __str__(self) -> str:
        return f"{self.block}-{self.text}"


def blocks(*languages: str) -> list[Block]:
    """The blocks of these languages in all pages."""
    return [block for page in PAGES for block in _of_page(page) if block.language in languages]


def _of_page(page: str) -> Iterator[Block]:
    text = (ROOT / page).read_text()
    for found in _BLOCK.finditer(text):
        indented, language, code = found.groups()
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, language, re.sub(rf"^{indented}", "", code, flags=re.MULTILINE))


def commands() -> list[Command]:
    """The commands of all blocks for the shell, and those of CI jobs."""
    found = [Command(block, text) for block in blocks("sh") for text in _commands_of(block.text)]
    for block in blocks("yaml"):
        jobs = yaml.safe_load(block.text)
        found += [Command(block, text) for line in _scripts(jobs) for text in _commands_of(line)]
    return found


def _commands_of(text: str) -> Iterator[str]:
    text = _CONTINUED.sub("", text)
    yield from _LOOP.findall(text)
    for line in _LOOP.sub("", text).splitlines():
        words = re.sub(r"\s+# .*$", "", line).strip()
        yield from (part for part in words.split(" && ") if part)


def _scripts(job: Any) -> Iterator[str]:
    """What `run` of a GitHub step and `script` of a GitLab job hold."""
    if isinstance(job, list):
        for one in job:
            yield from _scripts(one)
    elif isinstance(job, dict):
        for key, value in job.items():
            if key == "run":
                yield value
            elif key == "script":
                yield from value
            else:
                yield from _scripts(value)
