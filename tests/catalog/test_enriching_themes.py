"""Themes: stated ones of any vocabulary, and the measured precision of what is worked out from titles."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tdpf.controlplane.catalog.enriching.themes import classified, read_themes, theme_code
from tdpf.controlplane.catalog.vocabularies.themes import THEMES

JUDGED = Path(__file__).parent / "judged_themes.tsv"
LEAST = 0.85


def judged(*, held_out: bool) -> list[tuple[str, list[str]]]:
    """Real titles with the themes a person would accept; a half by a hash of those not "seen" never led a change of terms."""
    rows = [line.split("\t") for line in JUDGED.read_text(encoding="utf-8").splitlines()]
    return [
        (title, accepted.split("|"))
        for title, accepted, *seen in rows
        if (hashlib.sha256(title.encode()).digest()[0] % 2 == 1 and not seen) is held_out
    ]


@pytest.mark.parametrize("held_out", [False, True])
def test_titles_are_classified_as_a_person_would(held_out: bool) -> None:
    rows = judged(held_out=held_out)
    right = [
        title
        for title, accepted in rows
        if classified(title, (), "")[0][:1] and classified(title, (), "")[0][0] in accepted
    ]
    answered = [title for title, _ in rows if classified(title, (), "")[0]]
    assert len(rows) >= 75
    assert len(right) / len(answered) >= LEAST, "precision"
    assert len(right) / len(rows) >= LEAST, "of all titles"


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("http://publications.europa.eu/resource/authority/data-theme/TRAN", "transport"), ("ENVI", "safety"), ("国土・気象", "land"),
        ("16_国際", "international"), ("09", "energy"), ("教育・文化・スポーツ・生活", "education"), ("健康・福祉", "welfare"), ("健康／福祉", "welfare"),
        ("Health", "welfare"), ("crime-and-justice", "safety"), ("Towns and cities", "housing"), ("Government & public sector", "government"),
        ("population", "population"), ("観光", "transport"), ("防災", "safety"), ("子育て", "welfare"), ("市政情報", "government"), ("産業・経済", "economy"),
        ("謎", ""), ("", ""), ("その他", "other"), ("Business and Economy", "economy"), ("imageryBaseMapsEarthCover", "land"),
    ],
)  # fmt: skip
def test_names_of_other_vocabularies(stated: str, code: str) -> None:
    assert theme_code(stated) == code


def test_a_stated_theme_is_no_guess_and_a_loose_one_is() -> None:
    stated = read_themes(("ごみ・環境", "TRAN"), title="人口", keywords=(), description="")
    assert stated.value == ("safety", "transport")
    assert stated.inferred is None
    loose = read_themes(("バスと鉄道の部屋",), title="人口", keywords=(), description="")
    assert loose.value == ("transport",)
    assert loose.inferred is not None
    assert "バスと鉄道の部屋" in loose.inferred.reason.ja


def test_a_broad_class_gives_way_to_what_the_title_says() -> None:
    assert read_themes(("くらし",), title="ごみ収集日", keywords=(), description="").value == ("safety",)
    assert read_themes(("教育・子育て",), title="保育施設等", keywords=(), description="").value == ("welfare",)
    alone = read_themes(("くらし",), title="あれこれ", keywords=(), description="")
    assert alone.value == ("education",)
    assert alone.inferred is not None
    both = read_themes(("くらし", "防災"), title="人口", keywords=(), description="")
    assert both.value == ("safety",)


def test_other_is_the_last_resort() -> None:
    assert read_themes(("その他",), title="避難所一覧", keywords=(), description="").value == ("safety",)
    assert read_themes((), title="あれこれ", keywords=(), description="").value == ()


def test_keywords_and_description_help_where_the_title_says_nothing() -> None:
    assert read_themes((), title="データ01", keywords=("保育園", "こども"), description="").value == ("welfare",)
    assert read_themes(
        (), title="データ01", keywords=(), description="市内の避難所の一覧です。防災に使えます。"
    ).value == ("safety",)


def test_every_name_leads_to_a_theme_of_ours() -> None:
    assert all(theme_code(theme.label.ja) == theme.code for theme in THEMES.values())
    assert all(theme_code(theme.number) == theme.code for theme in THEMES.values())
