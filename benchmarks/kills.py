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
class Kill:
    """The result of one round, in which one process was ended by a signal."""

    cell: Cell
    newest_event: str
    """The newest event of the round in the journal when the signal was sent."""
    recovery_seconds: float
    """The time from the signal until the platform had recovered for good."""
    closing_seconds: float
    """The time from the signal until no fault was open in the journal."""
    problem: str | None
    """What was not in order in time; None if everything was."""


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


def summary(kills: Sequence[Kill], drills: Sequence[str], seed: int) -> str:
    """The results as text, as the documentation quotes them."""
    bad = [kill for kill in kills if kill.problem is not None]
    lines = [f"seed {seed}: {len(kills)} kills, {len(bad)} faults left"]
    lines += [f"LEFT: {kill}" for kill in bad]
    good = [kill for kill in kills if kill.problem is None]
    with_open_fault = [kill for kill in good if kill.newest_event in ("intended", "in")]
    lines += [_times("with a fault open", with_open_fault)] if with_open_fault else []
    lines += [
        _times(victim, of_victim)
        for victim in VICTIMS
        if (of_victim := [kill for kill in with_open_fault if kill.cell.victim == victim])
    ]
    lines.append(_counted("drill", kills, lambda kill: kill.cell.drill))
    lines.append(_counted("victim", kills, lambda kill: kill.cell.victim))
    lines.append(_counted("signal", kills, lambda kill: kill.cell.signal))
    lines.append(_counted("last line of the journal", kills, lambda kill: kill.newest_event))
    return "\n".join([*lines, coverage(kills, drills)])


def coverage(kills: Sequence[Kill], drills: Sequence[str]) -> str:
    """How many pairs of drill and victim were met, and which were not."""
    met = {(kill.cell.drill, kill.cell.victim) for kill in kills}
    missing = {victim: [drill for drill in drills if (drill, victim) not in met] for victim in VICTIMS}
    total = len(drills) * len(VICTIMS)
    lines = [f"drill and victim: {total - sum(map(len, missing.values()))} of {total} pairs met"]
    lines += [
        f"not killed yet: {victim} in {', '.join(drills_left)}"
        for victim, drills_left in missing.items()
        if drills_left
    ]
    return "\n".join(lines)


def _times(title: str, kills: Sequence[Kill]) -> str:
    recovery, closing = [kill.recovery_seconds for kill in kills], [kill.closing_seconds for kill in kills]
    return (
        f"{title}, {len(kills)} kills: recovered after {median(recovery):.1f} s (median), {max(recovery):.1f} s "
        f"(longest); closed in the journal after {median(closing):.1f} s, {max(closing):.1f} s"
    )


def _counted(title: str, kills: Sequence[Kill], key: Callable[[Kill], str]) -> str:
    return f"{title}: {', '.join(f'{name} {count}' for name, count in Counter(map(key, kills)).most_common())}"
