"""Finds gates in the user's source files. Gates that pytest has not collected can only be found there."""

import ast
import os
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from pytest_examday.named_files import read_file

_LEFT_OUT = frozenset({"build", "CVS", "_darcs", "dist", "node_modules", "site-packages", "venv", "__pycache__"})
"""Folders that hold no tests of a project: those that pytest leaves out by default. Hidden ones are left out too."""
_OF_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
"""The files by which a virtual environment is recognised, whatever its folder is called."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class WrittenGate:
    """One mark `gate` in a file. `name` is None if it is not a literal text. `test` is the part of the node id behind
    the file, such as `TestX::test_y`; None if the mark is not on a test. `line` is the line on which it begins."""

    line: int
    name: str | None
    test: str | None


def gates_in(path: Path) -> tuple[WrittenGate, ...]:
    """The gates that are written in a file; none if the file cannot be parsed as Python."""
    tree = _parsed(path)
    if tree is None:
        return ()
    of_tests = [(scope, node) for scope, body in _bodies(tree) for node in body if _gate_marks(node)]
    found = [
        WrittenGate(node.decorator_list[0].lineno, _name(mark), "::".join((*scope, node.name)))
        for scope, node in of_tests
        if isinstance(node, _Function)
        for mark in _gate_marks(node)
    ]
    at_tests = {id(mark) for _, node in of_tests if isinstance(node, _Function) for mark in _gate_marks(node)}
    found += [
        WrittenGate(node.lineno, name, None)
        for node in ast.walk(tree)
        if _is_gate_mark(node) and id(node) not in at_tests and (name := _name(node)) is not None
    ]
    return tuple(found)


def gates_that_cannot_be_collected(
    path: Path, file: str, found: Collection[str], is_test: Callable[[str], bool]
) -> list[str]:
    """Messages about gates of a file that pytest has read and cannot collect: another definition has the same name, the
    class has a constructor, or the function's name is not one of a test.

    `file` is how pytest calls the file, `found` has the places (`file:line`) of gates that pytest has found, `is_test`
    says whether a function of this name is a test.
    """
    tree = _parsed(path)
    if tree is None:
        return []
    return [
        message
        for scope, body in _bodies(tree)
        for place, node in enumerate(body)
        if isinstance(node, _Function) and _gate_marks(node)
        if f"{file}:{node.decorator_list[0].lineno}" not in found
        for message in _mistake(tree, "::".join((file, *scope, node.name)), scope, node, body[place + 1 :], is_test)
    ]


def _mistake(
    tree: ast.Module,
    where: str,
    scope: tuple[str, ...],
    node: _Function,
    later: Sequence[ast.stmt],
    is_test: Callable[[str], bool],
) -> Iterator[str]:
    again = next((other for other in later if node.name in _bound_by(other)), None)
    if again is not None:
        yield f"{where}: line {again.lineno} gives the name {node.name} again, so this gate would not run; rename one"
    elif _constructor(tree, scope):
        yield f"{where}: pytest collects no class with a constructor, so this gate would not run; remove it"
    elif not is_test(node.name):
        yield f"{where}: pytest takes no function of this name for a test, so this gate would not run; rename it"


def files_below(folder: Path) -> Iterator[Path]:
    """The Python files of a project, without those of environments and built packages."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _LEFT_OUT
            and not name.endswith(".egg")
            and not any((here / name / sign).exists() for sign in _OF_ENVIRONMENTS)
        )
        yield from (here / name for name in sorted(files) if name.endswith(".py"))


def _parsed(path: Path) -> ast.Module | None:
    try:
        content = read_file(path)
        if b"gate" not in content:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pytest gives the warnings of what it imports
            return ast.parse(content)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # pytest cannot import it either


def _bodies(tree: ast.AST, scope: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[ast.stmt]]]:
    """The statements of the module, its classes and their branches, list by list, each with the names of its classes;
    not those of functions."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(tree, field, None)
        if not isinstance(body, list) or not body:
            continue
        yield scope, body
        for node in body:
            if not isinstance(node, _Function):
                yield from _bodies(node, (*scope, node.name) if isinstance(node, ast.ClassDef) else scope)
    for branch in (*getattr(tree, "handlers", ()), *getattr(tree, "cases", ())):
        yield from _bodies(branch, scope)


def _gate_marks(node: ast.stmt) -> list[ast.Call]:
    return [decorator for decorator in getattr(node, "decorator_list", ()) if _is_gate_mark(decorator)]


def _is_gate_mark(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether it is `pytest.mark.gate(…)` or `mark.gate(…)`."""
    called = node.func if isinstance(node, ast.Call) else None
    if not isinstance(called, ast.Attribute) or called.attr != "gate":
        return False
    mark = called.value
    return (isinstance(mark, ast.Attribute) and mark.attr == "mark") or (
        isinstance(mark, ast.Name) and mark.id == "mark"
    )


def _name(mark: ast.Call) -> str | None:
    for keyword in mark.keywords:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None


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
        for inner, body in _bodies(tree)
        if inner and inner == scope[: len(inner)]
        for node in body
    )
