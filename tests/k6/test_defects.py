"""What the built-in candidates find, k6 finds too (the same defects as in `tests/defects`)."""

import json
import re
from pathlib import Path

from tests.defects.harness import Defect, rehearse


def test_a_lost_answer_and_two_percent_of_errors_are_found_by_k6(tmp_path: Path) -> None:
    outcome = rehearse(tmp_path, Defect(triggers=("answer_deleted_after_scoring",), variants=("errors",), engine="k6"))
    judged = {name: judged for name, (judged, _) in outcome.red.items()}
    assert judged == {"zero-data-loss": "fail", "error-rate": "fail"}, outcome.red
    reasons = {name: reason for name, (_, reason) in outcome.red.items()}
    assert "acknowledged answers lost: 1" in reasons["zero-data-loss"]
    assert re.search(r"[1-6]\.\d\d% of \d+ requests failed, limit 1% \(\d+ server_error\)", reasons["error-rate"])
    assert outcome.harmed == ["lost-answer"]
    load = json.loads((outcome.directory / "evidence" / "load.json").read_text())["record"]
    assert re.fullmatch(r"k6 \d+\.\d+\.\d+", load["engine"])
