"""Network delay with netem, a queueing discipline of the Linux kernel that is set with `tc`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes import netns
from pytest_examday.runtimes.base import CommandResult

if TYPE_CHECKING:
    from docker.models.containers import Container

Run = Callable[["Container", list[str]], CommandResult]
_ORDINARY = frozenset({"noqueue", "pfifo_fast", "fq_codel", "fq", "mq", "pfifo", "netem"})
"""Queueing disciplines that may be replaced: the kernel's defaults, and netem, which a rehearsal has set."""


class Netem:
    """Delays what leaves the interfaces of a container, except the loopback."""

    def __init__(self, run: Run, probe: Callable[["Container"], CommandResult]) -> None:
        self._run = run
        self._probe = probe

    def why_not(self, container: "Container") -> str | None:
        """The reason why netem cannot be used; found out without a change to the container's interfaces."""
        try:
            probed = self._probe(container)
            if probed.exit_status != 0:
                return f"netem is refused: {_last(probed.output)}"
            strange = [discipline for _, discipline in self._disciplines(container) if discipline not in _ORDINARY]
        except Unmeasurable as reason:
            return str(reason)
        return f"it has a traffic rule of its own ({strange[0]})" if strange else None

    def delayed(self, container: "Container") -> bool:
        """Whether any interface has netem."""
        return any(discipline == "netem" for _, discipline in self._disciplines(container))

    def delay(self, container: "Container", milliseconds: int, jitter_milliseconds: int) -> None:
        """Set netem on every interface, in place of the discipline that is there."""
        amount = [f"{milliseconds}ms", *([f"{jitter_milliseconds}ms"] if jitter_milliseconds else [])]
        for interface, _ in self._disciplines(container):
            self._tc(container, "qdisc", "replace", "dev", interface, "root", "netem", "delay", *amount)

    def undelay(self, container: "Container") -> None:
        """Remove netem from every interface that has it."""
        for interface, discipline in self._disciplines(container):
            if discipline == "netem":
                self._tc(container, "qdisc", "del", "dev", interface, "root")

    def _disciplines(self, container: "Container") -> list[tuple[str, str]]:
        return list(disciplines(self._tc(container, "qdisc", "show")))

    def _tc(self, container: "Container", *arguments: str) -> str:
        ran = self._run(container, ["tc", *arguments])
        if ran.exit_status != 0:
            raise Unmeasurable(f"tc {' '.join(arguments)} for {container.name}: {_last(ran.output)}")
        return ran.output


def disciplines(listing: str) -> Iterator[tuple[str, str]]:
    """Pairs of interface and root discipline from the output of `tc qdisc show`; the loopback is left out."""
    for line in listing.splitlines():
        words = line.split()
        if words[:1] == ["qdisc"] and "root" in words and "dev" in words:
            interface = words[words.index("dev") + 1]
            if interface != "lo":
                yield interface, words[1]


def _last(output: str) -> str:
    return (output.splitlines() or ["it said nothing"])[-1]


def _probe_from_here(container: "Container") -> CommandResult:
    """Try netem in a new, empty network namespace, which ends with the command."""
    netns.entrance(container)
    return netns.run_here(["unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"])


def _probe_inside(container: "Container") -> CommandResult:
    """Try netem inside the container: set a delay of 0 ms on its loopback and remove it."""
    tried = netns.run_inside(container, ["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "0ms"])
    if tried.exit_status == 0:
        return netns.run_inside(container, ["tc", "qdisc", "del", "dev", "lo", "root"])
    return tried


FROM_HERE = Netem(netns.run_from_here, _probe_from_here)
"""netem by the `tc` of this machine; the container needs no `tc`."""
INSIDE = Netem(netns.run_inside, _probe_inside)
"""netem by the container's own `tc`, for an engine on another machine."""
