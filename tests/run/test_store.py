"""Evidence on disk: whole or absent, without secrets, and never better than what was measured."""

import json
from pathlib import Path

import pytest

from pytest_examday.evidence.drill_evidence import DrillEvidence
from pytest_examday.run.redaction import Redactor
from pytest_examday.run.store import EvidenceStore
from pytest_examday.suites.exam.evidence import LoadEvidence
from tests import builders

SECRET = 'pa"ss\\wörd-secret'


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """A store that knows one secret."""
    (tmp_path / "evidence").mkdir()
    redactor = Redactor()
    redactor.learn(SECRET)
    return EvidenceStore(tmp_path, redactor)


def _write(store: EvidenceStore) -> Path:
    store.write(builders.measured("load", builders.load()))
    return store.path("load")


@pytest.mark.parametrize("activity", sorted(builders.good_run()))
def test_what_was_written_is_read(store: EvidenceStore, activity: str) -> None:
    record = builders.good_run()[activity]
    store.write(builders.measured(activity, record))
    evidence = store.read(activity, type(record))
    assert evidence == builders.measured(activity, record)
    assert type(evidence.record) is type(record)
    assert store.has(activity)


def test_an_activity_that_measured_nothing_leaves_its_reason(store: EvidenceStore) -> None:
    store.write(builders.unmeasured("load", "no candidates"))
    evidence = store.read("load", LoadEvidence)
    assert (evidence.record, evidence.unmeasured) == (None, "no candidates")


def test_half_of_a_surrogate_pair_costs_no_evidence(store: EvidenceStore) -> None:
    store.write(builders.unmeasured("load", "it said \ud800 and \u2028"))
    assert store.read("load", LoadEvidence).unmeasured == "it said \N{REPLACEMENT CHARACTER} and \u2028"


def test_what_was_never_written_was_never_measured(store: EvidenceStore) -> None:
    evidence = store.read("load", LoadEvidence)
    assert (evidence.record, evidence.unmeasured) == (None, "never measured in this run")
    assert not store.has("load")


def test_a_file_cut_short_is_unmeasured_with_the_reason(store: EvidenceStore) -> None:
    path = _write(store)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        evidence = store.read("load", LoadEvidence)
        assert evidence.record is None
        assert evidence.unmeasured is not None
        assert evidence.unmeasured.startswith("evidence file load.json is damaged: it is no JSON: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"record": {"profile": "smoke"}}, "record.test_type is missing"),
        ({"verdict": "GO"}, "verdict is unknown to this version"),
        ({"schema": "examday/evidence/9"}, "schema is 'examday/evidence/9'; valid: 'examday/evidence/1'"),
    ],
)
def test_a_file_that_says_something_else_is_unmeasured_and_names_what(
    store: EvidenceStore, change: dict[str, object], reason: str
) -> None:
    path = _write(store)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    evidence = store.read("load", LoadEvidence)
    assert evidence.record is None
    assert evidence.unmeasured == f"evidence file load.json is damaged: {reason}"


def test_evidence_of_another_kind_is_no_evidence(store: EvidenceStore) -> None:
    _write(store)
    assert store.read("load", DrillEvidence).record is None


def test_bytes_that_are_no_text_are_unmeasured(store: EvidenceStore) -> None:
    store.path("load").write_bytes(b"\xff\xfe\x00")
    assert store.read("load", LoadEvidence).record is None


def test_a_folder_in_place_of_the_file_is_unmeasured(store: EvidenceStore) -> None:
    store.path("load").mkdir()
    assert not store.has("load")
    assert store.read("load", LoadEvidence).unmeasured == "evidence file load.json cannot be read: it is a folder"


def test_a_write_that_fails_leaves_what_was_there(store: EvidenceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(store)
    before = path.read_text()

    def full(self: Path, text: str, **options: str) -> int:
        with self.open("w") as file:
            file.write(text[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        store.write(builders.measured("load", builders.load(candidates=99)))
    monkeypatch.undo()
    assert path.read_text() == before
    assert store.read("load", LoadEvidence).record == builders.load()


def test_a_write_never_shows_half_a_file(store: EvidenceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append(target.exists())
        assert json.loads(self.read_text())["activity"] == "load"
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    _write(store)
    assert seen == [False]
    assert [path.name for path in (store.directory / "evidence").iterdir()] == ["load.json"]


def test_no_secret_reaches_the_disk_and_the_rest_stays_readable(store: EvidenceStore) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9mLWl0"
    fates = (builders.fate(story=f"told {SECRET} and Bearer {token}"),)
    store.write(builders.measured("load", builders.load(fates=fates)))
    text = store.path("load").read_text()
    assert json.dumps(SECRET)[1:-1] not in text
    assert token not in text
    record = store.read("load", LoadEvidence).record
    assert record is not None
    assert record.fates[0].story == "told [hidden] and Bearer [hidden]"


def test_evidence_names_its_environment(store: EvidenceStore) -> None:
    store.write(builders.measured("load", builders.load()).model_copy(update={"environment": "staging"}))
    assert store.read("load", LoadEvidence).environment == "staging"
