"""The exam keeps its promises."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.platform.platform_harness import Platform


def test_creating_with_the_same_key_gives_the_same_session(platform: Platform) -> None:
    candidate = platform.candidate()
    first, again = candidate.create("key"), candidate.create("key")
    assert first["session_id"] == again["session_id"]
    assert [item["question_id"] for item in first["questions"]] == [item["question_id"] for item in again["questions"]]
    assert len(candidate.client.get("/v1/sessions").json()["sessions"]) == 1


def test_simultaneous_creates_with_one_key_make_one_session(platform: Platform) -> None:
    candidate = platform.candidate()
    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(lambda _: candidate.create("race")["session_id"], range(8)))
    assert len(set(sessions)) == 1


def test_a_new_session_describes_the_whole_exam(platform: Platform) -> None:
    session = platform.candidate().create(question_count=7)
    assert session["status"] == "ACTIVE"
    assert 3590 < session["remaining_seconds"] <= 3600
    assert [item["position"] for item in session["questions"]] == list(range(1, 8))
    assert {choice["key"] for choice in session["questions"][0]["choices"]} == set("ABCDE")
    assert "correct_choice" not in str(session)


def test_more_questions_than_exist_are_refused_and_leave_nothing(platform: Platform) -> None:
    candidate = platform.candidate()
    answer = candidate.client.post("/v1/sessions", json={"question_count": 500})
    assert answer.status_code == 422
    assert candidate.client.get("/v1/sessions").json() == {"sessions": []}


def test_an_answer_can_be_changed_blanked_and_repeated(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    first = candidate.answer(session, choice="B", sequence=1)
    repeated = candidate.answer(session, choice="B", sequence=1)
    assert (first.status_code, repeated.status_code) == (200, 200)
    assert first.json() == repeated.json()
    assert candidate.answer(session, choice=None, sequence=2).status_code == 200
    stored = candidate.view(session).json()["answers"]
    assert [(item["choice"], item["sequence"]) for item in stored] == [(None, 2)]
    kinds = platform.query(
        "SELECT kind, sequence FROM attempt_events WHERE session_id = %s ORDER BY id", session["session_id"]
    )
    assert kinds == [("CREATE", None), ("ANSWER", 1), ("ANSWER", 2)]


@pytest.mark.parametrize(("choice", "sequence"), [("A", 4), ("C", 5)])
def test_an_older_or_contradicting_sequence_is_refused(platform: Platform, choice: str, sequence: int) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    candidate.answer(session, choice="B", sequence=5)
    assert candidate.answer(session, choice=choice, sequence=sequence).status_code == 409
    assert candidate.view(session).json()["answers"][0]["choice"] == "B"


def test_unknown_questions_and_choices_are_refused(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    assert candidate.answer(session, choice="Z").status_code == 422
    elsewhere = {"questions": [{"question_id": session["session_id"]}], "session_id": session["session_id"]}
    assert candidate.answer(elsewhere).status_code == 422


def test_another_candidates_session_does_not_exist(platform: Platform) -> None:
    owner, stranger = platform.candidate(), platform.candidate()
    session = owner.create()
    assert stranger.view(session).status_code == 404
    assert stranger.answer(session).status_code == 404
    assert stranger.submit(session).status_code == 404
    assert stranger.client.get(f"/v1/sessions/{session['session_id']}/review").status_code == 404


def test_nothing_is_accepted_after_the_submit(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    candidate.answer(session)
    first, again = candidate.submit(session), candidate.submit(session)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert candidate.answer(session, sequence=2).status_code == 409


def test_after_the_deadline_answers_are_refused_and_the_submit_is_accepted(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    platform.tamper("UPDATE exam_sessions SET expires_at = now() WHERE id = %s", session["session_id"])
    late = candidate.answer(session)
    assert (late.status_code, late.json()["detail"]) == (409, "time is over")
    assert candidate.view(session).json()["remaining_seconds"] == 0
    assert candidate.submit(session).status_code == 200


def test_simultaneous_submits_count_once(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: candidate.submit(session), range(8)))
    assert {item.status_code for item in answers} == {200}
    assert len({item.text for item in answers}) == 1
    session_id = session["session_id"]
    events = "SELECT count(*) FROM attempt_events WHERE kind = 'SUBMIT' AND session_id = %s"
    assert platform.query(events, session_id) == [(1,)]
    repeated = "SELECT theme_id FROM mastery_updates WHERE session_id = %s GROUP BY 1 HAVING count(*) > 1"
    assert platform.query(repeated, session_id) == []


def test_no_answer_slips_in_behind_a_simultaneous_submit(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create()
    with ThreadPoolExecutor(8) as pool:
        answering = [pool.submit(candidate.answer, session, 0, "A", number) for number in range(1, 20)]
        submitting = pool.submit(candidate.submit, session)
        codes = {item.result().status_code for item in answering}
    assert submitting.result().status_code == 200
    assert codes <= {200, 409}
    late = """
        SELECT count(*) FROM session_answers a JOIN exam_sessions e ON e.id = a.session_id
        WHERE e.id = %s AND a.saved_at > e.submitted_at
    """
    assert platform.query(late, session["session_id"]) == [(0,)]


def test_the_score_is_what_the_frozen_answers_earn(platform: Platform) -> None:
    candidate = platform.candidate()
    session = candidate.create(question_count=6)
    right = dict(
        platform.query(
            "SELECT question_id::text, correct_choice FROM session_questions WHERE session_id = %s",
            session["session_id"],
        )
    )
    for index, question in enumerate(session["questions"][:4]):
        candidate.answer(session, index, right[question["question_id"]])
    review_path = f"/v1/sessions/{session['session_id']}/review"
    assert candidate.client.get(review_path).status_code == 409
    result = candidate.submit(session).json()
    assert (result["score"], result["max_score"]) == (4, 6)
    review = candidate.client.get(review_path).json()
    assert [item["correct"] for item in review["questions"]] == [True] * 4 + [False] * 2
    assert review["questions"][5]["choice"] is None
