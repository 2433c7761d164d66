"""One k6 with candidates: `python -m pytest_examday.suites.exam.load.k6_candidates_process`; see `k6_watchdog`."""

import sys

from pytest_examday.load.k6.k6_watchdog import run_k6
from pytest_examday.suites.exam.load.exam_plan import K6ExamPlan

if __name__ == "__main__":
    sys.exit(run_k6(K6ExamPlan))
