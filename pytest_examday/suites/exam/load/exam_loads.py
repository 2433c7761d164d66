"""Makes the loads of candidates that a profile describes; they are not started yet."""

import os

from pytest_examday.config.accounts import Account
from pytest_examday.config.profiles import DrillProfile, LoadProfile
from pytest_examday.load.k6.k6_load import K6Load
from pytest_examday.load.k6.k6_results import K6Results
from pytest_examday.load.load_in_processes import Load
from pytest_examday.load.load_plan import LoginMeans, PlannedAccount, split_plan
from pytest_examday.suites.exam.load.candidate_script import Schedule
from pytest_examday.suites.exam.load.exam_plan import ExamPlan
from pytest_examday.suites.exam.load.login_time import ARRIVING_SHARE, require_time
from pytest_examday.suites.exam.rules.closed_exam import DOUBLE_SUBMIT_WITHOUT_KEY
from pytest_examday.target.target import Target

ExamLoad = Load | K6Results
_SEED = 20260115
"""Candidates behave the same in every rehearsal of a profile, so that two reports can be compared."""


def exam_load(target: Target, activity: str, profile: LoadProfile) -> ExamLoad:
    """The load of phase 2: candidates who keep to the profile's schedule, run by the target's engine. Not started yet.

    Raises Unmeasurable if there are too few accounts, or if they cannot log in as fast as the profile says.
    """
    require_time(target, drills=0)
    engine = target.engine
    if engine.results is not None:
        return K6Results(plan_for_elsewhere(target, activity, profile), engine.results, target.files.progress)
    if engine.k6 is not None:
        return K6Load(_exam_plan(target, activity, profile), engine.k6, target.files.directory, target.files.progress)
    return Load(exam_plans(target, activity, profile), target.files.logs, target.files.progress)


def exam_plans(target: Target, activity: str, profile: LoadProfile) -> tuple[ExamPlan, ...]:
    """One plan for each process. The accounts are taken from those of the environment; raises Unmeasurable if there are
    too few."""
    return split_plan(_exam_plan(target, activity, profile), profile.processes_on(os.cpu_count() or 1))


def plan_for_elsewhere(target: Target, activity: str, profile: LoadProfile) -> ExamPlan:
    """The plan of a load that another machine runs. It has the last accounts of the environment, so that every
    rehearsal makes the same plan. Raises Unmeasurable if there are too few."""
    return _plan(target, activity, target.accounts.last(profile.candidates), Schedule.of(profile), profile)


def _exam_plan(target: Target, activity: str, profile: LoadProfile) -> ExamPlan:
    accounts = target.accounts.take(profile.candidates)
    return _plan(target, activity, accounts, Schedule.of(profile), profile)


def drill_load(target: Target, activity: str, profile: DrillProfile) -> Load:
    """The load of a drill (phases 3 and 7): candidates who answer until they are stopped. Not started yet.

    Raises Unmeasurable if there are too few accounts.
    """
    accounts = target.accounts.take(profile.candidates)
    arrive = profile.steady_seconds * ARRIVING_SHARE
    plan = _plan(target, activity, accounts, Schedule("exam", arrive, arrive, arrive), profile)
    return Load((plan.model_copy(update={"until": "stopped"}),), target.files.logs, target.files.progress)


def _plan(
    target: Target,
    activity: str,
    accounts: tuple[Account, ...],
    schedule: Schedule,
    profile: LoadProfile | DrillProfile,
) -> ExamPlan:
    ledger = target.files.ledger
    return ExamPlan(
        activity=activity,
        api_url=target.connections.api_url,
        contract=target.environment.platform.contract,
        accounts=tuple(map(_planned, accounts)),
        arrivals=len(accounts),
        schedule=schedule,
        questions=profile.questions,
        habits=profile.habits,
        keyless=DOUBLE_SUBMIT_WITHOUT_KEY not in target.environment.not_promised,
        seed=_SEED,
        ledger=str(ledger / f"{activity}.ledger.jsonl"),
        samples=str(ledger / f"{activity}.samples.jsonl"),
        fates=str(ledger / f"{activity}.fates.jsonl"),
        login_means=_login_means(target),
    )


def _login_means(target: Target) -> LoginMeans:
    accounts = target.accounts.candidates
    return LoginMeans(
        signer=None if accounts.mint is None else accounts.mint.signer,
        lifetime=accounts.lifetime,
        made_at=accounts.made_at,
        pace=target.login_pace,
    )


def _planned(account: Account) -> PlannedAccount:
    secrets = {name: getattr(account, name) for name in ("password", "access_token", "refresh_token")}
    return PlannedAccount(
        email=account.email,
        id=account.id,
        **{name: secret.get_secret_value() for name, secret in secrets.items() if secret is not None},
    )
