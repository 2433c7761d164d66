"""Phase 2: what a load that has ended leaves as evidence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import HttpUrl, SecretStr

from pytest_examday.config.accounts import Account, CountedAccounts
from pytest_examday.config.profiles import LoadProfile, Profile
from pytest_examday.errors import Unmeasurable
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.load_in_processes import Load
from pytest_examday.load.samples import Sample, SampleWriter
from pytest_examday.observe.metrics_watch import MetricsWatch
from pytest_examday.suites.exam.activities.load import evidence_of
from pytest_examday.suites.exam.evidence import LoadEvidence
from pytest_examday.suites.exam.load.exam_loads import exam_plans
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.suites.exam.rules.closed_exam import DOUBLE_SUBMIT_WITHOUT_KEY
from pytest_examday.target.accounts import PlatformAccounts
from pytest_examday.target.api import LoginResult
from pytest_examday.target.target import Target
from tests import builders
from tests.activities.fakes import make_target
from tests.builders import EPOCH, fate, generator
from tests.load.kept_histogram import read_waits

PROFILE = LoadProfile(candidates=4, arrive_seconds=2, answer_seconds=6, submit_seconds=2, ramp_seconds=1, processes=2)
Tell = Callable[..., LoadEvidence]


def _target(folder: Path, profile: LoadProfile) -> Target:
    plain = make_target(folder)
    accounts = CountedAccounts(email="c{n}@exam.example", password=SecretStr("pw"), count=9)
    changes = {"profile": Profile(load=profile), "candidates": accounts, "api_url": HttpUrl("http://exam.example")}
    return replace(plain, environment=plain.environment.model_copy(update=changes))


def _lived(plan: ExamPlan, monkeypatch: pytest.MonkeyPatch, late: float = 0.0, fates: Any = None) -> None:
    """Write what candidates would who send everything at its moment, in 20 ms."""
    samples, ledger = SampleWriter(Path(plan.samples)), LedgerWriter(Path(plan.ledger))
    ends = []
    for account, script in zip(plan.accounts, plan.scripts(), strict=True):
        who = account.email
        samples.add(Sample("login", who, EPOCH + script.arrives_at, 20.0, 200, "ok", "ed", 20.0))
        for kind, at in script.due():
            moment = EPOCH + at
            monkeypatch.setattr("pytest_examday.load.ledger.now", lambda moment=moment: moment)
            ledger.settle(ledger.intend(kind, who, None, "s-1"), "acknowledged", "ed")
            samples.add(Sample(kind, who, moment, 20.0, 200, "ok", "ed", 20.0))
        ends.append(fate(who, finished_at=EPOCH + script.leaves_at + late))
    if fates is not None:
        ends = [
            one.model_copy(update={"actor": account.email}) for one, account in zip(fates, plan.accounts, strict=False)
        ]
    samples.close()
    ledger.close()
    lines = [end.model_dump_json() for end in ends]
    Path(plan.fates).write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tell:
    """The evidence of a load of four candidates in two processes; `spoil` gets at its plans before it is read."""

    def told(
        profile: LoadProfile = PROFILE,
        late: float = 0.0,
        fates: tuple[ActorFate, ...] | None = None,
        spoil: Callable[[ExamPlan], object] = lambda plan: None,
    ) -> LoadEvidence:
        target = _target(tmp_path / "run", profile)
        plans = exam_plans(target, "load", profile)
        for plan in plans:
            _lived(plan, monkeypatch, late, fates)
        spoil(plans[0])
        load = Load(plans, target.files.logs, target.files.progress)
        load.begun = EPOCH
        return evidence_of(target, load, generator(), MetricsWatch(target.connections), EPOCH, EPOCH + 10)

    return told


def test_every_file_of_every_process_is_read(tell: Tell) -> None:
    made = tell()
    assert made.ledgers == ("ledger/load-1.ledger.jsonl", "ledger/load-2.ledger.jsonl")
    assert made.samples == ("ledger/load-1.samples.jsonl", "ledger/load-2.samples.jsonl")
    assert made.overall.requests == made.writes.attempted + 4
    assert [(one.operation, one.requests) for one in made.operations if one.operation != "answer"] == [
        ("create", 4),
        ("login", 4),
        ("submit", 4),
    ]
    assert len(made.fates) == 4


def test_a_load_that_kept_to_its_plan_is_even(tell: Tell) -> None:
    made = tell()
    assert made.planned is not None
    assert sum(made.planned.values()) == made.writes.attempted == sum(window.planned or 0 for window in made.windows)
    assert all(window.planned == window.begun for window in made.windows)
    assert made.arrivals is not None
    assert (made.arrivals.planned, made.arrivals.actual, made.arrivals.late_max_ms) == (4, 4, 0.0)


def test_the_exam_has_its_times_and_its_parts(tell: Tell) -> None:
    made = tell()
    assert made.schedule is not None
    assert (made.schedule.begins, made.schedule.last_part_begins, made.schedule.deadline) == (
        EPOCH,
        EPOCH + 8,
        EPOCH + 10,
    )
    assert [part.name for part in made.parts] == ["arrivals", "answering", "deadline"]
    assert sum(part.overall.requests for part in made.parts) == made.overall.requests
    assert (made.shape, made.engine, made.harmed, made.left_out) == ("exam", "candidates", (), ())


@pytest.mark.parametrize("promised", [True, False])
def test_candidates_submit_twice_without_a_key_only_if_one_result_is_promised(tmp_path: Path, promised: bool) -> None:
    target = _target(tmp_path, PROFILE)
    excused = () if promised else (DOUBLE_SUBMIT_WITHOUT_KEY,)
    environment = target.environment.model_copy(update={"not_promised": excused})
    plans = exam_plans(replace(target, environment=environment), "load", PROFILE)
    assert {plan.keyless for plan in plans} == {promised}


def test_histograms_hold_what_the_figures_say(tell: Tell) -> None:
    made = LoadEvidence.model_validate_json(tell().model_dump_json())
    kept = {(one.operation, one.kind): one for one in made.histograms if one.span == "whole"}
    for figures in made.operations:
        assert kept[figures.operation, "service"].count == figures.requests
        assert list(read_waits(kept[figures.operation, "response"]).percentiles(0.95)) == [figures.response_p95_ms]


_OUTSIDE = fate(
    finished=False, finished_at=None, subject=None, password_doubted=True, story="login was refused with HTTP 401"
)


@pytest.mark.parametrize("again", ["refused", "accepted"])
def test_who_is_refused_again_after_the_load_is_not_harmed_and_has_no_errors(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    """A wrong password is no harm; a right one that was refused under load is."""
    tried: list[str] = []

    def log_in(accounts: PlatformAccounts, account: Account) -> LoginResult:
        tried.append(account.email)
        if again == "refused":
            raise Unmeasurable("HTTP 401")
        return LoginResult(account, "token", None)

    monkeypatch.setattr(PlatformAccounts, "log_in", log_in)
    made = tell(fates=(_OUTSIDE, _OUTSIDE))
    refused = again == "refused"
    assert [one.password_doubted for one in made.fates] == [refused] * 4
    assert (len(tried), len(made.harmed)) == ((3, 0) if refused else (1, 4))
    assert (made.overall.requests == 0) == refused
    reason = builders.gate("no-manual-fixes", load=made).reason
    assert ("nobody was let in" if refused else "would need a repair by hand") in reason
    assert "login was refused with HTTP 401" in reason


def test_who_submitted_after_the_deadline_is_harmed(tell: Tell) -> None:
    made = tell(late=10.0)
    assert {harm.harm for harm in made.harmed} == {"no-submit"}
    assert len(made.harmed) == 4
    assert "s after the deadline" in made.harmed[0].story


@pytest.mark.parametrize(
    ("shape", "left_out"),
    [("sessions", ("answer", "submit")), ("answers", ("submit",)), ("submit", ("answer",)), ("start", ())],
)
def test_what_the_shape_leaves_out_is_told_and_harms_nobody(tell: Tell, shape: Any, left_out: tuple[str, ...]) -> None:
    sat = (fate(finished=shape in ("submit", "start"), finished_at=None),)
    made = tell(PROFILE.model_copy(update={"shape": shape}), fates=sat)
    assert made.left_out == left_out
    assert made.harmed == ()
    assert made.shape == shape
    assert made.test_type


def test_damaged_samples_are_no_measurement(tell: Tell) -> None:
    def spoil(plan: ExamPlan) -> None:
        path = Path(plan.samples)
        path.write_text("damage\n" + path.read_text())

    with pytest.raises(Unmeasurable, match=r"the samples cannot be read: .*load-1\.samples\.jsonl: line 1 is damaged"):
        tell(spoil=spoil)


def test_a_good_load_passes_its_gates_and_its_evidence_is_small(tell: Tell) -> None:
    habits = PROFILE.habits.model_copy(update={"think_seconds": (0.05, 0.1)})
    profile = PROFILE.model_copy(update={"habits": habits, "candidates": 8, "ramp_seconds": 0, "window_seconds": 1.0})
    made = tell(profile)
    for gate in ("error-rate", "no-manual-fixes"):
        assert builders.gate(gate, load=made).outcome == "pass"
    assert builders.gate("p95-latency", load=made).reason == (
        "too few create requests to judge: 8 after the ramp, 20 are needed; "
        "too few submit requests to judge: 8 after the ramp, 20 are needed"
    )
    assert len(json.dumps(made.model_dump(mode="json"))) < 100_000
