"""What is written as CQL2 text says what was meant, whatever stands in names and values."""

from __future__ import annotations

import pytest
from cql2 import parse_text
from hypothesis import given
from hypothesis import strategies as st

from tdpf.kit import cql2

WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(WORDS)
def test_a_text_comes_back_whole(value: str) -> None:
    read = parse_text(cql2.compare("名称", "=", value)).to_json()
    assert read == {"op": "=", "args": [{"property": "名称"}, value]}


def test_numbers_truths_and_lists() -> None:
    assert cql2.compare("人口", ">=", "1000", number=True) == '"人口" >= 1000'
    assert cql2.compare("人口", "<", "1.5", number=True) == '"人口" < 1.5'
    assert cql2.compare("人口", "=", "1; DROP", number=True) == "\"人口\" = '1; DROP'"
    assert cql2.compare("公開", "=", True) == '"公開" = TRUE'
    assert cql2.one_of('x"y', ["a'b", "c"]) == "\"x\"\"y\" IN ('a''b', 'c')"
    assert cql2.contains("a", "50%_\\") == "\"a\" LIKE '%50\\%\\_\\\\%'"
    with pytest.raises(ValueError):
        cql2.compare("a", "OR 1=1 --", "x")
