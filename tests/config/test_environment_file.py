"""From `examday.toml` to an environment; every mistake becomes one line that names the key and the valid choices."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.config.accounts import CountedAccounts
from pytest_examday.config.environment import Environment
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.runtimes import EmbeddedSettings, NoServicesSettings
from pytest_examday.errors import UsageProblem

SECRET = "s3cret-hunter2-value"

Read = Callable[..., Environment]
Refusal = Callable[..., str]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads an environment out of the text of an `examday.toml`."""

    def reading(text: str, name: str = "x", profile: str | None = None, **variables: str) -> Environment:
        (tmp_path / "examday.toml").write_text(text)
        return load_environment(name, profile, None, (tmp_path,), variables)

    return reading


@pytest.fixture
def refusal(read: Read, tmp_path: Path) -> Refusal:
    """The one line with which a text is refused, without the path of the file."""

    def refused(text: str, name: str = "x", profile: str | None = None, **variables: str) -> str:
        with pytest.raises(UsageProblem) as problem:
            read(text, name, profile, **variables)
        assert problem.value.__suppress_context__ or problem.value.__context__ is None
        line = str(problem.value).replace(f"{tmp_path / 'examday.toml'}: ", "")
        assert "\n" not in line
        assert "Traceback" not in line
        return line

    return refused


def test_an_environment_has_the_values_of_its_table(read: Read) -> None:
    environment = read(
        """
        [env.x]
        api_url = "https://api.example"
        allow = ["read", "write"]
        logs = ["/var/log/exam/*.log"]
        [env.x.thresholds]
        p95_ms = 400
        [env.x.candidates]
        email = "cand-{n:03d}@exam.example"
        password = "long enough"
        count = 20
        first = 5
        """
    )
    assert str(environment.api_url) == "https://api.example/"
    assert [environment.allows(what) for what in ("read", "write", "disrupt")] == [True, True, False]
    assert (environment.thresholds.p95_ms, environment.thresholds.error_rate) == (400, 0.01)
    assert isinstance(environment.candidates, CountedAccounts)
    assert environment.candidates.account(2).email == "cand-007@exam.example"
    assert environment.runtime == NoServicesSettings()


def test_an_environment_may_only_be_read_unless_it_says_otherwise(read: Read) -> None:
    assert read("[env.x]").allow == ("read",)


def test_an_unknown_environment_is_answered_with_the_valid_ones(refusal: Refusal) -> None:
    line = refusal("[env.staging]\n[env.prod]", "stagin")
    assert line == "--env stagin: unknown environment; did you mean staging? choose one of: local, prod, staging"


def test_a_name_that_no_environment_may_have_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "examday.toml"
    path.write_text('[env.""]\n[env.prod]')
    with pytest.raises(UsageProblem) as problem:
        load_environment("e", None, str(path), (tmp_path,), {})
    unknown, bad_name = str(problem.value).splitlines()
    assert unknown == "--env e: unknown environment; choose one of: local, prod"
    assert bad_name.startswith(f'{path}: env."": the name must be of letters, ')


def test_a_host_name_with_too_long_a_part_is_told_with_its_key(refusal: Refusal) -> None:
    line = refusal(f'[env.x]\napi_url = "http://{"a" * 70}.example"', "x")
    assert "env.x.api_url: has a part of 70 characters in its host name, and 63 are allowed" in line


def test_without_a_file_the_folders_that_were_searched_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as problem:
        load_environment("staging", None, None, (tmp_path / "a", tmp_path / "b"), {})
    expected = f"choose one of: local; no examday.toml in {tmp_path / 'a'}, {tmp_path / 'b'}"
    assert str(problem.value) == f"--env staging: unknown environment; {expected}"


def test_a_configuration_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as problem:
        load_environment("local", None, str(tmp_path / "gone.toml"), (), {})
    assert str(problem.value) == f"--examday-config {tmp_path / 'gone.toml'}: no such file"


def test_a_configuration_that_is_named_wins_over_those_that_lie_around(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text("[env.x]\nlogs = []")
    (tmp_path / "other.toml").write_text("[env.x]\nlogs = ['other']")
    assert load_environment("x", None, str(tmp_path / "other.toml"), (tmp_path,), {}).logs == ("other",)


def test_malformed_toml_is_refused_with_its_line(refusal: Refusal) -> None:
    line = refusal('[env.x]\napi_url = "http://api.example"\nallow = [read]\n')
    assert line.startswith("not valid TOML: ")
    assert "line 3" in line


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_bytes(b"[env.x]\n\xff\xfe")
    with pytest.raises(UsageProblem, match="cannot be read"):
        load_environment("x", None, None, (tmp_path,), {})


UNKNOWN_KEYS = [
    ("[enviroment.x]", "enviroment: unknown table; did you mean env? valid tables: env, profile"),
    (
        "[env.x]\napi_ur = 'http://a.example'",
        "env.x.api_ur: unknown key; did you mean api_url? valid keys: api_url, database_url, ",
    ),
    (
        "[env.x.thresholds]\np95 = 5",
        "env.x.thresholds.p95: unknown key; did you mean p95_ms? valid keys: p95_ms, error_rate, ",
    ),
    (
        "[env.x.admin]\nemail = 'a'\npassword = 'b'\nrole = 'c'",
        "env.x.admin.role: unknown key; valid keys: email, password",
    ),
    (
        "[env.x.candidates]\nemail = 'c{n}'\npassword = 'b'\ncount = 1\nnumber = 2",
        "env.x.candidates.number: unknown key; valid keys: email, password, count, first, id, mint",
    ),
    (
        "[env.x.runtime]\nkind = 'embedded'\nworker = 3",
        "env.x.runtime.worker: unknown key; did you mean workers? valid keys: kind, state, workers",
    ),
    ("[env.x.runtime]\nkind = 'none'\nstate = 'y'", "env.x.runtime.state: unknown key; valid keys: kind"),
    ("[env.x]\n[profile.smoke]\nlod = 1", "profile.smoke.lod: unknown key; did you mean load? valid keys: load, drill"),
    (
        "[env.x]\n[profile.smoke.load]\nusers = 1",
        "profile.smoke.load.users: unknown key; valid keys: shape, candidates, arrive_seconds, ",
    ),
    (
        "[env.x]\n[profile.smoke.drill.habits]\nthink = 1",
        "profile.smoke.drill.habits.think: unknown key; did you mean think_seconds? valid keys: think_seconds, ",
    ),
]


@pytest.mark.parametrize(("text", "line"), UNKNOWN_KEYS)
def test_an_unknown_key_at_any_depth_is_answered_with_the_valid_ones(refusal: Refusal, text: str, line: str) -> None:
    assert refusal(text).startswith(line)


@pytest.mark.parametrize("key", ["name = 'prod'", "profile = {}", "platform = {}"])
def test_what_is_decided_elsewhere_is_no_key_of_an_environment(refusal: Refusal, key: str) -> None:
    line = refusal(f"[env.x]\n{key}")
    assert line.startswith(f"env.x.{key.split(maxsplit=1)[0]}: unknown key; valid keys: api_url, ")
    assert "name" not in line.partition("valid keys: ")[2].split(", ")


WRONG_VALUES = [
    (
        "[env.x.candidates]\nemail = 'c{n}'\npassword = 'b'\ncount = 'many'",
        "env.x.candidates.count: must be a whole number",
    ),
    ("[env.x.candidates]\nemail = 'c{n}'\npassword = 'b'\ncount = 0", "env.x.candidates.count: must be at least 1"),
    (
        "[env.x.candidates]\nemail = 'same'\npassword = 'b'\ncount = 1",
        "env.x.candidates.email: must count candidates with {n}",
    ),
    ("[env.x.candidates]\nemail = 'c{n:q}'\npassword = 'b'\ncount = 1", "env.x.candidates.email: must"),
    ("[env.x.candidates]\nemail = '{n}{m}'\npassword = 'b'\ncount = 1", "env.x.candidates.email: must"),
    ("[env.x.candidates]\nemail = 'c{n}'\ncount = 1", "env.x.candidates: needs a password, or mint"),
    ("[env.x]\nallow = 'write'", "env.x.allow: must be a list"),
    ("[env.x]\nallow = ['read', 'destroy']", "env.x.allow[1]: must be one of: read, write, disrupt"),
    ("[env.x]\napi_url = 'api.example'", "env.x.api_url: must be an address such as https://"),
    ("[env.x]\nruntime = {kind = 'podman'}", "env.x.runtime.kind: must be one of: embedded, docker, command, none"),
    ("[env.x]\nruntime = {state = 'y'}", "env.x.runtime.kind: is missing; one of: embedded, docker, command, none"),
    ("[env.x]\nruntime = {kind = 'embedded', workers = 0}", "env.x.runtime.workers: must be at least 1"),
    ("[env.x.thresholds]\np95_ms = 0", "env.x.thresholds.p95_ms: must be more than 0"),
    ("[env.x.thresholds]\np95_ms = inf", "env.x.thresholds.p95_ms: must be a finite number"),
    ("[env.x.thresholds]\np95_ms = 1e11", "env.x.thresholds.p95_ms: must be at most 60000"),
    ("[env.x.thresholds]\np95_ms = 60001", "env.x.thresholds.p95_ms: must be at most 60000"),
    ("[env.x.thresholds]\nrecovery_seconds = 1e9", "env.x.thresholds.recovery_seconds: must be at most"),
    ("[env.x.thresholds]\nerror_rate = nan", "env.x.thresholds.error_rate: must be a finite number"),
    ("[env.x.thresholds]\nerror_rate = 1", "env.x.thresholds.error_rate: must be less than 1"),
    ("[env]\nx = 3", "env.x: must be a table [env.NAME]"),
    ("profile = 3\n[env.x]", "profile: must be tables [profile.NAME]"),
]


def test_a_configuration_without_tables_is_refused(refusal: Refusal) -> None:
    assert refusal("env = 3", "local") == "env: must be tables [env.NAME]"


@pytest.mark.parametrize(("text", "line"), WRONG_VALUES)
def test_a_wrong_value_is_refused_with_its_key(refusal: Refusal, text: str, line: str) -> None:
    assert refusal(text).startswith(line)


SECRETS_IN_WRONG_PLACES = [
    f"api_url = '{SECRET}'",
    f"admin = '{SECRET}'",
    f"admin = {{email = 'a', passwort = '{SECRET}', password = 'b'}}",
    f"candidates = {{email = 'c{{n}}', password = ['{SECRET}'], count = 1}}",
    f"candidates = {{email = 'c{{n}}', password = '{SECRET}', count = 'x'}}",
    f"database_url = {{url = '{SECRET}'}}",
    f"auth_token = ['{SECRET}']",
    f"allow = ['{SECRET}']",
    f"thresholds = {{p95_ms = '{SECRET}'}}",
    f"runtime = {{kind = 'embedded', workers = '{SECRET}'}}",
]


@pytest.mark.parametrize("line", SECRETS_IN_WRONG_PLACES)
def test_a_refusal_never_repeats_a_value(refusal: Refusal, line: str) -> None:
    assert SECRET not in refusal(f"[env.x]\n{line}")
    assert SECRET not in refusal("[env.x]\n" + line.replace(SECRET, "${TOKEN}"), TOKEN=SECRET)


@given(value=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30))
def test_no_text_as_a_value_is_more_than_one_line_of_refusal(
    value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "examday.toml").write_text("[env.x]\napi_url = '${ANY}'\n", encoding="utf-8")
    said = "accepted"
    try:
        load_environment("x", None, None, (folder,), {"ANY": value})
    except UsageProblem as problem:
        said = str(problem).replace(str(folder), "")
    assert said == "accepted" or said.startswith("/examday.toml: env.x.api_url: ")
    assert "\n" not in said


def test_secrets_come_from_variables(read: Read) -> None:
    text = '[env.x]\ndatabase_url = "postgresql://u:${DB_PASSWORD}@${DB_HOST}/exam"'
    environment = read(text, DB_PASSWORD=SECRET, DB_HOST="db.example")
    assert environment.database_url is not None
    assert environment.database_url.get_secret_value() == f"postgresql://u:{SECRET}@db.example/exam"
    assert SECRET not in repr(environment)


def test_variables_are_replaced_inside_lists_and_tables(read: Read) -> None:
    environment = read('[env.x]\nlogs = ["${D}/a.log"]\nadmin = {email = "${M}", password = "p"}', D="/v", M="m@x")
    assert environment.logs == ("/v/a.log",)
    assert environment.admin is not None
    assert environment.admin.email == "m@x"


@pytest.mark.parametrize("variables", [{}, {"TOKEN": ""}], ids=["unset", "empty"])
def test_an_unset_variable_is_named_with_its_key(refusal: Refusal, variables: dict[str, str]) -> None:
    line = refusal('[env.x]\nlogs = ["a", "${TOKEN}"]', **variables)
    assert line == "env.x.logs[1]: the environment variable TOKEN is not set"


def test_an_unset_variable_matters_only_in_the_chosen_environment(read: Read) -> None:
    assert read('[env.x]\n[env.prod]\nauth_token = "${PROD_TOKEN}"').auth_token is None


def test_api_url_and_token_come_from_the_seeds_variables(read: Read) -> None:
    environment = read("[env.x]", API_URL="https://api.example", AUTH_TOKEN=SECRET)
    assert str(environment.api_url) == "https://api.example/"
    assert environment.auth_token is not None
    assert environment.auth_token.get_secret_value() == SECRET


def test_the_file_wins_over_the_seeds_variables(read: Read) -> None:
    environment = read('[env.x]\napi_url = "https://file.example"', API_URL="https://variable.example")
    assert str(environment.api_url) == "https://file.example/"


def test_a_bad_api_url_variable_is_refused_as_the_key_that_it_stands_for(refusal: Refusal) -> None:
    assert refusal("[env.x]", API_URL="not a url").startswith("env.x.api_url: must be an address such as https://")


def test_a_relative_state_file_lies_beside_the_configuration(read: Read, tmp_path: Path) -> None:
    runtime = read('[env.x]\nruntime = {kind = "embedded", state = "run/platform.json"}').runtime
    assert isinstance(runtime, EmbeddedSettings)
    assert runtime.state == tmp_path / "run" / "platform.json"


def test_an_absolute_state_file_stays_where_it_is(read: Read) -> None:
    runtime = read('[env.x]\nruntime = {kind = "embedded", state = "/run/exam/platform.json"}').runtime
    assert isinstance(runtime, EmbeddedSettings)
    assert runtime.state == Path("/run/exam/platform.json")


def test_local_needs_no_configuration(tmp_path: Path) -> None:
    local = load_environment("local", None, None, (tmp_path,), {"API_URL": "https://elsewhere.example"})
    assert local.embedded
    assert local.allow == ("read", "write", "disrupt")
    assert local.api_url is None, "the embedded platform has an address of its own"


def test_local_can_be_changed_key_by_key(read: Read) -> None:
    local = read("[env.local]\nallow = ['read']\n[env.local.runtime]\nworkers = 4", "local")
    assert local.allow == ("read",)
    assert local.runtime == EmbeddedSettings(kind="embedded", workers=4)


def test_an_attached_platform_is_not_started_by_the_rehearsal(read: Read) -> None:
    assert not read('[env.x]\nruntime = {kind = "embedded", state = "platform.json"}').embedded
    assert not read("[env.x]").embedded


def test_the_configuration_may_be_a_table_of_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n[tool.examday.env.x]\nlogs = ['here']")
    assert load_environment("x", None, None, (tmp_path,), {}).logs == ("here",)


def test_an_own_file_wins_over_pyproject_and_the_first_folder_over_the_second(tmp_path: Path) -> None:
    for folder, name, value in (("a", "pyproject.toml", "a"), ("b", "examday.toml", "b"), ("b", "pyproject.toml", "c")):
        (tmp_path / folder).mkdir(exist_ok=True)
        head = "tool.examday.env.x" if name == "pyproject.toml" else "env.x"
        (tmp_path / folder / name).write_text(f'[{head}]\nlogs = ["{value}"]')
    assert load_environment("x", None, None, (tmp_path / "b", tmp_path / "a"), {}).logs == ("b",)
    assert load_environment("x", None, None, (tmp_path / "a", tmp_path / "b"), {}).logs == ("a",)


def test_a_pyproject_without_the_table_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "examday.toml").write_text("[env.x]")
    assert load_environment("x", None, None, (tmp_path, tmp_path / "below"), {}).name == "x"


def test_a_pyproject_whose_table_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nexamday = 3")
    with pytest.raises(UsageProblem, match=r"\[tool.examday\] must be a table"):
        load_environment("local", None, None, (tmp_path,), {})
