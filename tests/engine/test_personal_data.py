"""The screen for personal data against a made-up set in two halves, and against every hit on real files, reviewed by eye."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from engine_files import Read
from personal_tables import HALVES, made_tables

from tdpf.controlplane.preparation.engine.personal.persons import is_person, persons_in
from tdpf.controlplane.preparation.engine.personal.registers import is_register
from tdpf.controlplane.preparation.engine.personal.screening import screen
from tdpf.controlplane.preparation.engine.reading import read_file

TRUTH = Path(__file__).with_name("personal_truth.tsv")


@pytest.mark.parametrize("half", HALVES)
def test_columns_with_personal_data_are_found_and_others_left_alone(read: Read, half: str) -> None:
    right = found = wanted = 0
    for made in made_tables(half, rounds=3):
        hits: dict[str, set[str]] = {}
        for finding in screen(read(made.as_csv(), f"{made.name}.csv").table):
            if finding.certainty != "clear":
                hits.setdefault(finding.column, set()).add(finding.kind)
        for column, kind in made.truth.items():
            wanted += bool(kind)
            found += column in hits
            right += bool(kind) and kind in hits.get(column, set())
    assert wanted > 30
    assert right / found >= 0.95
    assert right / wanted >= 0.95


def test_every_hit_on_real_files_was_looked_at(corpus: Path) -> None:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        reviewed = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for name in sorted({row["file"] for row in reviewed}):
        path = corpus / name
        expected = {(row["column"], row["kind"]) for row in reviewed if row["file"] == name}
        hits = {
            (finding.column, finding.kind)
            for finding in screen(read_file(path, path.name).table)
            if finding.certainty != "clear"
        }
        assert hits == expected, name


def test_operators_in_registers_are_public_and_their_homes_are_not(read: Read) -> None:
    rows = [
        f"第{n}号,{name},食堂{n},東京都千代田区1-{n},090-1234-56{n:02},飲食店営業,2024-01-01"
        for n, name in enumerate(PEOPLE)
    ]
    table = read("許可番号,営業者名,屋号,営業所所在地,営業者携帯,業種,許可年月日\n" + "\n".join(rows) + "\n").table
    found = {finding.column: finding for finding in screen(table)}
    assert is_register(table.column_names, ())
    assert (found["営業者名"].kind, found["営業者名"].certainty) == ("register", "clear")
    assert "法令" in found["営業者名"].message_ja
    assert found["営業者携帯"].certainty == "doubtful"


PEOPLE = ["山田　太郎", "佐藤 花子", "鈴木　一郎", "髙橋 美咲", "﨑田　健", "伊藤 さくら"]


def test_names_are_told_from_what_only_looks_like_one() -> None:
    assert all(is_person(name) for name in PEOPLE)
    for other in ("佐藤医院", "田中商店", "千代田区", "中央 図書館", "山田町", "渋谷区役所", "大田市場", "青山　公園"):
        assert not is_person(other), other
    assert list(persons_in("担当は山田太郎さん。午後に連絡"))
    assert not list(persons_in("夏目漱石の旧居。松山市出身の作家が住んだ家"))


def test_small_counts_on_sensitive_matters_are_doubtful(read: Read) -> None:
    towns = [f"神田{n}丁目,{20 + n},{n % 4 + 1}" for n in range(1, 12)]
    found = screen(read("町別生活保護受給者数\n町丁名,世帯数,受給者数\n" + "\n".join(towns) + "\n").table)
    assert [(finding.kind, finding.column, finding.certainty) for finding in found] == [
        ("small_cells", "受給者数", "doubtful")
    ]
    assert screen(read("町丁名,男,女\n" + "\n".join(towns) + "\n").table) == []
