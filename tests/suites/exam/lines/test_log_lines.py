"""What phase 6 says of clocks and of late lines."""

import pytest

from tests.builders import line, observability


@pytest.mark.parametrize(("seconds", "outcome"), [(-55.0, "fail"), (-10.2, "fail"), (-9.0, "pass")])
def test_the_clocks_of_two_logs_differ_by_ten_seconds_at_most(seconds: float, outcome: str) -> None:
    judged = line(
        "log-lines-say-what-clients-saw",
        observability=observability(clock_offsets={"worker-1.log": 0.1, "worker-2.log": seconds}),
    )
    assert judged.outcome == outcome
    if outcome == "fail":
        assert judged.reason == f"the times of these logs are wrong: worker-2.log {-seconds:g} s behind, limit 10 s"


def test_how_late_the_last_lines_of_a_log_were_written_is_told() -> None:
    judged = line("request-id-traceability", observability=observability(log_complete_after=18.3))
    assert judged.outcome == "pass"
    assert "the log was complete 18 s after the last request" in judged.facts
