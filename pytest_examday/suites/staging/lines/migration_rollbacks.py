"""Phase 1: how the lines of the rollbacks are judged. What one line tells, no other line tells again."""

from pytest_examday.core.findings import Findings
from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.lines.migration_words import some_of, whole_of
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence, RollbackTrial, SchemaChanges


def judge_presence(seen: MigrationsEvidence, findings: Findings) -> None:
    """Every migration has a rollback, unless the configuration says that it needs none."""
    if not any(entry.has_rollback for entry in seen.chain):
        raise Unmeasurable("no rollback is described; write staging.migrations.rollbacks, or back for commands")
    missing = [entry.name for entry in seen.chain if not entry.has_rollback and not entry.absence_allowed]
    findings.fail_if(bool(missing), f"migrations without a rollback: {whole_of(missing)}")
    allowed = sum(not entry.has_rollback and entry.absence_allowed for entry in seen.chain)
    findings.add_fact(
        f"{sum(entry.has_rollback for entry in seen.chain)} of {len(seen.chain)} migrations have a rollback"
        + (f", {allowed} need none" if allowed else "")
    )


def judge_rollbacks(seen: MigrationsEvidence, findings: Findings) -> None:
    """In an empty database, each rollback leads to the schema before its migration."""
    _require_rollbacks(seen)
    _judge_trials(seen.rollbacks, findings)
    findings.add_fact(f"{len(seen.rollbacks) - len(_spoilt(seen))} of {len(seen.rollbacks)} rollbacks undo")


def judge_rollbacks_with_rows(seen: MigrationsEvidence, findings: Findings) -> None:
    """The same with rows in the tables; rows of tables that the migration does not own are kept."""
    _require_rollbacks(seen)
    _doubt_if_unrehearsed(seen, "with_rows", findings)
    spoilt = _spoilt(seen)
    trials = [trial for trial in seen.rollbacks_with_rows if trial.run.name not in spoilt]
    _judge_trials(trials, findings)
    lost = [f"{loss.name}: {loss.what}" for trial in trials for loss in trial.losses]
    findings.fail_if(bool(lost), f"rollbacks lose or change rows: {some_of(lost)}")
    findings.doubt_if(seen.filled == 0 and bool(seen.with_rows), "no table could be given rows")
    findings.add_fact(f"{len(trials)} rollbacks tried with rows{_told_elsewhere(spoilt)}")


def judge_rollbacks_twice(seen: MigrationsEvidence, findings: Findings) -> None:
    """A second rollback may be refused; it must change nothing."""
    _require_rollbacks(seen)
    if seen.by_commands:
        raise Unmeasurable("a program runs the chain; it knows what it has undone, and undoes nothing twice")
    for trial in seen.rollbacks_twice:
        if trial.changes.differs:
            findings.fail(f"{trial.run.name}: a second rollback changes the schema: {in_words(trial.changes)}")
    rows = [f"{loss.name}: {loss.what}" for trial in seen.rollbacks_twice_with_rows for loss in trial.losses]
    findings.fail_if(bool(rows), f"a second rollback changes rows: {some_of(rows)}")
    refused = [trial.run.name for trial in seen.rollbacks_twice if not trial.run.applied]
    findings.doubt_if(not seen.rollbacks_twice, "no rollback could be run twice")
    findings.add_fact(
        f"{len(seen.rollbacks_twice)} rollbacks run twice"
        + (f"; refused the second time: {whole_of(refused)}" if refused else "")
    )


def judge_half_failures(seen: MigrationsEvidence, findings: Findings) -> None:
    """What runs without a transaction can fail half way; its rollback must clean up then too."""
    _require_rollbacks(seen)
    if seen.by_commands:
        raise Unmeasurable("a program runs the chain, and the rehearsal cannot stop it half way")
    for half in seen.half_failures:
        after = f"{half.name} after {half.statements} statements"
        if not half.run.applied:
            findings.fail(f"the rollback of {after} fails: {half.run.error}")
        elif half.changes.differs:
            findings.fail(f"the rollback of {after} does not clean up: {in_words(half.changes)}")
    findings.add_fact(
        f"{len(seen.half_failures)} migrations without a transaction; a failure undoes each of the others as a whole"
    )


def judge_forward_after_rollback(seen: MigrationsEvidence, findings: Findings) -> None:
    """After its rollback, each migration runs again and leads to the same schema."""
    _require_rollbacks(seen)
    _judge_trials(seen.forward_after_rollback, findings, "run again after its rollback")
    findings.doubt_if(not seen.forward_after_rollback, "no migration could be run again after its rollback")
    findings.add_fact(f"{len(seen.forward_after_rollback)} migrations run again{_told_elsewhere(_spoilt(seen))}")


def judge_way_back(seen: MigrationsEvidence, findings: Findings) -> None:
    """All rollbacks one after the other lead to the schema before the chain. Rollbacks that fail alone are told
    elsewhere, and make this line inconclusive."""
    _require_rollbacks(seen)
    _doubt_if_unrehearsed(seen, "way_back", findings)
    if seen.way_back is None:
        return
    alone = _spoilt(seen) | _spoilt_with_rows(seen)
    missing = {entry.name for entry in seen.chain if not entry.has_rollback and not entry.absence_allowed}
    if alone or missing:
        findings.doubt(f"rollbacks that fail alone or are missing: {some_of(sorted(alone | missing))}")
        return
    failed = [step.run for step in seen.way_back.steps if not step.run.applied]
    if failed:
        first = failed[0]
        findings.fail(
            f"{len(failed)} of {len(seen.way_back.steps)} rollbacks fail on the whole way back, "
            f"first {first.name}: {first.error}"
        )
    elif seen.way_back.left_over.differs:
        findings.fail(f"the whole way back does not lead to the beginning: {in_words(seen.way_back.left_over)}")
    findings.add_fact(f"{len(seen.way_back.steps) - len(failed)} of {len(seen.way_back.steps)} rollbacks in a row")


def judge_forward_after_way_back(seen: MigrationsEvidence, findings: Findings) -> None:
    """After the whole way back the chain runs again, and leads to the same schema."""
    _require_rollbacks(seen)
    _doubt_if_unrehearsed(seen, "way_back", findings)
    if seen.way_back is None:
        return
    again = seen.way_back.forward_again
    if not again:
        findings.doubt("the whole way back did not lead to the beginning")
        return
    failed = [step for step in again if not step.applied]
    if failed:
        findings.fail(f"{failed[0].name} fails after the whole way back: {failed[0].error}")
    elif seen.way_back.forward_changes.differs:
        findings.fail(f"another schema after the whole way back: {in_words(seen.way_back.forward_changes)}")
    findings.add_fact(f"{len(again) - len(failed)} of {len(again)} migrations run again")


def in_words(changes: SchemaChanges) -> str:
    """How a schema differs."""
    parts = [
        f"{words} {some_of(names)}"
        for words, names in (("left:", changes.left), ("missing:", changes.missing), ("changed:", changes.changed))
        if names
    ]
    if not parts:
        parts = [f"pg_dump differs, for example in: {changes.dump_example}"]
    if changes.dump_lines:
        parts.append(f"{changes.dump_lines} lines of pg_dump")
    return "; ".join(parts)


def _judge_trials(
    trials: "list[RollbackTrial] | tuple[RollbackTrial, ...]", findings: Findings, what: str = ""
) -> None:
    subject = what or "its rollback"
    for trial in trials:
        if not trial.run.applied:
            findings.fail(f"{trial.run.name}: {subject} fails: {trial.run.error}")
        elif trial.changes.differs:
            findings.fail(f"{trial.run.name}: {subject} leads to another schema: {in_words(trial.changes)}")


def _spoilt(seen: MigrationsEvidence) -> set[str]:
    """The migrations whose rollback fails in an empty database already."""
    return {trial.run.name for trial in seen.rollbacks if not trial.run.applied or trial.changes.differs}


def _spoilt_with_rows(seen: MigrationsEvidence) -> set[str]:
    return {trial.run.name for trial in seen.rollbacks_with_rows if not trial.run.applied or trial.changes.differs}


def _told_elsewhere(names: set[str]) -> str:
    return f"; not those that fail in an empty database: {whole_of(sorted(names))}" if names else ""


def _require_rollbacks(seen: MigrationsEvidence) -> None:
    """Raise Unmeasurable if there is no rollback, or if the chain was not applied."""
    if not any(entry.has_rollback for entry in seen.chain):
        raise Unmeasurable("no rollback is described; write staging.migrations.rollbacks, or back for commands")
    failed = next((step.name for step in seen.from_empty if not step.applied), None)
    if failed is not None:
        raise Unmeasurable(f"not rehearsed, because {failed} fails on an empty database")


def _doubt_if_unrehearsed(seen: MigrationsEvidence, part: str, findings: Findings) -> None:
    reason = seen.unrehearsed.get("with_rows") or seen.unrehearsed.get(part)
    findings.doubt_if(reason is not None, f"not rehearsed, because {reason}")
