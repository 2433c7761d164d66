"""The chain of migrations as the configuration describes it. All mistakes in it are told before anything runs."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from shlex import quote

from pytest_examday.did_you_mean import did_you_mean
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.migrations.script import Script, read_script
from pytest_examday.suites.staging.migrations.settings import MigrationCommands, MigrationsSettings
from pytest_examday.suites.staging.migrations.statements import UnsplittableSql

_NUMBER = re.compile(r"\D?(\d+)")
"""The number at the beginning of a file's name; Flyway writes a V before it."""


@dataclass(frozen=True)
class CommandStep:
    """The commands of one migration that a program runs."""

    forward: str
    back: str | None


@dataclass(frozen=True)
class Migration:
    """One step of the chain: a file, a group of files of one transaction, or one revision of a program."""

    name: str
    forward: tuple[Script, ...] = ()
    back: tuple[Script, ...] | None = None
    """The rollback; None if there is none."""
    command: CommandStep | None = None
    """The commands, if the chain is not a set of files."""
    absence_allowed: bool = False
    """Whether the configuration says that it needs no rollback."""

    @property
    def has_rollback(self) -> bool:
        """Whether there is a way back."""
        return self.back is not None if self.command is None else self.command.back is not None

    @property
    def in_transaction(self) -> bool:
        """Whether the rehearsal runs all of it in one transaction; a program decides for itself."""
        return self.command is None and (len(self.forward) > 1 or self.forward[0].in_transaction)


@dataclass(frozen=True)
class Chain:
    """All migrations in their order, and what runs before them."""

    migrations: tuple[Migration, ...]
    setup: tuple[Script, ...] = ()
    seeds: dict[str, Script] = field(default_factory=dict)
    """Migration -> rows that are written after it."""

    @property
    def created_roles(self) -> frozenset[str]:
        """The names of roles that the files may create."""
        scripts = [*self.setup, *(script for one in self.migrations for script in (*one.forward, *(one.back or ())))]
        return frozenset(name for script in scripts for name in script.created_roles)


def read_chain(settings: MigrationsSettings) -> Chain:
    """The chain. Raises Unmeasurable with all mistakes, if there are any."""
    mistakes: list[str] = []
    if settings.commands is not None:
        migrations = _of_commands(settings.commands, settings)
    else:
        migrations = _of_files(settings, mistakes)
    names = [name for migration in migrations for name in migration.name.split(" + ")]
    for key in ("without_rollback", "may_lose", "backfills"):
        mistakes += _unknown(key, getattr(settings, key) or (), names)
    mistakes += _unknown("seeds", settings.seeds, names)
    mistakes += _unknown("dump_holds", () if settings.dump_holds is None else (settings.dump_holds,), names)
    setup = tuple(_scripts((settings.folder / path for path in settings.setup), settings, mistakes))
    seeds = dict(
        zip(
            settings.seeds,
            _scripts((settings.folder / path for path in settings.seeds.values()), settings, mistakes),
            strict=False,
        )
    )
    if mistakes:
        raise Unmeasurable("; ".join(mistakes))
    return Chain(migrations, setup, seeds)


def _of_commands(commands: MigrationCommands, settings: MigrationsSettings) -> tuple[Migration, ...]:
    previous, migrations = commands.base, []
    for step in commands.steps:
        names = {"{step}": quote(step), "{previous}": quote(previous)}
        forward = _filled(commands.forward, names)
        back = None if commands.back is None else _filled(commands.back, names)
        allowed = step in settings.without_rollback
        migrations.append(Migration(step, command=CommandStep(forward, back), absence_allowed=allowed))
        previous = step
    return tuple(migrations)


def _filled(pattern: str, names: dict[str, str]) -> str:
    for sign, name in names.items():
        pattern = pattern.replace(sign, name)
    return pattern


def _of_files(settings: MigrationsSettings, mistakes: list[str]) -> tuple[Migration, ...]:
    pattern = str(settings.files)
    paths = sorted(path for path in settings.folder.glob(pattern) if path.is_file())
    if not paths:
        mistakes.append(f"files: no file matches {pattern} in {settings.folder}")
    paths = _ordered(paths, settings, mistakes)
    back_paths = {path: _rollback_of(path, settings) for path in paths}
    _refuse_strange_rollbacks(settings, {path for path in back_paths.values() if path is not None}, mistakes)
    migrations: list[Migration] = []
    for path in paths:
        forward = tuple(_scripts((path,), settings, mistakes))
        back = back_paths[path]
        scripts = None if back is None or not back.is_file() else tuple(_scripts((back,), settings, mistakes))
        allowed = path.name in settings.without_rollback or path.stem in settings.without_rollback
        migrations.append(Migration(path.name, forward, scripts, absence_allowed=allowed))
    return _grouped(migrations, settings.together, mistakes)


def _ordered(paths: list[Path], settings: MigrationsSettings, mistakes: list[str]) -> list[Path]:
    by_name = {path.name: path for path in paths}
    if len(by_name) < len(paths):
        twice = sorted(name for name, count in Counter(path.name for path in paths).items() if count > 1)
        mistakes.append(f"files: two migrations are called {twice[0]}")
    if isinstance(settings.order, tuple):
        mistakes += [f"order names {name} twice" for name, count in Counter(settings.order).items() if count > 1]
        mistakes += _unknown("order", settings.order, list(by_name))
        mistakes += [f"order leaves out {name}" for name in by_name if name not in settings.order]
        return [by_name[name] for name in settings.order if name in by_name]
    numbers = {path: int(found[1]) for path in paths if (found := _NUMBER.match(path.name)) is not None}
    for number, count in sorted(Counter(numbers.values()).items()):
        if count > 1:
            alike = " and ".join(sorted(path.name for path in paths if numbers.get(path) == number))
            mistakes.append(
                f"number {number} begins the names of {alike}: nothing says which comes first; "
                "give each its own number, or list all files in order"
            )
    if settings.order == "name":
        mistakes += [
            f"order by name puts {first.name} before {second.name}, though its number is higher"
            for first, second in pairwise(paths)
            if first in numbers and second in numbers and numbers[first] > numbers[second]
        ]
        return paths
    mistakes += [f"{path.name} begins with no number; write order = 'name'" for path in paths if path not in numbers]
    return sorted(paths, key=lambda path: (numbers.get(path, 0), path.name))


def _rollback_of(path: Path, settings: MigrationsSettings) -> Path | None:
    if settings.rollbacks is None:
        return None
    number = _NUMBER.match(path.name)
    names = {"{name}": path.stem, "{number}": number[1] if number else ""}
    pattern = _filled(settings.rollbacks, names)
    matching = sorted(settings.folder.glob(pattern)) if "*" in pattern else []
    return matching[0] if len(matching) == 1 else settings.folder / pattern


def _refuse_strange_rollbacks(settings: MigrationsSettings, known: set[Path], mistakes: list[str]) -> None:
    """Note every file that the pattern of rollbacks matches and that belongs to no migration."""
    if settings.rollbacks is None:
        return
    migrations = set(settings.folder.glob(str(settings.files)))
    pattern = settings.rollbacks.replace("{name}", "*").replace("{number}", "*")
    mistakes += [
        f"the rollback {path.relative_to(settings.folder)} has no migration"
        for path in sorted(settings.folder.glob(pattern))
        if path not in known and path not in migrations
    ]


def _grouped(
    migrations: list[Migration], together: tuple[tuple[str, ...], ...], mistakes: list[str]
) -> tuple[Migration, ...]:
    """The migrations, with each group of `together` made one."""
    for group in together:
        unknown = list(_unknown("together", group, [one.name for one in migrations]))
        places = [number for number, one in enumerate(migrations) if one.name in group]
        if unknown or places != list(range(places[0], places[0] + len(group))):
            mistakes += unknown or [f"together: {', '.join(group)} do not follow each other"]
            continue
        members = migrations[places[0] : places[-1] + 1]
        backs = [member.back for member in reversed(members)]
        merged = Migration(
            " + ".join(member.name for member in members),
            tuple(script for member in members for script in member.forward),
            None if None in backs else tuple(script for back in backs for script in back or ()),
            absence_allowed=all(member.absence_allowed for member in members),
        )
        migrations[places[0] : places[-1] + 1] = [merged]
    return tuple(migrations)


def _scripts(paths: Iterable[Path], settings: MigrationsSettings, mistakes: list[str]) -> Iterator[Script]:
    for path in paths:
        named = path.name in settings.without_transaction or path.stem in settings.without_transaction
        try:
            script = read_script(path, settings.folder, "never" if named else settings.transactions)
            nothing = not script.statements
        except (OSError, UnicodeDecodeError) as problem:
            mistakes.append(f"{path.name} cannot be read: {getattr(problem, 'strerror', None) or 'it is not UTF-8'}")
            continue
        except UnsplittableSql as problem:
            mistakes.append(f"{path.name}, {problem}; write plain SQL, or run the chain by commands")
            continue
        if nothing:
            mistakes.append(f"{script.name} holds no statement")
        if script.line_of_way_back is not None:
            place = f"{script.name}, line {script.line_of_way_back}"
            mistakes.append(f"{place}: the file holds its rollback too; run the chain by commands")
        yield script


def _unknown(key: str, given: Iterable[str], names: list[str]) -> Iterator[str]:
    known = {*names, *(name.removesuffix(".sql") for name in names)} if key != "order" else set(names)
    for name in given:
        if name not in known:
            yield f"{key} names {name}, which is no migration; {did_you_mean(name, names)}".rstrip("; ")
