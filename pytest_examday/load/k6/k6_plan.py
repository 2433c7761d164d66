"""Plans that k6 can run: files for its scripts, and files with the actors' credentials."""

import json
import os
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, NamedTuple

from pytest_examday.errors import Unmeasurable
from pytest_examday.load.load_plan import LoadPlan, PlannedAccount

PLAN_FILE = "plan.json"
"""It holds the contract as k6 needs it."""


class K6Files(NamedTuple):
    """Files for k6 by name: `plain` ones, which hold no credentials of actors, and `secret` ones with these."""

    plain: dict[str, str]
    secret: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the plan: two plans have the same only if they are equal."""
        return str(json.loads(self.plain[PLAN_FILE])["fingerprint"])


class PlanForK6(LoadPlan):
    """A plan that scripts in the folder `k6/` can run too; `script` is the name of the script that k6 starts with."""

    script: ClassVar[str]

    @abstractmethod
    def k6_files(self, lead_ms: int, runners: int = 1) -> K6Files:
        """The files of the plan for so many k6 that run it together; `plan.json` holds the plan's `fingerprint`.

        The load begins `lead_ms` milliseconds after k6 is ready. Raises UsageProblem if k6's scripts cannot evaluate an
        expression of the contract.
        """

    @abstractmethod
    def for_k6(self, k6: str, folder: str, secrets: str) -> "K6Plan":
        """The same actors in one k6; the arguments are the fields of `K6Plan`."""


class K6Plan(PlanForK6):
    """A plan for one k6. `k6` is the executable, `folder` the folder in the run directory for k6's files, `secrets` a
    folder outside of it that holds what k6 reads, such as the actors' credentials, until k6 has read it."""

    k6: str
    folder: str
    secrets: str

    @property
    def console(self) -> Path:
        """The file to which k6 writes what actors do."""
        return Path(self.folder) / "console.log"


def credentials(account: PlannedAccount) -> str:
    """An actor's password and tokens as the scripts read them: a secret."""
    fields = ("email", "password", "access_token", "refresh_token")
    values = {name: value for name in fields if (value := getattr(account, name)) is not None}
    return json.dumps(values, separators=(",", ":"))


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read; raises Unmeasurable if it exists already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Unmeasurable(f"{path} exists already") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
