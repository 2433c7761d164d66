"""The meaning of k6's exit codes (grafana/k6, errext/exitcodes)."""

_CAME_TO_ITS_END = frozenset({0, 99})
"""99 means that thresholds of the script were crossed. The load was still delivered, and gates judge it."""
_MEANINGS = {
    97: "a run in the cloud failed",
    98: "a run in the cloud made no progress",
    100: "setup() took too long",
    101: "teardown() took too long",
    102: "a time limit was reached",
    103: "k6 could not stop its REST interface",
    104: "k6 does not accept its configuration",
    105: "k6 was interrupted by a signal",
    106: "k6's REST interface could not listen",
    107: "the script threw an exception",
    108: "the script aborted the run",
    109: "k6 crashed",
    110: "the script marked the run as failed",
}


def problem_of(exit_status: int) -> str | None:
    """Why a run with this exit status measured nothing; None if it ran to its end. A negative status is the number of
    the signal that ended k6."""
    if exit_status in _CAME_TO_ITS_END:
        return None
    if exit_status < 0:
        return f"k6 was killed by signal {-exit_status}"
    return f"{_MEANINGS.get(exit_status, 'k6 failed')} (exit status {exit_status})"
