"""Any exam against what is stored of it, whole or in chunks, finds what was changed and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.integrity import reconciliation_builder
from pytest_examday.integrity.harmed_actors import HARMS, harmed_by_differences
from pytest_examday.integrity.reconcile import reconcile
from pytest_examday.integrity.stored_state import StoredSubject
from pytest_examday.load.ledger import Write
from tests.integrity.ledger_and_source import Holding, Row, write


@st.composite
def exams(draw: st.DrawFn) -> tuple[list[Write], dict[str, StoredSubject], list[tuple[str, str]]]:
    """Sessions of several candidates, the database that applied exactly what was acknowledged, and the (session,
    question) of every final answer."""
    writes: list[Write] = []
    stored: dict[str, StoredSubject] = {}
    final: list[tuple[str, str]] = []
    for number in range(draw(st.integers(1, 3))):
        session, row = f"s-{number}", Row(status="ACTIVE", score=None)
        writes.append(write("create", subject=session))
        clicks = draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["q1", "q2", "q3", "q4"]),
                    st.sampled_from("ABCD"),
                    st.sampled_from(["acknowledged", "acknowledged", "refused"]),
                ),
                max_size=8,
            )
        )
        for sequence, (question, value, state) in enumerate(clicks):
            fields = {"subject": session, "key": question, "value": value, "sequence": sequence}
            writes.append(write("answer", state, **fields))  # type: ignore[arg-type] # drawn
            if state == "acknowledged":
                row.answers[question] = value
        if draw(st.booleans()):
            earned = sum(value == "A" for value in row.answers.values())
            row.status, row.score = "SUBMITTED", earned
            writes.append(write("submit", subject=session, result=str(earned)))
        stored[session] = row.stored()
        final += [(session, question) for question in row.answers]
    return writes, stored, final


@given(exams())
def test_a_database_that_applied_exactly_what_was_acknowledged_has_no_findings(
    exam: tuple[list[Write], dict[str, StoredSubject], list[tuple[str, str]]],
) -> None:
    writes, stored, _ = exam
    found = reconcile(writes, Holding(stored), ())
    assert found.differences == ()
    assert found.losses == 0
    assert found.kept == found.acknowledged
    assert found.scores_compared == sum(one.kind == "submit" for one in writes)


@given(exams().filter(lambda exam: exam[2]), st.data(), st.sampled_from([("lost", None), ("stale", "Z")]))
def test_a_dropped_answer_is_one_loss_and_a_changed_one_is_one_stale_value(
    exam: tuple[list[Write], dict[str, StoredSubject], list[tuple[str, str]]],
    data: st.DataObject,
    harm: tuple[str, str | None],
) -> None:
    writes, stored, final = exam
    kind, choice = harm
    session, question = data.draw(st.sampled_from(final))
    if choice is None:
        del stored[session].values[question]
    else:
        stored[session].values[question] = choice
    found = reconcile(writes, Holding(stored), ())
    assert [(difference.kind, difference.subject, difference.key) for difference in found.differences] == [
        (kind, session, question)
    ]
    assert (found.lost, found.stale) == ((1, 0) if kind == "lost" else (0, 1))
    assert (found.losses, found.kept) == (1, found.acknowledged - 1)


@given(exams(), st.data())
def test_one_session_dropped_vanishes_once(
    exam: tuple[list[Write], dict[str, StoredSubject], list[tuple[str, str]]], data: st.DataObject
) -> None:
    writes, stored, _ = exam
    gone = data.draw(st.sampled_from(sorted(stored)))
    del stored[gone]
    found = reconcile(writes, Holding(stored), ())
    assert [(difference.kind, difference.subject) for difference in found.differences] == [("vanished", gone)]


@st.composite
def disturbed_exams(draw: st.DrawFn) -> tuple[list[Write], dict[str, StoredSubject]]:
    """Exams whose database has lost, changed, invented and reassigned what it pleased, and whose ledger goes on
    after answers that nobody gave."""
    writes, stored, final = draw(exams())
    for session, question in final:
        match draw(st.sampled_from(["kept", "kept", "dropped", "changed", "late"])):
            case "dropped":
                del stored[session].values[question]
            case "changed":
                stored[session].values[question] = "Z"
            case "late":
                stored[session] = replace(stored[session], late=(*stored[session].late, question))
    for session in draw(st.sets(st.sampled_from(sorted(stored)))):
        fate = draw(st.sampled_from(["gone", "invented", "unknown", "owner"]))
        if fate == "gone":
            del stored[session]
        elif fate == "invented":
            stored[session].values["q9"] = "A"
        elif fate == "owner":
            stored[session] = replace(stored[session], owner="user-2")
        else:
            writes.append(write("answer", "unknown", subject=session, key="q5", value="A", sequence=99))
    return writes, stored


@given(disturbed_exams(), st.integers(1, 3), st.integers(0, 4))
def test_sessions_judged_in_chunks_are_judged_as_all_at_once(
    exam: tuple[list[Write], dict[str, StoredSubject]], chunk: int, kept: int
) -> None:
    writes, stored = exam
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconciliation_builder, "_FURTHER_OF_ONE", 10**6)
        patch.setattr(reconciliation_builder, "_FURTHER_KEPT", 10**6)
        whole = reconcile(writes, Holding(stored), (), least_chunk=len(writes) + 1)
        assert reconcile(writes, Holding(stored), (), least_chunk=chunk) == whole
        patch.setattr(reconciliation_builder, "_FURTHER_KEPT", kept)
        cut = reconcile(writes, Holding(stored), (), least_chunk=chunk)
    first = {
        difference.actor: number
        for number, difference in reversed(list(enumerate(whole.differences)))
        if difference.kind in HARMS
    }
    others = [number for number in range(len(whole.differences)) if number not in first.values()]
    chosen = sorted([*first.values(), *others[:kept]])
    assert cut == whole.model_copy(update={"differences": tuple(whole.differences[number] for number in chosen)})
    assert set(cut.harmed) == {harm.actor for harm in harmed_by_differences(cut.differences, "load")}


@pytest.mark.parametrize(("sessions", "chunks"), [(1, [1]), (5, [2, 2, 1]), (640, [20] * 32), (641, [21] * 30 + [11])])
def test_the_number_of_queries_for_sessions_is_limited(sessions: int, chunks: list[int]) -> None:
    source = Holding({})
    reconcile([write("create", subject=f"s-{number}") for number in range(sessions)], source, (), least_chunk=2)
    assert source.asked == chunks
