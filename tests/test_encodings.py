"""Texts are written and read as UTF-8, and shown on any console, whatever the locale is."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_examday

_PACKAGE = Path(pytest_examday.__file__).parent
_OF_FILES = ("read_text", "write_text")
_WITH_A_MODE = ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "makefile")


def _without_encoding(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that read or write texts in the encoding of the locale."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(keyword.arg == "encoding" for keyword in node.keywords):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        written = [node.value for node in node.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        is_text = any(set(mode) <= set("rwaxt+") for mode in written if mode)
        is_piped = any(keyword.arg in ("text", "universal_newlines") for keyword in node.keywords)
        of_process = name in ("Popen", "run", "check_output")
        if (
            (name in _OF_FILES and isinstance(node.func, ast.Attribute))
            or (name in _WITH_A_MODE and is_text)
            or (of_process and is_piped)
        ):
            yield node


def test_every_text_of_a_file_or_process_has_an_encoding() -> None:
    calls = [
        f"{path.relative_to(_PACKAGE)}:{call.lineno}"
        for path in sorted(_PACKAGE.rglob("*.py"))
        for call in _without_encoding(ast.parse(path.read_bytes()))
    ]
    assert calls == []


@pytest.mark.parametrize(
    "call",
    [
        "Path('a').read_text()",
        "path.write_text('é')",
        "open('a', 'w')",
        "path.open('a', buffering=1)",
        "os.fdopen(3, 'w')",
        "tempfile.NamedTemporaryFile('r')",
        "subprocess.Popen(['a'], text=True)",
    ],
)
def test_a_call_without_an_encoding_is_noticed(call: str) -> None:
    assert len(list(_without_encoding(ast.parse(call)))) == 1


@pytest.mark.parametrize("call", ["path.open('rb')", "os.open(path, flags)", "candidate.open(key=key)"])
def test_a_call_that_handles_no_text_needs_no_encoding(call: str) -> None:
    assert list(_without_encoding(ast.parse(call))) == []


_LISTENER = "import json, sys\nprint(json.dumps({'failed': sys.stdin.buffer.readline().decode()}), flush=True)\n"
_STARTER = """
from pathlib import Path
from pytest_examday.load.child_process import ChildProcess

class Plan:
    who, program = "load", "listener"
    def model_dump_json(self):
        return '{"email": "jos\\u00e9@example.org"}'

child = ChildProcess(Plan(), Path("errors"))
child.process.wait()
child.wait_for_output()
print(ascii(child.failed))
"""
_SHELL = "from pytest_examday.runtimes import shell\nprint(ascii(shell.run('echo \\u00e9', 'a command', 9).output))\n"
_SAY = "from pytest_examday.run.terminal_text import print_line\nprint_line('jos\\u00e9')\n"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (_STARTER, r"""'{"email": "jos\xe9@example.org"}\n'"""),
        (_SHELL, r"'\xe9\n'"),
        (_SAY, r"jos\xe9"),
    ],
    ids=["a process of a load", "a shell command", "a console"],
)
def test_names_that_are_not_ascii_do_no_harm_where_the_locale_is_ascii(tmp_path: Path, program: str, said: str) -> None:
    (tmp_path / "listener.py").write_text(_LISTENER, encoding="utf-8")
    ascii_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    path = os.pathsep.join([str(_PACKAGE.parent), str(tmp_path)])
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}
    variables = {**usual, **ascii_locale, "PYTHONPATH": path}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, timeout=60, check=False)
    assert (ended.stdout.decode().strip(), ended.stderr) == (said, b"")
