"""Runs the whole platform until SIGTERM, and says where everything is: on standard output and in DIR/state.json."""

import argparse
import asyncio

from tests.strangers.balancer import balance
from tests.strangers.json_api.services import WORD, fill
from tests.strangers.postgres import database, database_url
from tests.strangers.redis_service import redis
from tests.strangers.services import HOST, free_ports, worker
from tests.strangers.supervisor import Supervisor, options_of, run

_DEFECTS = {
    "lost-answers": "of the answers that a worker acknowledges, every 20th is not stored",
    "second-finish-event": "a finish leaves two events",
    "others-read": "a candidate can read the exams of others",
    "late-answers": "every 10th answer that a worker gets is acknowledged 600 ms late",
    "worker-without-exam-mode": "worker-b never sees that exam mode is on",
    "points-too-high": "every exam gets one point too many",
    "lines-without-id": "log lines have no id of the request",
}
_APPLICATION = "tests.strangers.json_api.app:create"


async def _start(supervisor: Supervisor, options: argparse.Namespace) -> dict[str, object]:
    front, database_port, redis_port, *ports = free_ports(5)
    urls = {"database": database_url(database_port), "redis": f"redis://{HOST}:{redis_port}/0"}
    workers = dict(zip(("worker-a", "worker-b"), ports, strict=True))
    environment = {
        "EXAMS_DATABASE": urls["database"],
        "EXAMS_REDIS": urls["redis"],
        "EXAMS_DEFECTS": " ".join(options.defect),
    }
    early = [
        redis(redis_port, supervisor.folder),
        *(
            worker(name, port, supervisor.folder, _APPLICATION, {"EXAMS_WORKER": name, **environment})
            for name, port in workers.items()
        ),
    ]
    starting = asyncio.gather(supervisor.start(*early))
    await supervisor.start(await asyncio.to_thread(database, database_port, supervisor.folder))
    await asyncio.to_thread(fill, urls["database"], options.people, exam_mode=options.exam_mode)
    await starting
    await balance(front, workers.values())
    return {
        "api": f"http://{HOST}:{front}",
        "workers": {name: f"http://{HOST}:{port}" for name, port in workers.items()},
        **urls,
        "admin": {"mail": "boss@exams.example", "word": WORD},
        "people": {"mail": "p{n}@exams.example", "word": WORD, "count": options.people},
    }


def main() -> None:
    """Read the options and run."""
    run(options_of("json_api", str(__doc__), _DEFECTS).parse_args(), _start)


if __name__ == "__main__":
    main()
