"""Runs the whole platform until SIGTERM, and says where everything is: on standard output and in DIR/state.json."""

import argparse
import asyncio
import secrets

from tests.strangers.balancer import balance
from tests.strangers.pages.population import PASSWORD, STAFF, fill
from tests.strangers.postgres import database, database_url
from tests.strangers.services import HOST, free_ports, worker
from tests.strangers.supervisor import Supervisor, options_of, run

_DEFECTS = {
    "loses-answers": "of the answers that a worker acknowledges, every 20th is not stored",
    "finishes-twice": "a finish is stored twice",
    "answers-after-finish": "answers are accepted after the finish",
    "others-readable": "a candidate can read the exams of others",
    "wrong-score": "every exam gets one point too many",
    "still-clock": "the time left never gets less",
    "guard-executes": "mails are sent in exam mode too",
    "guard-executes-silently": "a recalculation in exam mode is refused, and done all the same",
    "lines-missing": "every 10th access line of a worker is missing",
}
_APPLICATION = "tests.strangers.pages.app:create"


async def _start(supervisor: Supervisor, options: argparse.Namespace) -> dict[str, object]:
    front, database_port, *ports = free_ports(4)
    url = database_url(database_port)
    workers = dict(zip(("worker-1", "worker-2"), ports, strict=True))
    environment = {
        "PAGES_DATABASE": url,
        "PAGES_SECRET": secrets.token_hex(),
        "PAGES_DEFECTS": " ".join(options.defect),
    }
    starting = asyncio.gather(
        supervisor.start(
            *(worker(name, port, supervisor.folder, _APPLICATION, environment) for name, port in workers.items())
        )
    )
    await supervisor.start(await asyncio.to_thread(database, database_port, supervisor.folder))
    await asyncio.to_thread(fill, url, options.people, exam_mode=options.exam_mode)
    await starting
    await balance(front, workers.values())
    return {
        "site": f"http://{HOST}:{front}",
        "workers": {name: f"http://{HOST}:{port}" for name, port in workers.items()},
        "database": url,
        "staff": {"email": STAFF, "password": PASSWORD},
        "people": {"email": "person-{n}@pages.example", "password": PASSWORD, "count": options.people},
    }


def main() -> None:
    """Read the options and run."""
    run(options_of("pages", str(__doc__), _DEFECTS).parse_args(), _start)


if __name__ == "__main__":
    main()
