"""A list that changes while it is read: whatever is edited between two halves, nothing that is listed is passed over."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage
from tdpf.controlplane.federation.visiting.manners import Manners
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.sites import Answer

BODIES: dict[str, Callable[[Sequence[int]], bytes]] = {
    "data_json": lambda keys: orjson.dumps({"dataset": [{"identifier": f"d{n}", "title": f"題 {n}"} for n in keys]}),
    "plateau": lambda keys: orjson.dumps(
        [{"id": f"1310{n}_bldg", "city_code": f"{13100 + n}", "city": f"区{n}", "type_en": "bldg", "year": 2023} for n in keys]
    ),
    "list_table": lambda keys: "\n".join(
        ["データセット名,概要,URL", *(f"一覧 {n},説明,https://d.example/{n}.csv" for n in keys)]
    ).encode(),
}  # fmt: skip


@dataclass
class _Fixed:
    """A visitor to whom one file is given, whatever he asks for."""

    body: bytes
    manners: Manners = field(default_factory=Manners)

    def get(self, url: str, *, into: Path | None = None, **_: object) -> Answer:
        """Return the file, or leave it where it is wanted."""
        if into is not None:
            into.write_bytes(self.body)
        return Answer(url=url, status=200, headers={}, body=b"" if into is not None else self.body, chain=(), file=into)


def _read(kind: str, body: bytes, cursor: dict[str, Any]) -> list[ReadPage]:
    order = ReadingOrder(url="https://d.example/list.csv", cursor=cursor)
    return list(reader_of(kind).read(cast(Visitor, _Fixed(body)), order))


def _titles(pages: Sequence[ReadPage]) -> set[str]:
    return {record.stated.title for page in pages for record in page.records}


def _nobody_is_lost(kind: str, before: Sequence[int], after: Sequence[int], half: int) -> None:
    module = importlib.import_module(f"tdpf.controlplane.federation.reading.kinds.{kind}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_RECORDS_A_PAGE", 2)
        first = _read(kind, BODIES[kind](before), {})[:half]
        cursor = orjson.loads(orjson.dumps(dict(first[-1].cursor)))
        rest = _read(kind, BODIES[kind](after), cursor)
        whole = _titles(_read(kind, BODIES[kind](after), {}))
    assert rest[-1].coverage != "all" or whole <= _titles([*first, *rest])
    if before == after:
        assert _titles(first).isdisjoint(_titles(rest)), "the same list is read once"


@settings(max_examples=60, deadline=None)
@given(
    before=st.lists(st.integers(1, 30), min_size=3, max_size=12, unique=True),
    after=st.lists(st.integers(1, 30), min_size=1, max_size=12, unique=True),
    half=st.integers(1, 2),
)
def test_any_edit_between_two_halves_loses_nobody(before: list[int], after: list[int], half: int) -> None:
    _nobody_is_lost("data_json", before, after, half)
    _nobody_is_lost("data_json", before, before, half)


@pytest.mark.parametrize("kind", BODIES)
def test_every_list_that_is_read_as_a_whole_knows_that_it_is_another(kind: str) -> None:
    _nobody_is_lost(kind, range(1, 9), range(3, 9), 2)
    _nobody_is_lost(kind, range(1, 9), range(1, 9), 2)
