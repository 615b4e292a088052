"""Dates and periods in every form that Japanese and other sites write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.catalog.enriching.dates import JST, moment_of, span_of
from tdpf.controlplane.catalog.enriching.periods import read_period

D = date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("令和6年4月1日", D(2024, 4, 1), D(2024, 4, 1)), ("令和元年5月", D(2019, 5, 1), D(2019, 5, 31)), ("R6.4.1", D(2024, 4, 1), D(2024, 4, 1)),
        ("R02.07.21", D(2020, 7, 21), D(2020, 7, 21)), ("H30.3", None, None), ("Ｈ３０．０３．３１", D(2018, 3, 31), D(2018, 3, 31)),
        ("平成31年度", D(2019, 4, 1), D(2020, 3, 31)), ("2024年度", D(2024, 4, 1), D(2025, 3, 31)), ("FY2023", D(2023, 4, 1), D(2024, 3, 31)),
        ("昭和64年1月7日", D(1989, 1, 7), D(1989, 1, 7)), ("2024-02-29", D(2024, 2, 29), D(2024, 2, 29)), ("2023-02-29", None, None),
        ("2024/4/1", D(2024, 4, 1), D(2024, 4, 1)), ("2024.04.01", D(2024, 4, 1), D(2024, 4, 1)), ("20240401", D(2024, 4, 1), D(2024, 4, 1)),
        ("2024-04", D(2024, 4, 1), D(2024, 4, 30)), ("2024年", D(2024, 1, 1), D(2024, 12, 31)), ("2024", D(2024, 1, 1), D(2024, 12, 31)),
        ("令和5年（2023年）4月1日", D(2023, 4, 1), D(2023, 4, 1)), ("2023年（令和5年）度", D(2023, 4, 1), D(2024, 3, 31)),
        ("2024年4月1日現在", D(2024, 4, 1), D(2024, 4, 1)), ("2024年4月1日（月）", D(2024, 4, 1), D(2024, 4, 1)), ("令和7年3月末", D(2025, 3, 31), D(2025, 3, 31)),
        ("1 Apr 2024", D(2024, 4, 1), D(2024, 4, 1)), ("April 1, 2024", D(2024, 4, 1), D(2024, 4, 1)), ("April 2024", D(2024, 4, 1), D(2024, 4, 30)),
        ("25/12/2024", D(2024, 12, 25), D(2024, 12, 25)), ("12/25/2024", D(2024, 12, 25), D(2024, 12, 25)), ("04/05/2024", None, None),
        ("きのう", None, None), ("", None, None), ("13月", None, None), ("2024-13-01", None, None), ("平成50年", None, None), ("0000-00-00", None, None),
        ("令和６年４月１日時点", D(2024, 4, 1), D(2024, 4, 1)),
    ],
)  # fmt: skip
def test_days_that_words_name(text: str, first: date | None, last: date | None) -> None:
    span = span_of(text)
    if first is None:
        assert span is None or text == "H30.3"
    else:
        assert span is not None
        assert (span.start, span.end) == (first, last)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-04-01T09:00:00Z", datetime(2024, 4, 1, 9, tzinfo=UTC)), ("2024-04-01T09:00:00.123456", datetime(2024, 4, 1, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2024-04-01 09:00", datetime(2024, 4, 1, 9, tzinfo=JST)), ("2024-04-01T09:00:00+09:00", datetime(2024, 4, 1, 0, tzinfo=UTC)),
        ("2024-04-01T09:00:00-0500", datetime(2024, 4, 1, 14, tzinfo=UTC)), ("2024/4/1 9:05", datetime(2024, 4, 1, 9, 5, tzinfo=JST)),
        ("Tue, 02 Jan 2024 03:04:05 GMT", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)), ("1711929600", datetime(2024, 4, 1, tzinfo=UTC)),
        ("1711929600000", datetime(2024, 4, 1, tzinfo=UTC)), ("令和6年4月1日", datetime(2024, 4, 1, tzinfo=JST)), ("2024年度", datetime(2024, 4, 1, tzinfo=JST)),
        ("2024-04-01T24:00:00Z", datetime(2024, 4, 2, tzinfo=UTC)), ("2024-04-01T25:00:00Z", None), ("soon", None), ("2024-04-31", None),
        ("9999-12-31T23:59:59Z", None), ("99999999999999", None),
    ],
)  # fmt: skip
def test_moments(text: str, moment: datetime | None) -> None:
    assert moment_of(text) == moment


@given(st.datetimes(min_value=datetime(1700, 1, 1), max_value=datetime(2199, 12, 31)))
def test_what_is_written_in_iso_is_read_again(moment: datetime) -> None:
    for zone in (UTC, JST):
        aware = moment.replace(tzinfo=zone)
        assert moment_of(aware.isoformat()) == aware
    assert span_of(moment.date().isoformat()) is not None


@given(st.dates(min_value=date(2019, 5, 1), max_value=date(2099, 12, 31)))
def test_wareki_and_western_days_are_the_same(day: date) -> None:
    year = day.year - 2018
    wareki = span_of(f"令和{'元' if year == 1 else year}年{day.month}月{day.day}日")
    western = span_of(f"{day.year}年{day.month}月{day.day}日")
    assert wareki == western
    assert wareki is not None
    assert wareki.start == day
    if year > 9:
        assert span_of(f"R{year}.{day.month}.{day.day}") == wareki


@given(st.text(max_size=60))
def test_no_words_make_it_raise(text: str) -> None:
    span_of(text)
    moment_of(text)
    read_period(text, text, text, title=text, description=text, parts=(text,))


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [
        ("令和5年度 決算", D(2023, 4, 1), D(2024, 3, 31)), ("2020年国勢調査", D(2020, 1, 1), D(2020, 12, 31)), ("平成22年国勢調査", D(2010, 1, 1), D(2010, 12, 31)),
        ("イベント一覧（令和６年１２月１日時点）", D(2024, 12, 1), D(2024, 12, 1)), ("観光施設一覧(令和元年10月31日時点)", D(2019, 10, 31), D(2019, 10, 31)),
        ("人口（平成30年4月から平成31年3月まで）", D(2018, 4, 1), D(2019, 3, 31)), ("平成27年～令和2年 交通事故", D(2015, 1, 1), D(2020, 12, 31)),
        ("2019年度〜2023年度 決算", D(2019, 4, 1), D(2024, 3, 31)), ("令和元年度・令和2年度 入札結果", D(2019, 4, 1), D(2021, 3, 31)),
        ("感染症 令和2年1月1日以降", D(2020, 1, 1), None), ("地域・年齢別人口（令和７年１月末時点）", D(2025, 1, 31), D(2025, 1, 31)),
        ("外国人国籍地域別統計（令和7年度分）", D(2025, 4, 1), D(2026, 3, 31)), ("population_2018-07-01", D(2018, 7, 1), D(2018, 7, 1)),
        ("takamatsu_menu_202104", None, None), ("都市計画マスタープラン2040計画", None, None), ("標高2000mの山", None, None), ("公園一覧", None, None),
        ("電話 03-2024-1234", None, None), ("人口（H30）", D(2018, 1, 1), D(2018, 12, 31)), ("S45.10.1 国勢調査", D(1970, 10, 1), D(1970, 10, 1)),
    ],
)  # fmt: skip
def test_periods_in_titles(title: str, first: date | None, last: date | None) -> None:
    reading = read_period("", "", "", title=title, description="", parts=())
    assert reading.value == (first, last)
    assert (reading.inferred is not None) is (first is not None)


def test_stated_periods() -> None:
    def stated(start: str, end: str, text: str = "") -> tuple[date | None, date | None]:
        return read_period(start, end, text, title="令和元年度", description="", parts=()).value

    assert stated("2020-04", "2021-03") == (D(2020, 4, 1), D(2021, 3, 31))
    assert stated("2020-04-01T00:00:00", "") == (D(2020, 4, 1), None)
    assert stated("", "", "2019-01-01/2019-12-31") == (D(2019, 1, 1), D(2019, 12, 31))
    assert stated("", "", "令和2年度") == (D(2020, 4, 1), D(2021, 3, 31))
    assert stated("2021-01-01", "2020-01-01") == (D(2020, 1, 1), D(2021, 1, 1))
    swapped = read_period("2021-01-01", "2020-01-01", "", title="", description="", parts=())
    assert [note.field for note in swapped.notes] == ["period"]
    unread = read_period("むかし", "", "", title="", description="", parts=())
    assert unread.value == (None, None)
    assert [(note.field, note.stated) for note in unread.notes] == [("period_start", "むかし")]


def test_descriptions_and_files_tell_the_period_where_the_title_does_not() -> None:
    told = read_period("", "", "", title="人口", description="町丁目別の人口です。調査時点：令和6年1月1日", parts=())
    assert told.value == (D(2024, 1, 1), D(2024, 1, 1))
    files = read_period("", "", "", title="人口", description="", parts=("人口 令和4年度", "人口 令和5年度"))
    assert files.value == (D(2022, 4, 1), D(2024, 3, 31))
    assert files.inferred is not None
    assert files.inferred.method == "distributions"


@pytest.mark.parametrize(
    ("description", "first", "last"),
    [
        ("2023年1月から12月までの月別", D(2023, 1, 1), D(2023, 12, 31)),
        ("令和5年4月から3月までの集計", D(2023, 4, 1), D(2024, 3, 31)),
        ("平成25年調査", D(2013, 1, 1), D(2013, 12, 31)),
        ("2019年〜2023年", D(2019, 1, 1), D(2023, 12, 31)),
        ("令和4年7月10日執行 参議院議員選挙", D(2022, 7, 10), D(2022, 7, 10)),
        ("Updated daily. FY2024.", D(2024, 4, 1), D(2025, 3, 31)),
        ("平成25年度に作成しました", None, None),
        ("この施設は2001年に開館しました", None, None),
        ("条例は2015年のものです。", None, None),
    ],
)
def test_a_description_that_is_mostly_a_time_tells_the_period(
    description: str, first: date | None, last: date | None
) -> None:
    """A day in passing, or one on which something was made, does not."""
    assert read_period("", "", "", title="x", description=description, parts=()).value == (first, last)


def test_jst_is_nine_hours_ahead() -> None:
    assert JST.utcoffset(None) == timedelta(hours=9)
