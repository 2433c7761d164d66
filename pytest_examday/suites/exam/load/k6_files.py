"""Writes the scripts of candidates as files for k6, a slice for each runner, and beside them files with credentials."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_examday.load.k6.k6_plan import PLAN_FILE, K6Files, credentials
from pytest_examday.load.load_plan import PlannedAccount
from pytest_examday.suites.exam.load.candidate_script import Script

_SCRIPTS_BYTES, _ACCOUNTS_BYTES = 210_000, 150_000
"""Most bytes of one file: what `kubectl apply` keeps of a manifest, in which the file is a text of JSON or base64, has
to stay below 262,144 bytes."""
_MARKED, _TWICE, _CLEARS = 1, 2, 4


class _Candidate(NamedTuple):
    """One candidate as JSON: what it does, and its credentials."""

    script: str
    account: str


def files_for_k6(
    candidates: Iterable[tuple[PlannedAccount, Script]], plan: Mapping[str, Any], lead_ms: int, runners: int
) -> K6Files:
    """The files of these candidates: `plan.json` with `plan` and its fingerprint, `candidates-R-N.json` with scripts,
    each beside the e-mail of its candidate, and `accounts-R-N.json` with credentials.

    R is the runner, from 0, and N the part of its slice. A runner has every `runners`-th candidate, as k6 deals out its
    virtual users. The fingerprint is the same for any number of runners. The exam begins `lead_ms` after k6 is ready.
    """
    written = [_Candidate(_script(account.email, script), credentials(account)) for account, script in candidates]
    about = {**plan, "candidates": len(written)}
    text = "\n".join((json.dumps(about, sort_keys=True), *(candidate.script for candidate in written)))
    slices = [list(_parts(written[runner::runners])) for runner in range(runners)]
    head = {
        "fingerprint": hashlib.sha256(text.encode()).hexdigest()[:16],
        "lead_ms": lead_ms,
        "runners": runners,
        "parts": list(map(len, slices)),
        **about,
    }
    parts = {f"{runner}-{number}": part for runner, mine in enumerate(slices) for number, part in enumerate(mine)}
    scripts = {f"candidates-{name}.json": _list(candidate.script for candidate in part) for name, part in parts.items()}
    accounts = {f"accounts-{name}.json": _list(candidate.account for candidate in part) for name, part in parts.items()}
    return K6Files({PLAN_FILE: json.dumps(head, indent=1), **scripts}, accounts)


def _parts(candidates: Sequence[_Candidate]) -> Iterator[Sequence[_Candidate]]:
    """The candidates in parts, each small enough for a file of scripts and one of credentials."""
    first = scripts = accounts = 0
    for number, candidate in enumerate(candidates):
        scripts, accounts = scripts + len(candidate.script) + 1, accounts + len(candidate.account) + 1
        if number > first and (scripts > _SCRIPTS_BYTES or accounts > _ACCOUNTS_BYTES):
            yield candidates[first:number]
            first, scripts, accounts = number, len(candidate.script) + 1, len(candidate.account) + 1
    yield candidates[first:]


def _list(items: Iterable[str]) -> str:
    return f"[{','.join(items)}]"


def _script(email: str, script: Script) -> str:
    """The script as `k6/candidate.js` reads it; times are whole milliseconds.

    `steps` is a flat list with three numbers for each step: the time since the last step; the question's number times
    eight, plus 1 if it is marked, plus 2 for a double click, plus 4 if an earlier answer is taken back; and the choice
    in thousandths. A flat list of numbers keeps
    plans of thousands of candidates small.
    """
    steps: list[int] = []
    before = _ms(script.opens_at)
    for answer in script.planned_answers():
        at = _ms(answer.at)
        flags = _MARKED * answer.marked + _TWICE * answer.double_click + _CLEARS * answer.clears
        steps += (at - before, 8 * answer.question + flags, int(1000 * answer.choice))
        before = at
    fields = {
        "email": email,
        "arrives_at": _ms(script.arrives_at),
        "opens_at": _ms(script.opens_at),
        "leaves_at": _ms(script.leaves_at),
        "resume_before": script.resume_before,
        "double_submit": script.double_submit,
        "steps": steps,
    }
    return json.dumps(fields, separators=(",", ":"))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
