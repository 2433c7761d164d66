"""A plan as manifests for k6-operator (github.com/grafana/k6-operator): a TestRun and its ConfigMaps."""

import json
from typing import Any

from pytest_examday.load.k6.k6_plan import PlanForK6
from pytest_examday.resources import folder

SECRET = "examday-accounts"  # noqa: S105 # the name of the Secret
SCRIPTS = "examday-scripts"
TEST_RUN = "examday-load"
_ACTORS_PER_RUNNER = 1_000
"""One k6 can run more. With 1,000 actors who think 5 to 25 s, k6 1.1 took 1.4 GB and a quarter of a core."""
_LEAD_MS = 1_000
"""Milliseconds from the start of a runner to the beginning of its load; the operator starts all runners at nearly the
same moment."""
_PLAN_AT, _ACCOUNTS_AT = "/examday/plan", "/examday/accounts"

Manifest = dict[str, Any]


def manifests(plan: PlanForK6, parallelism: int | None, image: str | None) -> dict[str, Manifest]:
    """The manifests by file name. They hold no password and no token: the user puts the actors' credentials into a
    Secret.

    `parallelism` is the number of runners, by default one for every 1,000 actors; `image` is the runners' container
    image, by default the operator's. Raises UsageProblem if k6's scripts cannot evaluate an expression of the contract.
    """
    files = plan.k6_files(_LEAD_MS)
    head = files.pop("plan.json")
    parts = [{"plan.json": head}, *({name: text} for name, text in files.items())]
    plans = {f"examday-plan-{number}": part for number, part in enumerate(parts)}
    maps = {SCRIPTS: _scripts(), **plans}
    runners = parallelism or -(-len(plan.accounts) // _ACTORS_PER_RUNNER)
    made = {f"configmap-{name}.json": _config_map(name, data) for name, data in maps.items()}
    return {**made, "testrun.json": _test_run(plan.script, runners, image, tuple(plans))}


def _scripts() -> dict[str, str]:
    files = sorted(path for path in folder("k6").iterdir() if path.suffix in (".js", ".json"))
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def _config_map(name: str, data: dict[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def _test_run(script: str, runners: int, image: str | None, plans: tuple[str, ...]) -> Manifest:
    sources = [{"configMap": {"name": name}} for name in plans]
    runner: Manifest = {
        "env": [
            {"name": "EXAMDAY_PLAN", "value": _PLAN_AT},
            {"name": "EXAMDAY_ACCOUNTS", "value": f"{_ACCOUNTS_AT}/accounts.json"},
            {"name": "GODEBUG", "value": "http2client=0"},
        ],
        "volumes": [
            {"name": "plan", "projected": {"sources": sources}},
            {"name": "accounts", "secret": {"secretName": SECRET}},
        ],
        "volumeMounts": [
            {"name": "plan", "mountPath": _PLAN_AT, "readOnly": True},
            {"name": "accounts", "mountPath": _ACCOUNTS_AT, "readOnly": True},
        ],
    }
    if image is not None:
        runner["image"] = image
    return {
        "apiVersion": "k6.io/v1alpha1",
        "kind": "TestRun",
        "metadata": {"name": TEST_RUN},
        "spec": {
            "parallelism": runners,
            "separate": runners > 1,
            "arguments": "--log-format raw --no-usage-report",
            "script": {"configMap": {"name": SCRIPTS, "file": script}},
            "runner": runner,
        },
    }


def text_of(manifest: Manifest) -> str:
    """The manifest as a file: JSON, which kubectl reads as it reads YAML."""
    return json.dumps(manifest, indent=1) + "\n"
