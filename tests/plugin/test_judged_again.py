"""Evidence of an earlier run, judged again."""

import json
import shutil
from pathlib import Path

import pytest

from tests.plugin.conftest import Rehearse


@pytest.mark.parametrize(("measured_on", "told"), [("prod", "prod"), ("local", None), (None, None)])
def test_evidence_of_another_environment_is_named_in_one_line(
    rehearse: Rehearse, go_run: Path, tmp_path: Path, measured_on: str | None, told: str | None
) -> None:
    earlier = shutil.copytree(go_run, tmp_path / "earlier")
    for path in (earlier / "evidence").glob("*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "environment": measured_on}))
    run = rehearse("-m", "gates", f"--examday-evidence={earlier}")
    assert run.exit_status == 0, run.output
    assert (run.verdict["environment"], run.verdict["measured_environment"]) == ("local", told)
    assert ("evidence measured on prod" in run.output) is (told is not None)
