"""Finds the gates in the source text of a file. A gate that pytest has not collected can be found only there."""

import ast
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pytest_examday.session.gate_marks import MarkNames, dotted, name_in, values_of_pytestmark
from pytest_examday.session.gate_uses import GateUses
from pytest_examday.session.names_of_tests import NamesOfTests
from pytest_examday.session.project_files import content_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class WrittenGate:
    """A gate that is written in the source text of a file."""

    line: int
    """The number of the line on which it begins."""
    names: frozenset[str]
    """The names that it may have; none if they are not written as plain text."""
    test: str | None
    """The part of the node id behind the file, for instance `TestX::test_y`; None if the mark is not on a test."""
    borrowed: bool = False
    """Whether the test itself is in another file, for instance in a base class."""
    used: bool = False
    """Whether the mark is used in the file, and not at a test, for instance in a call."""


@dataclass(frozen=True)
class _Definition:
    """A function with the mark `gate`: its own mark, or that of its class or module."""

    node: _Function
    scope: tuple[str, ...]
    """The names of the classes that hold the function, outermost first."""
    around: tuple[tuple[Sequence[ast.stmt], int], ...]
    """The bodies (lists of statements) that hold the function, innermost first: the one in which the function stands,
    then those in which its classes stand. Each comes with the place of the function or class in it."""
    gates: tuple[frozenset[str], ...]
    """For each mark, the names that its gate may have."""
    own: bool
    """Whether the mark is the function's own."""

    @property
    def test(self) -> str:
        return "::".join((*self.scope, self.node.name))

    @property
    def line(self) -> int:
        return min((decorator.lineno for decorator in self.node.decorator_list), default=self.node.lineno)


def parsed(content: bytes) -> ast.Module:
    """The syntax of a file. Raises SyntaxError if this Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pytest gives the warnings of what it imports
            return ast.parse(content)
    except (ValueError, RecursionError, MemoryError) as problem:
        raise SyntaxError(str(problem) or type(problem).__name__) from None


@dataclass(frozen=True)
class GatesOfFile:
    """What a file that was parsed has to do with gates."""

    gates: list[WrittenGate]
    makers: frozenset[str]
    """The names of its functions and classes that make gates where they are used: see `GateUses`."""


def gates_in(
    tree: ast.Module, names: MarkNames, tests: NamesOfTests, makers: Collection[str] = (), *, is_test_file: bool = True
) -> GatesOfFile:
    """The gates that are written in a file. `makers` are those of other files, as `module.name`."""
    definitions = tuple(_definitions(tree, names, tests))
    at_definitions = [
        WrittenGate(definition.line, gate, definition.test) for definition in definitions for gate in definition.gates
    ]
    at_tests = [deco for test in definitions if test.own for deco in test.node.decorator_list if _has_gate(deco, names)]
    scopes = {test.scope[:depth] for test in definitions for depth in range(len(test.scope) + 1)}
    covered = {*map(id, at_tests), *map(id, _marks_of_scopes(tree, scopes, names))}
    uses = GateUses(names, tests, is_test_file, makers, covered)
    uses.read(tree)
    known = {id(inner) for deco in at_tests for inner in ast.walk(deco)} | uses.expressions
    calls = (call for call in names.calls_in(tree) if id(call) not in known)
    named = [WrittenGate(call.lineno, frozenset({name}), None) for call in calls if (name := name_in(call)) is not None]
    used = [WrittenGate(use.line, use.names, None, used=True) for use in dict.fromkeys(uses.found)]
    return GatesOfFile(at_definitions + named + used, frozenset(uses.makers))


def _has_gate(node: ast.AST, names: MarkNames) -> bool:
    return any(True for _ in names.gates_in(node))


def _marks_of_scopes(tree: ast.Module, scopes: Collection[tuple[str, ...]], names: MarkNames) -> Iterator[ast.expr]:
    """The values of `pytestmark` and the decorators with marks of these classes, and of the module: `()`."""
    for scope, body in _scopes(tree):
        if scope in scopes:
            yield from (value for value in values_of_pytestmark(body) if _has_gate(value, names))
        for child in body:
            if isinstance(child, ast.ClassDef) and (*scope, child.name) in scopes:
                yield from (deco for deco in child.decorator_list if _has_gate(deco, names))


def borrowed_gates(
    tree: ast.Module, carriers: Mapping[str, frozenset[str]], own: Mapping[str, frozenset[str]]
) -> Iterator[WrittenGate]:
    """The tests of gates that a file has from elsewhere: functions and classes that it imports, and classes that
    inherit.

    `carriers` are the functions and classes of the project that are or hold tests of gates, with the names of their
    gates; `own` are those of this file.
    """
    known = dict(own)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in carriers:
                    name = alias.asname or alias.name
                    known[name] = carriers[alias.name]
                    yield WrittenGate(node.lineno, known[name], name, borrowed=True)
        elif isinstance(node, ast.ClassDef):
            chains = [chain for base in node.bases if (chain := dotted(base))]
            gates_of_bases = [known.get(chain[0]) if len(chain) == 1 else carriers.get(chain[-1]) for chain in chains]
            gates = [names for names in gates_of_bases if names is not None]
            if gates:
                known[node.name] = frozenset().union(*gates, known.get(node.name, frozenset()))
                yield WrittenGate(node.lineno, known[node.name], node.name, borrowed=True)


def gates_that_cannot_be_collected(
    path: Path, file: str, module: ModuleType, found: Collection[str], tests: NamesOfTests
) -> list[str]:
    """Messages about gates of a file that pytest has read and cannot collect: another definition has the same name, the
    class has a constructor, or the function's name is not one of a test.

    `file` is how pytest calls the file, `found` has the places (`file:line`) of gates that pytest has found.
    """
    names = MarkNames.in_module(module)
    content = content_of(path)
    if b"gate" not in content and not names.marks and not names.exported:
        return []
    try:
        tree = parsed(content)
    except SyntaxError:
        return []  # it was changed after pytest had read it
    names.read(tree)
    return [
        message
        for definition in _definitions(tree, names, tests)
        if f"{file}:{definition.line}" not in found
        for message in _mistake(tree, f"{file}::{definition.test}", definition, tests)
    ]


def _mistake(tree: ast.Module, where: str, definition: _Definition, tests: NamesOfTests) -> Iterator[str]:
    again = next(
        (
            (name, other.lineno)
            for name, (body, place) in zip(
                (definition.node.name, *reversed(definition.scope)), definition.around, strict=True
            )
            for other in body[place + 1 :]
            if name in _bound_by(other)
        ),
        None,
    )
    if again is not None:
        yield f"{where}: line {again[1]} gives the name {again[0]} again, so this gate would not run; rename one"
    elif _constructor(tree, definition.scope):
        yield f"{where}: pytest collects no class with a constructor, so this gate would not run; remove it"
    elif not tests.is_function(definition.node.name):
        yield f"{where}: pytest takes no function of this name for a test, so this gate would not run; rename it"


def _definitions(tree: ast.Module, names: MarkNames, tests: NamesOfTests) -> Iterator[_Definition]:
    yield from _below(tree, (), (), _gates_of_body(tree, names), names, tests)


def _below(
    node: ast.AST,
    scope: tuple[str, ...],
    around: tuple[tuple[Sequence[ast.stmt], int], ...],
    inherited: tuple[frozenset[str], ...],
    names: MarkNames,
    tests: NamesOfTests,
) -> Iterator[_Definition]:
    """The functions with marks in a module, a class or a branch of one; `inherited` are the gates of that class or
    module."""
    for body in _bodies(node):
        for place, child in enumerate(body):
            trail = ((body, place), *around)
            if isinstance(child, _Function):
                own = tuple(gate for decorator in child.decorator_list for gate in names.gates_in(decorator))
                if own or (inherited and tests.is_function(child.name) and not _is_fixture(child)):
                    yield _Definition(child, scope, trail, own or inherited, bool(own))
            elif isinstance(child, ast.ClassDef):
                marks = tuple(gate for decorator in child.decorator_list for gate in names.gates_in(decorator))
                marks += _gates_of_body(child, names)
                gates_of_class = marks or (inherited if tests.is_class(child) else ())
                yield from _below(child, (*scope, child.name), trail, gates_of_class, names, tests)
            else:
                yield from _below(child, scope, around, inherited, names, tests)


def _is_fixture(node: _Function) -> bool:
    calls = (decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list)
    return any(chain and chain[-1] == "fixture" for chain in map(dotted, calls))


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements of a module, a class or a branch: those directly in it, and those of its exceptions and
    cases."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(node, field, None)
        if isinstance(body, list) and body:
            yield body
    for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from _bodies(branch)


def _gates_of_body(node: ast.AST, names: MarkNames) -> tuple[frozenset[str], ...]:
    """The gates in the `pytestmark` of a module or class, also in its branches."""
    gates: list[frozenset[str]] = []
    for body in _bodies(node):
        gates += names.gates_of_mark(body)
        for child in body:
            if not isinstance(child, _Function | ast.ClassDef):
                gates += _gates_of_body(child, names)
    return tuple(gates)


def _bound_by(node: ast.stmt) -> set[str]:
    """The names to which a statement gives a new meaning."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _constructor(tree: ast.Module, scope: tuple[str, ...]) -> bool:
    """Whether one of these classes has a constructor."""
    return any(
        isinstance(node, _Function) and node.name in ("__init__", "__new__")
        for inner, body in _scopes(tree)
        if inner and inner == scope[: len(inner)]
        for node in body
    )


def _scopes(node: ast.AST, scope: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[ast.stmt]]]:
    """The statements of the module, its classes and their branches, each list with the names of its classes."""
    for body in _bodies(node):
        yield scope, body
        for child in body:
            if not isinstance(child, _Function):
                yield from _scopes(child, (*scope, child.name) if isinstance(child, ast.ClassDef) else scope)
