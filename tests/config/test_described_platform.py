"""A platform that a configuration describes: nothing is assumed that it does not say, and mistakes are told in one
line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.contract.embedded_preset import CONTRACT, LOG_FORMAT, SCHEMA
from pytest_examday.errors import Unmeasurable, UsageProblem

OWN = """
[env.x]
api_url = "http://exam.example"
[env.x.contract]
worker_header = "X-Worker"
login = {method = "POST", path = "/token", auth = "none", finds = {access_token = "data.token", lifetime = "`60`"}}
create = {method = "POST", path = "/exams", success = [201], finds = {session_id = "data.id"}}
read = {method = "GET", path = "/exams/{session_id}", finds = {questions = "items[].{id: n, choices: `[0, 1]`}"}}
answer = {method = "PUT", path = "/exams/{session_id}/items/{question_id}", body = {pick = "{value}"}, success = [204]}
submit = {method = "POST", path = "/exams/{session_id}/finish"}
"""

Read = Callable[[str], Environment]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the environment `x` out of the text of an `examday.toml`."""

    def reading(text: str) -> Environment:
        (tmp_path / "examday.toml").write_text(text)
        return load_environment("x", None, None, (tmp_path,), {})

    return reading


def test_without_a_word_about_it_a_platform_speaks_as_the_embedded_one(read: Read) -> None:
    platform = read('[env.x]\napi_url = "http://exam.example"').platform
    assert (platform.contract, platform.database_schema, platform.log_format) == (CONTRACT, SCHEMA, LOG_FORMAT)


def test_a_preset_is_named_by_a_text(read: Read) -> None:
    assert read('[env.x]\ncontract = "reference"\nschema = "reference"').platform.contract == CONTRACT


def test_an_own_contract_has_what_it_describes_and_nothing_else(read: Read) -> None:
    contract = read(OWN).platform.contract
    assert contract.create.path == "/exams"
    assert contract.read.find("questions", {"items": [{"n": 3}]}) == [{"id": 3, "choices": [0, 1]}]
    assert (contract.review, contract.protected, contract.metrics) == (None, (), None)
    assert contract.lacking("health", "review", "read") == "the contract has no operation `health`, `review`"


def test_about_tables_and_log_lines_of_an_own_contract_nothing_is_assumed(read: Read) -> None:
    platform = read(OWN).platform
    with pytest.raises(Unmeasurable, match="the configuration has no `schema`"):
        _ = platform.database_schema
    with pytest.raises(Unmeasurable, match="the configuration has no `log_format`"):
        _ = platform.log_format


def test_single_keys_of_a_preset_are_replaced_and_operations_left_out(read: Read) -> None:
    contract = read(
        '[env.x.contract]\npreset = "reference"\nabsent = ["review", "logout"]\n'
        '[env.x.contract.create]\npath = "/v2/sessions"\nfinds = {session_id = "id"}\n'
        "[env.x.contract.submit]\nbody = {confirmed = true}\n"
    ).platform.contract
    assert contract.create.path == "/v2/sessions"
    assert contract.create.finds == {**CONTRACT.create.finds, "session_id": "id"}
    assert contract.submit.body == {"confirmed": True}
    assert (contract.review, contract.logout, contract.login) == (None, None, CONTRACT.login)


_SHORT = """
[env.x.contract]
health = "GET /up"
login.call = "POST /token"
login.finds = {access_token = "data.token"}
login.success_when = "data"
refresh = {call = "POST /renew", body = {old = "{refresh_token}"}}
logout = "DELETE /token"
create = {call = "POST /exams", form = {size = "{question_count}"}, success = [201], finds = {session_id = "id"}}
create_short.body = {size = "{question_count}", seconds = "{seconds}"}
read = {call = "GET /exams/{session_id}", finds = {questions = "items"}}
answer = {call = "PUT /exams/{session_id}/{question_id}", body = {pick = "{value}"}}
submit = "POST /exams/{session_id}/finish"
exam_mode = {call = "GET /mode", finds = {exam_mode = "on"}}
allowed.overview = "GET /overview"
protected = [{name = "rank", operation = "POST /rank"}]
rate_limit = {operation = "POST /forgotten", burst = 5}
"""


def test_an_operation_may_be_written_as_method_and_path_in_one_text(read: Read) -> None:
    contract = read(_SHORT).platform.contract
    assert contract.health is not None
    assert contract.login is not None
    assert (contract.health.method, contract.health.path) == ("GET", "/up")
    assert (contract.login.method, contract.login.path) == ("POST", "/token")
    assert (contract.protected[0].operation.method, contract.protected[0].operation.path) == ("POST", "/rank")
    assert contract.allowed["overview"].path == "/overview"


def test_who_calls_is_who_usually_calls_such_an_operation(read: Read) -> None:
    contract = read(_SHORT).platform.contract
    callers = {name: operation.auth for name, operation in contract.named_operations().items()}
    anybody = dict.fromkeys(("health", "login", "refresh"), "none")
    candidates = dict.fromkeys(("logout", "create", "create_short", "read", "answer", "submit"), "candidate")
    assert callers == {**anybody, **candidates, "exam_mode": "admin"}
    assert (contract.protected[0].operation.auth, contract.allowed["overview"].auth) == ("admin", "admin")
    assert contract.rate_limit is not None
    assert contract.rate_limit.operation.auth == "none"


def test_a_short_exam_is_opened_like_another_but_for_what_it_says(read: Read) -> None:
    contract = read(_SHORT).platform.contract
    assert contract.create_short is not None
    assert (contract.create_short.path, contract.create_short.success) == ("/exams", (201,))
    assert (contract.create_short.form, contract.create_short.finds) == (None, contract.create.finds)


def test_an_answer_to_a_refresh_is_read_as_that_to_a_login(read: Read) -> None:
    contract = read(_SHORT).platform.contract
    assert contract.refresh is not None
    assert contract.login is not None
    assert (contract.refresh.finds, contract.refresh.success_when) == (contract.login.finds, "data")
    other = read(_SHORT.replace('body = {old = "{refresh_token}"}', 'finds = {access_token = "new"}'))
    assert other.platform.contract.refresh is not None
    assert other.platform.contract.refresh.finds == {"access_token": "new"}
    assert other.platform.contract.refresh.success_when is None


_ONE_PATH = """
[env.x.contract]
endpoint = {call = "POST /rpc", body = {jsonrpc = "2.0", id = 1}, success_when = "result"}
health = "GET /up"
login.body = {method = "enter", params = ["{email}", "{password}"]}
login.finds = {access_token = "result.ticket"}
refresh.body.method = "renew"
create = {body.method = "open", body.id = 2, success_when = "result.id", finds = {session_id = "result.id"}}
create_short.body.method = "open-short"
read = {body.method = "get", finds = {questions = "result.items"}}
answer.body.method = "put"
submit = {call = "POST /finish", form = {now = "yes"}}
allowed.overview.body.method = "overview"
rate_limit = {operation.body.method = "forgotten", burst = 5}
[env.x.contract.protected]
rank = {operation.body.method = "rank", effects = ["ranks"]}
mails.operation = "POST /mails"
[env.x.contract.jobs]
nightly.skipped = "exam mode"
"""


def test_operations_without_method_and_path_are_calls_to_the_endpoint(read: Read) -> None:
    contract = read(_ONE_PATH).platform.contract
    operations = {
        **contract.named_operations(),
        **contract.allowed,
        **{protected.name: protected.operation for protected in contract.protected},
    }
    sent = {name: one.path for name, one in operations.items()}
    other = {"health": "/up", "submit": "/finish", "mails": "/mails"}
    assert sent == {**dict.fromkeys(operations, "/rpc"), **other}
    assert contract.rate_limit is not None
    assert contract.rate_limit.operation.body == {"jsonrpc": "2.0", "id": 1, "method": "forgotten"}
    assert contract.create.body == {"jsonrpc": "2.0", "id": 2, "method": "open"}
    conditions = {name: one.success_when for name, one in operations.items()}
    own = {"health": None, "submit": None, "mails": None, "create": "result.id", "create_short": "result.id"}
    assert conditions == {**dict.fromkeys(operations, "result"), **own}


def test_an_answer_of_the_endpoint_to_a_refresh_is_read_as_that_to_a_login(read: Read) -> None:
    contract = read(_ONE_PATH).platform.contract
    assert contract.refresh is not None
    assert contract.refresh.finds == {"access_token": "result.ticket"}
    assert contract.refresh.body == {"jsonrpc": "2.0", "id": 1, "method": "renew"}


def test_protected_operations_and_jobs_may_be_tables_by_name(read: Read) -> None:
    contract = read(_ONE_PATH).platform.contract
    assert [(protected.name, protected.effects) for protected in contract.protected] == [
        ("rank", ("ranks",)),
        ("mails", ()),
    ]
    assert [(job.name, job.skipped) for job in contract.jobs] == [("nightly", "exam mode")]


def test_mistakes_of_short_forms_are_reported_at_their_own_keys(read: Read) -> None:
    text = (
        _ONE_PATH.replace('success_when = "result"}', 'sucess_when = "result"}')
        .replace('effects = ["ranks"]', 'efects = ["ranks"]')
        .replace('"POST /mails"', '"mails"')
        .replace('nightly.skipped = "exam mode"', "nightly.skipped = 7")
    )
    with pytest.raises(UsageProblem) as problem:
        read(text)
    told = "\n".join(problem.value.args)
    for place in (
        "endpoint.sucess_when",
        "protected.rank.efects",
        "protected.mails.operation",
        "jobs.nightly.skipped",
    ):
        assert f"env.x.contract.{place}: " in told
    assert len(problem.value.args) == 4


@pytest.mark.parametrize("endpoint", ["7", '"rpc"', "[]"])
def test_an_endpoint_that_is_no_call_is_one_mistake(read: Read, endpoint: str) -> None:
    text = _ONE_PATH.replace(
        '{call = "POST /rpc", body = {jsonrpc = "2.0", id = 1}, success_when = "result"}', endpoint
    )
    with pytest.raises(UsageProblem) as problem:
        read(text)
    assert [line.split(": ")[1] for line in problem.value.args] == ["env.x.contract.endpoint"]


def test_what_is_no_method_and_path_is_told_with_its_key_all_at_once(read: Read) -> None:
    wrong = {
        '"GET /up"': '"/up"',
        '"POST /token"': "7",
        '"DELETE /token"': '{call = "DELETE /token", method = "DELETE", path = "/token"}',
        '"POST /rank"': '"RANK /rank"',
        '"GET /overview"': '{call = "get /overview"}',
    }
    text = _SHORT
    for right, planted in wrong.items():
        assert right in text
        text = text.replace(right, planted)
    with pytest.raises(UsageProblem) as problem:
        read(text)
    no_call = "must be a method (GET, POST, PUT, PATCH, DELETE) and a path, such as 'POST /login'"
    assert [line.partition(": ")[2] for line in problem.value.mistakes] == [
        f"env.x.contract.health: {no_call}",
        f"env.x.contract.login.call: {no_call}",
        "env.x.contract.logout.call: stands for `method` and `path`; give one or the other",
        f"env.x.contract.allowed.overview.call: {no_call}",
        f"env.x.contract.protected[0].operation: {no_call}",
    ]


_DATABASE = OWN.replace("[env.x.contract]", 'database_url = "postgresql://db/x"\n[env.x.contract]')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[env.x]\ncontract = "mine"', "env.x.contract.preset: there is no preset 'mine'; choose one of: reference"),
        ("[env.x]\ncontract = 3", "env.x.contract: must be the name of a preset (reference) or a table"),
        (
            '[env.x.contract]\npreset = "reference"\nabsent = ["submit"]',
            "env.x.contract.absent[0]: 'submit' cannot be left out; valid: after_login, allowed, audit_tables, "
            "before_login, clear, connection_limit, create_short, earliest_submit_seconds, exam_mode, "
            "exam_mode_variable, grace_seconds, headers, health, idempotency_header, jobs, login, logout, metrics, "
            "protected, rate_limit, ready, redis_keys, refresh, refresh_leeway_seconds, request_id_header, review, "
            "sign_up, token_header, worker_header",
        ),
        (
            OWN.replace("worker_header", 'absent = ["review"]\nworker_header'),
            "env.x.contract.absent: belongs to a preset; what is not described is absent",
        ),
        (OWN.replace("submit =", "finish ="), "env.x.contract.finish: unknown key; valid keys: "),
        (
            OWN.replace("worker_header", "worker"),
            "env.x.contract.worker: unknown key; did you mean worker_header? valid keys: ",
        ),
        (OWN.replace("data.id", "data.[id"), "env.x.contract.create.finds.session_id: is no JMESPath expression: "),
        (OWN.replace("success = [201]", 'success = "201"'), "env.x.contract.create.success: "),
        ("[env.x.schema]\nrelations = {}", "env.x.schema.relations.sessions: is missing; its columns: id, owner"),
        ('[env.x.log_format]\nuser = "user_id"', "env.x.log_format.timestamp: is missing"),
        (
            _DATABASE,
            "env.x.database_url: needs env.x.schema, which says where the answers stand; without database_url the "
            "stored state is read through the API",
        ),
        ('[env.x]\ncontact = "reference"', "env.x.contact: unknown key; did you mean contract? valid keys: api_url, "),
    ],
)
def test_a_mistake_is_one_line_with_its_key(text: str, told: str, read: Read) -> None:
    with pytest.raises(UsageProblem) as problem:
        read(text)
    lines = [line.partition("examday.toml: ")[2] for line in problem.value.mistakes]
    assert any(line.startswith(told) for line in lines), lines
    assert not any("\n" in line for line in lines)


def test_every_mistake_of_a_contract_is_told_with_its_key(read: Read) -> None:
    text = OWN.replace('pick = "{value}"', 'pick = "{valeu}"').replace("{session_id = ", "{sesion_id = ")
    with pytest.raises(UsageProblem) as problem:
        read(text.replace("finds = {questions = ", "finds = {wording = "))
    assert [line.partition("env.x.contract.")[2] for line in problem.value.mistakes] == [
        "create.finds.sesion_id: unknown name; did you mean session_id? valid: session_id, status, questions, wording, "
        "answers, versions, remaining, expires_at, score",
        "create.finds.session_id: is missing; it says where the reply holds the session_id",
        "answer.body: unknown placeholder {valeu}; did you mean value? valid: {session_id}, {question_id}, {value}, "
        "{sequence}, {version}, {marked}, {address}",
        "read.finds.questions: is missing, and in create.finds too; one of them has to find the questions",
    ]
