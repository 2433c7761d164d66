"""Says whether the machine that runs rehearsal and embedded platform was busy with other work during a load or drill.

Waits that are too long then prove nothing: the platform had fewer processors than the machine has. What the platform
itself uses is no excuse for it.
"""

from pytest_examday.core.findings import Findings
from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.evidence.figures import MachineUse, Processors
from pytest_examday.suites.exam.evidence import LoadEvidence

_TAKEN_SHARE = 0.2
"""A span of time is disturbed if others used at least this share of all processors, and processors were short."""
_SHORT_PRESSURE, _SHORT_IDLE = 0.2, 0.2
"""Processors were short if some process waited for one during at least this share of the time; if the kernel does
not show that, at most this share of the processors was idle."""
_MENTIONED_SHARE = 0.005
"""The host of a virtual machine is mentioned if it took at least this share of the processors."""
_TIME_SHARE = 0.2
"""A load is disturbed if at least this share of its time was in disturbed spans. Briefer disturbances make fewer
windows slow than `slow_window_share` allows."""


def judge_slow(measured: LoadEvidence | DrillEvidence, slow: bool, text: str, findings: Findings) -> None:
    """Note that something took too long, if `slow` is true: as a failure, or as a doubt if others kept the machine
    busy."""
    if not slow:
        return
    busy = taken_by_others(measured)
    findings.fail_if(busy is None, text)
    findings.doubt_if(busy is not None, text)
    findings.doubt_if(busy is not None, str(busy))


def taken_by_others(measured: LoadEvidence | DrillEvidence) -> str | None:
    """How much of the machine others took during the load or drill, in words; None if it was not enough to disturb it,
    or if nobody knows."""
    used = measured.machine
    if used is None:
        return None
    seconds = sum(span.seconds for span in used.spans)
    disturbed = [span for span in used.spans if _is_taken(span)]
    if not disturbed or sum(span.seconds for span in disturbed) < _TIME_SHARE * seconds:
        return None
    during = "the load" if isinstance(measured, LoadEvidence) else measured.drill
    return f"{use_in_words(used, during)}: its waits say nothing of the platform"


def use_in_words(used: MachineUse, during: str) -> str:
    """Which shares of this machine's processors others, and rehearsal and platform, used on average; `during` names the
    activity."""
    words = f"other processes took {_mean(used, 'others'):.0%} of this machine's processors during {during}"
    if (stolen := _mean(used, "stolen")) >= _MENTIONED_SHARE:
        words += f" and the host of this virtual machine {stolen:.0%}"
    return f"{words}, rehearsal and platform {_mean(used, 'ours'):.0%}"


def _is_taken(span: Processors) -> bool:
    short = span.idle <= _SHORT_IDLE if span.pressure is None else span.pressure >= _SHORT_PRESSURE
    return short and span.taken >= _TAKEN_SHARE


def _mean(used: MachineUse, name: str) -> float:
    seconds = sum(span.seconds for span in used.spans)
    return sum(getattr(span, name) * span.seconds for span in used.spans) / seconds if seconds else 0.0
