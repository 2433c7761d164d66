"""Sentences of an exam's report, for both `report.md` and `report.html`."""

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_examday.core.verdict import LineRecord, Verdict
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.report.drill_words import drill_sentence
from pytest_examday.report.figure_words import milliseconds, plural, printable_line
from pytest_examday.report.verdict_words import gate_rows, gates_not_passed
from pytest_examday.suites.exam.report.source import Source, Sources


def unmeasured_harm(sources: Sources) -> tuple[str, ...]:
    """The names of the parts of an exam that were not measured: candidates may have been harmed there unnoticed."""
    named: Mapping[str, Source[Any]] = {
        "load": sources.load,
        "Redis outage": sources.redis_outage,
        "worker loss": sources.worker_loss,
        "full restart": sources.recovery,
        **{name.removeprefix("drill_").replace("_", " "): source for name, source in sources.further.items()},
        "stored answers after the recovery drill": sources.integrity_after,
    }
    missing = [name for name, source in named.items() if source.record is None]
    after = sources.integrity_after.record
    if after is not None and after.reconciliation.unread:
        missing.append(f"{plural(after.reconciliation.unread, 'session')} that could not be read back")
    return tuple(missing)


def key_findings(verdict: Verdict | None, sources: Sources, lines: Sequence[LineRecord]) -> tuple[str, ...]:
    """The gates that prevent GO, failures first; if there are none, the most important figures."""
    against = gates_not_passed(gate_rows(verdict))
    beforehand = found_beforehand(sources)
    if against:
        return (*(f"{group.state}: {group.titles}: {group.reason}" for group in against), *beforehand)
    return (*main_figures(sources), *beforehand) or (_lines_passed(lines),)


def _lines_passed(lines: Sequence[LineRecord]) -> str:
    """The finding of a run whose evidence holds no figure of load, drills or storage."""
    if not lines:
        return "nothing was measured"
    return f"{sum(line.outcome == 'pass' for line in lines)} of {plural(len(lines), 'line')} passed"


def found_beforehand(sources: Sources) -> tuple[str, ...]:
    """What the preflight found: faults that an earlier rehearsal had left in, and clocks that are off."""
    preflight = sources.preflight.record
    if preflight is None:
        return ()
    left = [f"left by an earlier rehearsal: {printable_line(text)}" for text in preflight.healed]
    return (*left, *(f"the clock of {name} is {skew:+.1f} s off" for name, skew in preflight.skewed.items()))


def main_figures(sources: Sources) -> tuple[str, ...]:
    """The most important figures."""
    found = []
    if sources.stored.record is not None:
        found.append(ledger_sentence(sources.stored.record.reconciliation))
    if (load := sources.load.record) is not None:
        found.append(
            f"under load by {plural(load.candidates, 'candidate')}, 95 of 100 requests of the whole load took no "
            f"longer than {milliseconds(load.overall.p95_ms) or 'an unmeasured time'}, and {load.overall.errors} of "
            f"{load.overall.judged} failed"
        )
    found += [drill_sentence(source.record) for source in sources.drills if source.record is not None]
    return tuple(found)


def ledger_sentence(found: Reconciliation) -> str:
    """How many acknowledged answers are stored, lost or changed."""
    unknown = found.unknown_kept + found.unknown_absent
    unread = f", {found.uncompared} could not be read back" if found.unread else ""
    return (
        f"of {plural(found.acknowledged, 'acknowledged answer')} {found.kept} are stored as acknowledged, "
        f"{found.lost} lost, {found.stale} changed{unread}; {unknown} more never got a reply "
        f"({plural(found.subjects, 'session')} of the load and the drills; each save of an answer counts)"
    )
