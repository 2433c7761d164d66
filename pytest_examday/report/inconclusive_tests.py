"""The INCONCLUSIVE tests of a run at the end of the terminal output: each reason once, with the number of its tests."""

from collections import Counter
from collections.abc import Iterable

import pytest

from pytest_examday.report.figure_words import one_line

INCONCLUSIVE = "INCONCLUSIVE: "
"""Begins the message of a test that could not be judged."""
_MOST_REASONS = 12


def write_inconclusive_tests(terminal: pytest.TerminalReporter, messages: Iterable[str]) -> None:
    """Write the reasons among the messages of tests, the most frequent first; nothing if no test is INCONCLUSIVE."""
    reasons = Counter(message.removeprefix(INCONCLUSIVE) for message in messages if message.startswith(INCONCLUSIVE))
    if not reasons:
        return
    terminal.write_sep("=", "INCONCLUSIVE tests by reason", yellow=True)
    for reason, tests in reasons.most_common(_MOST_REASONS):
        terminal.write_line(f"{tests:>5}  {one_line(reason)}")
    if len(reasons) > _MOST_REASONS:
        terminal.write_line(f"       and {len(reasons) - _MOST_REASONS} more reasons, in report.md")
