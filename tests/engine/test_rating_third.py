"""What a third collection of real files showed of the rules, as small made files: what breaks a rule beside what keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.rating.rate import rate_path


def verdict(text: str, rule: str, folder: Path) -> str:
    path = folder / "made.csv"
    path.write_text(text, encoding="utf-8")
    return next(found.verdict for found in rate_path(path).rules if found.id == rule)


@pytest.mark.parametrize(("beyond", "expected"), [(",,,", "fail"), (",", "pass"), ("", "pass")])
def test_columns_of_separators_alone_at_the_right(beyond: str, expected: str, tmp_path: Path) -> None:
    rows = "".join(f"{age}代,男性{beyond}\n" for age in range(10, 90, 10))
    assert verdict(f"年代,性別{beyond}\n{rows}", "L1-03", tmp_path) == expected


def test_one_remark_beyond_makes_no_empty_columns(tmp_path: Path) -> None:
    rows = "".join(f"{age}代,男性,,,\n" for age in range(10, 90, 10))
    assert verdict(f"年代,性別,,,\n{rows}90代,男性,,,速報\n", "L1-03", tmp_path) == "pass"


@pytest.mark.parametrize(
    ("measures", "expected"),
    [(("施設数（所）", "定員数（人）", "在所者数（人）"), "fail"), (("施設数（所）",), "pass")],
)
def test_two_years_for_each_of_several_measures_stand_sideways(
    measures: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    names = [f"{measure}({year}年)" for measure in measures for year in (2013, 2014)]
    rows = "".join(f"第{at}区,{','.join(str(10 * at + place) for place in range(len(names)))}\n" for at in range(1, 9))
    assert verdict(f"区名,{','.join(names)}\n{rows}", "L3-09", tmp_path) == expected


@pytest.mark.parametrize(("unknown", "expected"), [("－", "fail"), ("35.7099", "pass"), ("", "pass")])
def test_a_dash_for_an_unknown_place_is_said_nowhere(unknown: str, expected: str, tmp_path: Path) -> None:
    rows = "".join(f"第{at}館,35.7{at},139.6{at}\n" for at in range(1, 10))
    assert verdict(f"名称,緯度,経度\n{rows}第十館,{unknown},139.70\n", "L3-03", tmp_path) == expected


@pytest.mark.parametrize(("names", "expected"), [("z,品目", "fail"), ("x,y", "pass"), ("種類,品目", "pass")])
def test_a_letter_is_a_name_only_as_an_axis_beside_another(names: str, expected: str, tmp_path: Path) -> None:
    rows = "".join(f"第{at}店,13{at}.5,3{at}.5\n" for at in range(1, 8))
    assert verdict(f"店名,{names}\n{rows}", "L1-05", tmp_path) == expected
