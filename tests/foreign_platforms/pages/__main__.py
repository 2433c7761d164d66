"""Runs the whole platform until SIGTERM, and says where everything is: on standard output and in DIR/state.json."""

import argparse
import secrets
from functools import partial

from tests.foreign_platforms.pages.population import PASSWORD, STAFF, fill
from tests.foreign_platforms.platform_start import Addresses, start
from tests.foreign_platforms.supervisor import Supervisor, options_of, run

_DEFECTS = {
    "loses-answers": "of the answers that a worker acknowledges, every 20th is not stored",
    "finishes-twice": "a finish is stored twice",
    "answers-after-finish": "answers are accepted after the finish",
    "others-readable": "a candidate can read the exams of others",
    "wrong-score": "every exam gets one point too many",
    "still-clock": "the time left never gets less",
    "protected-executes": "mails are sent in exam mode too",
    "protected-executes-silently": "a recalculation in exam mode is refused, and done all the same",
    "lines-missing": "every 10th access line of a worker is missing",
}
_APPLICATION = "tests.foreign_platforms.pages.app:create"


async def _start(supervisor: Supervisor, options: argparse.Namespace) -> dict[str, object]:
    secret = secrets.token_hex()

    def environment(_name: str, addresses: Addresses) -> dict[str, str]:
        return {
            "PAGES_DATABASE": addresses.database,
            "PAGES_SECRET": secret,
            "PAGES_DEFECTS": " ".join(options.defect),
        }

    filled = partial(fill, people=options.people, exam_mode=options.exam_mode)
    names = ("worker-1", "worker-2")
    addresses = await start(supervisor, names, _APPLICATION, environment, filled, with_redis=False)
    return {
        "site": addresses.front,
        "workers": addresses.workers,
        "database": addresses.database,
        "staff": {"email": STAFF, "password": PASSWORD},
        "people": {"email": "person-{n}@pages.example", "password": PASSWORD, "count": options.people},
    }


def main() -> None:
    """Read the options and run."""
    run(options_of("pages", str(__doc__), _DEFECTS).parse_args(), _start)


if __name__ == "__main__":
    main()
