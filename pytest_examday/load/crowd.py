"""Putting candidates to work: from a profile to a running load."""

from pytest_examday.config.profiles import Habits
from pytest_examday.load.handle import Load
from pytest_examday.load.plan import Plan, PlannedAccount
from pytest_examday.site import Site

_SEED = 20260115
"""Candidates behave the same in every rehearsal of a profile, so that two reports can be compared."""


def load_of(
    site: Site, activity: str, candidates: int, questions: int, arrive_seconds: float, habits: Habits, *, told: bool
) -> Load:
    """A load of so many candidates, not started yet; `told` candidates go on until they are told to finish."""
    accounts = site.take_accounts(candidates)
    ledger = site.directory / "ledger"
    return Load(
        Plan(
            activity=activity,
            api_url=site.api_url,
            contract=site.contract,
            accounts=tuple(
                PlannedAccount(email=account.email, password=account.password.get_secret_value())
                for account in accounts
            ),
            questions=questions,
            arrive_seconds=arrive_seconds,
            habits=habits,
            until="told" if told else "script",
            seed=_SEED,
            ledger=str(ledger / f"{activity}.ledger.jsonl"),
            samples=str(ledger / f"{activity}.samples.jsonl"),
            fates=str(ledger / f"{activity}.fates.jsonl"),
            progress=str(site.progress.path),
        )
    )
