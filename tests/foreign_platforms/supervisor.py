"""Runs the services of a foreign platform until SIGTERM, and does with each what `service.py` asks for."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.foreign_platforms.services import HOST, Service


class Supervisor:
    """Services that run, the port by which `service.py` says what is to be done, and `state.json` in the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "state.json"
        self._services: dict[str, Service] = {}
        self._told: dict[str, object] = {}

    async def start(self, *services: Service) -> None:
        """Start these at the same time, and look after them from now on. Raises RuntimeError."""
        self._services.update({service.name: service for service in services})
        await asyncio.gather(*(service.start() for service in services))

    async def up(self, **told: object) -> str:
        """Take orders from now on; returns what stands in `state.json`: this, and where services and logs are."""
        control = await asyncio.start_server(self._ask, HOST, 0)
        self._told = {**told, "control": control.sockets[0].getsockname()[1], "file": str(self._file)}
        return self._write_state()

    async def stop(self) -> None:
        """Stop everything, the workers first."""
        for service in sorted(self._services.values(), key=lambda service: service.name, reverse=True):
            await service.stop()

    def _write_state(self) -> str:
        services = self._services.values()
        pids = {service.name: service.process.pid for service in services if service.process is not None}
        logs = {service.name: str(service.log) for service in services}
        text = json.dumps({**self._told, "pids": pids, "logs": logs})
        draft = self._file.with_suffix(".new")
        draft.write_text(text)
        draft.rename(self._file)
        return text

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, name = (await reader.readline()).decode().split()
        try:
            reply = await self._do(verb, name)
        except RuntimeError as error:
            reply = f"no: {error}"
        writer.write(reply.encode())
        writer.close()

    async def _do(self, verb: str, name: str) -> str:
        backend = [service for service in self._services.values() if service.name.startswith("worker-")]
        meant = {"backend": backend, **{each: [service] for each, service in self._services.items()}}.get(name)
        if meant is None:
            return f"unknown: no service {name}; there are backend, {', '.join(self._services)}"
        if verb == "status":
            return "yes" if any(service.running for service in meant) else f"no: {name} is down"
        await asyncio.gather(*(getattr(service, verb)() for service in meant))
        self._write_state()
        return "yes"


Start = Callable[[Supervisor, argparse.Namespace], Awaitable[Mapping[str, object]]]
"""Starts the services and returns what `state.json` tells of the platform. The options are `defect` (a list),
`people` and `exam_mode`."""


def options_of(name: str, description: str, defects: Mapping[str, str]) -> argparse.ArgumentParser:
    """The options of every foreign platform; `defects` are the names of those that can be planted, with their
    meaning."""
    listed = "; ".join(f"{defect}: {meaning}" for defect, meaning in defects.items())
    parser = argparse.ArgumentParser(prog=f"python -m tests.foreign_platforms.{name}", description=description)
    parser.add_argument("--dir", type=Path, required=True, help="a new or empty folder for data, logs and state.json")
    parser.add_argument("--people", type=int, default=200, help="how many candidates have an account (200)")
    parser.add_argument("--exam-mode", action="store_true", help="exam mode is on from the start")
    parser.add_argument("--defect", action="append", default=[], choices=defects, metavar="NAME", help=listed)
    parser.add_argument("--attached", action="store_true", help="stop when standard input ends too")
    return parser


def run(options: argparse.Namespace, start: Start) -> None:
    """Run a foreign platform until SIGTERM, and print `state.json` once it is up."""
    options.dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(options, start))


async def _run(options: argparse.Namespace, start: Start) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if options.attached:
        loop.add_reader(sys.stdin.fileno(), over.set)
    supervisor = Supervisor(options.dir.resolve())
    try:
        print(await supervisor.up(**await start(supervisor, options)), flush=True)
        await over.wait()
    finally:
        await supervisor.stop()
