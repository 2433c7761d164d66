"""Without a runtime nothing can be touched, and every request is told why."""

import inspect
from pathlib import Path

import pytest

from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Runtime
from pytest_examday.runtimes.none import NoServices

ARGUMENTS = {
    "service": "redis",
    "role": "cache",
    "milliseconds": 100,
    "jitter_milliseconds": 0,
    "source": "redis",
    "since": 0.0,
    "name": "nightly",
}
SILENT = {"services", "address", "log_sources", "require", "kind"}
METHODS = sorted({name for name in vars(Runtime) if not name.startswith("_")} - SILENT)


@pytest.mark.parametrize("method", METHODS)
def test_it_refuses(method: str) -> None:
    act = getattr(NoServices("staging", ()), method)
    arguments = {name: ARGUMENTS[name] for name in inspect.signature(act).parameters}
    with pytest.raises(Unmeasurable, match=r"environment 'staging' has no runtime.*give env\.staging\.runtime"):
        list(act(**arguments))


def test_it_can_be_asked_before_anything_is_tried() -> None:
    with pytest.raises(Unmeasurable, match="has no runtime"):
        NoServices("staging", ()).require("redis", "stop")
    assert NoServices("staging", ()).services() == ()


def test_it_reads_the_log_files_that_the_environment_names(tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    file.write_text("one\ntwo\n")
    runtime = NoServices("staging", (str(file),))
    runtime.require(str(file), "logs")
    assert [list(runtime.logs(source, 0)) for source in runtime.log_sources()] == [["one", "two"]]
