"""Runs the whole platform until SIGTERM, and says where everything is: on standard output and in DIR/state.json."""

import argparse
from functools import partial

from tests.foreign_platforms.json_api.services import WORD, fill
from tests.foreign_platforms.platform_start import Addresses, start
from tests.foreign_platforms.supervisor import Supervisor, options_of, run

_DEFECTS = {
    "lost-answers": "of the answers that a worker acknowledges, every 20th is not stored",
    "second-finish-event": "a finish leaves two events",
    "others-read": "a candidate can read the exams of others",
    "late-answers": "every 10th answer that a worker gets is acknowledged 600 ms late",
    "worker-without-exam-mode": "worker-b never sees that exam mode is on",
    "points-too-high": "every exam gets one point too many",
    "lines-without-id": "log lines have no id of the request",
}
_APPLICATION = "tests.foreign_platforms.json_api.app:create"


async def _start(supervisor: Supervisor, options: argparse.Namespace) -> dict[str, object]:
    def environment(name: str, addresses: Addresses) -> dict[str, str]:
        return {
            "EXAMS_WORKER": name,
            "EXAMS_DATABASE": addresses.database,
            "EXAMS_REDIS": addresses.redis,
            "EXAMS_DEFECTS": " ".join(options.defect),
        }

    filled = partial(fill, people=options.people, exam_mode=options.exam_mode)
    addresses = await start(supervisor, ("worker-a", "worker-b"), _APPLICATION, environment, filled)
    return {
        "api": addresses.front,
        "workers": addresses.workers,
        "database": addresses.database,
        "redis": addresses.redis,
        "admin": {"mail": "boss@exams.example", "word": WORD},
        "people": {"mail": "p{n}@exams.example", "word": WORD, "count": options.people},
    }


def main() -> None:
    """Read the options and run."""
    run(options_of("json_api", str(__doc__), _DEFECTS).parse_args(), _start)


if __name__ == "__main__":
    main()
