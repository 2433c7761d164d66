"""Writes the table of operations into `docs/your-platform.md`: `python -m tests.operations_table`."""

import re
from collections.abc import Iterator
from pathlib import Path

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.vocabulary import VOCABULARY

PAGE = Path(__file__).parents[1] / "docs" / "your-platform.md"
_BETWEEN = re.compile(r"(?<=<!-- operations -->\n).*?(?=<!-- end -->)", re.DOTALL)


def with_table(page: str) -> str:
    """The page with the table as the code has it."""
    return _BETWEEN.sub(lambda found: "\n".join((*_table(), "")), page)


def _table() -> Iterator[str]:
    yield "| operation | may be absent | placeholders | `finds` |"
    yield "| --- | --- | --- | --- |"
    for name, known in VOCABULARY.items():
        absent = "" if Contract.model_fields[name].is_required() else "yes"
        values = ", ".join(f"`{{{value}}}`" for value in known.values)
        finds = ", ".join(f"**`{found}`**" if found in known.needed else f"`{found}`" for found in known.finds)
        yield f"| `{name}` | {absent} | {values} | {finds} |"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
