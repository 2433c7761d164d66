"""A plan as manifests for k6-operator (github.com/grafana/k6-operator): a TestRun, its ConfigMaps and its Secrets.

Every manifest is small enough for a plain `kubectl apply`, which keeps a copy of it in an annotation.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_examday.load.k6.k6_plan import PlanForK6
from pytest_examday.resources import folder

TEST_RUN = "examday-load"
_ACCOUNTS, _PLAN, _SCRIPTS = "examday-accounts", "examday-plan", "examday-scripts"
_CONFIG_MAP_BYTES, _SECRET_BYTES = 220_000, 180_000
"""Most bytes of all files of one of them. As a text in JSON or in base64, and with names, they stay below the 262,144
bytes that Kubernetes allows for annotations."""
_ACTORS_PER_RUNNER = 1_000
"""One k6 can run more. With 1,000 actors who think 5 to 25 s, k6 1.1 took 1.4 GB and a quarter of a core."""
_LEAD_MS = 1_000
"""Milliseconds from the start of a runner to the beginning of its load; the operator starts all runners at nearly the
same moment."""
_PLAN_AT, _ACCOUNTS_AT = "/examday/plan", "/examday/accounts"
_JOB_NAME = "metadata.labels['job-name']"
"""The name of a runner's Job, which ends with the runner's number. The operator's own Services find runners by it."""

Manifest = dict[str, Any]
Files = Mapping[str, str]


class Manifests(NamedTuple):
    """Manifests by file name: `plain` ones, which hold no password and no token, and the `secret` ones."""

    plain: dict[str, Manifest]
    secret: dict[str, Manifest]


def manifests(plan: PlanForK6, parallelism: int | None, image: str | None) -> Manifests:
    """The manifests of a plan, with a slice of it for each runner.

    `parallelism` is the number of runners, by default one for every 1,000 actors; `image` is the runners' container
    image, by default the operator's. Raises UsageProblem if k6's scripts cannot evaluate an expression of the contract.
    """
    runners = parallelism or -(-len(plan.accounts) // _ACTORS_PER_RUNNER)
    files = plan.k6_files(_LEAD_MS, runners)
    plans = {f"{_PLAN}-{number}": part for number, part in enumerate(_packed(files.plain, _CONFIG_MAP_BYTES))}
    secrets = {f"{_ACCOUNTS}-{number}": part for number, part in enumerate(_packed(files.secret, _SECRET_BYTES))}
    maps = {f"configmap-{name}.json": _config_map(name, data) for name, data in {_SCRIPTS: _scripts(), **plans}.items()}
    test_run = _test_run(plan.script, runners, image, (tuple(plans), tuple(secrets)))
    return Manifests(
        {**maps, "testrun.json": test_run},
        {f"secret-{name}.json": _secret(name, data) for name, data in secrets.items()},
    )


def _packed(files: Files, most: int) -> Iterator[dict[str, str]]:
    """The files in as few groups as their order allows, each with at most so many bytes."""
    group: dict[str, str] = {}
    size = 0
    for name, text in files.items():
        bytes_of_it = len(name) + len(text.encode())
        if group and size + bytes_of_it > most:
            yield group
            group, size = {}, 0
        group[name] = text
        size += bytes_of_it
    yield group


def _scripts() -> dict[str, str]:
    files = sorted(path for path in folder("k6").iterdir() if path.suffix in (".js", ".json"))
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def _config_map(name: str, data: Files) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": dict(data)}


def _secret(name: str, data: Files) -> Manifest:
    encoded = {file: base64.b64encode(text.encode()).decode() for file, text in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque", "data": encoded}


def _test_run(script: str, runners: int, image: str | None, parts: tuple[Sequence[str], Sequence[str]]) -> Manifest:
    plans, secrets = parts
    runner: Manifest = {
        "env": [
            {"name": "EXAMDAY_PLAN", "value": _PLAN_AT},
            {"name": "EXAMDAY_ACCOUNTS", "value": _ACCOUNTS_AT},
            {"name": "EXAMDAY_RUNNER", "valueFrom": {"fieldRef": {"fieldPath": _JOB_NAME}}},
            {"name": "GODEBUG", "value": "http2client=0"},
        ],
        "volumes": [
            {"name": "plan", "projected": {"sources": [{"configMap": {"name": name}} for name in plans]}},
            {"name": "accounts", "projected": {"sources": [{"secret": {"name": name}} for name in secrets]}},
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
            "script": {"configMap": {"name": _SCRIPTS, "file": script}},
            "runner": runner,
        },
    }


def text_of(manifest: Manifest) -> str:
    """The manifest as a file: JSON, which kubectl reads as it reads YAML."""
    return json.dumps(manifest, indent=1) + "\n"
