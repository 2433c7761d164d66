"""The embedded platform of an environment: the first process of a run that needs it starts it; others attach to it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_examday.config.environment import Environment
from pytest_examday.config.hosts import database_hosts, hosts_of, is_loopback, named_hosts, redis_hosts
from pytest_examday.config.runtimes import EmbeddedSettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.run.files import RunFiles
from pytest_examday.runtimes.embedded_state import PlatformState, read_state
from pytest_examday.runtimes.start_embedded import EmbeddedOptions, start_embedded


@dataclass(frozen=True)
class EmbeddedPlatform:
    """The embedded platform of a run; its members are None for an environment with another platform.

    A platform that is started here ends when the process `watch_pid` ends. None is started if `judges_again`: it
    would not be the platform of the earlier run.
    """

    environment: Environment
    files: RunFiles
    watch_pid: int
    judges_again: bool = False

    @cached_property
    def state(self) -> PlatformState | None:
        """The addresses and accounts of the platform; starts it if it does not run yet.

        Raises Unmeasurable if it does not start, its state file cannot be read, or that file names a host that the
        environment does not name.
        """
        path = self.state_path
        if path is None:
            return None
        try:
            state = read_state(path)
        except Unmeasurable as reason:
            raise Unmeasurable(f"{reason}{self.next_step}") from None
        self.files.redactor.learn(state.database_url, state.redis_url, state.admin.password, state.candidates.password)
        self._refuse_unnamed(path, state)
        return state

    @cached_property
    def state_path(self) -> Path | None:
        """The platform's state file, `platform.json`; starts the platform if it does not run yet."""
        runtime = self.environment.runtime
        if not isinstance(runtime, EmbeddedSettings):
            return None
        return self._start(runtime.workers) if runtime.state is None else runtime.state

    @property
    def next_step(self) -> str:
        """The end of a message that the platform does not reply: what a person can do if it was started elsewhere.
        Empty if the run starts its own."""
        runtime = self.environment.runtime
        if not isinstance(runtime, EmbeddedSettings) or runtime.state is None:
            return ""
        start = f"python -m pytest_examday.platform --dir {runtime.state.parent}"
        return f"; start one in another terminal with `{start}`, which stays up until interrupted"

    @property
    def attached(self) -> Environment:
        """The environment for another process, which attaches to the platform that was started here."""
        if self.state_path is None:
            return self.environment
        runtime = EmbeddedSettings(kind="embedded", state=self.state_path)
        return self.environment.model_copy(update={"runtime": runtime})

    def _start(self, workers: int) -> Path:
        if self.judges_again:
            raise Unmeasurable(
                "an earlier run is judged, and its embedded platform has ended: there is nothing to read"
            )
        self.files.progress.say("starting the embedded platform: PostgreSQL, Redis, workers")
        needs = self.environment.profile.embedded
        needed = EmbeddedOptions(workers, needs.accounts, links=needs.links, proxy=needs.proxy)
        return start_embedded(self.files.directory, needed, self.watch_pid, self.files.logs / "platform.log").state

    def _refuse_unnamed(self, path: Path, state: PlatformState) -> None:
        """Refuse a state file that names a host other than this machine and those that the environment names."""
        named = named_hosts(self.environment)
        leads = hosts_of(state.api_url) | redis_hosts(state.redis_url) | database_hosts(state.database_url)
        for host in sorted(leads - named):
            if not is_loopback(host):
                raise Unmeasurable(
                    f"{path} leads to the host {host}, which the environment does not name; "
                    f"if that is meant, add it to env.{self.environment.name}.hosts"
                )
