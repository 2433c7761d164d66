"""The built-in engine as candidates use it: each request with its id, classified, its sample written."""

import ssl
import tempfile
from functools import partial
from pathlib import Path

import uvloop

from benchmarks.generators.figures import Loop
from pytest_examday.contract.reference import CONTRACT
from pytest_examday.load.client import Client
from pytest_examday.load.samples import SampleWriter

VALUES = {"session_id": "s-1", "question_id": "q1", "value": "B", "sequence": 1, "marked": False}


async def _answer(client: Client) -> bool:
    return (await client.send("answer", "ada@exam.example", VALUES, token="t-1")).outcome == "ok"


async def main(folder: Path) -> None:
    """One client for each connection."""
    loop, context = Loop.told(), ssl.create_default_context()
    samples = SampleWriter(folder / "samples.jsonl")
    clients = [Client(loop.url, CONTRACT, 10.0, context, samples) for _ in range(loop.connections)]
    await loop.run([partial(_answer, client) for client in clients])
    for client in clients:
        await client.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        uvloop.run(main(Path(name)))
