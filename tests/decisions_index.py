"""Writes the index of decisions into `docs/architecture.md`: `python -m tests.decisions_index`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "architecture.md"
PAGES = tuple(DOCS / f"decisions-{name}.md" for name in ("run", "load", "exam", "drills"))
_BETWEEN = re.compile(r"(?<=<!-- decisions -->\n).*?(?=<!-- end -->)", re.DOTALL)
_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_CODE = re.compile(r"\n\nCode: (.+)\n\n")


class Decision(NamedTuple):
    """One decision: its page, its heading, and the text after `Code:`, empty if there is none."""

    page: Path
    title: str
    code: str


def decisions() -> Iterator[Decision]:
    """All decisions, in the order of the pages."""
    for page in PAGES:
        pieces = _HEADING.split(page.read_text())[1:]
        for title, text in zip(pieces[::2], pieces[1::2], strict=True):
            code = _CODE.match(text)
            yield Decision(page, title, code.group(1) if code else "")


def with_index(page: str) -> str:
    """The page with the index as the pages of decisions have it."""
    return _BETWEEN.sub(lambda found: "\n".join((*_index(), "")), page)


def _anchor(title: str) -> str:
    """The anchor that MkDocs makes of a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower())


def _index() -> Iterator[str]:
    yield "| decision | code |"
    yield "| --- | --- |"
    for one in decisions():
        yield f"| [{one.title}]({one.page.name}#{_anchor(one.title)}) | {one.code} |"


if __name__ == "__main__":
    PAGE.write_text(with_index(PAGE.read_text()))
