"""Bytes near good files of every kind: a table, or a Problem that says why; never a traceback, always a whole rating.

PDFs and pictures have the same of their own, in `test_paper_bad_input` and `test_paper_pictures`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fuzzed_files import KINDS, good, near

from tdpf.controlplane.preparation.engine.errors import Damaged, NotReadable
from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.reading import read_file

CASES = 60
READ = tuple(name for name in KINDS if not name.endswith(".pdf"))


@pytest.mark.parametrize("name", READ)
def test_bytes_near_good_ones_end_in_a_table_or_a_problem(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(good(name))
    assert read_file(path, name).table.row_count >= 2
    came: Counter[str] = Counter()
    for seed in range(CASES):
        path.write_bytes(near(name, seed))
        try:
            came["read"] += bool(read_file(path, name).tables)
        except NotReadable as problem:
            came[problem.code] += bool(problem.as_dict("ja")["cure"])
        rating = rate_path(path, name=name)
        assert len(rating.rules) == 30
    assert came["read"] > CASES // 10
    assert len(came) > 1 or name.endswith(("csv", "tsv"))


@pytest.mark.parametrize(("name", "part"), [("a.json", b"\xe6\xff"), ("a.xlsx", b"\x50\x4b\x01\x02")])
def test_what_libraries_call_differently_is_damage(tmp_path: Path, name: str, part: bytes) -> None:
    path = tmp_path / name
    content = good(name)
    at = content.rindex(part) if part in content else len(content) // 2
    path.write_bytes(content[:at] + part[::-1] + content[at + 2 :])
    with pytest.raises(Damaged) as met:
        read_file(path, name)
    assert met.value.as_dict("en")["detail"]
