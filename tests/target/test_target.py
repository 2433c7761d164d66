"""The target and its parts: which environment decides what, and when something is opened."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from pytest_examday.config.accounts import CountedAccounts
from pytest_examday.config.engine import Engine
from pytest_examday.config.environment import Environment
from pytest_examday.contract.description import PlatformDescription
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.errors import Unmeasurable
from pytest_examday.faults.watchdog_orders import in_the_clear
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.target.target import Target

CANDIDATES = CountedAccounts(email="c{n}@exam.example", password=SecretStr("secret-of-all"), count=5)


def make(folder: Path, engine: Engine | None = None, **settings: object) -> Target:
    """A target of an environment with these settings."""
    environment = Environment.model_validate({"name": "staging", **settings})
    return Target(environment, RunFiles(folder, Redactor()), 1, engine or Engine())


def emails(*indexes: int) -> list[str]:
    """The addresses of the candidates with these indexes."""
    return [CANDIDATES.account(index).email for index in indexes]


def test_a_target_without_addresses_names_the_missing_one_when_used(tmp_path: Path) -> None:
    target = make(tmp_path)
    with pytest.raises(Unmeasurable, match=r"env\.staging\.api_url is not set"):
        _ = target.api
    with pytest.raises(Unmeasurable, match=r"env\.staging\.database_url is not set"), target.connections.database():
        pass
    with pytest.raises(Unmeasurable, match=r"env\.staging\.redis_url is not set"), target.connections.cache():
        pass
    with pytest.raises(Unmeasurable, match=r"env\.staging\.candidates is not set"):
        target.accounts.take(1)
    with pytest.raises(Unmeasurable, match=r"there is no administrator: set env\.staging\.admin"):
        target.accounts.auth_token()
    assert list(tmp_path.iterdir()) == []


def test_the_api_speaks_the_contract_of_the_environment(tmp_path: Path) -> None:
    own = CONTRACT.model_copy(update={"request_id_header": "X-Own"})
    target = make(tmp_path, api_url="http://exam.example", platform=PlatformDescription(contract=own))
    assert target.api.contract == own


def test_a_process_that_gets_the_environment_has_the_same_platform_description() -> None:
    own = CONTRACT.model_copy(update={"request_id_header": "X-Own"})
    environment = Environment(name="staging", platform=PlatformDescription(contract=own))
    assert Environment.model_validate(in_the_clear(environment)) == environment


def test_accounts_are_taken_once_by_all_targets_of_a_run(tmp_path: Path) -> None:
    first = make(tmp_path, candidates=CANDIDATES).accounts.take(2)
    second = make(tmp_path, candidates=CANDIDATES).accounts.take(3)
    assert [account.email for account in (*first, *second)] == emails(0, 1, 2, 3, 4)
    with pytest.raises(Unmeasurable, match="1 more candidates are needed and 0 of 5 are left"):
        make(tmp_path, candidates=CANDIDATES).accounts.take(1)


def test_the_last_accounts_are_left_to_a_load_that_runs_elsewhere(tmp_path: Path) -> None:
    elsewhere = Engine(results=tmp_path)
    profile = {"load": {"candidates": 2}}
    accounts = make(tmp_path, elsewhere, candidates=CANDIDATES, profile=profile).accounts
    assert [account.email for account in accounts.last(2)] == emails(3, 4)
    accounts.take(3)
    with pytest.raises(Unmeasurable, match="1 more candidates are needed and 0 of 5 are left"):
        accounts.take(1)


def test_a_target_of_its_own_keeps_to_what_the_environment_allows(tmp_path: Path) -> None:
    """Whoever has the target by the fixture `rehearsal` has what the other fixtures give, and no more."""
    runtime = {"kind": "command", "services": {"backend": {"status": "true", "start": "true", "stop": "true"}}}
    target = make(tmp_path, runtime=runtime, redis_url="redis://127.0.0.1:1/0")
    assert target.runtime.running("backend")
    for act in (target.runtime.stop, target.runtime.start, target.runtime.run_job):
        with pytest.raises(Unmeasurable, match=r"environment 'staging' allows read; runtime\.\w+ needs"):
            act("backend")
    with target.connections.cache() as cache, pytest.raises(Unmeasurable, match=r"allows read; .*refused: a pipeline"):
        cache.pipeline()


def test_secrets_of_the_environment_are_kept_out_of_the_run_from_the_start(tmp_path: Path) -> None:
    assert "secret-of-all" not in make(tmp_path, candidates=CANDIDATES).files.redactor.clean("it was secret-of-all")
