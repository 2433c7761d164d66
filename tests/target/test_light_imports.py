"""The target can be imported by what only judges files: nothing that reaches a platform is loaded before it is used."""

import pkgutil
import subprocess
import sys

import pytest

from pytest_examday import target

HEAVY_MODULES = ("psycopg", "redis", "httpx", "docker", "uvloop", "pytest_examday.platform", "pytest_examday.load")
LATE = ("reading_connection",)
"""It is imported by the first connection to the database."""
MODULES = sorted(
    f"pytest_examday.target.{module.name}"
    for module in pkgutil.iter_modules(target.__path__)
    if module.name not in LATE
)


@pytest.mark.parametrize("module", MODULES)
def test_importing_the_target_loads_no_client_no_load_and_no_platform(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = said.splitlines()
    assert module in loaded
    assert [name for name in HEAVY_MODULES if name in loaded] == []
