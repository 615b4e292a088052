"""Normalisers: what towns write and what comes of it; no value makes one fail, a normalised value stays what it is."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.normalising import ages, coordinates, dates, flags, times
from tdpf.controlplane.preparation.engine.normalising.outcome import REASONS
from tdpf.controlplane.preparation.engine.normalising.registry import NORMALISERS, outcomes
from tdpf.controlplane.preparation.engine.normalising.rules import RULES

_WRITTEN = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "0123456789０１２－-ー~～:：/／.．,、，年月日時分度歳有無○×△可不令和平成昭RHS元午前後都県市区町村丁目番地（）() \n　男女以上"
        ),
        st.characters(blacklist_categories=["Cs"]),
    ),
    max_size=30,
)


@pytest.mark.parametrize("kind", sorted(NORMALISERS))
@given(value=_WRITTEN)
def test_no_value_makes_a_normaliser_fail_and_a_normalised_value_stays(kind: str, value: str) -> None:
    found = NORMALISERS[kind](value)
    assert found.rule == "" or found.rule in RULES
    assert found.reason == "" or found.reason in REASONS
    assert 0 <= found.confidence <= 1
    if found.value is None:
        return
    assert found.value != ""
    again = NORMALISERS[kind](found.value)
    if kind not in ("period", "hours"):
        assert again.value == found.value


@pytest.mark.parametrize("kind", ["number", "integer", "phone", "postal_code", "latitude", "longitude"])
@given(value=_WRITTEN)
def test_digits_are_never_made_up(kind: str, value: str) -> None:
    found = NORMALISERS[kind](value)
    if found.value is None or found.rule in ("number.kanji", "number.free", "coordinate.sexagesimal"):
        return
    written = re.sub(r"\D", "", unicodedata.normalize("NFKC", value))
    made = re.sub(r"\D", "", found.value)
    if found.rule.endswith("lost-zero"):
        made = made.removeprefix("0")
    for digit in set(made):
        assert made.count(digit) <= written.count(digit) + (digit == "0")


@given(st.dates(date(1989, 1, 8), date(2035, 12, 31)))
def test_a_day_is_the_same_in_every_notation(day: date) -> None:
    if day < date(2019, 5, 1):
        long, short, year = "平成", "H", day.year - 1988
    else:
        long, short, year = "令和", "R", day.year - 2018
    plain_year = "元" if year == 1 else str(year)
    for written in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month:02}.{day.day:02}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{long}{plain_year}年{day.month}月{day.day}日",
        f"{long} {plain_year} 年 {day.month} 月 {day.day} 日",
        f"{short}{year:02}.{day.month:02}.{day.day:02}",
        f"{short}{year}/{day.month}/{day.day}",
        f"{day.year}-{day.month:02}-{day.day:02} 00:00:00",
        f"{day.year}年{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）",
    ):
        found = dates.day(written)
        assert found.value == day.isoformat(), written
        assert found.confidence == 1


@pytest.mark.parametrize(
    ("kind", "written", "value", "reason"),
    [
        ("date", "昭32. 7. 1", "1957-07-01", ""),
        ("date", "㍻30年4月1日", "2018-04-01", ""),
        ("date", "令和六年十二月三日", "2024-12-03", ""),
        ("date", "2024（令和6）年4月1日", "2024-04-01", ""),
        ("date", "平成31年5月1日", "2019-05-01", "era-bounds"),
        ("date", "令和6年2月30日", None, "no-such-day"),
        ("date", "令和6年度", None, "year-only"),
        ("date", "5月3日", None, "no-year"),
        ("date", "24/4/1", None, "short-year"),
        ("date", "5/1/2023", "2023-05-01", "american-order"),
        ("period", "令和6年度", "2024-04-01/2025-03-31", ""),
        ("period", "2024年8月5日（月）～16日（金）", "2024-08-05/2024-08-16", ""),
        ("number", "１，２３４", "1234", ""),
        ("number", "▲5.0", "-5.0", ""),
        ("number", "二十三", "23", ""),
        ("integer", "3階", "3", ""),
        ("integer", "10～20", None, "a-range"),
        ("integer", "19（休床中）", "19", ""),
        ("flag_presence", "◯", "有", ""),
        ("flag_presence", "☓", "無", ""),
        ("flag_presence", "△", None, "partly"),
        ("flag_presence", "専用流し（給湯あり）", "有", ""),
        ("flag_mark", "○", "1", ""),
        ("flag_mark", "×", None, ""),
        ("flag_presence", "有・無", None, "not-a-flag"),
        ("date", "2024年（令和6年）4月1日", "2024-04-01", ""),
        ("date", "令和元(2019)年12月1日", "2019-12-01", ""),
        ("date", "令和弐年壱月参日", "2020-01-03", ""),
        ("period", "平成31年度（令和元年度）", "2019-04-01/2020-03-31", ""),
        ("period", "令和5～6年度", "2023-04-01/2025-03-31", ""),
        ("period", "令和6年4月から9月まで", "2024-04-01/2024-09-30", ""),
        ("integer", "一般 120", "120", ""),
        ("integer", "一般 120、療養 40", None, "not-a-number"),
        ("integer", "壱百弐拾", "120", ""),
        ("integer", "1万2千", "12000", ""),
        ("integer", "万", None, "not-a-number"),
        ("time", "翌2:00", "02:00", ""),
        ("time", "25:00", "25:00", "past-midnight"),
        ("time", "午前九時", "09:00", ""),
        ("time", "9.5", None, "not-a-time"),
        ("hours", "9～17時", "09:00-17:00", ""),
        ("hours", "18:00～深夜2:00", "18:00-02:00", ""),
        ("hours", "11:00～14:00、17:00～翌1:00", "11:00-01:00", ""),
        ("hours", "終日（年末年始を除く）", "00:00-24:00", ""),
        ("hours", "4月～9月 6:00～19:00 / 10月～3月 7:00～17:00", None, "hours-by-season"),
        ("hours", "9:00～12:00、13:00～17:00（12月29日～1月3日を除く）", "09:00-17:00", ""),
        ("weekdays", "毎週月曜日", "月", ""),
        ("latitude", "北緯35.6895", "35.6895", ""),
        ("coordinates", "POINT(139.6917 35.6895)", "35.6895,139.6917", ""),
        ("phone", "0312345678", "03-1234-5678", ""),
        ("phone", "0120123456", "0120-123-456", ""),
        ("phone", "0463231111", "0463231111", ""),
        ("phone", "3-1234-5678", "03-1234-5678", ""),
        ("phone", "03-1234-5678・5679", "03-1234-5678;03-1234-5679", ""),
        ("phone", "(054)625-0128", "054-625-0128", ""),
        ("phone", "０３－５２４６－１３１６", "03-5246-1316", ""),
        ("phone", "03-1111-2222、03-3333-4444", "03-1111-2222;03-3333-4444", ""),
        ("phone", "335-1711", "335-1711", "phone-local"),
        ("phone", "非公開", None, "missing"),
        ("postal_code", "〒760－0024", "760-0024", ""),
        ("postal_code", "600024", "060-0024", ""),
        ("municipality_code", "37201", "372013", ""),
        ("municipality_code", "92088", "092088", ""),
        ("municipality_code", "3000020352021", "352021", ""),
        ("municipality_code", "3.00002E+12", None, "excel-damaged"),
        ("municipality_code", "1.31016E+05", "131016", ""),
        ("municipality_code", "131042", None, "wrong-check-digit"),
        ("municipality_code", "12203", None, "code-ambiguous"),
        ("corporate_number", "3000020352021", "3000020352021", ""),
        ("corporate_number", "1000020352021", None, "wrong-check-digit"),
        ("time", "午後5時30分", "17:30", ""),
        ("time", "0.375", "09:00", ""),
        ("time", "22：00\n※日曜は17：00まで", "22:00", ""),
        ("weekdays", "月～金", "月火水木金", ""),
        ("weekdays", "月曜日～金曜日（祝日を除く）", "月火水木金", ""),
        ("weekdays", "土日祝以外", "月火水木金", ""),
        ("latitude", "北緯35度41分22.5秒", "35.6895833", ""),
        ("latitude", "139.75", None, "outside-japan"),
        ("kana", "ｲﾁｶﾜｶﾝｺｳ･ﾌﾞｯｻﾝ", "イチカワカンコウ・ブッサン", ""),
        ("name", "髙﨑邊（葛󠄀城）", "髙﨑邊（葛󠄀城）", ""),
        ("name", "①ひろば㈱", "①ひろば㈱", ""),
        ("address", "〒100-0001 東京都千代田区１－２－３", "東京都千代田区1-2-3", ""),
        ("block", "2003/1/1", None, "date-damaged"),
        ("block", "7-Feb", None, "date-damaged"),
        ("list", "内科、脳神経内科", "内科;脳神経内科", ""),
        ("list", '["内科","外科"]', "内科;外科", ""),
    ],
)
def test_what_towns_write(kind: str, written: str, value: str | None, reason: str) -> None:
    found = NORMALISERS[kind](written)
    assert (found.value, found.reason) == (value, reason)


def test_opening_hours_are_parted_only_when_they_are_regular() -> None:
    regular = times.hours("月～金 9時～17時30分")
    assert regular is not None
    assert (regular.opens, regular.closes, regular.days, regular.rest) == ("09:00", "17:30", "月火水木金", "")
    several = times.hours("9:00～12:00、13:00～17:00")
    assert several is not None
    assert (several.opens, several.closes) == ("09:00", "17:00")
    assert several.rest
    assert times.hours("施設の開館時間による") is None


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("0～4歳", (0, 4)),
        ("85歳以上", (85, None)),
        ("75歳～79歳", (75, 79)),
        ("7歳", (7, 7)),
        ("人口_01_0～4歳", (0, 4)),
    ],
)
def test_bands_of_ages(text: str, band: ages.Band) -> None:
    assert ages.band(text) == band


def test_plane_metres_become_degrees() -> None:
    """The origin of system IX, and a point of the Geospatial Information Authority's worked example (Kawase 2011)."""
    assert coordinates.from_plane(9, 0, 0) == pytest.approx((36.0, 139.8333333), abs=1e-7)
    lat, lon = coordinates.from_plane(9, 11543.6883, 22916.2436)
    assert (lat, lon) == pytest.approx((36.103774791, 140.087855042), abs=2e-8)


def test_the_old_datum_moves_by_about_450_metres_in_tokyo() -> None:
    lat, lon = coordinates.from_tokyo_datum(35.68, 139.76)
    metres = math.hypot((lat - 35.68) * 111_000, (lon - 139.76) * 90_400)
    assert 400 < metres < 500
    assert lat > 35.68
    assert lon < 139.76


def test_values_that_repeat_are_judged_once() -> None:
    assert list(outcomes("integer", ["1", "2", "1"])) == ["1", "2"]


def test_codes_of_ones_own_are_no_marks() -> None:
    """A list that writes 1, 2 and 9 with a legend does not say that 2 is safe; a count of benches says there are some."""
    assert [flags.mark(value).value for value in ("1", "2", "9", "0", "○")] == ["1", None, None, None, "1"]
    assert flags.mark("2").reason == "not-a-flag"
    assert flags.presence("2").value == "有"


@pytest.mark.parametrize(
    "written",
    [
        "35.69,139.68",
        "N35.69 E139.68",
        "(139.68, 35.69)",
        "北緯35.69度、東経139.68度",
        "35.69°N 139.68°E",
        "緯度:35.69 経度:139.68",
    ],
)
def test_two_coordinates_in_one_cell(written: str) -> None:
    assert coordinates.pair(written) == ("35.69", "139.68")


def test_two_coordinates_in_degrees_minutes_and_seconds() -> None:
    assert coordinates.pair("北緯35度41分24秒 東経139度40分48秒") == ("35.69", "139.68")
    assert coordinates.pair("35.69") is None
    assert coordinates.pair("35度41分24秒") is None


def test_a_span_where_a_day_was_asked_is_said() -> None:
    """Its first day is taken and a person is told, whatever words stand behind a day are no span."""
    assert dates.period("2024年10月12日(土)・13日(日)") == (dates.date(2024, 10, 12), dates.date(2024, 10, 13))
    assert dates.period("令和6年10月12日、13日、20日") is dates.period("2024/10/12、2024/10/19") is None
    found = dates.day("令和6年4月1日～4月3日")
    assert (found.value, found.reason) == ("2024-04-01", "more-than-a-day")
    assert (
        dates.day("2024/4/1(月)").reason
        == dates.day("令和6年4月1日現在").reason
        == dates.day("2024-04-01T09:00").reason
        == ""
    )
