"""k6 finds in an answer what the built-in candidates find."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pytest_examday.config.engine import K6
from pytest_examday.contract.embedded_preset import CONTRACT
from pytest_examday.contract.operation import Operation
from pytest_examday.contract.reply_search import search
from pytest_examday.errors import UsageProblem
from pytest_examday.load.k6.translate import (
    FUNCTIONS,
    NODES,
    translated,
    tree,
)
from pytest_examday.suites.exam.load.exam_plan import FOUND

BODY: dict[str, Any] = {
    "id": 7,
    "status": "ok",
    "empty": [],
    "none": None,
    "no": False,
    "zero": 0,
    "detail": "exam mode is on",
    "data": {"id": "s-1", "ünï": "ü", "attributes": {"a": 1, "b": 2}},
    "questions": [
        {"question_id": 1, "choices": [{"key": "A"}, {"key": "B"}], "value": "A"},
        {"question_id": 2, "choices": [], "value": None},
        {"question_id": 3, "choices": [{"key": "C"}, {}], "value": "C"},
    ],
    "nested": [[1, 2], [3], 4, [[5]]],
    "words": ["one", "two"],
}
EXPRESSIONS = [
    "id",
    "absent",
    "data.id",
    'data."ünï"',
    "@",
    "questions[0].question_id",
    "questions[-1].question_id",
    "questions[9]",
    "questions[].{id: question_id, choices: choices[].key}",
    "questions[].choices",
    "questions[*].value",
    "questions[?question_id > `1`].value",
    "questions[?value == 'A' || question_id == `3`].question_id",
    "questions[?value != 'A' && choices].question_id",
    "questions[?!value].question_id",
    "questions[].[question_id, value]",
    "absent[].{id: id}",
    "data.attributes.*",
    "nested[]",
    "nested[][]",
    "status == 'ok'",
    "status == `7`",
    "id >= `7`",
    "id < 'x'",
    "no || zero",
    "empty || status",
    "empty && status",
    "!none",
    "none == `null`",
    'words == `["one", "two"]`',
    'data.attributes == `{"b": 2, "a": 1}`',
    "zero == no",
    "questions[*].question_id | [0]",
    "contains(detail, 'exam mode')",
    "contains(words, 'two')",
    "contains(id, '7')",
    "contains(absent, 'exam mode')",
    "starts_with(detail, 'exam')",
    "ends_with(detail, 'off')",
    "length(questions)",
    "length(detail)",
    "length(data)",
    "length(id)",
    "not_null(absent, none, status)",
    "to_string(id)",
    "to_string(words)",
    "to_number('7.5')",
    "to_number('seven')",
    "to_number(id)",
    "keys(data.attributes)",
    "values(data.attributes)",
    "join('-', words)",
    "{id: id, all: questions[*].value}",
    "[id, absent]",
]


def test_the_expressions_of_this_test_use_all_that_k6_knows() -> None:
    used = json.dumps([tree(expression, "any") for expression in EXPRESSIONS])
    assert {node for node in NODES if f'"{node}"' not in used} == set()
    assert {name for name in FUNCTIONS if f'"value": "{name}"' not in used} == set()


def test_k6_evaluates_every_expression_as_python_does(k6: K6, checkout: Path, tmp_path: Path) -> None:
    trees = [tree(expression, "any") for expression in EXPRESSIONS]
    (tmp_path / "cases.json").write_text(json.dumps({"trees": trees, "body": BODY}))
    (tmp_path / "evaluate.js").write_text(
        f"import {{ search, truthy }} from '{checkout}/k6/jmespath.js';\n"
        f"const given = JSON.parse(open('{tmp_path}/cases.json'));\n"
        "export default () => given.trees.forEach((tree) => {\n"
        "  const found = search(tree, given.body);\n"
        "  console.log(JSON.stringify([found, truthy(found)]));\n"
        "});\n"
    )
    command = [str(k6.path), "run", "--quiet", "--no-usage-report", "--address=", "--log-format=raw"]
    command += [f"--console-output={tmp_path}/found", str(tmp_path / "evaluate.js")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    found = [json.loads(line) for line in (tmp_path / "found").read_text().splitlines()]
    assert len(found) == len(EXPRESSIONS), done.stdout + done.stderr
    for expression, told in zip(EXPRESSIONS, found, strict=True):
        expected = search(expression, BODY)
        assert told == [expected, bool(expected)], expression


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("questions[0:2]", "slices cannot be evaluated in k6"),
        ("sort_by(questions, &question_id)", "the function sort_by() cannot be evaluated in k6"),
    ],
)
def test_what_k6_does_not_know_is_refused_by_operation_and_key(expression: str, what: str) -> None:
    create = Operation(method="POST", path="/x", finds={"questions": expression})
    with pytest.raises(UsageProblem) as problem:
        translated(CONTRACT.model_copy(update={"create": create}), FOUND)
    assert str(problem.value).startswith(f"--examday-engine k6: create.finds.questions: {expression!r}: {what}")
    assert "\n" not in str(problem.value)


def test_what_candidates_do_not_look_for_may_be_written_in_any_way() -> None:
    submit = Operation(method="POST", path="/x", finds={"max_score": "sort(questions)"})
    told = translated(CONTRACT.model_copy(update={"submit": submit}), FOUND)
    assert told["operations"]["submit"]["finds"] == {}


def test_the_scripts_look_for_no_value_that_is_not_translated(checkout: Path) -> None:
    scripts = "\n".join(path.read_text() for path in (checkout / "k6").glob("*.js"))
    looked_for = re.findall(r"finds?\('(\w+)', '(\w+)'", scripts)
    assert ("review", "correct") in looked_for
    assert [(operation, value) for operation, value in looked_for if value not in FOUND[operation]] == []


def test_the_scripts_by_hand_speak_the_reference_contract(checkout: Path) -> None:
    assert json.loads((checkout / "k6" / "reference.json").read_text()) == translated(CONTRACT, FOUND)
