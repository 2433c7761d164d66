"""The same request by Locust; lives in an environment of its own, so it imports nothing of this package."""

from locust import FastHttpUser, task

VALUES = {"question_id": "q1", "choice": "B", "sequence": 1, "marked": False}


class Candidate(FastHttpUser):
    """Answers without a pause."""

    @task
    def answer(self) -> None:
        """One answer."""
        self.client.post("/v1/sessions/s-1/answers", json=VALUES, headers={"Authorization": "Bearer t-1"}).json()
