"""Runs the whole platform until SIGTERM, and says where everything is: on standard output and in DIR/state.json."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.strangers.json_api.services import (
    HOST,
    WORD,
    Service,
    balance,
    database,
    database_url,
    fill,
    free_ports,
    redis,
    worker,
)

_DEFECTS = {
    "lost-answers": "of the answers that a worker acknowledges, every 20th is not stored",
    "second-finish-event": "a finish leaves two events",
    "others-read": "a candidate can read the exams of others",
    "late-answers": "every 10th answer that a worker gets is acknowledged 600 ms late",
    "worker-without-exam-mode": "worker-b never sees that exam mode is on",
    "points-too-high": "every exam gets one point too many",
    "lines-without-id": "log lines have no id of the request",
}


class Platform:
    """All services, the balancer, and the port by which `service.py` says what is to be done."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "state.json"
        self._services: dict[str, Service] = {}
        self._told: dict[str, object] = {}

    async def start(self, defects: list[str], people: int, *, exam_mode: bool) -> None:
        """Start everything and write the state. Raises RuntimeError or CalledProcessError."""
        folder = self._file.parent
        balancer, control, database_port, redis_port, *ports = free_ports(6)
        urls = {"database": database_url(database_port), "redis": f"redis://{HOST}:{redis_port}/0"}
        workers = {"worker-a": ports[0], "worker-b": ports[1]}
        self._told = {
            "api": f"http://{HOST}:{balancer}",
            "workers": {name: f"http://{HOST}:{port}" for name, port in workers.items()},
            **urls,
            "admin": {"mail": "boss@exams.example", "word": WORD},
            "people": {"mail": "p{n}@exams.example", "word": WORD, "count": people},
            "control": control,
            "file": str(self._file),
        }
        environment = {
            "EXAMS_DATABASE": urls["database"],
            "EXAMS_REDIS": urls["redis"],
            "EXAMS_DEFECTS": " ".join(defects),
        }
        early = [
            redis(redis_port, folder),
            *(worker(name, port, folder, environment) for name, port in workers.items()),
        ]
        self._services = {service.name: service for service in early}
        starting = asyncio.gather(*(service.start() for service in early))
        self._services["database"] = await asyncio.to_thread(database, database_port, folder)
        await self._services["database"].start()
        await asyncio.to_thread(fill, urls["database"], people, exam_mode=exam_mode)
        await starting
        await balance(balancer, list(workers.values()))
        await asyncio.start_server(self._ask, HOST, control)
        self.write_state()

    async def stop(self) -> None:
        """Stop everything, the workers first."""
        for service in sorted(self._services.values(), key=lambda service: service.name, reverse=True):
            await service.stop()

    def write_state(self) -> str:
        """Write what there is to know from outside, and return it."""
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
        self.write_state()
        return "yes"


async def _run(options: argparse.Namespace) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if options.attached:
        loop.add_reader(sys.stdin.fileno(), over.set)
    platform = Platform(options.dir.resolve())
    try:
        await platform.start(options.defect, options.people, exam_mode=options.exam_mode)
        print(platform.write_state(), flush=True)
        await over.wait()
    finally:
        await platform.stop()


def main() -> None:
    """Read the options and run."""
    listed = "; ".join(f"{name}: {meaning}" for name, meaning in _DEFECTS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.strangers.json_api", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="a new or empty folder for data, logs and state.json")
    parser.add_argument("--people", type=int, default=200, help="how many candidates have an account (200)")
    parser.add_argument("--exam-mode", action="store_true", help="exam mode is on from the start")
    parser.add_argument("--defect", action="append", default=[], choices=_DEFECTS, metavar="NAME", help=listed)
    parser.add_argument("--attached", action="store_true", help="stop when standard input ends too")
    options = parser.parse_args()
    options.dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(options))


if __name__ == "__main__":
    main()
