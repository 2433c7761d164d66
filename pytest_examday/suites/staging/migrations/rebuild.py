"""Builds the scratch database: new, or up to a migration again after something has spoilt it."""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.migrations.chain import Chain, Migration
from pytest_examday.suites.staging.migrations.run_step import StepRunner
from pytest_examday.suites.staging.migrations.scratch import first_line
from pytest_examday.suites.staging.migrations.settings import MigrationsSettings


@dataclass(frozen=True)
class Rebuilder:
    """Builds the scratch database."""

    runner: StepRunner
    chain: Chain
    settings: MigrationsSettings

    def renew(self) -> None:
        """Make the scratch database anew, with the set-up and without any migration.

        Raises Unmeasurable if the set-up fails.
        """
        server = self.runner.server
        server.drop()
        server.create()
        for script in self.chain.setup:
            run = self.runner.scripts(script.name, (script,), as_owner=False).step
            if not run.applied:
                raise Unmeasurable(f"the set-up before the chain failed: {run.error}")
        try:
            server.prepare(self.settings.extensions, self.settings.owner)
        except psycopg.Error as problem:
            raise Unmeasurable(f"the set-up before the chain failed: {first_line(problem)}") from None

    def up_to(self, last: Migration, after_each: Callable[[Migration], object] = lambda migration: None) -> None:
        """Make the scratch database anew, with all migrations up to this one. `after_each` is called after each.

        Raises Unmeasurable if a migration fails that was applied before.
        """
        self.renew()
        for migration in self.chain.migrations:
            run = self.runner.forward(migration).step
            if not run.applied:
                raise Unmeasurable(f"{run.name} was applied once, and fails in a second database: {run.error}")
            after_each(migration)
            if migration is last:
                return
