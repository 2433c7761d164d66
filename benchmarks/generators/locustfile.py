"""The request of the other generators, sent by Locust. It imports nothing of this package, because Locust is installed
in an environment of its own."""

from locust import FastHttpUser, task

VALUES = {"question_id": "q1", "choice": "B", "sequence": 1, "marked": False}


class Candidate(FastHttpUser):
    """Answers without a pause."""

    @task
    def answer(self) -> None:
        """One answer."""
        self.client.post("/v1/sessions/s-1/answers", json=VALUES, headers={"Authorization": "Bearer t-1"}).json()
