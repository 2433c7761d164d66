"""Candidates of every way to enter sit an exam that lasts longer than three of their tokens, and none of their requests
is refused."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.profiles import Habits
from pytest_examday.evidence.figures import ActorFate
from pytest_examday.load.actor_process import LoadContext
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.samples import Sample, SampleWriter, read_samples
from pytest_examday.monotonic_clock import now
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites.exam.load.candidates_process import candidates
from pytest_examday.suites.exam.load.exam_loads import exam_plans
from pytest_examday.target.target import Target
from tests.load.server import serving
from tests.load.token_server import LIFE, SECRET, TokenServer

_PEOPLE = 3
_CALM = Habits(
    think_seconds=(0.2, 0.3), blank_share=0, change_share=0, double_click_share=0, resume_share=0, timeout_seconds=5
)
_BY_PASSWORD = 'candidates = { email = "c{n}@exam.example", password = "a-password-of-all", count = 3 }'


@dataclass
class Sat:
    """What the exam left behind."""

    fates: list[ActorFate]
    samples: list[Sample]
    server: TokenServer

    def sent(self, operation: str) -> int:
        """How many requests of this operation were sent."""
        return sum(sample.operation == operation for sample in self.samples)


def _sit(folder: Path, server: TokenServer, environment: str, lives: float = LIFE) -> Sat:
    """Three candidates of this environment sit an exam of three and a half token lives."""
    (folder / "ledger").mkdir()
    (folder / "logs").mkdir()
    with serving(server) as url:
        written = f'[env.x]\napi_url = "{url}"\nallow = ["read", "write"]\n{environment}\n'
        (folder / "examday.toml").write_text(written)
        loaded = load_environment("x", None, None, (folder,), {"JWT_SECRET": SECRET})
        target = Target(loaded, RunFiles(folder, Redactor()), 1)
        profile = loaded.profile.load.model_copy(
            update={
                "candidates": _PEOPLE,
                "arrive_seconds": 0.3,
                "answer_seconds": 3.5 * lives,
                "submit_seconds": 0.5,
                "questions": 5,
                "habits": _CALM,
                "processes": 1,
            }
        )
        (plan,) = exam_plans(target, "load", profile)
        ledger, samples = LedgerWriter(Path(plan.ledger)), SampleWriter(Path(plan.samples))

        async def live() -> list[ActorFate]:
            context = LoadContext(ledger, samples, asyncio.Event(), ssl.create_default_context())
            begun = now()
            return await asyncio.gather(*(one.take_part(begun) for one in candidates(plan, context)))

        fates = asyncio.run(live())
        ledger.close()
        samples.close()
        return Sat(fates, list(read_samples(Path(plan.samples))), server)


def _all_went_on(sat: Sat) -> None:
    assert [fate.finished for fate in sat.fates] == [True] * _PEOPLE
    assert sat.server.refused == []
    assert {sample.outcome for sample in sat.samples} == {"ok"}


def test_a_refresh_token_that_works_once_carries_a_candidate_through(tmp_path: Path) -> None:
    sat = _sit(tmp_path, TokenServer(), f'{_BY_PASSWORD}\ncontract = "reference"')
    _all_went_on(sat)
    assert sat.sent("login") == _PEOPLE
    assert sat.sent("refresh") >= 3 * _PEOPLE


def test_a_session_cookie_that_ends_is_replaced_by_another_log_in(tmp_path: Path) -> None:
    contract = """
[env.x.contract]
preset = "reference"
absent = ["refresh", "logout"]
token_header = "Cookie: sid={token}"
login.finds = {access_token = "cookie:sid", lifetime = "`1.5`"}
"""
    sat = _sit(tmp_path, TokenServer(by_cookie=True), _BY_PASSWORD + contract)
    _all_went_on(sat)
    assert sat.sent("login") >= 4 * _PEOPLE


def test_minted_tokens_are_minted_anew_before_they_end(tmp_path: Path) -> None:
    minted = """
[env.x.candidates]
email = "c{n}@exam.example"
id = "u{n}"
count = 3
mint = { secret = "${JWT_SECRET}", claims = { sub = "{id}" }, lifetime = 2 }

[env.x.contract]
preset = "reference"
absent = ["login", "refresh", "logout"]
"""
    sat = _sit(tmp_path, TokenServer(signed=True), minted, lives=2)
    _all_went_on(sat)
    assert (sat.sent("login"), sat.sent("refresh")) == (0, 0)
    assert len(sat.server.used) >= 4 * _PEOPLE


def test_people_sign_up_log_in_and_go_on(tmp_path: Path) -> None:
    contract = """
[env.x.contract]
preset = "reference"

[env.x.contract.sign_up]
call = "POST /v1/auth/register"
body = { email = "{email}", password = "{password}" }
success = [201]
"""
    sat = _sit(tmp_path, TokenServer(people={}), _BY_PASSWORD + contract)
    _all_went_on(sat)
    assert len(sat.server.people or {}) == _PEOPLE
    assert sat.sent("refresh") >= 3 * _PEOPLE


def test_prepared_tokens_with_a_configured_life_are_refreshed(tmp_path: Path) -> None:
    server = TokenServer(tells_life=False)
    people = [f"c{n}@x,{access},{refresh}" for n, (access, refresh) in enumerate(server.give() for _ in range(_PEOPLE))]
    (tmp_path / "people.csv").write_text("\n".join(("email,access_token,refresh_token", *people)))
    sat = _sit(tmp_path, server, 'candidates = { file = "people.csv", lifetime = 1.5 }\ncontract = "reference"')
    _all_went_on(sat)
    assert sat.sent("login") == 0
    assert sat.sent("refresh") >= 3 * _PEOPLE


def test_a_command_makes_the_tokens_that_are_refreshed(tmp_path: Path) -> None:
    server = TokenServer(tells_life=False)
    tokens = [server.give() for _ in range(_PEOPLE)]
    lines = "\\\\n".join(f"c{n}@x,{access},{refresh}" for n, (access, refresh) in enumerate(tokens))
    command = f"printf 'email,access_token,refresh_token\\\\n{lines}\\\\n'"
    sat = _sit(tmp_path, server, f'candidates = {{ command = "{command}", lifetime = 1.5 }}\ncontract = "reference"')
    _all_went_on(sat)
    assert (sat.sent("login"), sat.sent("refresh") >= 3 * _PEOPLE) == (0, True)


def test_tokens_that_nothing_can_renew_end_the_exam(tmp_path: Path) -> None:
    """Without it the other tests would show nothing."""
    (tmp_path / "people.csv").write_text("email,access_token\n" + "".join(f"c{n}@x,t{n}\n" for n in range(_PEOPLE)))
    server = TokenServer()
    server.ends = {f"t{n}": now() + LIFE for n in range(_PEOPLE)}
    sat = _sit(tmp_path, server, 'candidates = { file = "people.csv" }\ncontract = "reference"')
    assert not any(fate.finished for fate in sat.fates)
    assert server.refused != []
