"""The built-in engine as candidates use it: each answer with ledger, sample and classification."""

import ssl
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from benchmarks.generators.figures import Loop
from pytest_examday.contract.reference import CONTRACT
from pytest_examday.load.client import Client
from pytest_examday.load.garbage import calm_collector
from pytest_examday.load.ledger import LedgerWriter
from pytest_examday.load.samples import Sample, SampleWriter

_TOKEN = "eyJhbGciOiJIUzI1NiJ9." + "x" * 160
QUESTIONS = [f"3f6c1a52-0b1e-4d77-9c39-{number:012x}" for number in range(60)]


class Candidate:
    """One who answers all questions of the exam over and over: the intent is on disk before the answer is sent, its
    fate and its sample after it."""

    def __init__(self, number: int, client: Client, ledger: LedgerWriter, samples: SampleWriter) -> None:
        self._name = f"candidate-{number:05}@exam.example"
        self._owner = f"8e0e1c5d-51f4-4a6a-8d3e-{number:012x}"
        self._session = f"b7a6f1de-6c8f-4a39-a0f5-{number:012x}"
        self._client = client
        self._ledger = ledger
        self._samples = samples
        self._count = 0

    async def answer(self) -> bool:
        """One answer; whether the platform saved what was sent."""
        due = time.time()
        self._count += 1
        question, value = QUESTIONS[self._count % len(QUESTIONS)], "B"
        write = self._ledger.intend("answer", self._name, self._owner, self._session, question, value, self._count)
        values = {
            "session_id": self._session,
            "question_id": question,
            "value": value,
            "sequence": self._count,
            "marked": False,
        }
        answer = await self._client.send("answer", values, _TOKEN)
        saved = CONTRACT.answer.find("saved", answer.body)
        good = answer.outcome == "ok" and str(saved) == value
        response_ms = (answer.started - due) * 1000 + answer.ms
        self._samples.add(
            Sample(
                "answer",
                self._name,
                answer.started,
                answer.ms,
                answer.status,
                answer.outcome,
                answer.request_id,
                response_ms,
            )
        )
        self._ledger.settle(write, "acknowledged" if good else "unknown", answer.request_id)
        return good

    async def close(self) -> None:
        """Drop the connections."""
        await self._client.close()


def _candidates(loop: Loop, folder: Path) -> Iterator[Candidate]:
    context = ssl.create_default_context()
    ledger, samples = LedgerWriter(folder / "load.ledger.jsonl"), SampleWriter(folder / "load.samples.jsonl")
    for number in range(loop.connections):
        yield Candidate(number, Client(loop.url, CONTRACT, 10.0, context), ledger, samples)


async def main(folder: Path) -> None:
    """One candidate for each connection."""
    loop = Loop.told()
    candidates = list(_candidates(loop, folder))
    calm_collector()
    await loop.run([candidate.answer for candidate in candidates])
    for candidate in candidates:
        await candidate.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        uvloop.run(main(Path(name)))
