"""What is asked of `tc`, on a network that is only written down."""

from typing import Any

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import CommandResult
from pytest_examday.runtimes.netem import Netem

QUIET = "qdisc noqueue 0: dev lo root refcnt 2 \n"
CONTAINER: Any = type("Container", (), {"name": "exam-redis-1"})()


class Tc:
    """Interfaces and their root disciplines, as `tc` changes and shows them."""

    def __init__(self, **interfaces: str) -> None:
        self.interfaces = interfaces
        self.delays: dict[str, list[str]] = {}

    def __call__(self, container: Any, command: list[str]) -> CommandResult:
        """Obey `qdisc show`, `replace` and `del`."""
        _, _, verb, *rest = command
        if verb == "show":
            return CommandResult(0, QUIET + "".join(map(self._line, self.interfaces)))
        interface = rest[1]
        if verb == "del" and self.interfaces[interface] != "netem":
            return CommandResult(2, "Error: Cannot delete qdisc with handle of zero.")
        self.interfaces[interface] = "netem" if verb == "replace" else "noqueue"
        self.delays[interface] = rest[rest.index("delay") + 1 :] if verb == "replace" else []
        return CommandResult(0, "")

    def _line(self, interface: str) -> str:
        return f"qdisc {self.interfaces[interface]} 8001: dev {interface} root refcnt 2 limit 1000\n"


def _netem(tc: Tc, probed: CommandResult = CommandResult(0, "")) -> Netem:  # noqa: B008 (frozen)
    return Netem(tc, lambda container: probed)


def test_a_delay_goes_on_every_interface_but_the_loopback_and_comes_off() -> None:
    tc = Tc(eth0="noqueue", eth1="fq_codel")
    netem = _netem(tc)
    assert not netem.delayed(CONTAINER)
    netem.delay(CONTAINER, 500, 100)
    assert tc.delays == {"eth0": ["500ms", "100ms"], "eth1": ["500ms", "100ms"]}
    assert netem.delayed(CONTAINER)
    netem.delay(CONTAINER, 200, 0)
    assert tc.delays == {"eth0": ["200ms"], "eth1": ["200ms"]}
    netem.undelay(CONTAINER)
    netem.undelay(CONTAINER)
    assert tc.interfaces == {"eth0": "noqueue", "eth1": "noqueue"}
    assert not netem.delayed(CONTAINER)


def test_a_delay_that_is_half_out_is_still_one() -> None:
    assert _netem(Tc(eth0="noqueue", eth1="netem")).delayed(CONTAINER)


def test_a_traffic_rule_of_the_users_own_is_not_replaced() -> None:
    tc = Tc(eth0="noqueue", eth1="htb")
    assert _netem(tc).why_not(CONTAINER) == "it has a traffic rule of its own (htb)"
    assert tc.interfaces == {"eth0": "noqueue", "eth1": "htb"}


def test_a_kernel_without_netem_is_told_before_anything_is_touched() -> None:
    tc = Tc(eth0="noqueue")
    netem = _netem(tc, CommandResult(2, "Error: Specified qdisc kind is unknown."))
    assert netem.why_not(CONTAINER) == "netem is refused: Error: Specified qdisc kind is unknown."
    assert tc.delays == {}


def test_nothing_stands_in_the_way_of_an_ordinary_network() -> None:
    assert _netem(Tc(eth0="noqueue")).why_not(CONTAINER) is None


def test_a_refusal_of_tc_is_one_line() -> None:
    def refuse(container: Any, command: list[str]) -> CommandResult:
        return CommandResult(2, "We have an error talking to the kernel\nRTNETLINK answers: Operation not permitted")

    with pytest.raises(Unmeasurable, match=r"^tc qdisc show for exam-redis-1: RTNETLINK .* not permitted$"):
        Netem(refuse, lambda container: CommandResult(0, "")).undelay(CONTAINER)
