"""Finds where a file uses the mark `gate` other than by writing it at a test: in calls and assignments, and through
functions and classes that give the mark."""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pytest_examday.session.gate_marks import MarkNames, dotted
from pytest_examday.session.names_of_tests import NamesOfTests

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FILLING = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})
"""Methods that put something into a list, set or table."""
_CONTAINERS = (ast.List, ast.Tuple, ast.Set, ast.Dict)


@dataclass(frozen=True)
class GateUse:
    """A use of the mark that may make a gate when the file is imported."""

    line: int
    names: frozenset[str]
    """The names that the gate may have; none if they are not written as plain text."""


@dataclass
class GateUses:
    """The uses of the mark in one file.

    Only what runs at the import of the file counts. A function with the mark in its body is a **maker**: where it is
    called, there may be a gate. So is a class that gives the mark to the classes that inherit it, and a list or table
    with marks. To store a mark under a name makes no gate yet.
    """

    names: MarkNames
    tests: NamesOfTests
    is_test_file: bool
    exported: Collection[str]
    """The makers of other files, each as `module.name` with the last part of the module's name."""
    covered: Collection[int]
    """The ids of expressions that are known to make gates already, such as the decorators of a test."""
    makers: set[str] = field(default_factory=set)
    """The names of makers, once `read` has found them."""
    found: list[GateUse] = field(default_factory=list)
    """The uses, once `read` has found them."""
    expressions: set[int] = field(default_factory=set)
    """The ids of all parts of the expressions of `found`."""

    def read(self, tree: ast.Module) -> None:
        """Find makers until there are no more, then the uses."""
        before = -1
        while before < len(self.makers):
            before = len(self.makers)
            self.found.clear()
            self._known = replace(self.names, marks=dict.fromkeys(self.makers, frozenset[str]()) | self.names.marks)
            self._body(tree.body, None)

    def _body(self, body: Iterable[ast.stmt], owner: ast.ClassDef | None) -> None:
        for statement in body:
            self._statement(statement, owner)

    def _statement(self, node: ast.stmt, owner: ast.ClassDef | None) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, owner)
            case ast.ClassDef():
                parts = (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords))
                self._note(parts, None if self.tests.is_class(node) else [node.name])
                self._body(node.body, node)
            case ast.Import() | ast.ImportFrom():
                self.makers.update(self._imported(node))
            case ast.Assign(value=ast.expr() as value) | ast.AugAssign(value=value) | ast.AnnAssign(value=value):
                if value is not None:
                    self._assignment(node, value, owner)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method, value=ast.Name() | ast.Attribute() as held))):
                last = dotted(held)[-1:]
                gives = method in _FILLING and last and not self._is_of_test(last[0])
                self._note([node.value], list(last) if gives else None)
            case ast.For() | ast.AsyncFor():
                self._note([node.iter], [name for part in _parts(node.target) for name in _stored_as(part)])
                self._below(node, owner)
            case _:
                self._note(_expressions_of(node))
                self._below(node, owner)

    def _below(self, node: ast.AST, owner: ast.ClassDef | None) -> None:
        """The statements in the branches of a statement."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._statement(child, owner)
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                self._below(child, owner)

    def _function(self, node: _Function, owner: ast.ClassDef | None) -> None:
        defaults = (*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None))
        self._note((*node.decorator_list, *defaults))
        is_fixture = any(dotted(getattr(one, "func", one))[-1:] == ("fixture",) for one in node.decorator_list)
        by_itself = owner is None and not is_fixture and not node.name.startswith("pytest_")
        names = [node.name] if by_itself and not self._is_of_test(node.name) else []
        if owner is not None and node.name.startswith("__") and not self.tests.is_class(owner):
            names = [owner.name]
        if names and any(True for statement in node.body for _ in self._known.gates_in(statement)):
            self.makers.update(names)

    def _assignment(self, node: ast.stmt, value: ast.expr, owner: ast.ClassDef | None) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        parts = [part for target in targets if target is not None for part in _parts(target)]
        of_class = any(isinstance(part, ast.Name) and part.id == "pytestmark" for part in parts)
        if of_class and owner is not None and not self.tests.is_class(owner):
            self._note([value], [owner.name])
        elif any(self._makes_a_gate(part, value) for part in parts):
            self._note([value])
        else:
            self._note([value], [name for part in parts for name in _stored_as(part)])

    def _makes_a_gate(self, target: ast.expr, value: ast.expr) -> bool:
        """Whether it makes a gate to put a mark, or something that has one, there."""
        match target:
            case ast.Name(id="pytestmark") | ast.Attribute(attr="pytestmark"):
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self._is_of_test(name) and not self._is_mark(value)
            case ast.Subscript(value=ast.Name(id=name)):
                return name == "pytestmark"
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                return self._is_of_test(name)
        return self.is_test_file

    def _is_mark(self, value: ast.expr) -> bool:
        """Whether it is surely a mark, or a list or table of marks, and so cannot be a test."""
        if isinstance(value, _CONTAINERS):
            return True
        if isinstance(value, ast.Call):
            return not value.args and self.names.is_mark(dotted(value.func))
        return any(True for _ in self.names.gates_in(value)) and bool(dotted(value))

    def _is_of_test(self, name: str) -> bool:
        return name == "pytestmark" or self.tests.is_name(name)

    def _note(self, expressions: Iterable[ast.expr], stored_as: Sequence[str] | None = None) -> None:
        """Note the marks in these expressions: they are stored under names, or used if `stored_as` is None."""
        for node in expressions:
            gates = list(self._known.gates_in(node))
            if gates and stored_as is not None and id(node) not in self.covered:
                self.makers.update(stored_as)
            elif gates and id(node) not in self.covered:
                self.found += (GateUse(node.lineno, gate) for gate in gates)
                self.expressions.update(map(id, ast.walk(node)))
            for inner in ast.walk(node) if gates else ():
                if isinstance(inner, ast.NamedExpr):
                    self.makers.add(inner.target.id)

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """The makers of other files by the names that they have in this one after an import."""
        for key in self.exported:
            module, _, maker = key.rpartition(".")
            for alias in node.names:
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[-1] == module:
                    if alias.name in (maker, "*"):
                        yield (alias.asname or maker) if alias.name == maker else maker
                elif alias.name.split(".")[-1] == module:
                    yield f"{alias.asname or alias.name}.{maker}"


def _expressions_of(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a statement, without those of the statements in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.withitem):
            yield child.context_expr


def _parts(target: ast.expr) -> Iterator[ast.expr]:
    """The single targets of `a, b = …`."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _parts(element)
    else:
        yield target.value if isinstance(target, ast.Starred) else target


def _stored_as(target: ast.expr) -> list[str]:
    """The name by which what is put there can be reached."""
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(value=ast.Name(id=name)):
            return [name]
        case ast.Subscript(value=ast.Attribute(attr=name)) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return [name]
    return []
