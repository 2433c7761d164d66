"""A configuration with many mistakes is refused once, and every mistake is told with its file and key."""

from pathlib import Path

import pytest

from pytest_examday.config.accounts import CountedAccounts
from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.suite_names import SuiteNames
from pytest_examday.errors import UsageProblem

KNOWN = SuiteNames(promises=("one-score", "closed-exam"), drills=("worker_pause", "system_restart"))


def _told(folder: Path, text: str, name: str = "x", profile: str | None = None, **variables: str) -> list[str]:
    path = folder / "examday.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageProblem) as problem:
        load_environment(name, profile, None, (folder,), variables, known=KNOWN)
    assert all("\n" not in line for line in problem.value.mistakes)
    return [line.removeprefix(f"{path}: ") for line in problem.value.mistakes]


def test_the_mistakes_of_every_part_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email,password\na@x,one\nb@x\n,two\n")
    told = _told(
        tmp_path,
        """
        [enviroment.y]
        [env.x]
        api_ur = "https://api.example"
        database_url = "not a url"
        redis_url = "cache.example:6379"
        allow = ["read", "wirte"]
        candidates = { file = "people.csv" }
        not_promised = ["one-scor"]
        [env.x.thresholds]
        p95_ms = "fast"
        [env.x.runtime]
        kind = "doker"
        [env.x.log_format]
        preset = "refrence"
        route = "a["
        [profile.smok]
        [profile.smoke.load]
        candidates = 0
        [profile.smoke.drill]
        drills = ["worker_paus"]
        """,
    )
    keys = [line.partition(": ")[0] for line in told]
    assert keys == [
        "enviroment",
        "profile.smok",
        "profile.smoke.load.candidates",
        "profile.smoke.drill.drills[0]",
        "env.x.candidates.file",
        "env.x.candidates.file",
        "env.x.log_format.preset",
        "env.x.log_format.route",
        "env.x.database_url",
        "env.x.redis_url",
        "env.x.runtime.kind",
        "env.x.allow[1]",
        "env.x.not_promised[0]",
        "env.x.thresholds.p95_ms",
        "env.x.api_ur",
    ]
    for number, meant in {0: "env", 1: "smoke", 3: "worker_pause", 6: "reference"}.items():
        assert f"did you mean {meant}? " in told[number]
    for number, meant in {10: "docker", 11: "write", 12: "one-score", 14: "api_url"}.items():
        assert f"did you mean {meant}? " in told[number]
    people = tmp_path / "people.csv"
    assert told[4:6] == [
        f"env.x.candidates.file: {people}: line 3: 1 fields, and there are 2 columns",
        f"env.x.candidates.file: {people}: line 4: the e-mail is missing",
    ]


def test_an_unset_variable_is_told_once_with_all_its_keys_and_all_of_them_together(tmp_path: Path) -> None:
    told = _told(
        tmp_path,
        """
        [env.x]
        api_url = "${API}"
        database_url = "postgresql://u:${PASSWORD}@${HOST}/exam"
        redis_url = "redis://:${PASSWORD}@cache/0"
        production = "maybe"
        """,
        HOST="db",
    )
    assert told == [
        "env.x.api_url: the environment variable API is not set",
        "env.x.database_url, env.x.redis_url: the environment variable PASSWORD is not set",
        "env.x.production: must be true or false",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("admin = { email = 'a', passwort = 'b' }", ["env.x.admin.passwort: unknown key; did you mean password? "]),
        ("runtime = { kind = 'docker', project = 'x', timeout = 'y' }", ["env.x.runtime.timeout: unknown key; "]),
        (
            "candidates = { email = 'c{n}', pasword = 'b', count = 1 }",
            ["env.x.candidates.pasword: unknown key; did you"],
        ),
        ("candidates = { file = 'gone.csv' }", ["env.x.candidates.file: "]),
    ],
)
def test_one_cause_is_told_once(tmp_path: Path, text: str, told: list[str]) -> None:
    lines = _told(tmp_path, f"[env.x]\n{text}\n")
    assert len(lines) == len(told), lines
    assert all(line.startswith(begin) for line, begin in zip(lines, told, strict=True))


def test_keys_of_an_environment_at_the_wrong_level_are_told_where_they_belong(tmp_path: Path) -> None:
    told = _told(tmp_path, "api_url = 'https://api.example'\n[env.x]\n")
    assert told == [
        "api_url: unknown table; keys of an environment belong below [env.NAME]; valid tables: env, profile"
    ]


def test_a_key_of_odd_characters_is_one_line(tmp_path: Path) -> None:
    long = "k" * 200
    told = _told(tmp_path, f'[env.x]\n"a\\nb\\u0000" = 1\n{long} = 2\n')
    assert told[0].startswith('env.x."a\\nb\\u0000": unknown key; ')
    assert told[1].startswith(f'env.x."{"k" * 59}\\u2026": unknown key; ')


def test_a_file_of_accounts_with_a_mistake_in_every_line_does_not_flood(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email,password\n" + "a;b\n" * 1000)
    told = _told(tmp_path, "[env.x]\ncandidates = { file = 'people.csv' }\n")
    assert len(told) == 21
    assert told[-1].endswith("people.csv: 980 more mistakes")


def test_other_environments_and_profiles_are_left_alone(tmp_path: Path) -> None:
    told = _told(tmp_path, "[env.x]\nlogs = 1\n[env.y]\nlogs = 2\n[profile.full.load]\ncandidates = 0\n")
    assert told == ["env.x.logs: must be a list"]


@pytest.mark.parametrize(
    ("email", "valid"),
    [
        ("c{n}@x", True),
        ("c{n:04d}-{n}@x", True),
        ("c{{n}}@x", False),
        ("c{{{n}}}@x", False),
        ("c{n", False),
        ("c{n!r}", False),
        ("c{n.real}", False),
        ("c{n:0999999999d}", False),
    ],
)
def test_an_address_of_candidates_counts_them_or_is_refused(tmp_path: Path, email: str, valid: bool) -> None:
    candidates = f"{{ email = '{email}', password = 'p', count = 2, first = 7 }}"
    (tmp_path / "examday.toml").write_text(f"[env.x]\ncandidates = {candidates}\n")
    if valid:
        made = load_environment("x", None, None, (tmp_path,), {}).candidates
        assert isinstance(made, CountedAccounts)
        assert made.account(0).email != made.account(1).email
    else:
        (line,) = _told(tmp_path, f"[env.x]\ncandidates = {candidates}\n")
        assert line.startswith("env.x.candidates.email: must count candidates with {n}")


def test_a_variable_may_have_a_text_for_when_it_is_not_set(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text('[env.x]\nlogs = ["${A:-/var/log}/${B:-}x", "${C:-d}"]\n')
    assert load_environment("x", None, None, (tmp_path,), {"C": "c"}).logs == ("/var/log/x", "c")


@pytest.mark.parametrize("text", ["${A:?no}", "${}", "${ A }", "${A-b}", "${A:-${A}}", "${A"])
def test_what_is_no_variable_is_not_taken_literally(tmp_path: Path, text: str) -> None:
    (line,) = _told(tmp_path, f"[env.x]\nlogs = ['{text}']\n", A="a")
    assert line == "env.x.logs[0]: write a variable as ${NAME}, or ${NAME:-text} with a text for an unset one"


def test_what_a_shell_command_means_is_left_to_the_shell(tmp_path: Path) -> None:
    (tmp_path / "examday.toml").write_text(
        '[env.x.runtime]\nkind = "command"\nservices = { a = { status = "test ${#HOME} -gt 0" } }\n'
    )
    runtime = load_environment("x", None, None, (tmp_path,), {}).runtime
    assert runtime.model_dump()["services"]["a"]["status"] == "test ${#HOME} -gt 0"


def test_a_variable_that_is_no_text_is_told(tmp_path: Path) -> None:
    assert _told(tmp_path, "[env.x]\nlogs = ['${A}']\n", A="\udcff") == [
        "env.x.logs[0]: a variable holds bytes that are no UTF-8 text"
    ]


def test_a_switch_is_no_number(tmp_path: Path) -> None:
    told = _told(
        tmp_path,
        """
        [env.x]
        candidates = { email = "c{n}@x", password = "p", count = true }
        thresholds = { p95_ms = true, error_rate = false }
        contract.preset = "reference"
        contract.create.success = [true]
        contract.rate_limit = { operation = { method = "GET", path = "/limited" }, burst = true }
        contract.connection_limit = true
        contract.grace_seconds = true
        [profile.smoke.load]
        questions = true
        habits = { think_seconds = [false, true] }
        """,
    )
    assert told == [
        "profile.smoke.load.questions: must be a whole number",
        "profile.smoke.load.habits.think_seconds[0]: must be a number",
        "profile.smoke.load.habits.think_seconds[1]: must be a number",
        "env.x.contract.create.success[0]: must be a whole number",
        "env.x.contract.rate_limit.burst: must be a whole number",
        "env.x.contract.connection_limit: must be a whole number",
        "env.x.contract.grace_seconds: must be a number",
        "env.x.candidates.count: must be a whole number",
        "env.x.thresholds.p95_ms: must be a number",
        "env.x.thresholds.error_rate: must be a number",
    ]


def test_a_date_in_a_body_is_told_with_its_key_and_in_our_words(tmp_path: Path) -> None:
    told = _told(
        tmp_path,
        """
        [env.x]
        contract.preset = "reference"
        contract.create.body = { k = 1979-05-27, dict = { list = [1, { k = 1979-05-27 }] } }
        contract.create.page = { k = { list = [1979-05-27] } }
        [[env.x.contract.protected]]
        name = "rank"
        operation = { method = "POST", path = "/" }
        bodies = [{ k = 1979-05-27 }]
        """,
    )
    words = "must be a text, a number, true, false, a list or a table; write a date as a text"
    places = ("create.body.k", "create.body.dict.list[1].k", "create.page.k.list[0]", "protected[0].bodies[0].k")
    assert [line for line in told if "create_short" not in line] == [f"env.x.contract.{at}: {words}" for at in places]


def test_a_nul_character_is_reported(tmp_path: Path) -> None:
    assert _told(tmp_path, '[env.x]\nlogs = ["a\\u0000b"]\n') == ["env.x.logs[0]: holds a NUL character"]
    assert _told(tmp_path, '[env.x]\ncandidates = { file = "a\\u0000b" }\n') == [
        "env.x.candidates.file: holds a NUL character"
    ]


@pytest.mark.parametrize("name", ["a/b", "..", "a\\nb", "a\\u0000", "n" * 61])
def test_a_name_that_no_run_directory_can_have_is_refused(tmp_path: Path, name: str) -> None:
    plain = name.replace("\\n", "\n").replace("\\u0000", "\0")
    (line,) = _told(tmp_path, f'[env."{name}"]\n', plain)
    assert ": the name must be of letters, digits, blanks and " in line
