"""The chart of a drill, and the requests second by second that it is drawn from."""

from pathlib import Path

from pytest_examday.report.drill_timeline import slices
from tests.report import samples


def test_a_picture_of_requests_needs_the_samples_of_the_run(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run")
    record = samples.drill("drill_backend_restart")
    parts = slices(run, record)
    assert sum(part.failed for part in parts) == 60
    assert sum(part.succeeded for part in parts) == 160
    (run / record.samples[0]).write_text("{broken\n")
    assert slices(run, record) == ()


def test_a_long_drill_is_cut_into_few_pieces(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run")
    short = samples.drill("drill_backend_restart")
    long = short.model_copy(update={"after": short.after.model_copy(update={"ended": short.before.started + 3600})})
    assert all(part.ended - part.started <= 45 for part in slices(run, long))
    assert len(slices(run, long)) == 1
