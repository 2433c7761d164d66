"""The chain of the embedded webhook service passes every line."""

from importlib import resources
from pathlib import Path

from pytest_examday.suites.staging.lines.migrations import LINES
from pytest_examday.suites.staging.migrations.rehearse import rehearse
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings

from .small_chain import judged


def test_the_chain_of_the_embedded_service_passes_every_line(server: str) -> None:
    settings = MigrationsSettings.model_validate(
        {
            "folder": Path(str(resources.files("pytest_examday.webhook_service"))),
            "files": "migrations/*.sql",
            "rollbacks": "rollbacks/{name}.sql",
            "setup": ["roles.sql"],
            "owner": "webhook_owner",
            "tenants": {
                "role": "webhook_app",
                "setting": "app.company_id",
                "columns": {"public.companies": "id"},
            },
        }
    )
    result = judged(rehearse(settings, server))
    assert result.green == {line.key for line in LINES}, {key: result.reason(key) for key in result.results}
    assert result.seen.unfilled == {}
