"""The screen for personal data on made files in municipal layouts; half of them was never looked at while it was mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from personal_municipal import counted, municipal_tables

from tdpf.controlplane.preparation.engine.personal.around import is_of_a_person
from tdpf.controlplane.preparation.engine.personal.headers import header_of


@pytest.mark.parametrize(("kept", "precision", "recall"), [(False, 0.97, 0.97), (True, 0.96, 0.92)])
def test_columns_of_persons_are_told_from_those_of_places(
    tmp_path: Path, kept: bool, precision: float, recall: float
) -> None:
    count = counted(kept=kept, folder=tmp_path)
    assert count.found > 250
    assert count.precision >= precision, count.wrong
    assert count.recall >= recall, count.wrong


def test_every_made_file_has_a_name_of_its_own_and_halves_are_alike_in_size() -> None:
    tables = list(municipal_tables())
    drawn = [table for table in tables if not table.built]
    assert len({table.name for table in tables}) == len(tables)
    assert 0.4 < sum(table.kept for table in drawn) / len(drawn) < 0.6


@pytest.mark.parametrize(
    ("name", "matter", "whose"),
    [
        ("来館日時", "", ""),
        ("開館日", "", "site"),
        ("入園年月日", "", ""),
        ("申請者名又は団体名", "", "person"),
        ("犬の生年月日", "birth", "thing"),
        ("犬の飼い主", "name", "person"),
        ("組合長住所", "address", "role"),
        ("SpO2", "health", ""),
    ],
)
def test_headers_say_whose_and_what(name: str, matter: str, whose: str) -> None:
    read = header_of(name)
    assert (read.matter, read.whose) == (matter, whose)


def test_names_of_columns_are_not_taken_for_persons() -> None:
    assert is_of_a_person("山田太郎")
    assert not any(map(is_of_a_person, ("館長名", "代表者名", "世帯主氏名")))
