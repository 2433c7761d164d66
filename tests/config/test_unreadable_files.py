"""A configuration or a file of accounts that cannot be read is told in one line that names it, and nothing blocks."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.errors import UsageProblem

ACCOUNTS = "[env.x]\ncandidates = { file = 'people.csv' }\n"


def _line(folder: Path, config: str | None = None) -> str:
    with pytest.raises(UsageProblem) as problem:
        load_environment("x", None, config, (folder,), {})
    (line,) = problem.value.mistakes
    assert "\n" not in line
    return line


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.toml")


WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "cannot be read: it is a folder"),
    "a FIFO": (os.mkfifo, "cannot be read: it is no regular file"),
    "a link in a circle": (_loop, "cannot be read: its links lead in a circle"),
    "a link to nothing": (_dangling, "no such file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "cannot be read: it is no regular file"),
    "UTF-16": (lambda path: path.write_text("[env.x]", encoding="utf-16"), "cannot be read: byte 0 is no UTF-8 text"),
    "Latin-1": (lambda path: path.write_bytes(b"# caf\xe9"), "cannot be read: byte 5 is no UTF-8 text"),
}


@pytest.mark.parametrize(("make", "told"), WAYS.values(), ids=WAYS)
def test_an_unreadable_configuration_is_one_line(tmp_path: Path, make: Callable[[Path], object], told: str) -> None:
    path = tmp_path / "examday.toml"
    make(path)
    assert _line(tmp_path) == f"{path}: {told}"
    assert _line(tmp_path, str(path)) == f"--examday-config {path}: {told}"


@pytest.mark.parametrize(("make", "told"), WAYS.values(), ids=WAYS)
def test_unreadable_accounts_are_one_line(tmp_path: Path, make: Callable[[Path], object], told: str) -> None:
    (tmp_path / "examday.toml").write_text(ACCOUNTS)
    make(tmp_path / "people.csv")
    where = f"{tmp_path / 'examday.toml'}: env.x.candidates.file: {tmp_path / 'people.csv'}"
    assert _line(tmp_path) == f"{where}: {told}"


@pytest.mark.parametrize("reason", [errno.EACCES, errno.EPERM])
def test_a_file_without_permission_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int) -> None:
    """Made up: root, as whom tests may run, may read everything."""
    (tmp_path / "examday.toml").write_text("[env.x]")

    def refuse(*_: object) -> int:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "open", refuse)
    assert _line(tmp_path) == f"{tmp_path / 'examday.toml'}: cannot be read: permission denied"


def test_a_folder_that_may_not_be_entered_is_no_folder_without_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(Path, "lstat", refuse)
    assert _line(tmp_path) == f"{tmp_path / 'examday.toml'}: cannot be read: permission denied"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    assert _line(tmp_path, "x" * 5000).endswith(": cannot be read: the name is too long")
    assert _line(tmp_path, "a\0b").endswith(": cannot be read: no file has such a name")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"[env.x]\nk = {'9' * 5000}", "holds a number that is too long to be read"),
        (f"[env.x]\nk = {'[' * 2000}{']' * 2000}", "nested more than 60 levels deep"),
        (f"[env.x]\nk = {'[' * 100}{']' * 100}", "nested more than 60 levels deep"),
        (f"[env.x{'.a' * 5000}]\nb = 1", "nested more than 60 levels deep"),
        ("[env.x]\nk = 'a\0b'", "not valid TOML: "),
        ("[env.x]\n[env.x]", "not valid TOML: "),
    ],
    ids=["a long number", "2000 lists", "100 lists", "5000 tables", "NUL", "twice"],
)
def test_what_no_configuration_holds(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "examday.toml").write_text(text)
    line = _line(tmp_path)
    assert line.startswith(f"{tmp_path / 'examday.toml'}: ")
    assert told in line


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text("\ufeff[env.x]\r\nlogs = ['a']\r\n", encoding="utf-8")
    assert load_environment("x", None, None, (tmp_path,), {}).logs == ("a",)
    (tmp_path / "pyproject.toml").write_text("\ufeff[tool.examday.env.y]\n", encoding="utf-8")
    (tmp_path / "examday.toml").unlink()
    assert load_environment("y", None, None, (tmp_path,), {}).name == "y"
