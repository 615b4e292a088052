"""The tables of words by which headers speak of persons: no row contradicts another, every row is read as it says."""

from __future__ import annotations

from typing import get_args

import pytest

from tdpf.controlplane.preparation.engine.personal.headers import Matter, Whose, header_of
from tdpf.controlplane.preparation.engine.personal.lexicon.tables import TABLES, Word, rows_of, spellings, state_pattern

MEANINGS = {
    "matters": set(get_args(Matter)) - {"", "name"},
    "owners": set(get_args(Whose)) - {""},
    "heads": {"name", "document", "paper", "public"},
}


@pytest.mark.parametrize("table", TABLES)
def test_no_spelling_means_two_things_and_no_row_is_written_twice(table: str) -> None:
    meanings: dict[str, dict[str, Word]] = {}
    for row in rows_of(table):
        assert row.means in MEANINGS[table], row
        assert row.behind in ("", "先頭", "漢字"), row
        for spelling in spellings(row.word):
            if table != "heads":
                meanings.setdefault(spelling, {})[row.means] = row
    twice = {spelling: found for spelling, found in meanings.items() if len(found) > 1}
    assert not twice
    words = [(row.word, row.means) for row in rows_of(table)]
    assert len(words) == len(set(words))


def test_every_row_is_read_as_it_says() -> None:
    for row in rows_of("matters"):
        shortest = min(spellings(row.word), key=lambda word: (len(word), word))
        read = header_of(shortest)
        assert read.matter == row.means or read.matter == "name", (row, shortest, read)
    for row in rows_of("owners"):
        if row.behind != "漢字":
            assert header_of(f"{max(spellings(row.word), key=len)}の住所").whose == row.means, row


def test_words_nobody_listed_are_read_from_their_parts() -> None:
    read = {
        name: (header_of(name).matter, header_of(name).whose)
        for name in ("耕作者の緊急連絡先", "施設利用者住所", "利用者支援施設の所在地", "03 同居の子のお名前", "漁業者名", "農園区画借受人TEL")
    }  # fmt: skip
    assert read == {
        "耕作者の緊急連絡先": ("phone", "person"),
        "施設利用者住所": ("address", "person"),
        "利用者支援施設の所在地": ("address", "site"),
        "03 同居の子のお名前": ("name", "person"),
        "漁業者名": ("name", "person"),
        "農園区画借受人TEL": ("phone", "person"),
    }
    assert header_of("相談者数").whose == "thing"
    assert header_of("生活保護の有無").matter == "health"


def test_states_are_told_from_things() -> None:
    told = state_pattern()
    for state in (
        "慢性腎不全",
        "左大腿骨頸部骨折",
        "脊柱管狭窄症",
        "要介護3",
        "ひとり親",
        "窃盗",
        "浄土真宗",
        "卵、乳",
        "要精密検査(胃)",
    ):
        assert told.search(state), state
    for other in ("りんご", "新規", "市民会館", "乳製品工場", "防災無線", "DVD", "A1"):
        assert not told.search(other), other
