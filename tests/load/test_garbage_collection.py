"""The collector's pauses in a process of many candidates."""

import subprocess
import sys

_LOAD = """
import gc, time
from pytest_examday.load.garbage_collection import collect_garbage_rarely
candidates = [[{} for _ in range(50)] for _ in range(10_000)]
collect_garbage_rarely()
pauses = []
def watch(phase, info):
    pauses.append(time.process_time() * (1 if phase == "stop" else -1))
gc.callbacks.append(watch)
for _ in range(2_000):
    under_way = [[] for _ in range(500)]
gc.collect()
assert len(pauses) == 2, pauses
print(sum(pauses))
"""


def test_neither_requests_nor_candidates_that_were_there_cost_pauses() -> None:
    done = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.01
