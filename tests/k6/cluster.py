"""A strict stand-in for a cluster with k6-operator: it takes what `kubectl apply` sends, refuses what the documented
limits forbid, and starts runners with the files that their volumes would hold."""

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = json.loads((Path(__file__).parent / "testrun_schema.json").read_text())
ANNOTATIONS_BYTES = 262_144
"""All annotations of an object: `apimachinery/pkg/api/validation`, TotalAnnotationSizeLimitB."""
DATA_BYTES = 1_048_576
"""The data of a ConfigMap or a Secret: `core/v1`, MaxSecretSize."""
REQUEST_BYTES = 1_572_864
"""One object in etcd: `--max-request-bytes`."""
_KEPT = "kubectl.kubernetes.io/last-applied-configuration"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


class Refused(Exception):
    """What a cluster would answer."""


@dataclass(frozen=True)
class Pod:
    """A runner as the operator starts it: `arguments` of k6, its environment, and its files by path."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    files: dict[str, bytes]


class Cluster:
    """Objects by kind and name, as they were applied."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], dict[str, Any]] = {}

    def apply(self, manifest: dict[str, Any], *, server_side: bool = False) -> None:
        """`kubectl apply`, or `kubectl apply --server-side`. Raises Refused."""
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        if len(name) > 253 or not _NAME.fullmatch(name):
            raise Refused(f'{kind} "{name}" is invalid: metadata.name')
        kept = _as_go_writes(manifest) + "\n"
        annotations = 0 if server_side else len(_KEPT) + len(kept.encode())
        if annotations > ANNOTATIONS_BYTES:
            raise Refused(f'{kind} "{name}" is invalid: metadata.annotations: Too long: {annotations} bytes')
        if annotations + len(kept.encode()) > REQUEST_BYTES:
            raise Refused(f'{kind} "{name}": etcdserver: request is too large')
        {"ConfigMap": _check_data, "Secret": _check_data, "TestRun": _check_test_run}[kind](manifest)
        self._objects[kind, name] = manifest

    def runners(self) -> list[Pod]:
        """The runners of the one TestRun. Raises Refused if one of their volumes cannot be mounted."""
        (run,) = (one for (kind, _), one in self._objects.items() if kind == "TestRun")
        name, spec = run["metadata"]["name"], run["spec"]
        files = self._mounted(spec)
        total = spec["parallelism"]
        return [self._runner(f"{name}-{number}", number, total, spec, files) for number in range(1, total + 1)]

    def _runner(self, job: str, number: int, total: int, spec: dict[str, Any], files: dict[str, bytes]) -> Pod:
        sequence = ",".join(("0", *(f"{part}/{total}" for part in range(1, total)), "1"))
        ends = sequence.split(",")
        segment = f"--execution-segment={ends[number - 1]}:{ends[number]}"
        segments = (segment, f"--execution-segment-sequence={sequence}") if total > 1 else ()
        labels = {"metadata.labels['job-name']": job}
        environment = {
            one["name"]: one.get("value") or labels[one["valueFrom"]["fieldRef"]["fieldPath"]]
            for one in spec["runner"]["env"]
        }
        arguments = ("run", "--quiet", *segments, *spec["arguments"].split(" "))
        pod = Pod((*arguments, f"/test/{spec['script']['configMap']['file']}"), environment, files)
        if len(json.dumps([spec["runner"], pod.arguments, environment])) > REQUEST_BYTES:
            raise Refused(f'Job "{job}": etcdserver: request is too large')
        return pod

    def _mounted(self, spec: dict[str, Any]) -> dict[str, bytes]:
        runner = spec["runner"]
        places = {mount["name"]: mount["mountPath"] for mount in runner["volumeMounts"]}
        files = self._content("ConfigMap", spec["script"]["configMap"]["name"], "/test")
        for volume in runner["volumes"]:
            for source in volume["projected"]["sources"]:
                ((kind, named),) = source.items()
                kind = {"configMap": "ConfigMap", "secret": "Secret"}[kind]
                more = self._content(kind, named["name"], places[volume["name"]])
                if files.keys() & more.keys():
                    raise Refused(f"conflicting duplicate paths: {files.keys() & more.keys()}")
                files |= more
        return files

    def _content(self, kind: str, name: str, place: str) -> dict[str, bytes]:
        if (kind, name) not in self._objects:
            raise Refused(f'MountVolume.SetUp failed: {kind} "{name}" not found')
        return {f"{place}/{key}": text for key, text in _data(self._objects[kind, name]).items()}


def _data(manifest: dict[str, Any]) -> dict[str, bytes]:
    encoded = manifest["kind"] == "Secret"
    return {
        key: base64.b64decode(text, validate=True) if encoded else text.encode()
        for key, text in manifest["data"].items()
    }


def _check_data(manifest: dict[str, Any]) -> None:
    data = _data(manifest)
    if not all(map(_KEY.fullmatch, data)):
        raise Refused("a key is invalid")
    if sum(map(len, data.values())) > DATA_BYTES:
        raise Refused(f'{manifest["kind"]} "{manifest["metadata"]["name"]}": Too long: more than {DATA_BYTES} bytes')


def _check_test_run(manifest: dict[str, Any]) -> None:
    assert (manifest["apiVersion"], manifest["kind"]) == (SCHEMA["apiVersion"], SCHEMA["kind"])
    jsonschema.validate(manifest["spec"], SCHEMA["schema"])


def _as_go_writes(manifest: dict[str, Any]) -> str:
    """The JSON that kubectl keeps in its annotation: without spaces, with `<`, `>` and `&` as six bytes."""
    text = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
