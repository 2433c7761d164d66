"""Which names of files, classes and functions pytest takes for tests."""

import ast
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pytest_examday.session.gate_marks import dotted


@dataclass(frozen=True)
class NamesOfTests:
    """The names of files, classes and functions that pytest takes for tests: patterns, or beginnings."""

    files: tuple[str, ...]
    classes: tuple[str, ...]
    functions: tuple[str, ...]

    @classmethod
    def of(cls, config: pytest.Config) -> "NamesOfTests":
        """Those of this run."""
        return cls(*(tuple(config.getini(f"python_{kind}")) for kind in ("files", "classes", "functions")))

    def is_file(self, path: Path) -> bool:
        """Whether pytest collects a file of this name, if it finds it."""
        return any(path.match(pattern) for pattern in self.files)

    def is_function(self, name: str) -> bool:
        """Whether a function of this name is a test."""
        return _matches(name, self.functions)

    def is_name(self, name: str) -> bool:
        """Whether a function or class of this name is a test."""
        return _matches(name, self.functions) or _matches(name, self.classes)

    def is_class(self, node: ast.ClassDef) -> bool:
        """Whether pytest looks for tests in this class, by its name or because unittest does."""
        of_unittest = any(chain and chain[-1].endswith("TestCase") for chain in map(dotted, node.bases))
        return of_unittest or _matches(node.name, self.classes)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(name.startswith(pattern) or fnmatch(name, pattern) for pattern in patterns)
