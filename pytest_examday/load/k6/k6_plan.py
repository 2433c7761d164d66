"""A plan that k6 follows: files without secrets for its scripts, and a file with the actors' credentials."""

import json
import os
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.load_plan import LoadPlan


class PlanForK6(LoadPlan):
    """A plan that scripts in `k6/` can follow too; `script` is the file that k6 runs."""

    script: ClassVar[str]

    @abstractmethod
    def k6_files(self, lead_ms: int) -> dict[str, str]:
        """The files of the plan by name, without any password or token; `plan.json` holds the plan's `fingerprint`.

        The load begins `lead_ms` after k6 is ready. Raises UsageProblem for a contract that k6's scripts cannot speak.
        """

    @abstractmethod
    def for_k6(self, k6: str, folder: str, secrets: str) -> "K6Plan":
        """The same actors in one k6; the arguments are the fields of `K6Plan`."""


class K6Plan(PlanForK6):
    """A plan for one k6: the executable, the folder in the run directory for what k6 writes, and one outside of it
    for the actors' credentials while k6 reads them."""

    k6: str
    folder: str
    secrets: str

    @property
    def console(self) -> Path:
        """Where k6 writes what actors do."""
        return Path(self.folder) / "console.log"


def fingerprint_of(files: dict[str, str]) -> str:
    """What tells this plan from any other."""
    return str(json.loads(files["plan.json"])["fingerprint"])


def credentials(plan: LoadPlan) -> str:
    """The actors' passwords and tokens as the scripts read them: a secret."""
    fields = ("email", "password", "access_token", "refresh_token")
    return json.dumps([{name: getattr(account, name) for name in fields} for account in plan.accounts])


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read; raises Unmeasurable where it exists already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Unmeasurable(f"{path} exists already") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
