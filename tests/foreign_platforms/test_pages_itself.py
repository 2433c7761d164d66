"""The foreign platform with pages works as an exam platform, before anything is rehearsed on it."""

import re
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.foreign_platforms.started import service, started
from tests.waiting import wait_until

State = dict[str, Any]
ACCESS = re.compile(
    r'^\S+ - (?P<person>\d+|-) \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3} \+0000\] "(?P<request>[^"]+) HTTP/1\.1"'
    r" (?P<status>\d{3}) \d+\.\d{3} id=(?P<id>\S+)$",
    re.MULTILINE,
)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, f"no {pattern} in {text}"
    return match[1]


@dataclass(frozen=True)
class Visitor:
    """A browser in which somebody has logged in, and the CSRF value of the session."""

    client: httpx.Client
    csrf: str

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def send(self, path: str, **fields: object) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **fields})

    def begin(self, **fields: object) -> str:
        """The path of a new exam, of four questions if nothing else is said."""
        response = self.send("/exams", **{"count": 4, **fields})
        assert response.status_code == 303, response.text
        return response.headers["Location"]

    def answer(self, exam: str, question: str, choice: str, sequence: int) -> httpx.Response:
        return self.send(f"{exam}/answers", question=question, choice=choice, sequence=sequence)

    def questions(self, exam: str) -> dict[str, list[str]]:
        """The choices of each question, by its id."""
        parts = self.get(exam).text.split('<fieldset class="question" data-id="')[1:]
        return {part.partition('"')[0]: re.findall('name="choice" value="([^"]+)"', part) for part in parts}

    def chosen(self, exam: str) -> list[str]:
        return re.findall('value="([^"]+)" checked>', self.get(exam).text)


def _browser(site: str) -> httpx.Client:
    """A browser at an address of its own, so that the limit of logins does not reach it."""
    return httpx.Client(base_url=site, headers={"X-Forwarded-For": uuid.uuid4().hex}, timeout=30)


def _entered(client: httpx.Client, email: str, password: str = "open-sesame") -> httpx.Response:
    csrf = _found('<input type="hidden" name="csrf" value="([^"]+)">', client.get("/enter").text)
    return client.post("/enter", data={"csrf": csrf, "email": email, "password": password})


def _visitor(client: httpx.Client, email: str = "person-1@pages.example") -> Visitor:
    assert _entered(client, email).status_code == 303
    return Visitor(client, _found('<meta name="csrf" content="([^"]+)">', client.get("/exams").text))


@pytest.fixture
def client(pages: State) -> Iterator[httpx.Client]:
    with _browser(pages["site"]) as client:
        yield client


@pytest.fixture
def visitor(client: httpx.Client) -> Visitor:
    return _visitor(client)


@pytest.fixture
def staff(client: httpx.Client) -> Visitor:
    return _visitor(client, "office@pages.example")


def test_login_leads_to_the_exams_and_leaving_ends_it(client: httpx.Client) -> None:
    entered = _entered(client, "person-1@pages.example")
    assert (entered.status_code, entered.headers["Location"]) == (303, "/exams")
    assert re.search("sid=[^;]{20,}; HttpOnly;", entered.headers["Set-Cookie"])
    sid, page = client.cookies["sid"], client.get("/exams")
    assert page.status_code == 200

    visitor = Visitor(client, _found('<meta name="csrf" content="([^"]+)">', page.text))
    assert f'<meta name="csrf" content="{visitor.csrf}">' in client.get("/exams").text
    assert visitor.send("/leave").headers["Location"] == "/enter"
    client.cookies.set("sid", sid)
    for response in (client.get("/exams"), visitor.send("/exams", count=4)):
        assert (response.status_code, response.headers["Location"]) == (303, "/enter")


def test_wrong_password_shows_the_form_again(client: httpx.Client) -> None:
    response = _entered(client, "person-1@pages.example", "guess")
    assert response.status_code == 200
    assert '<p id="why">E-mail and password do not match.</p>' in response.text
    assert '<form id="enter"' in response.text
    assert "sid" not in client.cookies


@pytest.mark.parametrize("sent", [{}, {"csrf": "made-up"}])
def test_form_without_the_csrf_value_of_the_browser_is_refused(client: httpx.Client, sent: dict[str, str]) -> None:
    client.get("/enter")
    fields = {"email": "person-1@pages.example", "password": "open-sesame", **sent}
    assert client.post("/enter", data=fields).status_code == 403
    _visitor(client)
    for path in ("/exams", "/leave", "/exams/1/answers", "/exams/1/finish", "/staff/mails"):
        assert client.post(path, data={"count": 4, **sent}).status_code == 403


def test_session_lives_thirty_minutes_after_its_last_use(visitor: Visitor, pages: State) -> None:
    mine = "sid_hash = sha256(%s::bytea)"
    sid = visitor.client.cookies["sid"]
    with psycopg.connect(pages["database"], autocommit=True) as connection:

        def ends_in(seconds: float) -> None:
            query = f"UPDATE exam.login SET good_until = now() + make_interval(secs => %s) WHERE {mine}"
            assert connection.execute(query, (seconds, sid)).rowcount == 1

        ends_in(60)
        assert visitor.get("/exams").status_code == 200
        query = f"SELECT good_until - now() FROM exam.login WHERE {mine}"
        (left,) = connection.execute(query, (sid,)).fetchone() or (None,)
        assert left is not None
        assert 28 * 60 < left.total_seconds() <= 30 * 60
        ends_in(-1)
    assert visitor.get("/exams").headers["Location"] == "/enter"


def test_exam_is_read_answered_finished_and_scored(visitor: Visitor, pages: State) -> None:
    exam = visitor.begin()
    first = visitor.get(exam).text
    assert '<main data-status="open">' in first
    assert '<input type="hidden" name="page" value="0">' in first
    assert 3500 < int(_found('<time id="left" data-seconds="([0-9]+)">', first)) < 3600
    questions = visitor.questions(exam)
    assert [len(choices) for choices in questions.values()] == [4] * 4
    assert visitor.chosen(exam) == []

    a, b, c, _ = questions
    wanted = {a: questions[a][0], b: questions[b][1], c: questions[c][2]}
    for sequence, (question, choice) in enumerate([(b, questions[b][3]), *wanted.items()], 1):
        answered = visitor.answer(exam, question, choice, sequence)
        assert (answered.status_code, answered.headers["Location"]) == (303, exam)
    assert visitor.chosen(exam) == list(wanted.values())
    assert '<input type="hidden" name="page" value="4">' in visitor.get(exam).text

    with ThreadPoolExecutor(2) as clicks:
        finished = list(clicks.map(lambda _: visitor.send(f"{exam}/finish"), range(2)))
    for response in (*finished, visitor.send(f"{exam}/finish")):
        assert (response.status_code, response.headers["Location"]) == (303, f"{exam}/result")
    assert '<main data-status="done">' in visitor.get(exam).text
    result = visitor.get(f"{exam}/result").text
    parts = [re.findall("[0-9]+", row) for row in re.findall('<li class="question" ([^>]+)>', result)]
    assert {question: choice for question, choice, _ in parts[:3]} == wanted
    assert [len(part) for part in parts] == [3, 3, 3, 2]
    right = sum(choice == correct for _, choice, correct in parts[:3])
    assert int(_found('<output id="score">([0-9]+)</output>', result)) == right
    with psycopg.connect(pages["database"]) as connection:
        finishes = connection.execute("SELECT count(*) FROM exam.finish WHERE attempt_id = %s", [exam[7:]]).fetchone()
        assert finishes == (1,)
        assert connection.execute("SELECT to_regclass('attempt')").fetchone() == (None,)


def test_same_once_shows_the_same_exam(visitor: Visitor) -> None:
    once = _found('<input type="hidden" name="once" value="([^"]+)">', visitor.get("/exams").text)
    with ThreadPoolExecutor(2) as clicks:
        exams = set(clicks.map(lambda _: visitor.begin(once=once), range(2)))
    assert exams == {visitor.begin(once=once)}
    assert visitor.begin(once=uuid.uuid4()) not in exams


def _answer(visitor: Visitor, exam: str, sequence: int = 1, **changed: str) -> httpx.Response:
    question, choices = next(iter(visitor.questions(exam).items()))
    return visitor.answer(exam, **{"question": question, "choice": choices[0], **changed}, sequence=sequence)


def _repeated(visitor: Visitor, first: int, then: int) -> httpx.Response:
    exam = visitor.begin()
    assert _answer(visitor, exam, first).status_code == 303
    return _answer(visitor, exam, then)


def _finished(visitor: Visitor) -> str:
    exam = visitor.begin()
    assert visitor.send(f"{exam}/finish").status_code == 303
    return exam


def _over(visitor: Visitor) -> str:
    exam, sequence = visitor.begin(seconds=1), count(1)
    wait_until(lambda: _answer(visitor, exam, next(sequence)).status_code == 409)
    return exam


def _of_another(visitor: Visitor) -> str:
    exam = visitor.begin()
    visitor.client.cookies.clear()
    _visitor(visitor.client, "person-2@pages.example")
    return exam


REFUSED: dict[str, tuple[Callable[[Visitor], httpx.Response], int, str]] = {
    "an older answer": (lambda visitor: _repeated(visitor, 5, 4), 409, "A newer answer to this question is saved."),
    "the same answer": (lambda visitor: _repeated(visitor, 5, 5), 409, "A newer answer to this question is saved."),
    "an answer after the finish": (
        lambda visitor: _answer(visitor, _finished(visitor)),
        409,
        "This exam is finished.",
    ),
    "an answer after the end": (
        lambda visitor: _answer(visitor, _over(visitor)),
        409,
        "The time of this exam is over.",
    ),
    "another question": (
        lambda visitor: _answer(visitor, visitor.begin(), question="1"),
        404,
        "This exam has no such question.",
    ),
    "another choice": (
        lambda visitor: _answer(visitor, visitor.begin(), choice="1"),
        400,
        "This question has no such choice.",
    ),
    "a choice that is no number": (
        lambda visitor: _answer(visitor, visitor.begin(), choice="one"),
        400,
        "The field choice must be a number between 0 and 2147483647.",
    ),
    "the result of an open exam": (
        lambda visitor: visitor.get(f"{visitor.begin()}/result"),
        409,
        "This exam is not finished.",
    ),
    "the exam of another": (lambda visitor: visitor.get(_of_another(visitor)), 404, "There is no such exam."),
    "the result of another": (
        lambda visitor: visitor.get(f"{_of_another(visitor)}/result"),
        404,
        "There is no such exam.",
    ),
    "a candidate as staff": (lambda visitor: visitor.send("/staff/mails"), 403, "This page is for staff."),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_are_pages_that_say_why(visitor: Visitor, what: str) -> None:
    send, status, why = REFUSED[what]
    response = send(visitor)
    assert (response.status_code, _found('<p id="why">([^<]+)</p>', response.text)) == (status, why)


def test_exam_whose_time_is_over_can_be_finished(visitor: Visitor) -> None:
    exam = _over(visitor)
    assert visitor.send(f"{exam}/finish").headers["Location"] == f"{exam}/result"


def test_exam_mode_refuses_the_work_of_staff_on_each_worker(staff: Visitor, pages: State) -> None:
    for mode, status in (("on", 423), ("off", 303), ("on", 423)):
        assert staff.send("/staff/mode", mode=mode).headers["Location"] == "/staff/mode"
        for address in pages["workers"].values():
            wait_until(lambda: f'<body data-exam-mode="{mode}">' in staff.get(f"{address}/staff/mode").text)  # noqa: B023
            for work in ("recalculate", "mails"):
                assert staff.send(f"{address}/staff/{work}").status_code == status
    assert staff.get("/staff").status_code == 200


def test_twenty_logins_a_minute_are_served_for_one_address(client: httpx.Client, pages: State) -> None:
    client.headers["X-Forwarded-For"] = "198.51.100.7, 10.0.0.1"
    for _ in range(20):
        assert _entered(client, "person-3@pages.example", "guess").status_code == 200
    refused = _entered(client, "person-3@pages.example")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    client.headers["X-Forwarded-For"] = "198.51.100.8, 10.0.0.1"
    assert _entered(client, "person-3@pages.example").status_code == 303
    del client.headers["X-Forwarded-For"]
    assert _entered(client, "person-3@pages.example").status_code == 303
    with psycopg.connect(pages["database"]) as connection:
        tries = connection.execute("SELECT tries FROM exam.login_tries WHERE address = '127.0.0.1'").fetchone()
    assert tries == (1,)


def test_each_service_can_be_killed_and_started(pages: State) -> None:
    def ready(worker: str) -> tuple[int, str]:
        response = httpx.get(f"{pages['workers'][worker]}/ready", timeout=30)
        return response.status_code, response.text

    assert ready("worker-1") == (200, "ready")
    assert service("kill", "worker-1", pages) == 0
    assert service("status", "worker-1", pages) == 1
    assert httpx.get(f"{pages['site']}/up").text == "up"
    assert service("kill", "database", pages) == 0
    assert ready("worker-2") == (503, "no database")
    with _browser(pages["site"]) as client:
        client.cookies.set("sid", "any")
        assert client.get("/exams").status_code == 503
    for name in ("database", "worker-1"):
        assert service("start", name, pages) == 0
    for worker in pages["workers"]:
        wait_until(lambda: ready(worker) == (200, "ready"))  # noqa: B023


def _log(state: State) -> str:
    return "".join(Path(state["logs"][name]).read_text() for name in state["workers"])


def test_log_mixes_access_lines_with_tracebacks(visitor: Visitor, pages: State) -> None:
    response = visitor.client.get("/exams/999999999", headers={"X-Trace": "find-me"})
    assert response.headers["X-Trace"] == "find-me"
    wait_until(lambda: "id=find-me\n" in _log(pages))
    text = _log(pages)
    (found,) = (match for match in ACCESS.finditer(text) if match["id"] == "find-me")
    assert (found["request"], found["status"]) == ("GET /exams/999999999", "404")
    with psycopg.connect(pages["database"]) as connection:
        query = "SELECT id::text FROM exam.person WHERE email = 'person-1@pages.example'"
        assert connection.execute(query).fetchone() == (found["person"],)
    assert "Traceback (most recent call last):\n  File" in text


def test_planted_defects_show(tmp_path: Path) -> None:
    defects = (
        "loses-answers",
        "finishes-twice",
        "answers-after-finish",
        "others-readable",
        "wrong-score",
        "still-clock",
        "protected-executes",
        "protected-executes-silently",
        "lines-missing",
    )
    options = [part for name in defects for part in ("--defect", name)]
    with (
        started("pages", tmp_path / "platform", "--people", "2", "--exam-mode", *options) as state,
        _browser(state["workers"]["worker-1"]) as client,
        psycopg.connect(state["database"], autocommit=True) as connection,
    ):
        visitor = _visitor(client)
        exam = visitor.begin(count=20)
        questions = visitor.questions(exam)
        for question, choices in questions.items():
            assert visitor.answer(exam, question, choices[0], 1).status_code == 303
        assert visitor.chosen(exam) == [choices[0] for choices in questions.values()][:19]

        short = visitor.begin(seconds=1)
        over = "SELECT ends < now() FROM exam.attempt WHERE id = %s"
        wait_until(lambda: connection.execute(over, [short[7:]]).fetchone() == (True,))
        assert '<time id="left" data-seconds="1">' in visitor.get(short).text

        visitor.send(f"{exam}/finish")
        assert connection.execute("SELECT count(*) FROM exam.finish").fetchone() == (2,)
        result = visitor.get(f"{exam}/result").text
        told = re.findall('data-choice="([0-9]+)" data-right="([0-9]+)"', result)
        assert int(_found('<output id="score">([0-9]+)</output>', result)) == 1 + sum(a == b for a, b in told)
        question, choices = next(iter(questions.items()))
        assert visitor.answer(exam, question, choices[1], 2).status_code == 303

        assert _visitor(client, "person-2@pages.example").get(exam).status_code == 200
        staff = _visitor(client, "office@pages.example")
        assert staff.send("/staff/recalculate").status_code == 423
        assert staff.send("/staff/mails").status_code == 303
        work = connection.execute("SELECT name FROM exam.staff_work ORDER BY id").fetchall()
        assert work == [("recalculate",), ("mails",)]

        for n in range(20):
            client.get("/up", headers={"X-Trace": f"look-{n}"})
        client.get("/up")  # a worker answers it after it has written the lines of all requests before
        looks = [match["id"] for match in ACCESS.finditer(_log(state)) if match["id"].startswith("look-")]
        assert len(looks) == 18
