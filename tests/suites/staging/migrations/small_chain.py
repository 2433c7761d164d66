"""A small chain of migrations that is correct in every respect, and what the lines say of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_examday.config.thresholds import Thresholds
from pytest_examday.core.line import LineResult
from pytest_examday.core.measured import Measured
from pytest_examday.evidence.envelope import Evidence
from pytest_examday.record import Record
from pytest_examday.suites.staging.lines.migrations import ACTIVITY, LINES
from pytest_examday.suites.staging.migrations.evidence import MigrationsEvidence
from pytest_examday.suites.staging.migrations.rehearse import rehearse
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_app') THEN CREATE ROLE shop_app; END IF;
END $$;
"""
TENANTS = {"role": "shop_app", "setting": "app.company_id", "columns": {"public.companies": "id"}}
FORWARD = {
    "001_init.sql": """
        CREATE TABLE IF NOT EXISTS companies (id uuid PRIMARY KEY, name text NOT NULL);
        CREATE TABLE IF NOT EXISTS events (
            id uuid PRIMARY KEY,
            company_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('paid', 'failed')),
            amount integer,
            received_at timestamptz NOT NULL DEFAULT now()
        );
        GRANT SELECT, INSERT, UPDATE, DELETE ON companies, events TO shop_app;
        """,
    "002_policies.sql": """
        ALTER TABLE companies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        ALTER TABLE events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS own ON companies;
        CREATE POLICY own ON companies USING (id = nullif(current_setting('app.company_id', true), '')::uuid);
        DROP POLICY IF EXISTS own ON events;
        CREATE POLICY own ON events USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
        """,
    "003_backfill_happened_at.sql": """
        ALTER TABLE events ADD COLUMN IF NOT EXISTS happened_at timestamptz;
        UPDATE events SET happened_at = received_at WHERE happened_at IS NULL;
        """,
    "004_keys.sql": """
        ALTER TABLE events DROP CONSTRAINT IF EXISTS events_company;
        ALTER TABLE events ADD CONSTRAINT events_company FOREIGN KEY (company_id) REFERENCES companies (id);
        """,
    "005_indexes.sql": """
        CREATE INDEX CONCURRENTLY IF NOT EXISTS events_by_company ON events (company_id, received_at);
        CREATE INDEX CONCURRENTLY IF NOT EXISTS events_by_kind ON events (kind);
        """,
}
BACK = {
    "001_init.sql": "DROP TABLE IF EXISTS public.events, public.companies;",
    "002_policies.sql": """
        DROP POLICY IF EXISTS own ON public.events;
        DROP POLICY IF EXISTS own ON public.companies;
        ALTER TABLE public.events NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
        ALTER TABLE public.companies NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
        """,
    "003_backfill_happened_at.sql": "ALTER TABLE public.events DROP COLUMN IF EXISTS happened_at;",
    "004_keys.sql": "ALTER TABLE public.events DROP CONSTRAINT IF EXISTS events_company;",
    "005_indexes.sql": """
        DROP INDEX CONCURRENTLY IF EXISTS public.events_by_kind;
        DROP INDEX CONCURRENTLY IF EXISTS public.events_by_company;
        """,
}


@dataclass
class Judged:
    """What was seen, and what the lines say of it."""

    seen: MigrationsEvidence
    results: dict[str, LineResult]

    @property
    def red(self) -> set[str]:
        """The lines that failed."""
        return {key for key, result in self.results.items() if result.outcome == "fail"}

    @property
    def green(self) -> set[str]:
        """The lines that passed."""
        return {key for key, result in self.results.items() if result.outcome == "pass"}

    @property
    def not_green(self) -> dict[str, str]:
        """The lines that did not pass, and why."""
        return {key: self.reason(key) for key in self.results if key not in self.green}

    def reason(self, key: str) -> str:
        """Why the line did not pass."""
        result = self.results[key]
        return "; ".join((*result.failures, *result.doubts))


@dataclass
class SmallChain:
    """Files of a chain in a folder, and how it is configured."""

    folder: Path
    server: str
    forward: dict[str, str] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)
    roles: str = ROLES
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def correct(cls, folder: Path, server: str) -> "SmallChain":
        """A chain without defect."""
        settings = {"files": "migrations/*.sql", "rollbacks": "rollbacks/{name}.sql", "tenants": TENANTS}
        return cls(folder, server, dict(FORWARD), dict(BACK), settings={**settings, "rows_per_table": 4})

    def add(self, name: str, forward: str, back: str) -> None:
        """Add a migration with its rollback at the end."""
        self.forward[name], self.back[name] = forward, back

    def write(self) -> MigrationsSettings:
        """Write all files, and return the settings."""
        for folder, files in (("migrations", self.forward), ("rollbacks", self.back)):
            (self.folder / folder).mkdir()
            for name, text in files.items():
                (self.folder / folder / name).write_text(text, encoding="utf-8")
        (self.folder / "roles.sql").write_text(self.roles, encoding="utf-8")
        own = {"folder": self.folder, **({"setup": ("roles.sql",)} if self.roles else {})}
        return MigrationsSettings.model_validate({**own, **self.settings})

    def rehearsed(self) -> Judged:
        """Write and rehearse the chain, and judge what was seen."""
        return judged(rehearse(self.write(), self.server))


def judged(seen: MigrationsEvidence) -> Judged:
    """What the lines say of the evidence."""
    now = datetime.now(UTC)
    evidence = Evidence[Record](activity=ACTIVITY, started=now, ended=now, record=seen, unmeasured=None)
    measured = Measured(lambda _: evidence, Thresholds())
    return Judged(seen, {line.key: line.result(measured) for line in LINES})
