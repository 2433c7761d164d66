"""Python imports this module when it starts. It changes the load process: candidates send no requests."""

import sys

from pytest_examday.evidence.figures import ActorFate


def _make_idle() -> None:
    from pytest_examday.suites.exam.load.candidate import Candidate

    async def take_part(self: Candidate, begun: float) -> ActorFate:
        return ActorFate(
            actor=self.name,
            subject=None,
            finished=False,
            worst_wait_ms=0,
            worst_wait_operation=None,
            story="sent nothing",
        )

    Candidate.take_part = take_part  # type: ignore[method-assign] # the defect


if "pytest_examday.suites.exam.load.candidates_process" in sys.orig_argv:
    _make_idle()
