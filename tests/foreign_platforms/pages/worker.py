"""What one worker holds: its connections, its view of exam mode, the secret of all workers, the defects."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from itertools import count

from starlette.requests import Request

from tests.foreign_platforms.postgres import connections, one

_FLAG_SECONDS = 2.0


class Worker:
    """A worker as the variables `PAGES_DATABASE`, `PAGES_SECRET` and `PAGES_DEFECTS` say."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.pool = connections(environment["PAGES_DATABASE"])
        self.defects = frozenset(environment["PAGES_DEFECTS"].split())
        self.answers = count(1)
        self._secret = environment["PAGES_SECRET"].encode()
        self._exam_mode = False
        self._exam_mode_read = -_FLAG_SECONDS

    def csrf(self, cookie: str) -> str:
        """The CSRF value that belongs to a cookie. All workers agree on it, and none stores it."""
        return hmac.new(self._secret, cookie.encode(), hashlib.sha256).hexdigest()

    async def exam_mode(self) -> bool:
        """Whether exam mode was on when this worker last looked, at most 2 s ago."""
        if time.monotonic() - self._exam_mode_read >= _FLAG_SECONDS:
            async with self.pool.connection() as connection:
                row = await one(connection, "SELECT is_on FROM exam.flags WHERE name = 'exam_mode'")
            self._exam_mode = row is not None and row["is_on"]
            self._exam_mode_read = time.monotonic()
        return self._exam_mode


def worker_of(request: Request) -> Worker:
    """The worker that serves this request."""
    worker: Worker = request.app.state.worker
    return worker
