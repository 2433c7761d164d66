"""The ledger against the stored state: each harm is reported once."""

import gc
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from pytest_examday.evidence.reconciliation import Reconciliation
from pytest_examday.integrity.harmed_actors import harmed_by_differences
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored_state import StoredSubject, UnreadableSubject
from pytest_examday.load.ledger import Write
from tests.integrity.ledger_and_source import SUBMIT, Holding, Row, answer, write

COUNTS = (
    "lost",
    "stale",
    "unknown_kept",
    "unknown_absent",
    "never_sent",
    "vanished",
    "wrong_scores",
    "accepted_after_submit",
    "owner_changed",
    "lost_submits",
    "unsubmitted",
    "two_results",
    "duplicate_sessions",
    "other_questions",
    "history_missing",
    "event_missing",
    "event_disagrees",
    "losses_in_history",
    "unread",
    "uncompared",
)
NO_FINDINGS = ("unknown_kept", "unknown_absent", "unsubmitted", "losses_in_history", "uncompared")
EMPTY = write("submit", result="0")


def judged(writes: list[Write], row: Row | None) -> Reconciliation:
    """The session s-1, created and with these writes, against what is stored of it."""
    stored = {} if row is None else {"s-1": row.stored()}
    return reconcile([write("create"), *writes], Holding(stored), ("load.ledger.jsonl",))


CASES: dict[str, tuple[list[Write], Row | None, dict[str, int]]] = {
    "kept": ([answer("A"), SUBMIT], Row({"q1": "A"}, score=1), {}),
    "changed, and the change kept": ([answer("B"), answer("A", 2), SUBMIT], Row({"q1": "A"}, score=1), {}),
    "lost": ([answer("A"), SUBMIT], Row(score=1), {"lost": 1}),
    "lost before the score was made": ([answer("A"), SUBMIT], Row(score=0), {"lost": 1}),
    "told a score that is no number": (
        [answer("A"), write("submit", result="first class")],
        Row({"q1": "A"}, score=1),
        {},
    ),
    "told a score without end": (
        [answer("A"), write("submit", result="9" * 400)],
        Row({"q1": "A"}, score=1),
        {"wrong_scores": 1},
    ),
    "an empty row is as lost as no row": ([answer("A"), SUBMIT], Row({"q1": None}, score=1), {"lost": 1}),
    "stale: overwritten by the older answer": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row({"q1": "B"}, score=1),
        {"stale": 1},
    ),
    "stale: another value": ([answer("A"), SUBMIT], Row({"q1": "Z"}, score=0), {"stale": 1}),
    "unknown, and stored": ([answer("A", 1, "unknown"), SUBMIT], Row({"q1": "A"}, score=1), {"unknown_kept": 1}),
    "unknown, and absent": ([answer("A", 1, "unknown"), SUBMIT], Row(score=0), {"unknown_absent": 1}),
    "an unknown change, stored": (
        [answer("B"), answer("A", 2, "unknown"), SUBMIT],
        Row({"q1": "A"}, score=1),
        {"unknown_kept": 1},
    ),
    "an unknown change, absent": (
        [answer("B"), answer("A", 2, "unknown"), SUBMIT],
        Row({"q1": "B"}),
        {"unknown_absent": 1},
    ),
    "an unknown answer overtaken by an acknowledged one must not come back": (
        [answer("B", 1, "unknown"), answer("A", 2), SUBMIT],
        Row({"q1": "B"}, score=0),
        {"stale": 1},
    ),
    "an acknowledged answer is lost although a later one is unknown": (
        [answer("A"), answer("B", 2, "unknown"), SUBMIT],
        Row(score=0),
        {"lost": 1},
    ),
    "taken back, and an empty row": ([answer("A"), answer(None, 2), EMPTY], Row({"q1": None}, score=0), {}),
    "taken back, and no row": ([answer("A"), answer(None, 2), EMPTY], Row(score=0), {}),
    "taken back, and an empty text": ([answer("A"), answer(None, 2), EMPTY], Row({"q1": ""}, score=0), {}),
    "taken back, and answered again": (
        [answer("B"), answer(None, 2), answer("A", 3), SUBMIT],
        Row({"q1": "A"}, score=1, times_logged={"q1": 2}),
        {},
    ),
    "stale: taken back, and the old answer stays": (
        [answer("A"), answer(None, 2), EMPTY],
        Row({"q1": "A"}, score=1),
        {"stale": 1},
    ),
    "taken back, and it counts in the score": (
        [answer("A"), answer(None, 2), write("submit", result="1")],
        Row({"q1": None}, score=1),
        {"wrong_scores": 1},
    ),
    "taken back, and the log has nothing of it": (
        [answer("A"), answer(None, 2), EMPTY],
        Row({"q1": None}, score=0, log={"q1": ("A",)}),
        {},
    ),
    "perhaps taken back, and blank": (
        [answer("A"), answer(None, 2, "unknown"), EMPTY],
        Row({"q1": None}, score=0),
        {"unknown_kept": 1},
    ),
    "perhaps answered after it was taken back, and blank": (
        [answer("A"), answer(None, 2), answer("B", 3, "unknown"), EMPTY],
        Row({"q1": None}, score=0),
        {"unknown_absent": 1},
    ),
    "never sent: another question": ([SUBMIT], Row({"q2": "B"}), {"never_sent": 1}),
    "never sent: another value than the unknown one": (
        [answer("A", 1, "unknown"), SUBMIT],
        Row({"q1": "C"}),
        {"never_sent": 1},
    ),
    "refused, and stored all the same": ([answer("A", 1, "refused"), SUBMIT], Row({"q1": "A"}), {"never_sent": 1}),
    "refused, and not stored": ([answer("A", 1, "refused"), EMPTY], Row(score=0), {}),
    "rows that the platform makes beforehand are nobody's answer": ([EMPTY], Row({"q1": None, "q2": None}), {}),
    "vanished, and its answers with it": (
        [answer("A"), answer("B", 2, key="q2"), SUBMIT],
        None,
        {"vanished": 1, "lost": 2},
    ),
    "wrong score": ([answer("A"), SUBMIT], Row({"q1": "A"}, score=0), {"wrong_scores": 1}),
    "told another score than is stored": (
        [answer("A"), write("submit", result="2")],
        Row({"q1": "A"}, score=1),
        {"wrong_scores": 1},
    ),
    "a score that nobody was told": ([answer("A"), write("submit")], Row({"q1": "A"}, score=1), {}),
    "no score is counted by its own check": ([answer("A"), SUBMIT], Row({"q1": "A"}, score=None), {}),
    "accepted after the submit": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, late=("q1",)),
        {"accepted_after_submit": 1},
    ),
    "owner changed": ([SUBMIT], Row(owner="user-2"), {"owner_changed": 1}),
    "a submit that was acknowledged and is not there": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, status="ACTIVE", score=None),
        {"lost_submits": 1},
    ),
    "not submitted": ([answer("A")], Row({"q1": "A"}, status="ACTIVE", score=None), {"unsubmitted": 1}),
    "an unknown submit that is not there": (
        [answer("A"), write("submit", "unknown")],
        Row({"q1": "A"}, status="ACTIVE", score=None),
        {"unsubmitted": 1},
    ),
    "an unknown submit that is there": ([answer("A"), write("submit", "unknown")], Row({"q1": "A"}, score=1), {}),
    "the log holds no event of a kept answer": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ()}),
        {"event_missing": 1},
    ),
    "the log holds no event of a change that was kept": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ("B",)}),
        {"event_missing": 1},
    ),
    "the log says that another answer was given": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ("Z",)}),
        {"event_disagrees": 1},
    ),
    "the log has the answers in another order": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ("B", "A")}),
        {"event_disagrees": 1},
    ),
    "the log took an answer that was refused": (
        [answer("A"), answer("B", 2, "refused"), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ("B", "A")}),
        {"event_disagrees": 1},
    ),
    "the log has an unknown change that was not stored": (
        [answer("A"), answer("B", 2, "unknown"), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ("B", "A")}),
        {"unknown_absent": 1},
    ),
    "the log has no unknown change that was stored": (
        [answer("B"), answer("A", 2, "unknown"), SUBMIT],
        Row({"q1": "A"}, score=1, log={"q1": ("B",)}),
        {"unknown_kept": 1},
    ),
    "lost, and the log has it": (
        [answer("A"), SUBMIT],
        Row(score=1, log={"q1": ("A",)}),
        {"lost": 1, "losses_in_history": 1},
    ),
    "lost, and from the log as well": ([answer("A"), SUBMIT], Row(score=1), {"lost": 1}),
    "stale, and the log has it": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row({"q1": "B"}, score=0, log={"q1": ("A", "B")}),
        {"stale": 1, "losses_in_history": 1},
    ),
    "stale, and in the log as well": ([answer("A"), SUBMIT], Row({"q1": "Z"}, score=0), {"stale": 1}),
    "stored and logged by nobody": ([EMPTY], Row({"q1": "A"}, log={"q1": ()}), {"never_sent": 1}),
    "a source that reads no log has nothing against it": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, log=None),
        {},
    ),
    "the log lost the value before the last": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row({"q1": "A"}, score=1, times_logged={}),
        {"history_missing": 1},
    ),
    "the log has all values": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row({"q1": "A"}, score=1, times_logged={"q1": 2}),
        {},
    ),
    "the same value again may be logged or not": (
        [answer("A"), answer("A", 2), SUBMIT],
        Row({"q1": "A"}, score=1, times_logged={}),
        {},
    ),
    "the log has a value that nobody sent before the right one": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, times_logged={"q1": 2}, logged=(("q1", "A", 1.0), ("q1", "B", 1.0))),
        {"event_disagrees": 1},
    ),
    "the log has all values that were sent, the refused and the unanswered ones too": (
        [answer("A"), answer("B", 2, "refused"), answer("C", 3, "unknown"), SUBMIT],
        Row({"q1": "A"}, score=1, logged=(("q1", "A", None), ("q1", "B", None), ("q1", "C", None))),
        {"unknown_absent": 1},
    ),
    "the log dates all answers at the start": (
        [answer("A", key=f"q{number}", sent_at=10.0 * number) for number in range(1, 6)],
        Row(
            {f"q{number}": "A" for number in range(1, 6)},
            status="IN_PROGRESS",
            logged=tuple((f"q{number}", "A", 5.0) for number in range(1, 6)),
        ),
        {"event_disagrees": 1, "unsubmitted": 1},
    ),
    "the clock of the log is behind for all answers alike": (
        [answer("A", key=f"q{number}", sent_at=10.0 * number) for number in range(1, 6)],
        Row(
            {f"q{number}": "A" for number in range(1, 6)},
            status="IN_PROGRESS",
            logged=tuple((f"q{number}", "A", 10.0 * number - 300) for number in range(1, 6)),
        ),
        {"unsubmitted": 1},
    ),
    "the log is written late, for most answers": (
        [answer("A", key=f"q{number}", sent_at=10.0 * number) for number in range(1, 6)],
        Row(
            {f"q{number}": "A" for number in range(1, 6)},
            status="IN_PROGRESS",
            logged=tuple((f"q{number}", "A", 10.0 * number + (40 if number > 1 else 0)) for number in range(1, 6)),
        ),
        {"unsubmitted": 1},
    ),
    "a lost answer is not a lost history too": (
        [answer("B"), answer("A", 2), SUBMIT],
        Row(score=0, times_logged={}),
        {"lost": 1},
    ),
    "a second session that nobody was told of": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, siblings=("s-9",)),
        {"duplicate_sessions": 1},
    ),
    "without the right choices a score is only as told": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=1, keyless=True),
        {},
    ),
    "without the right choices another score than told is wrong": (
        [answer("A"), SUBMIT],
        Row({"q1": "A"}, score=3, keyless=True),
        {"wrong_scores": 1},
    ),
}


@pytest.mark.parametrize(("writes", "row", "expected"), CASES.values(), ids=CASES)
def test_each_write_is_counted_once_by_its_fate(writes: list[Write], row: Row | None, expected: dict[str, int]) -> None:
    found = judged(writes, row)
    assert {name: getattr(found, name) for name in COUNTS} == {**dict.fromkeys(COUNTS, 0), **expected}
    assert found.kept == found.acknowledged - found.lost - found.stale


@pytest.mark.parametrize(("writes", "row", "expected"), CASES.values(), ids=CASES)
def test_each_harm_has_one_finding(writes: list[Write], row: Row | None, expected: dict[str, int]) -> None:
    told = {kind: count for kind, count in expected.items() if kind not in NO_FINDINGS}
    differences = judged(writes, row).differences
    assert len(differences) == (1 if told else 0)
    assert all((difference.actor, difference.subject) == ("ada", "s-1") for difference in differences)


@pytest.mark.parametrize(
    ("there", "story"),
    [
        (("q1", "q3"), "opened with 2 questions; 1 of them are gone, 1 others are there"),
        (("q1", "q2", "q3"), "opened with 2 questions; 0 of them are gone, 1 others are there"),
        (("q1",), "opened with 2 questions; 1 of them are gone, 0 others are there"),
    ],
)
def test_a_session_with_other_questions_than_it_was_opened_with_is_found(there: tuple[str, ...], story: str) -> None:
    created = write("create", result="q1\nq2")
    row = replace(Row({"q1": "A"}).stored(), score=1, correct=dict.fromkeys(there, "A"))
    found = reconcile([created, answer("A"), SUBMIT], Holding({"s-1": row}), ())
    assert (found.other_questions, [one.story for one in found.differences]) == (1, [story])
    whole = replace(row, correct=dict.fromkeys(("q2", "q1"), "A"))
    assert reconcile([created, answer("A"), SUBMIT], Holding({"s-1": whole}), ()).differences == ()


def test_a_second_session_that_the_ledger_has_too_is_another_start() -> None:
    stored = {"s-1": Row(siblings=("s-2",)).stored(), "s-2": Row(siblings=("s-1",)).stored()}
    created = [write("create", key="k1"), write("create", key="k2", subject="s-2")]
    assert reconcile(created, Holding(stored), ()).differences == ()
    both = [write("create", key="k1"), write("create", key="k1", subject="s-2")]
    (difference,) = reconcile(both, Holding(stored), ()).differences
    assert (difference.kind, difference.subject) == ("duplicate_session", "s-2")


def test_a_difference_has_the_acknowledged_and_the_stored_value_and_the_request() -> None:
    (difference,) = judged([answer("A"), SUBMIT], Row({"q1": "Z"})).differences
    assert (difference.kind, difference.key, difference.acknowledged, difference.stored) == ("stale", "q1", "A", "Z")
    assert difference.request_id == "ed-1"
    assert difference.story == "acknowledged A and Z is stored"


def test_two_values_that_look_alike_are_told_with_their_code_points() -> None:
    (difference,) = judged([answer("\u1e02"), SUBMIT], Row({"q1": "B\u0307"})).differences
    assert difference.story == "acknowledged \u1e02 (U+1E02) and B\u0307 (U+0042 U+0307) is stored"


def test_a_finding_tells_whose_it_is_where_and_when_it_was_acknowledged() -> None:
    writes = [write("answer", key="q1", value="A", sequence=1, answered_at=3661.0), SUBMIT]
    (difference,) = judged(writes, Row({"q1": "Z"})).differences
    assert difference.sentence == (
        "ada, session s-1, question q1, acknowledged at 01:01:01 UTC: acknowledged A and Z is stored"
    )
    (gone,) = judged(writes, None).differences
    assert gone.sentence.startswith("ada, session s-1, acknowledged at 01:01:01 UTC: the session is gone")


def test_a_vanished_session_is_one_finding_that_counts_its_answers() -> None:
    (difference,) = judged([answer("A"), answer("B", key="q2"), answer("C", 3, "unknown", "q3")], None).differences
    assert (difference.kind, difference.story) == (
        "vanished",
        "the session is gone, and 2 acknowledged answers with it",
    )


def test_a_score_is_compared_only_where_it_is_certain_what_it_should_be() -> None:
    assert judged([answer("A"), SUBMIT], Row({"q1": "A"}, score=1)).scores_compared == 1
    assert judged([answer("A", 1, "unknown"), SUBMIT], Row({"q1": "A"}, score=1)).scores_compared == 0
    assert judged([answer("A"), SUBMIT], Row(score=0)).scores_compared == 0
    assert judged([answer("A")], Row({"q1": "A"}, score=1)).scores_compared == 0


def test_a_session_whose_creation_was_never_acknowledged_is_nobodys() -> None:
    created = Write("1", "create", "ada", 0.0, state="unknown")
    found = reconcile([created], Holding({}), ())
    assert (found.subjects, found.differences) == (0, ())


def test_a_session_that_was_given_to_two_candidates_is_told_with_both() -> None:
    writes = [write("create"), answer("A"), msgspec.structs.replace(write("create", key="k2"), actor="bob"), SUBMIT]
    found = reconcile(writes, Holding({"s-1": Row({"q1": "A"}, score=1).stored()}), ())
    assert (found.owner_changed, found.kept) == (1, 1)
    assert found.differences[0].story == "opened by ada, and given to bob as a new session too"


def test_an_owner_that_the_platform_does_not_tell_cannot_change() -> None:
    created = Write("1", "create", "ada", 0.0, subject="s-1", state="acknowledged")
    assert reconcile([created, SUBMIT], Holding({"s-1": Row(owner="anybody").stored()}), ()).owner_changed == 0


def test_an_owner_that_the_source_does_not_show_cannot_change() -> None:
    row = replace(Row({"q1": "A"}, score=1).stored(), owner=None)
    found = reconcile([write("create"), answer("A"), SUBMIT], Holding({"s-1": row}), ())
    assert (found.owner_changed, found.scores_compared) == (0, 1)


def test_a_score_without_the_right_choices_is_not_called_compared() -> None:
    assert judged([answer("A"), SUBMIT], Row({"q1": "A"}, score=1, keyless=True)).scores_compared == 0


def test_a_score_is_compared_although_the_log_is_wrong() -> None:
    found = judged([answer("A"), SUBMIT], Row({"q1": "A"}, score=0, log={"q1": ()}))
    assert (found.event_missing, found.wrong_scores) == (1, 1)


def test_a_loss_that_the_log_has_says_so() -> None:
    (difference,) = judged([answer("A"), SUBMIT], Row(score=1, log={"q1": ("A",)})).differences
    assert difference.story == "acknowledged A and nothing is stored, though the platform's event history has it"


def test_a_session_that_could_not_be_read_is_neither_kept_nor_lost() -> None:
    writes = [write("create"), answer("A"), answer("B", 2), answer("C", 3, "unknown", "q2"), SUBMIT]
    found = reconcile(writes, Holding({"s-1": UnreadableSubject("ada could not log in: HTTP 401")}, "api"), ())
    assert (found.unread, found.uncompared, found.acknowledged) == (1, 2, 2)
    assert (found.kept, found.losses, found.harmed) == (0, 0, ())
    assert [(difference.kind, difference.story) for difference in found.differences] == [
        ("unread", "ada could not log in: HTTP 401")
    ]


@pytest.mark.parametrize("collects", [True, False])
def test_an_unreadable_ledger_leaves_the_garbage_collector_as_it_was(collects: bool) -> None:
    def damaged() -> Iterator[Write]:
        yield write("create")
        assert not gc.isenabled()
        raise ValueError("line 2 is damaged")

    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        with pytest.raises(ValueError, match="line 2"):
            reconcile(damaged(), Holding({}), ())
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()


def test_the_record_says_who_told_what_is_stored_and_what_was_not_told() -> None:
    found = reconcile([write("create")], Holding({}, "api"), ())
    assert (found.source, found.unjudged) == ("api", ("owners",))


def _of(number: int, one: Write) -> Write:
    return msgspec.structs.replace(one, subject=f"s-{number}", actor=f"candidate-{number:03}", owner=None)


def test_counts_are_whole_where_findings_are_cut_short() -> None:
    writes = [answer("B", n, key=f"k{n}") for n in range(1, 151)]
    found = judged([*writes, SUBMIT], Row(score=0))
    assert (found.lost, len(found.differences)) == (150, 1 + 5)


def test_every_harmed_candidate_has_a_finding_however_many_there_are() -> None:
    writes: list[Write] = []
    stored: dict[str, StoredSubject] = {}
    for number in range(150):
        stored[f"s-{number}"] = Row(score=0).stored()
        answers = [answer("B", key=key) for key in ("q1", "q2", "q3")]
        writes += [_of(number, one) for one in (write("create"), *answers)]
    found = reconcile(writes, Holding(stored), ())
    everybody = {f"candidate-{number:03}" for number in range(150)}
    assert (found.lost, set(found.harmed)) == (450, everybody)
    assert {difference.actor for difference in found.differences} == everybody
    assert len(found.differences) == 150 + 100


def test_the_findings_of_others_leave_room_for_the_first_of_a_harmed_candidate() -> None:
    """200 sessions with an answer after the submit harm nobody; the last candidate lost one."""
    writes = [_of(number, one) for number in range(201) for one in (write("create"), answer("A"), SUBMIT)]
    stored = {f"s-{number}": Row({"q1": "A"}, score=1, late=("q1",)).stored() for number in range(200)}
    found = reconcile(writes, Holding({**stored, "s-200": Row(score=0).stored()}), ())
    assert (found.accepted_after_submit, found.harmed) == (200, ("candidate-200",))
    assert [harm.actor for harm in harmed_by_differences(found.differences, "load")] == ["candidate-200"]
    assert len(found.differences) == 101


def test_candidates_who_were_logged_in_as_one_person_are_found() -> None:
    writes = [write("create"), msgspec.structs.replace(write("create"), subject="s-2", actor="bob@exam.example")]
    found = reconcile(writes, Holding({name: Row().stored() for name in ("s-1", "s-2")}), ())
    assert (found.shared_owners, found.contradicts_ledger, found.harmed) == (1, True, ("bob@exam.example",))
    assert "was logged in as user-1, and so was " in found.differences[0].story


def test_what_took_nothing_from_a_candidate_names_nobody_as_harmed() -> None:
    found = judged([answer("A"), SUBMIT], Row({"q1": "A"}, score=1, late=("q1",)))
    assert (found.accepted_after_submit, found.harmed) == (1, ())


def test_losses_are_everything_that_was_acknowledged_and_is_gone() -> None:
    assert judged([answer("A"), SUBMIT], Row(score=0)).losses == 1
    assert judged([answer("A"), SUBMIT], Row({"q1": "A"}, status="ACTIVE", score=None)).losses == 1
    assert judged([SUBMIT], None).losses == 1
