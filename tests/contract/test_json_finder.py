"""The direct way through an answer finds what JMESPath finds."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_examday.contract.json_finder import compiled, fast_finder, finder

DIRECT = ["a", '"a b"', "a.b", "a.b.a", "a == 'x'", "a.b == 'x'", "a == ''", 'a == `"x"`']
OTHERS = ["a[0]", "a[].b", "a || b", "a == b", "a == `1`", "a != 'x'", "'x' == a", "@", "length(a)", "a.{b: b}", "a.*"]

_leaves = st.none() | st.booleans() | st.integers(-1, 2) | st.floats(allow_nan=False) | st.sampled_from(["", "x", "b"])
_documents = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "a b"]), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("expression", DIRECT)
@given(document=_documents)
def test_the_direct_way_finds_what_jmespath_finds(expression: str, document: Any) -> None:
    find = fast_finder(compiled(expression))
    assert find is not None
    found, expected = find(document), jmespath.search(expression, document)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("expression", OTHERS)
def test_any_other_expression_is_left_to_jmespath(expression: str) -> None:
    assert fast_finder(compiled(expression)) is None
    document = {"a": [{"b": 1}], "b": 2}
    assert finder(expression)(document) == jmespath.search(expression, document)


def test_a_malformed_expression_is_refused() -> None:
    with pytest.raises(jmespath.exceptions.JMESPathError):
        finder("a..b")
