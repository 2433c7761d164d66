"""Each line on webhooks is red on the defects that it is there for, and no other line is."""

import pytest

from tests.suites.staging.webhooks.conftest import RunningReceiver
from tests.suites.staging.webhooks.judging import judged, outcomes

PLANTED = {
    "webhooks-signature": (
        "unsigned-accepted",
        "empty-secret",
        "any-secret",
        "sha1-accepted",
        "prefix-compared",
        "first-signature-only",
        "odd-shape-accepted",
    ),
    "webhooks-replay": ("window-dead", "window-narrow", "window-wide"),
    "webhooks-timestamp": ("timestamp-optional", "odd-timestamp", "future-accepted"),
    "webhooks-rate-limit": (
        "limit-before-signature",
        "limit-off",
        "limit-higher",
        "limit-lower",
        "limit-shared",
        "limit-no-header",
        "limit-long-wait",
        "limit-other-status",
        "limit-stores",
    ),
    "webhooks-idempotency": ("duplicate-errors", "duplicate-effects", "duplicate-refused"),
    "webhooks-event-ingestion": (
        "errors-are-200",
        "stores-garbage",
        "unknown-type-stored",
        "huge-accepted",
        "crashes-on-empty",
    ),
    "webhooks-recovery-attribution": ("no-case",),
    "webhooks-payload-encryption": ("name-plain", "encoded-not-encrypted"),
    "webhooks-minimal-payload": ("note-plain", "payload-whole"),
    "webhooks-gdpr": ("emails-logged", "raw-copy", "deletion-forgets"),
}


def test_every_line_passes_on_a_receiver_without_defects(receiver: RunningReceiver) -> None:
    evidence = receiver.measured()
    found = outcomes(evidence)
    assert not found, "\n".join(found.values())
    assert set(PLANTED) == set(judged(evidence))


@pytest.mark.parametrize(("line", "defect"), [(line, defect) for line, all_of in PLANTED.items() for defect in all_of])
def test_a_defect_turns_its_line_red_and_no_other(receiver: RunningReceiver, line: str, defect: str) -> None:
    found = outcomes(receiver.measured(defect))
    assert list(found) == [line], "\n".join(f"{key}: {reason}" for key, reason in found.items())
    assert found[line].startswith("fail")
