"""The migrations of the embedded webhook service, as a configuration would describe them."""

from pathlib import Path

import pytest_examday
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings

FOLDER = Path(pytest_examday.__file__).parent / "webhook_service"

_LOCK_LIMIT_MS = 5000
"""A laptop or a build machine does other work at the same time, and its disk may be slow."""


def embedded_migrations() -> MigrationsSettings:
    """The chain of plain SQL files that comes with the service."""
    return MigrationsSettings.model_validate(
        {
            "folder": FOLDER,
            "files": "migrations/*.sql",
            "rollbacks": "rollbacks/{name}.sql",
            "setup": ["roles.sql"],
            "owner": "webhook_owner",
            "lock_limit_ms": _LOCK_LIMIT_MS,
            "tenants": {
                "role": "webhook_app",
                "setting": "app.company_id",
                "columns": {"public.companies": "id"},
            },
        }
    )
