"""The cells of the kill benchmark (a drill, the process that is ended in it, the signal), and the count of its
results."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

_ENDINGS = ("SIGINT", "SIGTERM", "SIGKILL")
VICTIMS: dict[str, tuple[str, ...]] = {
    "holder": _ENDINGS,
    "pytest": _ENDINGS,
    "xdist worker": _ENDINGS,
    "load": _ENDINGS,
    "hanging holder": ("SIGSTOP",),
    "holder and watchdog": ("SIGKILL",),
}
"""The signals that each victim is given. A holder holds a drill's own fault without candidates; the others are of a
whole `pytest --env` with that drill."""


@dataclass(frozen=True)
class Cell:
    """A drill, the process that is ended in it (the victim), and the signal."""

    drill: str
    victim: str
    signal: str


@dataclass(frozen=True)
class Death:
    """The result of one round.

    `moment` is the newest event of the round in the journal when the signal was sent. After the signal it took `well`
    seconds until the platform was well and stayed so, and `closed` seconds until no fault was open in the journal.
    `wrong` says what was not well in time, None if everything was.
    """

    cell: Cell
    moment: str
    well: float
    closed: float
    wrong: str | None


def every_cell(drills: Sequence[str]) -> list[Cell]:
    """Each drill with each victim and each of its signals."""
    return [Cell(drill, victim, name) for drill in drills for victim, names in VICTIMS.items() for name in names]


def one_of_each(drills: Sequence[str], dice: random.Random) -> list[Cell]:
    """Each drill with each victim, with a random signal and in random order."""
    cells = [Cell(drill, victim, dice.choice(names)) for drill in drills for victim, names in VICTIMS.items()]
    return dice.sample(cells, len(cells))


def without_end(drills: Sequence[str], dice: random.Random) -> Iterator[Cell]:
    """Random cells without an end; a pair of drill and victim comes again only after all other pairs."""
    while True:
        yield from one_of_each(drills, dice)


def summary(deaths: Sequence[Death], drills: Sequence[str], seed: int) -> str:
    """The results as text, as the documentation quotes them."""
    bad = [death for death in deaths if death.wrong is not None]
    lines = [f"seed {seed}: {len(deaths)} deaths, {len(bad)} faults left"]
    lines += [f"LEFT: {death}" for death in bad]
    good = [death for death in deaths if death.wrong is None]
    held = [death for death in good if death.moment in ("intended", "in")]
    lines += [_times("with a fault open", held)] if held else []
    lines += [_times(victim, of) for victim in VICTIMS if (of := [one for one in held if one.cell.victim == victim])]
    lines.append(_counted("drill", deaths, lambda death: death.cell.drill))
    lines.append(_counted("victim", deaths, lambda death: death.cell.victim))
    lines.append(_counted("signal", deaths, lambda death: death.cell.signal))
    lines.append(_counted("last line of the journal", deaths, lambda death: death.moment))
    return "\n".join([*lines, coverage(deaths, drills)])


def coverage(deaths: Sequence[Death], drills: Sequence[str]) -> str:
    """How many pairs of drill and victim were met, and which were not."""
    met = {(death.cell.drill, death.cell.victim) for death in deaths}
    missing = {victim: [drill for drill in drills if (drill, victim) not in met] for victim in VICTIMS}
    total = len(drills) * len(VICTIMS)
    lines = [f"drill and victim: {total - sum(map(len, missing.values()))} of {total} pairs met"]
    lines += [f"no death yet of {victim} in {', '.join(left)}" for victim, left in missing.items() if left]
    return "\n".join(lines)


def _times(title: str, deaths: Sequence[Death]) -> str:
    well, closed = [death.well for death in deaths], [death.closed for death in deaths]
    return (
        f"{title}, {len(deaths)} deaths: well again after {median(well):.1f} s (median), {max(well):.1f} s (longest); "
        f"closed in the journal after {median(closed):.1f} s, {max(closed):.1f} s"
    )


def _counted(title: str, deaths: Sequence[Death], key: Callable[[Death], str]) -> str:
    return f"{title}: {', '.join(f'{name} {count}' for name, count in Counter(map(key, deaths)).most_common())}"
