"""What a run may do: what the environment allows and, on production, what the command line repeats."""

from typing import Any

import pytest

from pytest_examday.config.environment import Environment, Permission
from pytest_examday.errors import UsageProblem
from pytest_examday.safety.permission import is_confirmed, refusal

ALL: tuple[Permission, ...] = ("read", "write", "disrupt")


def _refusal(permission: Permission, *, confirmed: bool = False, **fields: Any) -> str | None:
    values: dict[str, object] = {"name": "staging", "allow": ALL, **fields}
    return refusal(Environment.model_validate(values), permission, "the drill", confirmed=confirmed)


@pytest.mark.parametrize("permission", ALL)
def test_what_is_allowed_is_let_through(permission: Permission) -> None:
    assert _refusal(permission) is None


@pytest.mark.parametrize("permission", ["write", "disrupt"])
def test_without_a_word_an_environment_may_only_be_read(permission: Permission) -> None:
    assert refusal(Environment(name="staging"), "read", "a look", confirmed=True) is None
    said = refusal(Environment(name="staging"), permission, "the drill", confirmed=True)
    assert said == f"environment 'staging' allows read; the drill needs {permission!r} in env.staging.allow"


@pytest.mark.parametrize("permission", ["write", "disrupt"])
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "prod"}, "its name says so"),
        ({"name": "production"}, "its name says so"),
        ({"name": "eu-PROD-2"}, "its name says so"),
        ({"name": "exam.live"}, "its name says so"),
        ({"name": "prod1"}, "its name says so"),
        ({"name": "PRD2"}, "its name says so"),
        ({"name": "production2"}, "its name says so"),
        ({"name": "prod-eu"}, "its name says so"),
        ({"name": "prodEU"}, "its name says so"),
        ({"name": "euProd2a"}, "its name says so"),
        ({"name": "north", "production": True}, "env.north.production says so"),
    ],
)
def test_production_is_neither_written_to_nor_disrupted_without_its_name(
    permission: Permission, fields: dict[str, Any], why: str
) -> None:
    name = fields["name"]
    assert _refusal(permission, **fields) == (
        f"environment {name!r} is production ({why}); the drill needs --examday-confirm {name} on the command line"
    )
    assert _refusal(permission, confirmed=True, **fields) is None


def test_production_may_be_read_without_its_name() -> None:
    assert _refusal("read", name="prod") is None


def test_the_name_alone_does_not_replace_the_permission() -> None:
    said = _refusal("disrupt", name="prod", allow=("read",), confirmed=True)
    assert said == "environment 'prod' allows read; the drill needs 'disrupt' in env.prod.allow"


@pytest.mark.parametrize("name", ["preprod", "nonprod", "products", "delivery", "staging"])
def test_a_name_that_only_holds_the_word_is_not_production(name: str) -> None:
    assert _refusal("disrupt", name=name) is None


def test_an_environment_may_say_that_it_is_no_production_whatever_its_name() -> None:
    assert _refusal("disrupt", name="prod-copy") is not None
    assert _refusal("disrupt", name="prod-copy", production=False) is None


def test_the_confirmation_repeats_the_name() -> None:
    prod = Environment(name="prod")
    assert is_confirmed(prod, "prod")
    assert not is_confirmed(prod, None)
    with pytest.raises(UsageProblem) as problem:
        is_confirmed(prod, "staging")
    assert str(problem.value) == "--examday-confirm staging: does not repeat the name of the environment, 'prod'"
