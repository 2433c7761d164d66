"""A delay is refused, before anything is touched, if it would hit another network than the container's own."""

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_examday.runtimes import netdelay


def _container(mode: str) -> Any:
    """A container whose engine must not be asked for anything."""

    def reload() -> None:
        pytest.fail("the engine was asked")

    return SimpleNamespace(name="exam-backend-1", attrs={"HostConfig": {"NetworkMode": mode}}, reload=reload)


@pytest.mark.parametrize(
    ("mode", "whose"),
    [
        ("host", "that of the engine's own machine (network_mode: host)"),
        ("container:0123456789abcdef0123", "that of the container 0123456789ab (network_mode: container:…)"),
    ],
)
def test_a_delay_into_a_network_that_others_use_is_refused_in_one_line(mode: str, whose: str) -> None:
    refusal = f"the network of exam-backend-1 must not be delayed: it is {whose}"
    assert netdelay.why_not(_container(mode)) == refusal
