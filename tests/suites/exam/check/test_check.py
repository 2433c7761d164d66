"""`python -m pytest_examday check` tries everything once and tells each mistake with the key that mends it."""

import json
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from pytest_examday.__main__ import main
from pytest_examday.platform import cli
from pytest_examday.suites.exam.check.check_result import nearest_place, places, shape
from tests.platform.platform_harness import Platform

OWN = """
[env.x]
runtime = {{kind = "embedded", state = "{state}"}}
allow = {allow}
candidates = {{email = "{email}", password = "{password}", count = 600, first = {first}}}
{env}
[env.x.contract]
preset = "reference"
{contract}
[env.x.schema]
preset = "reference"
{schema}
[env.x.log_format]
preset = "reference"
{log}
"""

_NUMBERS = count(1)

Check = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One platform for all checks."""
    running = Platform(tmp_path_factory.mktemp("checked"), "--candidates", 160)
    yield running
    running.end()


@pytest.fixture(scope="module")
def admin_token(platform: Platform) -> str:
    """The platform limits logins, so that not every check may log the administrator in."""
    return str(platform.admin().client.headers["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
def check(platform: Platform, admin_token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Checks the platform by a configuration with these additions, each with a candidate of its own; returns the exit
    status and the lines."""

    def checked(
        env: str = "",
        contract: str = "",
        schema: str = "",
        log: str = "",
        *,
        email: str | None = None,
        first: int | None = None,
        allow: str = '["read", "write", "disrupt"]',
    ) -> tuple[int, list[str]]:
        made = platform.state["candidates"]
        text = OWN.format(
            state=platform.directory / "platform.json",
            email=email or made["email"],
            password=made["password"],
            first=next(_NUMBERS) if first is None else first,
            allow=allow,
            env=env if "admin" in env else f'{env}\nauth_token = "{admin_token}"',
            contract=contract,
            schema=schema,
            log=log,
        )
        (tmp_path / "examday.toml").write_text(text)
        status = main(["check", "--env", "x", "--examday-config", str(tmp_path / "examday.toml")])
        return status, capsys.readouterr().out.splitlines()

    return checked


def _wrong(lines: list[str]) -> list[str]:
    return [line.removeprefix("WRONG ").strip() for line in lines if line.startswith("WRONG")]


def test_a_right_configuration_is_told_row_by_row_and_nothing_is_wrong(check: Check) -> None:
    status, lines = check()
    assert (status, lines[-1]) == (0, "nothing is wrong")
    assert any(line.startswith("ok        contract.create ") for line in lines)
    assert any(line.startswith("ok        the answer, read back") for line in lines)
    assert any(line.startswith("ok        a repeated start") for line in lines)
    assert any(line.startswith("ok        ids of requests") for line in lines)
    assert any(line.startswith("ok        log_format.duration_unit") for line in lines)
    assert any(line.startswith("ok        the drills") for line in lines)
    assert any(line.startswith("ok        schema.relations.questions.columns.correct") for line in lines)
    (limit,) = (line for line in lines if line.startswith("ok        contract.rate_limit "))
    assert ": accepted; phase 3 calls it 14 times in a row, and one must be limited" in limit


def test_a_second_check_does_not_blame_the_platform_for_the_exam_of_the_first(check: Check) -> None:
    first = next(_NUMBERS)
    assert check(first=first)[1][-1] == "nothing is wrong"
    assert check(first=first)[1][-1] == "nothing is wrong"


def test_a_filter_behind_a_wrong_place_is_told_with_the_place_that_was_meant(check: Check) -> None:
    expression = "answerz[?selected != null].{question: question_id, value: selected}"
    _, lines = check(contract=f'read.finds.answers = "{expression}"')
    wrong = [" ".join(line.split()) for line in _wrong(lines)]
    (told,) = wrong
    assert told.startswith(f"contract.read.finds.answers nothing at {expression}; the reply holds ")
    assert told.endswith("; did you mean answers? -> contract.read.finds.answers"), told


def test_a_place_without_a_list_after_an_answer_is_wrong(check: Check) -> None:
    _, lines = check(contract='read.finds.answers = "elsewhere[?selected != null].{question: id, value: selected}"')
    (told,) = (" ".join(line.split()) for line in _wrong(lines))
    assert told.startswith("contract.read.finds.answers no list at elsewhere[?selected != null].")
    assert told.endswith(" -> contract.read.finds.answers")


def test_without_metrics_and_connection_limit_go_is_impossible(check: Check) -> None:
    status, lines = check(contract='absent = ["metrics"]')
    assert status == 1
    (row,) = (line for line in lines if line.startswith("not tried metrics "))
    assert "the gate db-pool is INCONCLUSIVE" in row
    assert row.endswith("  -> contract.connection_limit")
    assert lines[-1] == ("GO is impossible with this configuration: gate db-pool, because of contract.connection_limit")


def test_without_leave_to_disrupt_go_is_impossible(check: Check) -> None:
    status, lines = check(allow='["read", "write"]')
    assert (status, _wrong(lines)) == (1, [])
    assert lines[-1].startswith("GO is impossible with this configuration: gates zero-data-loss, ")
    assert lines[-1].endswith(", because of env.x.allow")


def test_a_platform_without_pages_needs_no_reader_of_pages(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra `pages` is installed for these tests, and by few users."""
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    status, lines = check()
    assert (status, lines[-1]) == (0, "nothing is wrong")


PLANTED = [
    (
        {"contract": 'login.path = "/v1/auth/signin"'},
        "contract.login POST /v1/auth/signin: HTTP 404",
        "contract.login.path",
    ),
    ({"contract": 'login.body = {name = "{email}"}'}, "contract.login POST", "contract.login.body"),
    ({"contract": "create.success = [200]"}, "contract.create POST /v1/sessions: HTTP 201", "contract.create.success"),
    (
        {"contract": 'create.finds.session_id = "sesion_id"'},
        "contract.create.finds.session_id nothing at sesion_id; the reply holds session_id, ",
        "did you mean session_id?  -> contract.create.finds.session_id",
    ),
    (
        {"contract": 'create.finds.questions = "question"\nread.finds.questions = "question"'},
        "questions no question was found",
        "contract.read.finds.questions",
    ),
    (
        {"contract": 'read.finds.answers = "answers[].{question: question_id, value: question_id}"'},
        "the answer, read back given {",
        "contract.read.finds.answers",
    ),
    (
        {"contract": "exam_mode.finds.exam_mode = \"status == 'x' && 'y' || 'perhaps'\""},
        "exam mode neither on nor off: 'perhaps'",
        "contract.exam_mode.finds.exam_mode",
    ),
    (
        {"contract": 'metrics.pool_limit = "examday_db_pool_limits"'},
        "contract.metrics.pool_limit no metric examday_db_pool_limits; did you mean examday_db_pool_",
        "contract.metrics.pool_limit",
    ),
    (
        {"schema": 'relations.answers.table = "session_answer"'},
        'schema.relations.answers session_answer: relation "session_answer" does not exist',
        "schema.relations.answers.table",
    ),
    (
        {"schema": 'relations.answers.columns.value = "choose"'},
        'schema.relations.answers.columns.value choose: column "choose" does not exist',
        "schema.relations.answers.columns.value",
    ),
    (
        {"schema": 'relations.answers.columns.question_id = "session_id"'},
        "an exam in the database the database does not show what the API shows of the rehearsal's own session",
        "schema.relations",
    ),
    (
        {"schema": 'relations.sessions.columns.id = "id::text"\nrelations.answers.columns.session_id = "1"'},
        "an exam in the database the comparison of ids and values fails: ",
        "schema.relations",
    ),
    (
        {"log": 'request_id = "requestid"'},
        "log_format.request_id nothing at requestid; a line holds ",
        "did you mean request_id?  -> log_format.request_id",
    ),
    ({"log": "request_when = \"event == 'call'\""}, "log_format.request_when no line of ", "log_format.request_when"),
    (
        {"env": 'redis_url = "redis://127.0.0.1:9/0"'},
        "redis ",
        "env.x.redis_url",
    ),
    (
        {"env": 'admin = {email = "nobody@exam.example", password = "not the password"}'},
        "the administrator nobody@exam.example could not log in: HTTP 401",
        "env.x.admin",
    ),
    (
        {"log": "[profile.smoke.load]\ncandidates = 20"},
        "profile smoke too few candidates: about 12 of 20 start after the ramp of 3 s, 20 are needed to judge",
        "profile.smoke.load.candidates",
    ),
    (
        {"contract": 'request_id_header = "X-Reqest-ID"'},
        "ids of requests the logs have none of the ids of ",
        "contract.request_id_header",
    ),
    (
        {"log": 'duration_unit = "s"'},
        "log_format.duration_unit a request that took ",
        'log_format.duration_unit = "ms"',
    ),
    (
        {"contract": 'idempotency_header = "Idempotence-Key"'},
        "a repeated start repeated with the same key in the header Idempotence-Key, it opens a second exam",
        "contract.idempotency_header",
    ),
    (
        {"contract": "rate_limit.operation.success = [200]"},
        "contract.rate_limit POST /v1/auth/login: HTTP 401",
        "neither accepted nor limited (429) -> contract.rate_limit.operation.success = [401]",
    ),
    (
        {"contract": "rate_limit.operation.success_when = \"code == 'refused'\""},
        "contract.rate_limit POST /v1/auth/login: HTTP 401",
        "contract.rate_limit.operation.success_when",
    ),
    (
        {"contract": 'rate_limit.operation.path = "/v1/auth/logon"'},
        "contract.rate_limit POST /v1/auth/logon: HTTP 404",
        "one of: contract.rate_limit.operation.path, contract.rate_limit.operation.success = [404]",
    ),
    (
        {"contract": 'token_header = "Authorisation: Bearer {token}"'},
        "contract.create POST /v1/sessions: HTTP 401",
        "one of: contract.token_header, contract.login.finds.access_token, contract.create",
    ),
    (
        {"email": "nobody-{n}@exam.example"},
        "contract.login POST /v1/auth/login: HTTP 401",
        "one of: env.x.candidates.email, env.x.candidates.password, contract.login.body",
    ),
    (
        {"schema": "relations.questions.columns.correct = \"'no choice'\""},
        "schema.relations.questions.columns.correct 'no choice' is right by the database, and question ",
        "-> schema.relations.questions.columns.correct",
    ),
    (
        {"schema": "relations.questions.columns.correct = \"'A'\""},
        "schema.relations.questions.columns.correct the answers that were just given earn 4 by the database, and the ",
        "one of: schema.relations.questions.columns.correct, contract.submit.finds.score",
    ),
    (
        {"schema": 'relations.questions.columns.session_id = "gen_random_uuid()"'},
        "schema.relations.questions no row belongs to the session ",
        "-> schema.relations.questions.columns.session_id",
    ),
    (
        {"log": "status = 'total_ms'"},
        "log_format.status of ",
        "-> log_format.status",
    ),
    ({"env": 'logs = ["/nowhere/*.log"]'}, "logs no file matches /nowhere/*.log", "env.x.logs"),
]


@pytest.mark.parametrize(("mistake", "told", "mend"), PLANTED)
def test_a_mistake_is_told_with_the_key_to_write(check: Check, mistake: dict[str, str], told: str, mend: str) -> None:
    status, lines = check(**mistake)
    assert status == 1
    wrong = [" ".join(line.split()) for line in _wrong(lines)]
    assert any(line.startswith(told) and " ".join(mend.split()) in line for line in wrong), lines


def test_a_refused_candidate_is_a_matter_of_the_account_if_the_administrator_has_logged_in(
    check: Check, platform: Platform
) -> None:
    admin = platform.state["admin"]
    made = f'admin = {{email = "{admin["email"]}", password = "{admin["password"]}"}}'
    _, lines = check(env=made, email="nobody-{n}@exam.example")
    (told,) = _wrong(lines)
    assert told.startswith("contract.login ")
    assert told.endswith(" -> one of: env.x.candidates.email, env.x.candidates.password")


def test_all_mistakes_are_told_at_once_and_counted(check: Check) -> None:
    status, lines = check(
        contract='create.finds.session_id = "sesion_id"',
        schema='relations.answers.columns.value = "choose"',
        log='request_id = "requestid"',
    )
    assert len(_wrong(lines)) == 3
    assert (status, lines[-1].partition(";")[0]) == (1, "3 wrong")


def test_without_leave_to_write_no_exam_is_opened_and_go_is_impossible(
    platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = platform.directory / "platform.json"
    text = f'[env.x]\nruntime = {{kind = "embedded", state = "{state}"}}\n[profile.smoke.load]\ncandidates = 35\n'
    (tmp_path / "examday.toml").write_text(text)
    assert main(["check", "--env", "x", "--examday-config", str(tmp_path / "examday.toml")]) == 1
    told = capsys.readouterr().out
    assert "WRONG" not in told
    assert told.splitlines()[-1].startswith("GO is impossible with this configuration: gates ")
    assert "an exam" in told
    assert "needs 'write' in env.x.allow" in told
    assert "contract.create" not in told
    (limit,) = (line for line in told.splitlines() if line[10:].startswith("contract.rate_limit "))
    assert limit.startswith("not tried ")
    assert "to call the rate limit needs 'write' in env.x.allow" in limit


def test_a_wrong_address_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "examday.toml").write_text('[env.x]\napi_url = "http://127.0.0.1:9"\n')
    assert main(["check", "--env", "x", "--examday-config", str(tmp_path / "examday.toml")]) == 1
    told = capsys.readouterr().out.splitlines()
    assert len(_wrong(told)) == 1
    assert "http://127.0.0.1:9: connection refused" in told[0]


@pytest.mark.parametrize(
    ("drill", "row"),
    [
        (
            "meteor",
            "not tried drill meteor                       no built-in drill has this name; one of your own",
        ),
        (
            "worker_pase",
            "WRONG     drill worker_pase                  did you mean worker_pause? no built-in drill",
        ),
    ],
)
def test_a_drill_that_is_not_built_in_may_be_of_ones_own_but_for_a_slip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], drill: str, row: str
) -> None:
    file = tmp_path / "examday.toml"
    file.write_text(f'[env.x]\napi_url = "http://127.0.0.1:9"\n[profile.smoke.drill]\ndrills = ["{drill}"]\n')
    assert main(["check", "--env", "x", "--examday-config", str(file)]) == 1
    told = capsys.readouterr()
    assert told.out.startswith(row), told.out


def test_an_embedded_platform_without_its_packages_is_refused_before_anything_is_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_PACKAGES", ("no_such_package",))
    assert main(["check", "--env", "local"]) != 0
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert "the embedded platform cannot start: missing packages: no_such_package" in line


def test_no_secret_is_printed(check: Check, platform: Platform) -> None:
    _, lines = check(contract='login.body = {name = "{email}", password = "{password}"}')
    state = json.loads((platform.directory / "platform.json").read_text())
    for secret in (state["candidates"]["password"], state["admin"]["password"]):
        assert secret not in "\n".join(lines)


def test_the_shape_of_an_answer_holds_no_values() -> None:
    body = {"data": {"id": 7, "items": [{"n": 1, "pick": None}], "none": []}, "token": "secret-value"}
    assert list(places(body)) == ["data.id", "data.items[].n", "data.items[].pick", "data.none[]", "token"]
    assert "secret-value" not in shape(body)


@pytest.mark.parametrize(
    ("expression", "guess"),
    [
        ("data.ids", "data.id"),
        ("idd", "data.id"),
        ("data.attributes.token", "token"),
        ("something.else", ""),
    ],
)
def test_a_near_place_is_guessed(expression: str, guess: str) -> None:
    assert nearest_place(expression, {"data": {"id": 7}, "token": "x"}) == guess


@pytest.mark.parametrize(
    ("expression", "guess"),
    [
        ("dat[?x == `1`].id", "data"),
        ("data.itemz[].{id: n}", "data.items[]"),
        ("data.itemz[?n].{id: n}", "data.items"),
        ("data.items[?n].{id: m}", "data.items"),
    ],
)
def test_of_an_expression_with_a_filter_the_path_before_it_is_guessed(expression: str, guess: str) -> None:
    assert nearest_place(expression, {"data": {"id": 7, "items": [{"n": 1}]}}) == guess


def test_sql_checks_of_the_users_own_are_planned_and_not_run(check: Check, tmp_path: Path) -> None:
    for name, query in {"right": "SELECT id FROM sessions", "wrong": "SELECT nothing FROM exam_sessions"}.items():
        header = f"-- name: {name}\n-- title: The {name} one\n-- expect: no row\n"
        (tmp_path / f"{name}.sql").write_text(header + query)
    status, lines = check(env='sql_checks = ["*.sql"]')
    assert status == 1
    (wrong,) = _wrong(lines)
    assert wrong.startswith("SQL check wrong")
    assert f'{tmp_path}/wrong.sql: column "nothing" does not exist' in wrong
    assert wrong.endswith("-> env.x.sql_checks")
    assert any("SQL check right" in line and "not run" in line for line in lines if line.startswith("ok"))


def test_each_protected_operation_is_called_once_where_exam_mode_is_on_everywhere(check: Check) -> None:
    planted = {
        "right": 'operation = "POST /v1/admin/rank/runs"',
        "misspelt": 'operation = "POST /v1/admin/ranks/run"',
        "other_words": """operation = "POST /v1/admin/rank/runs", refused_when = "contains(detail, 'frozen')\"""",
        "other_status": 'operation = "POST /v1/admin/rank/runs", refused = [423]',
        "no_guard": 'operation = {call = "GET /v1/ready", auth = "none"}',
    }
    status, lines = check(contract="\n".join(f"protected.{name} = {{{keys}}}" for name, keys in planted.items()))
    told = {line[10:].split()[2]: line for line in lines if line[10:].startswith("protected operation ")}
    assert (status, told.keys()) == (1, planted.keys()), lines
    assert told["right"].startswith("ok ")
    assert told["right"].endswith("refused by exam mode")
    keys = {name: line.rpartition(" -> ")[2] for name, line in told.items() if name != "right"}
    assert keys == {
        "misspelt": "contract.protected.misspelt.operation.path",
        "other_words": "contract.protected.other_words.refused_when",
        "other_status": "contract.protected.other_status.refused = [403]",
        "no_guard": "contract.protected.no_guard",
    }


@pytest.mark.parametrize("place", ["`false`", "exam_mode == 'EXAM'"])
def test_an_exam_mode_that_is_never_on_makes_go_impossible(check: Check, place: str) -> None:
    status, lines = check(contract=f'exam_mode.finds.exam_mode = "{place}"')
    assert (status, _wrong(lines)) == (1, [])
    key = "one of: env.x.exam_mode.on, contract.exam_mode.finds.exam_mode"
    assert lines[-1] == f"GO is impossible with this configuration: gate exam-mode-verified, because of {key}"


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        (
            "exam_mode.finds.exam_mode = '`false`'",
            "exam mode is not on everywhere, and a protected operation then does its work",
        ),
        (
            'absent = ["exam_mode", "exam_mode_variable"]',
            "neither the contract (`exam_mode`, `exam_mode_variable`) nor `exam_mode.read` tells exam mode",
        ),
    ],
)
def test_no_protected_operation_is_called_where_exam_mode_is_not_known_to_be_on(
    check: Check, planted: str, reason: str
) -> None:
    _, lines = check(contract=f'protected.ranks = {{operation = "POST /v1/admin/rank/runs"}}\n{planted}')
    assert any(line.startswith("not tried ") and f"not called: {reason}" in line for line in lines), lines


def test_what_reads_and_switches_exam_mode_and_what_cleans_up_is_looked_at(check: Check, platform: Platform) -> None:
    url = platform.state["admin_database_url"]
    _, lines = check(
        env=f"""
database_url = "{url}"
write_database_url = "{url}"
exam_mode.read.sql = "SELECT 'off'"
exam_mode.on.sql = ["UPDATE exam_sessions SET status = 'ACTIVE'", "UPDATE no_such_table SET is_on = true"]
exam_mode.off.command = "exit 1"
clean_up.sql = "DELETE FROM exam_sessions WHERE id::text = ANY ({{session_ids}})"
"""
    )
    told = {line[10:44].strip(): (line[:9].strip(), line[45:]) for line in lines}
    assert told["exam_mode.read"] == ("ok", "off by the database's flag; the workers are not asked")
    assert told["exam_mode.on"] == (
        "WRONG",
        'the database did not answer the query: relation "no_such_table" does not exist  -> env.x.exam_mode.on.sql',
    )
    assert told["exam_mode.off"] == ("not tried", "not made here: the end of the run makes it, if `on` was made")
    made_by = "PostgreSQL takes it; not made here: `python -m pytest_examday clean` makes it"
    assert told["clean_up"] == ("ok", made_by)
