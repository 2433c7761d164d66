"""Finds the mark `gate` in Python's syntax, by whatever name a file calls it."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType

import pytest

Marks = Mapping[str, frozenset[str]]
"""Name of a variable or function that holds or returns a mark `gate` -> the names of the gates that it marks.

For example, after `small = pytest.mark.gate(name="small-database")` it is `small` -> `small-database`. There are no
names of gates if the file gives them elsewhere, or not as a plain text.
"""


@dataclass(frozen=True)
class MarkNames:
    """Which names in a file stand for the mark `gate`, and which for `pytest.mark`."""

    marks: dict[str, frozenset[str]] = field(default_factory=dict)
    """The names that the file has given or imported: see `Marks`."""
    exported: Marks = field(default_factory=dict)
    """The names of other modules. The file may import them, or write `module.name`."""
    aliases_of_pytest_mark: set[str] = field(default_factory=lambda: {"mark"})
    """The names of `pytest.mark` in the file, for instance `m` after `from pytest import mark as m`."""

    @classmethod
    def in_file(cls, tree: ast.Module, exported: Marks) -> "MarkNames":
        """The names in a file that was parsed; `exported` are the marks of other files, which it may import."""
        names = cls(exported=exported)
        names.read(tree)
        return names

    @classmethod
    def in_module(cls, module: ModuleType) -> "MarkNames":
        """The names in a file that was imported: what they stand for is known."""
        others = [value for value in vars(module).values() if type(value) is ModuleType]
        exported = {name: gates for other in others for name, gates in _marks_of(other)}
        aliases_of_pytest_mark = {name for name, value in vars(module).items() if value is pytest.mark}
        return cls(dict(_marks_of(module)), exported, {"mark", *aliases_of_pytest_mark})

    def read(self, tree: ast.Module) -> None:
        """Add the names that the file imports or gives, until no more are found: they may follow from each other."""
        nodes = [node for node in ast.walk(tree) if isinstance(node, _GIVE_NAMES)]
        is_new = True
        while is_new:
            is_new = sum(map(self._add, nodes)) > 0

    def _add(self, node: ast.AST) -> bool:
        """Note the names that a statement gives to marks; returns whether there were new ones."""
        marks: dict[str, frozenset[str]] = {}
        aliases_of_pytest_mark: set[str] = set()
        if isinstance(node, ast.ImportFrom):
            aliases_of_pytest_mark = {
                alias.asname or alias.name for alias in node.names if (node.module, alias.name) == ("pytest", "mark")
            }
            marks = {
                alias.asname or alias.name: self.exported[alias.name]
                for alias in node.names
                if alias.name in self.exported
            }
            marks |= self.exported if any(alias.name == "*" for alias in node.names) else {}
        elif isinstance(node, ast.FunctionDef):
            returned = [
                inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value is not None
            ]
            gates = [gate for value in returned for gate in self.gates_in(value)]
            marks = {node.name: frozenset().union(*gates)} if gates and not node.name.startswith("test") else {}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)} - {"pytestmark"}
            gates = list(self.gates_in(node.value))
            marks = dict.fromkeys(names, frozenset().union(*gates)) if gates else {}
            chain = dotted(node.value)
            aliases_of_pytest_mark = names if chain and chain[-1] in self.aliases_of_pytest_mark else set()
        new = {name: gates for name, gates in marks.items() if name not in self.marks}
        self.marks.update(new)
        more = aliases_of_pytest_mark - self.aliases_of_pytest_mark
        self.aliases_of_pytest_mark.update(more)
        return bool(new or more)

    def gates_in(self, node: ast.AST) -> Iterator[frozenset[str]]:
        """One entry for each mark `gate` in an expression: the names that its gate may have; no names if the expression
        does not say."""
        chain = dotted(node) or (dotted(node.func) if isinstance(node, ast.Call) else ())
        known = self._meant_by(chain) if chain else None
        if known is None and not chain and isinstance(node, ast.Attribute):
            known = self.exported.get(node.attr)
        if known is not None:
            named = name_in(node) if isinstance(node, ast.Call) else None
            yield known if named is None else frozenset({named})
        if isinstance(node, ast.Call) or not chain:
            for child in ast.iter_child_nodes(node):
                if known is None or child is not getattr(node, "func", None):
                    yield from self.gates_in(child)

    def _meant_by(self, chain: tuple[str, ...]) -> frozenset[str] | None:
        known = self.marks.get(".".join(chain))
        if known is not None or len(chain) == 1:
            return known
        if chain[-1] in _OF_MARKS:
            return self._meant_by(chain[:-1])
        if chain[-2] in self.aliases_of_pytest_mark:
            return frozenset() if self.is_mark(chain) else None
        return self.exported.get(chain[-1])

    def is_mark(self, chain: tuple[str, ...]) -> bool:
        """Whether it is `pytest.mark.gate`, with any name for `pytest.mark`."""
        if chain[-1:] == ("with_args",):
            return self.is_mark(chain[:-1])
        return len(chain) > 1 and chain[-1] == "gate" and chain[-2] in self.aliases_of_pytest_mark

    def calls_in(self, tree: ast.AST) -> Iterator[ast.Call]:
        """Each call of the mark itself, such as `pytest.mark.gate(name="…")`."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and self.is_mark(dotted(node.func)):
                yield node

    def gates_of_mark(self, body: Iterable[ast.stmt]) -> list[frozenset[str]]:
        """The gates in the `pytestmark` of a module or class with this body."""
        return [gate for value in values_of_pytestmark(body) for gate in self.gates_in(value)]


_OF_MARKS = frozenset({"with_args", "combined_with", "mark", "value", "get", "pop", "values", "items", "copy"})
"""What a mark, or a list, table or enumeration of marks has, and by which one gets at marks again."""
_GIVE_NAMES = (ast.ImportFrom, ast.FunctionDef, ast.Assign, ast.AnnAssign)


def values_of_pytestmark(body: Iterable[ast.stmt]) -> Iterator[ast.expr]:
    """What the statements of a module or class assign or add to `pytestmark`."""
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets):
                yield node.value


def name_in(call: ast.Call) -> str | None:
    """The name in `gate(name="…")`; None if it is no plain text."""
    for keyword in call.keywords:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None


def dotted(node: ast.AST) -> tuple[str, ...]:
    """The names of `a.b.c`, also if it is written `getattr(a.b, "c")`; none if it is something else."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return (*before, node.attr) if before else ()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        of, name, *_ = (*node.args, None, None)
        before = () if of is None else dotted(of)
        return (
            (*before, name.value) if before and isinstance(name, ast.Constant) and isinstance(name.value, str) else ()
        )
    return ()


def _marks_of(module: ModuleType) -> Iterator[tuple[str, frozenset[str]]]:
    """The names of a module that stand for marks of gates, alone or in a list or table."""
    for name, value in tuple(vars(module).items()):
        kind = type(value)  # isinstance would ask the object, and a proxy might raise
        values = value.values() if kind is dict else value if kind in (list, tuple) else (value,)
        marks = [mark for mark in tuple(values) if type(mark) is pytest.MarkDecorator and mark.name == "gate"]
        if marks and name != "pytestmark":
            gates = (mark.kwargs.get("name") for mark in marks)
            yield name, frozenset(gate for gate in gates if isinstance(gate, str))
