"""An exam that was sat on a real platform, and the ledger of it."""

import itertools
from pathlib import Path
from typing import Any, Protocol

from pytest_examday.config.environment import Environment
from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.candidates.probe_candidate import ProbeCandidate
from pytest_examday.suites.exam.stored_exams.reconcile_ledgers import reconcile_ledgers
from pytest_examday.target.target import Target
from tests.platform.platform_harness import Platform

_PEOPLE = itertools.count(1, 2)


class Exam:
    """One candidate's exam on the platform, and the ledger of it."""

    def __init__(self, platform: Platform, folder: Path, /, **settings: Any) -> None:
        self.platform = platform
        self.target = self._target(folder, platform.state["candidates"]["password"], settings)
        (account,) = self.target.accounts.take(1)
        self.candidate = ProbeCandidate.begin(self.target, account)
        self.name = self.candidate.login.account.email
        self._ledger = LedgerWriter(self.target.files.ledger / "load-1.ledger.jsonl")
        created = self._ledger.intend("create", self.name, self.candidate.login.owner, None, "k")
        self.candidate.open()
        self.id = str(self.candidate.session_id)
        self._ledger.settle(created, "acknowledged", "ed-1", subject=self.id)

    def _target(self, folder: Path, password: str, settings: dict[str, Any]) -> Target:
        email = self.platform.state["candidates"]["email"]
        accounts = {"kind": "counted", "email": email, "password": password, "count": 2}
        environment = Environment.model_validate(
            {
                "name": "staging",
                "api_url": self.platform.state["api_url"],
                "candidates": {**accounts, "first": next(_PEOPLE)},
                "allow": ["read", "write"],
                **settings,
            }
        )
        (folder / "ledger").mkdir(parents=True)
        return Target(environment, RunFiles(folder, Redactor()), 0)

    def answer(self, number: int, choice: int = 0) -> None:
        """Answer a question, acknowledged."""
        question = self.candidate.questions[number]
        value = question["choices"][choice]
        write = self._ledger.intend(
            "answer", self.name, self.candidate.login.owner, self.id, question["id"], value, self.candidate.sequence + 1
        )
        assert self.candidate.answer(number, choice).accepted
        self._ledger.settle(write, "acknowledged", "ed-2")

    def submit(self) -> None:
        """Submit, acknowledged with the score that was told."""
        write = self._ledger.intend("submit", self.name, self.candidate.login.owner, self.id, "k")
        score = self.candidate.submit().find("score")
        self._ledger.settle(write, "acknowledged", "ed-3", result=str(score))

    def reconciled(self) -> Reconciliation:
        """What the API tells of it."""
        return reconcile_ledgers(self.target, ("load-1.ledger.jsonl",))

    def damage(self, statement: str, *values: object) -> None:
        """Change what is stored behind the API's back."""
        self.platform.tamper(statement, self.id, *values)

    def close(self) -> None:
        """Close the ledger's file."""
        self._ledger.close()


class Begin(Protocol):
    """Begins an exam whose run directory has the name that is given; the settings are the environment's."""

    def __call__(self, name: str, /, **settings: Any) -> Exam:
        """The exam, with its session open."""
