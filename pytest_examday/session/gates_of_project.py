"""The gates that are written in the files of a project. One file may give the mark, the test or the base class of
another, so that files are read until no more names are found."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.session.gate_marks import MarkNames
from pytest_examday.session.gates_in_source import WrittenGate, borrowed_gates, gates_in, parsed
from pytest_examday.session.names_of_tests import NamesOfTests
from pytest_examday.session.project_files import content_of

_LOOKS_LIKE_A_GATE = re.compile(rb"\bmark\s*\.\s*gate\b|@\s*[\w.]*\bgate\s*\(")


@dataclass(frozen=True)
class UnreadableFile:
    """A file that this Python cannot read, and that looks as if it had a gate. `why` names the line and the mistake."""

    path: Path
    why: str
    content: bytes


class GatesOfProject:
    """Reads the files of a project at `paths`, as far as they may have gates."""

    def __init__(self, paths: Sequence[Path], tests: NamesOfTests) -> None:
        self._tests = tests
        self._waiting = list(paths)
        self._trees: dict[Path, ast.Module] = {}
        self._marks: dict[str, frozenset[str]] = {}
        self._carriers: dict[str, frozenset[str]] = {}
        self._makers: set[str] = set()
        self._found: dict[Path, list[WrittenGate]] = {}
        self.unreadable: list[UnreadableFile] = []
        words = {"gate"}
        while words:
            self._parse_those_with(words)
            before = self._names()
            is_new = True
            while is_new:
                is_new = self._read()
            words = self._names() - before

    def _names(self) -> set[str]:
        """The names by which one file may have gates from another."""
        return {*self._marks, *self._carriers, *(key.rpartition(".")[2] for key in self._makers)}

    def gates(self) -> Iterator[tuple[Path, WrittenGate]]:
        """Every gate with its file."""
        for path, gates in self._found.items():
            yield from ((path, gate) for gate in gates)

    def _parse_those_with(self, words: set[str]) -> None:
        """Parse the files that have one of these words and are not parsed yet."""
        wanted = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(word.encode()) for word in sorted(words)))
        waiting, self._waiting = self._waiting, []
        for path in waiting:
            content = content_of(path)
            if not wanted.search(content):
                self._waiting.append(path)
                continue
            try:
                self._trees[path] = parsed(content)
            except SyntaxError as problem:
                if _LOOKS_LIKE_A_GATE.search(content):
                    where = f"line {problem.lineno}: " if problem.lineno else ""
                    self.unreadable.append(UnreadableFile(path, f"{where}{problem.msg or problem}", content))

    def _read(self) -> bool:
        """Look for gates by all names that are known; returns whether there were new names."""
        marks, carriers, makers = dict(self._marks), dict(self._carriers), set(self._makers)
        for path, tree in self._trees.items():
            names = MarkNames.in_file(tree, self._marks)
            is_test_file = self._tests.is_file(path)
            of_file = gates_in(tree, names, self._tests, self._makers, is_test_file=is_test_file)
            gates = of_file.gates
            module = path.parent.name if path.stem == "__init__" else path.stem
            makers |= {f"{module}.{name}" for name in of_file.makers if "." not in name}
            own: dict[str, frozenset[str]] = {}
            _add(own, ((gate.test.partition("::")[0], gate.names) for gate in gates if gate.test is not None))
            borrowed = list(borrowed_gates(tree, self._carriers, own))
            _add(carriers, own.items())
            _add(carriers, ((str(gate.test), gate.names) for gate in borrowed))
            _add(marks, names.marks.items())
            self._found[path] = gates + (borrowed if is_test_file else [])
        is_new = (marks, carriers, makers) != (self._marks, self._carriers, self._makers)
        self._marks, self._carriers, self._makers = marks, carriers, makers
        return is_new


def _add(known: dict[str, frozenset[str]], more: Iterable[tuple[str, frozenset[str]]]) -> None:
    for name, gates in more:
        known[name] = known.get(name, frozenset()) | gates
