"""The examples of the page about fixtures are run as the page says, on the embedded platform."""

import re
from collections.abc import Callable
from pathlib import Path

from pytest_examday import fixtures
from tests.rehearsal.conftest import SMALL, Started

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^pytest (.*)$", re.MULTILINE)


def test_every_example_passes(started: Callable[..., Started], checkout: Path, tmp_path: Path) -> None:
    page = (checkout / "docs" / "fixtures.md").read_text()
    examples = "\n\n".join(_BLOCK.findall(page))
    (tmp_path / "test_fixtures.py").write_text(examples)
    (arguments,) = _COMMAND.findall(page)
    run = started(*arguments.split(), "-rA", config=SMALL)
    run.wait()
    output = run.output.read_text()
    names = re.findall(r"^def (test_\w+)", examples, re.MULTILINE)
    failed = [name for name in names if f"PASSED test_fixtures.py::{name}" not in output]
    assert names
    assert failed == [], output


def test_every_fixture_has_a_heading_and_an_example(checkout: Path) -> None:
    page = (checkout / "docs" / "fixtures.md").read_text()
    headings = set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    examples = "\n".join(_BLOCK.findall(page))
    assert set(fixtures.__all__) == headings
    assert [name for name in fixtures.__all__ if not re.search(rf"def test_\w+\(.*\b{name}: ", examples)] == []
