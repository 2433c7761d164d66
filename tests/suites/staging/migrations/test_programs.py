"""Chains that a program runs: Alembic, Django, and a runner of the team's own that hides its failures."""

import sys
from pathlib import Path

import pytest

from pytest_examday.suites.staging.lines.migrations import LINES
from pytest_examday.suites.staging.migrations.rehearse import rehearse
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings

from .small_chain import Judged, judged

OPTIONAL = {"rollbacks-run-twice", "rollbacks-after-half-failure", "rls-policies-active"}
"""The lines that need files, or tenants."""
ENV = """
import os
from alembic import context
from sqlalchemy import create_engine
with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{name}", {previous}
branch_labels = depends_on = None
def upgrade():
    {upgrade}
def downgrade():
    {downgrade}
"""
PEOPLE = (
    'op.create_table("people", sa.Column("id", sa.Integer, primary_key=True), '
    'sa.Column("mood", sa.Enum("good", "bad", name="mood")))'
)
CARDS = (
    'op.create_table("cards", sa.Column("id", sa.Integer, primary_key=True), '
    'sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), index=True))'
)
MANAGE = """
import os, sys
from urllib.parse import unquote, urlsplit
from django.conf import settings
url = urlsplit(os.environ["DATABASE_URL"])
settings.configure(INSTALLED_APPS=["shop"], DATABASES={"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username,
    "PASSWORD": unquote(url.password), "HOST": url.hostname, "PORT": url.port}})
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
DJANGO = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Person", [("id", models.AutoField(primary_key=True)), ("name", models.TextField())]),
        migrations.CreateModel("Card", [
            ("id", models.AutoField(primary_key=True)),
            ("person", models.ForeignKey("shop.Person", models.CASCADE)),
        ]),
    ]
"""


def _rehearsed(folder: Path, server: str, **commands: object) -> Judged:
    settings = MigrationsSettings.model_validate({"folder": folder, "rows_per_table": 3, "commands": commands})
    return judged(rehearse(settings, server))


def _alembic(folder: Path, server: str, **revisions: tuple[str, str]) -> Judged:
    """Rehearse these revisions: name -> what it does, and how it is undone."""
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = scripts\npath_separator = os\n")
    (folder / "scripts" / "versions").mkdir(parents=True)
    (folder / "scripts" / "env.py").write_text(ENV)
    previous: str | None = None
    for name, (upgrade, downgrade) in revisions.items():
        text = REVISION.format(name=name, previous=repr(previous), upgrade=upgrade, downgrade=downgrade)
        (folder / "scripts" / "versions" / f"{name}.py").write_text(text)
        previous = name
    alembic = f"{sys.executable} -m alembic"
    return _rehearsed(
        folder,
        server,
        steps=tuple(revisions),
        forward=f"{alembic} upgrade {{step}}",
        back=f"{alembic} downgrade {{previous}}",
        address_scheme="postgresql+psycopg",
    )


def test_a_chain_by_alembic_is_rehearsed(tmp_path: Path, server: str) -> None:
    undo_people = 'op.drop_table("people"); op.execute("DROP TYPE mood")'
    result = _alembic(tmp_path, server, people=(PEOPLE, undo_people), cards=(CARDS, 'op.drop_table("cards")'))
    assert result.green == {line.key for line in LINES} - OPTIONAL, result.not_green
    assert result.red == set()


def test_a_chain_by_django_is_rehearsed(tmp_path: Path, server: str) -> None:
    (tmp_path / "shop" / "migrations").mkdir(parents=True)
    for name in ("shop/__init__.py", "shop/migrations/__init__.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "shop" / "migrations" / "0001_initial.py").write_text(DJANGO)
    (tmp_path / "manage.py").write_text(MANAGE)
    migrate = f"{sys.executable} manage.py migrate --verbosity 0 shop"
    result = _rehearsed(
        tmp_path,
        server,
        steps=("0001_initial",),
        forward=f"{migrate} {{step}}",
        back=f"{migrate} {{previous}}",
        base="zero",
    )
    assert result.green == {line.key for line in LINES} - OPTIONAL, result.not_green
    assert result.red == set()


@pytest.mark.parametrize(
    ("runner", "words"),
    [
        (
            'echo "ERROR:  relation does not exist"',
            "it ended with status 0, and printed ERROR: relation does not exist",
        ),
        ("echo no connection >&2; exit 3", "exit status 3: no connection"),
        ("sleep 30", "not finished after 0.5 s"),
    ],
)
def test_a_runner_that_fails_is_told_whatever_its_status(tmp_path: Path, server: str, runner: str, words: str) -> None:
    commands = {"steps": ("first",), "forward": f"{runner} # {{step}}"}
    settings = MigrationsSettings.model_validate({"folder": tmp_path, "statement_seconds": 0.5, "commands": commands})
    result = judged(rehearse(settings, server))
    assert result.red == {"migrations-execute"}
    assert words in result.reason("migrations-execute")


def test_a_runner_that_does_nothing_is_told(tmp_path: Path, server: str) -> None:
    result = _rehearsed(tmp_path, server, steps=("first",), forward="true # {step}")
    assert result.red == {"table-creation-verified"}
    assert "the chain has created no table" in result.reason("table-creation-verified")


def test_the_address_reaches_the_command_by_its_environment_alone(tmp_path: Path, server: str) -> None:
    _rehearsed(
        tmp_path, server, steps=("first",), forward='echo "$0 $*" > words; echo "$DATABASE_URL" > address # {step}'
    )
    assert "examday_scratch" in (tmp_path / "address").read_text()
    assert "examday_scratch" not in (tmp_path / "words").read_text()
