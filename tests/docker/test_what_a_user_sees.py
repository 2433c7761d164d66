"""Bad input through whole runs on containers: one clear line at the terminal and in the report, and nothing left."""

import os
import re
from pathlib import Path

import psutil
import pytest
from docker.models.containers import Container

from pytest_examday.config.environment_file import load_environment
from pytest_examday.faults.journal import JOURNAL_FILE, Journal
from pytest_examday.safety.state_directory import VARIABLE, state_directory_of
from tests.docker import engine
from tests.docker.stack import Stack
from tests.rehearsal.conftest import SMALL, Started, nothing_left
from tests.waiting import wait_until

_SULKY = (
    "test -e /data/once && ! test -e /data/mended && { echo the disk is broken; exit 3; }; "
    "touch /data/once; exec sleep 300"
)
"""Starts once, and then not again before somebody mends it."""
_AHEAD = (
    'mkdir /data/bin; printf \'#!/bin/sh\\nexec /usr/bin/date -d "+2 minutes" "$@"\\n\' > /data/bin/date; '
    "chmod +x /data/bin/date; exec sleep 300"
)
"""Its clock is two minutes ahead."""


class Runs:
    """One run for each case, all at the same time, each with a state folder of its own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.folder = folder
        self.stack = stack
        self.sulky = self._container("sulky", _SULKY)
        self.ahead = self._container("ahead", _AHEAD, environment={"PATH": "/data/bin:/usr/bin"})
        plain, project = stack.configuration(), f'project = "{stack.project}"'
        unknown = f'cache = "valkey"\ncontainers = {{ backend = "{self.ahead.name}" }}\n'
        never = f'containers = {{ proxy = "{self.sulky.name}" }}\ntimeout_seconds = 5\n'
        self.runs = {
            "socket": self._start("socket", plain + f'socket = "{folder}/none.sock"\n' + SMALL),
            "project": self._start("project", plain.replace(project, 'project = "sommer"') + SMALL),
            "service": self._start("service", plain + unknown + SMALL, "-k", "redis"),
            "journal": self._start("journal", plain + SMALL, "-k", "redis", journal=b'{"event": "inte\n'),
            "never": self._start(
                "never", plain + never + SMALL + 'drills = ["proxy_restart"]\n', "-k", "proxy_restart_recovery_time"
            ),
        }

    def wait(self) -> None:
        """Until all are over; each fails, because what could not be measured is no pass."""
        assert {name: run.wait() for name, run in self.runs.items()} == dict.fromkeys(self.runs, 1)

    def mend(self) -> None:
        """What a person would do about the service that did not come back."""
        engine.put(self.sulky, {"data/mended": ""})

    def said(self, name: str) -> tuple[str, str]:
        """What the terminal and the report say."""
        run = self.runs[name]
        return run.output.read_text(), (run.directory / "report.md").read_text()

    def state(self, name: str) -> list[str]:
        """What outlives the run: locks of rehearsals and journals of faults; hidden files protected operation their
        making."""
        return sorted(path.name for path in (self.folder / name / "state").glob("*/[!.]*"))

    def end(self) -> None:
        """Leave nothing, however it went."""
        for run in self.runs.values():
            run.kill()
        for process in psutil.process_iter(["cmdline"]):
            if "pytest_examday.faults.watchdog" in (process.info["cmdline"] or []) and self._is_ours(process):
                process.kill()
        for container in (self.sulky, self.ahead):
            engine.remove(container)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()).is_relative_to(self.folder)
        except psutil.Error:
            return False  # it has ended

    def _container(self, name: str, script: str, **options: object) -> Container:
        client, name = self.stack.client, f"exam{name}{os.getpid()}"
        made = engine.make_container(client, name, ["sh", "-c", script], network_mode="none", init=True, **options)
        made.start()
        return made

    def _start(self, name: str, config: str, *arguments: str, journal: bytes = b"") -> Started:
        folder = self.folder / name
        folder.mkdir()
        variables = {VARIABLE: str(folder / "state")}
        if journal:
            (folder / "examday.toml").write_text(config)
            environment = load_environment("staging", None, str(folder / "examday.toml"), ())
            path = state_directory_of(environment, variables) / JOURNAL_FILE
            path.parent.mkdir(parents=True)
            path.write_bytes(journal)
        command = ["--env", "staging", "-m", "phase3", "--tb=line", *arguments]
        return Started(folder, *command, config=config, variables=variables)


def test_bad_input_on_docker_is_one_line_and_leaves_nothing(
    stack: Stack, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """One test, because a process of its own for each of its parts would run all of them once more."""
    runs = Runs(stack, tmp_path)
    try:
        runs.wait()
        for expect in EXPECTED:
            with subtests.test(expect.__name__.replace("_", " ")):
                expect(runs)
    finally:
        runs.end()


def without_a_socket_nothing_is_measured(runs: Runs) -> None:
    line = f"no Docker socket at {runs.folder}/none.sock: start the engine, or set env.staging.runtime.socket"
    _told(runs, "socket", f"preflight: NOT MEASURED: {line}\n", line)


def an_unknown_project_is_told_with_those_that_exist(runs: Runs) -> None:
    line = "no containers of the Compose project 'sommer'; projects on this engine: "
    output = _told(runs, "project", f"preflight: NOT MEASURED: {line}", line)
    assert runs.stack.project in output.partition(line)[2].splitlines()[0]


def an_unknown_service_is_told_with_the_key_to_set(runs: Runs) -> None:
    line = (
        "the cache is service 'valkey', and there is none; set env.staging.runtime.cache to one of: "
        "backend, postgres, proxy, redis"
    )
    _told(runs, "service", f"drill_redis_outage: NOT MEASURED: {line}\n", line)


def a_clock_that_is_off_is_told_before_anything_is_done(runs: Runs) -> None:
    output, report = runs.said("service")
    line = (
        r"\] the clock of backend-1 is \+1(19|20)\.\d s off ours: its log lines may be missed\n\[.*preflight: measured"
    )
    assert re.search(line, output)
    assert re.search(r"^- the clock of backend-1 is \+1(19|20)\.\d s off", report, re.MULTILINE)


def a_damaged_journal_is_told_and_nothing_is_touched(runs: Runs) -> None:
    (journal,) = (runs.folder / "journal" / "state").glob(f"*/{JOURNAL_FILE}")
    line = (
        f"an earlier rehearsal may have left a fault behind: {journal}, line 1: damaged; it may have named a fault, "
        "which cannot be known; look at the platform, then remove the file"
    )
    _told(runs, "journal", f"preflight: NOT MEASURED: {line}\n", line, left=[JOURNAL_FILE])
    assert journal.read_bytes() == b'{"event": "inte\n', "it is the only word of that fault"


def a_service_that_never_comes_back_is_told_with_what_a_person_should_do(runs: Runs) -> None:
    run = runs.runs["never"]
    line = (
        "not running: proxy; proxy-1 did not come back: it ended with exit status 3 after its start; last in its log: "
        "the disk is broken; start proxy by hand, then run: python -m pytest_examday heal --env staging "
        f"--examday-config {run.folder}/examday.toml"
    )
    output, report = runs.said("never")
    assert f"] FAULT NOT SHOWN TO BE GONE: proxy stopped: {line}\n" in output
    assert f"NO-GO: drill_proxy_restart: {line}\n" in output
    assert line in report


def once_a_person_has_mended_it_the_watchdog_brings_it_back(runs: Runs) -> None:
    (path,) = (runs.folder / "never" / "state").glob(f"*/{JOURNAL_FILE}")
    (fault,) = Journal(path).read().open_faults
    runs.mend()
    wait_until(lambda: Journal(path).read().ended_by(fault.id) is not None)
    assert Journal(path).read().ended_by(fault.id) == "watchdog: pytest is gone"
    runs.sulky.reload()
    assert runs.sulky.status == "running"
    assert nothing_left(*(run.folder for run in runs.runs.values()))


def _told(runs: Runs, name: str, printed: str, line: str, left: list[str] | None = None) -> str:
    """The line is at the terminal and in the report, and nothing was touched or left."""
    output, report = runs.said(name)
    assert printed in output
    assert line in report
    assert "Traceback" not in output
    assert "fault in:" not in output
    assert not (runs.runs[name].directory / ".accounts").exists(), "candidates were taken"
    assert runs.state(name) == (left or [])
    return output


EXPECTED = (
    without_a_socket_nothing_is_measured,
    an_unknown_project_is_told_with_those_that_exist,
    an_unknown_service_is_told_with_the_key_to_set,
    a_clock_that_is_off_is_told_before_anything_is_done,
    a_damaged_journal_is_told_and_nothing_is_touched,
    a_service_that_never_comes_back_is_told_with_what_a_person_should_do,
    once_a_person_has_mended_it_the_watchdog_brings_it_back,
)
"""In this order: what the last one mends is broken before."""
