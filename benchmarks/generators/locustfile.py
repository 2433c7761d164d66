"""The request of the other generators, sent by Locust. It imports nothing of this package, because Locust is installed
in an environment of its own."""

import os

from locust import FastHttpUser, constant_throughput, task

VALUES = {"question_id": "q1", "choice": "B", "sequence": 1, "marked": False}
_RATE = float(os.environ.get("RATE_OF_A_USER", "0"))


class Candidate(FastHttpUser):
    """Answers without a pause, or so many times a second."""

    if _RATE:
        wait_time = constant_throughput(_RATE)

    @task
    def answer(self) -> None:
        """One answer."""
        self.client.post("/v1/sessions/s-1/answers", json=VALUES, headers={"Authorization": "Bearer t-1"}).json()
