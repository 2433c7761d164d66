"""What outlives a run lies in a folder of the platform, whatever it is called and wherever the run was started."""

from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.errors import UsageProblem
from pytest_examday.safety.state_directory import state_directory_of, state_root


def _folder(**fields: object) -> Path:
    environment = Environment.model_validate({"name": "staging", **fields})
    return state_directory_of(environment, {"EXAMDAY_STATE_DIR": "/shared"})


def test_two_names_of_one_platform_share_a_folder() -> None:
    assert _folder(name="staging", api_url="https://api.example") == _folder(
        name="quick", api_url="https://API.example/v1"
    )


def test_two_platforms_of_one_name_do_not() -> None:
    assert _folder(api_url="https://one.example") != _folder(api_url="https://two.example")
    assert _folder(api_url="https://one.example") != _folder(api_url="https://one.example:8443")


def test_the_way_to_an_embedded_platform_makes_no_difference() -> None:
    runtime = {"kind": "embedded", "state": "/run/exam/platform.json"}
    assert _folder(runtime=runtime) == _folder(runtime=runtime, api_url="http://127.0.0.1:9000")


def test_this_machine_is_another_platform_on_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    here = _folder(api_url="http://localhost:8000")
    monkeypatch.setattr("socket.gethostname", lambda: "another-host")
    assert _folder(api_url="http://localhost:8000") != here
    assert _folder(api_url="http://api.example") == _folder(api_url="http://api.example")


def test_a_folder_can_be_told_by_its_name_and_holds_no_secret() -> None:
    folder = _folder(api_url="https://user:hunter2@api.example/v1")
    assert folder.parent == Path("/shared")
    assert folder.name.startswith("api.example-443-")
    assert "hunter2" not in folder.name


@pytest.mark.parametrize(
    ("variables", "root"),
    [
        ({"EXAMDAY_STATE_DIR": "/shared", "XDG_STATE_HOME": "/x"}, Path("/shared")),
        ({"XDG_STATE_HOME": "/x"}, Path("/x/pytest-examday")),
        ({}, Path.home() / ".local" / "state" / "pytest-examday"),
    ],
)
def test_it_lies_in_the_users_state_directory_unless_a_variable_says_otherwise(
    variables: dict[str, str], root: Path
) -> None:
    assert state_root(variables) == root


def test_a_user_without_a_home_is_told_which_variable_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", nowhere)
    with pytest.raises(UsageProblem, match=r"this user has no home folder, .*: set HOME, or EXAMDAY_STATE_DIR"):
        state_root({})
    assert state_root({"EXAMDAY_STATE_DIR": "/shared"}) == Path("/shared")
