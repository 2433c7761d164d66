"""The chain of the embedded webhook service passes every line."""

from pytest_examday.suites.staging.lines.migrations import LINES
from pytest_examday.suites.staging.migrations.embedded_preset import embedded_migrations
from pytest_examday.suites.staging.migrations.rehearse import rehearse

from .small_chain import judged


def test_the_chain_of_the_embedded_service_passes_every_line(server: str) -> None:
    result = judged(rehearse(embedded_migrations(), server))
    assert result.green == {line.key for line in LINES}, result.not_green
    assert result.seen.unfilled == {}
