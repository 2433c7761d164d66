"""The package works from a wheel, an sdist and an editable install, with its suite, SQL and k6 scripts."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pytest_examday.suites.exam.lines.integrity import CHECKS
from tests.pytest_command import PYTEST

SQL = len(list((Path(__file__).parents[2] / "sql").glob("*.sql")))
K6 = {
    "answers.js",
    "attempts.js",
    "candidate.js",
    "exam.js",
    "jmespath.js",
    "ledger.js",
    "lib.js",
    "page_comparison.js",
    "reference.json",
    "sessions.js",
    "shown_exam.js",
    "submit.js",
    "telling.js",
    "tokens.js",
    "uuid.js",
    "words.js",
}
PROBE = """
import sys
from pathlib import Path
import pytest_examday
from pytest_examday.resources import folder
from pytest_examday.integrity.sql_checks import read_query
from pytest_examday.suites.exam.lines.integrity import CHECKS
print(Path(pytest_examday.__file__).parent)
print(len(list(folder("sql").glob("*.sql"))))
print(",".join(sorted(path.name for path in folder("k6").iterdir())))
print(len([read_query(name) for name in CHECKS]))
"""


def run(command: list[str], cwd: Path, **variables: str) -> str:
    """What the command printed; fails the test with it if the command fails."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def distributions(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel and an sdist of the checkout; the wheel is built from the sdist, as an installer would."""
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(checkout)], out)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


def install(what: Path, into: Path) -> None:
    """Install one distribution, without what it depends on, which is here already."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    run([*command, "--target", str(into), str(what)], into.parent)


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_installed_distribution_has_all_its_parts(distributions: dict[str, Path], tmp_path: Path, kind: str) -> None:
    site = tmp_path / "site"
    install(distributions[kind], site)
    where, sql, k6, checks = run([sys.executable, "-c", PROBE], tmp_path, PYTHONPATH=str(site)).split()
    assert Path(where) == site / "pytest_examday"
    assert int(sql) == SQL
    assert set(k6.split(",")) == K6
    assert int(checks) == len(CHECKS)


@pytest.mark.parametrize("folder", ["site", ".venv/lib/site-packages"])
def test_the_suite_is_collected_from_wherever_it_is_installed(
    distributions: dict[str, Path], tmp_path: Path, folder: str
) -> None:
    """Also from a virtual environment inside the project, in which no test of another package is collected."""
    site = tmp_path / folder
    site.parent.mkdir(parents=True, exist_ok=True)
    install(distributions["wheel"], site)
    (tmp_path / "test_mine.py").write_text("def test_mine():\n    pass\n")
    if folder.startswith(".venv"):
        (tmp_path / ".venv/pyvenv.cfg").touch()
        (tmp_path / ".venv/lib64").symlink_to("lib")
        (site / "test_of_another_package.py").write_text("import missing\n")
    command = [*PYTEST, "--env=local", "--co", "-q"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=False
    )
    tests = [line for line in done.stdout.splitlines() if "::" in line]
    assert tests[0] == "test_mine.py::test_mine", done.stdout + done.stderr
    assert tests.count("examday::exam::gates::test_zero_data_loss") == 1
    assert "test_of_another_package" not in done.stdout
    assert "nothing was run, only collected" in done.stdout
    assert "two tests" not in done.stdout + done.stderr


def test_an_editable_install_finds_the_folders_beside_the_package(checkout: Path, tmp_path: Path) -> None:
    where, sql, k6, checks = run([sys.executable, "-c", PROBE], tmp_path, PYTHONPATH=str(checkout)).split()
    assert Path(where) == checkout / "pytest_examday"
    assert int(sql) == SQL
    assert set(k6.split(",")) == K6
    assert int(checks) == len(CHECKS)


def test_the_wheel_carries_types_templates_and_the_page(distributions: dict[str, Path]) -> None:
    names = set(zipfile.ZipFile(distributions["wheel"]).namelist())
    templates = (
        "report/templates/banner.html.jinja",
        "report/templates/lines.md.jinja",
        "report/templates/plain.md.jinja",
        "suites/exam/report/templates/report.md.jinja",
    )
    service = ("roles.sql", "migrations/001_init.sql", "rollbacks/001_init.sql")
    sql = ("platform/schema.sql", *(f"webhook_service/{name}" for name in service))
    for name in ("py.typed", "platform/static/index.html", *sql, *templates):
        assert f"pytest_examday/{name}" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_sdist_has_what_the_tests_need(distributions: dict[str, Path]) -> None:
    with tarfile.open(distributions["sdist"]) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"tox.ini", "conftest.py", "README.md", "sql/summary.sql", "k6/lib.js", "tests/__init__.py"} <= names
