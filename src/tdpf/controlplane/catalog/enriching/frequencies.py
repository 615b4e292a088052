"""Update frequencies of any vocabulary → ours: Japanese words, ISO 8601 durations, EU, SDMX and Dublin Core codes, INSPIRE."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.kit.text import Text

_WORDS: dict[str, str] = {}
for _code, _names in (
    ("UPDATE_CONT", "常時 リアルタイム 即時 連続 常に更新 cont update_cont continuous continual continuously realtime real-time live quasi-real-time streaming punctual minutely r/pt1s r/pt1m r/pt5m r/pt10m"),
    ("HOURLY", "毎時 1時間ごと 1時間毎 毎時間 一時間ごと hourly everyhour r/pt1h bihourly semihourly"),
    ("DAILY", "毎日 日次 日ごと 日毎 1日1回 一日一回 毎営業日 平日毎日 日単位 daily day everyday every_day d b daily_2 twice_a_day semidaily threetimesaday fourtimesaday r/p1d"),
    ("WEEKLY", "毎週 週次 週1回 週一回 週ごと 週毎 週単位 1週間ごと weekly week w weekly_2 weekly_3 semiweekly threetimesaweek r/p1w r/p7d r/p3.5d r/p0.33w"),
    ("BIWEEKLY", "隔週 2週間ごと 2週間毎 2週に1回 月2回 月二回 半月ごと biweekly fortnightly monthly_2 semimonthly r/p2w r/p14d r/p0.5m"),
    ("MONTHLY", "毎月 月次 月1回 月一回 1か月ごと 1ヶ月ごと 1ヵ月ごと 1カ月ごと 月ごと 月毎 月単位 一か月ごと monthly month m monthly_3 threetimesamonth r/p1m r/p30d r/p0.33m"),
    ("BIMONTHLY", "隔月 2か月ごと 2ヶ月ごと 2カ月ごと 2か月に1回 bimonthly r/p2m"),
    ("QUARTERLY", "四半期 四半期ごと 四半期毎 四半期に1回 3か月ごと 3ヶ月ごと 3カ月ごと 年4回 季節ごと quarterly quarter q r/p3m r/p0.25y trimestrial"),
    ("ANNUAL_2", "半年 半年ごと 半年毎 半年に1回 半期 半期ごと 年2回 年二回 6か月ごと 6ヶ月ごと 6カ月ごと annual_2 semiannual semi-annual half-yearly halfyearly biannual biannually twice_a_year a_2 s h r/p6m r/p0.5y annual_3 threetimesayear 年3回 4か月ごと r/p4m r/p0.33y"),
    ("ANNUAL", "毎年 年次 年1回 年一回 1年ごと 1年毎 年ごと 年毎 年度ごと 年度毎 毎年度 年に1回 一年に一回 年度更新 年単位 annual annually yearly year a y r/p1y r/p12m annual(ly)"),
    ("BIENNIAL", "隔年 2年ごと 2年毎 2年に1回 二年ごと biennial biennially a2 r/p2y"),
    ("TRIENNIAL", "3年ごと 3年毎 3年に1回 三年ごと triennial a3 r/p3y"),
    ("QUINQUENNIAL", "5年ごと 5年毎 5年に1回 五年ごと quinquennial a5 r/p5y"),
    ("DECENNIAL", "10年ごと 10年毎 10年に1回 十年ごと decennial a10 r/p10y"),
    ("IRREG", "随時 不定期 適宜 適時 都度 その都度 必要に応じて 変更時 変更の都度 変更がある都度 変更があった場合 修正時 更新時 改正時 改定時 異動時 irreg irregular irregularly asneeded as_needed as-needed adhoc ad-hoc notplanned occasional 未定 as_occurs"),
    ("NEVER", "更新なし 更新しない 更新予定なし 更新終了 更新無し なし 1回のみ 一回限り 単年 完了 never none no_update notupdated not_updated once one-off oneoff static historical discontinued"),
    ("OTHER", "その他 other op_datpro"),
    ("UNKNOWN", "不明 未設定 未記入 unknown unspecified notspecified - ― ー"),
):  # fmt: skip
    for _name in _names.split():
        _WORDS[_name] = _code
_EVERY_YEARS = {1: "ANNUAL", 2: "BIENNIAL", 3: "TRIENNIAL", 5: "QUINQUENNIAL", 10: "DECENNIAL"}
_EVERY_MONTHS = {1: "MONTHLY", 2: "BIMONTHLY", 3: "QUARTERLY", 4: "ANNUAL_2", 6: "ANNUAL_2", 12: "ANNUAL"}
_TIMES_A_YEAR = {1: "ANNUAL", 2: "ANNUAL_2", 3: "ANNUAL_2", 4: "QUARTERLY", 6: "BIMONTHLY", 12: "MONTHLY"}
_KANJI = str.maketrans("一二三四五六七八九", "123456789")
_DURATION = re.compile(
    r"r?\d*/?p(?:(\d+(?:\.\d+)?)y)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)w)?(?:(\d+(?:\.\d+)?)d)?(t.+)?"
)
_TAIL = re.compile(r"(?:に|を|で|程度|ほど|頃|ごろ|更新|に更新|公開|予定|する|します|です|の更新|。)+$")
_FISCAL_EVENT = re.compile(r"(?:毎年度?|年に?1[回度]|年度(?:初|末|当初|替)|年1回|毎年\d{1,2}月|年次|1年)")
_NOT_KNOWN = Text("更新頻度の一覧の、どれにも当たりません。", "It matches nothing in the list of update frequencies.")


def read_frequency(stated: str) -> Reading[str]:
    """Return a frequency code; words that are not understood give UNKNOWN and a note."""
    if not stated.strip():
        return Reading("UNKNOWN")
    code = frequency_code(stated[:300])
    if code:
        return Reading(code)
    return Reading("UNKNOWN", notes=(Note(field="update_frequency", stated=stated, reason=_NOT_KNOWN),))


@lru_cache(maxsize=5000)
def frequency_code(stated: str) -> str:
    """Return the code that words, a duration or an address stand for, or ""."""
    words = unicodedata.normalize("NFKC", stated).strip()
    if "://" in words:
        words = re.split(r"[/#]", words.rstrip("/#"))[-1]
        if re.fullmatch(r"[PR].*", words) is None and words.lower().startswith("freq-"):
            words = words[5:]
    if words.upper() in FREQUENCIES:
        return words.upper()
    low = words.casefold()
    joined = re.sub(r"[\s　]+", "", low)
    spaced = re.sub(r"\s+", "_", low)
    for form in (low, joined, spaced, spaced.replace("_", "")):
        if form in _WORDS:
            return _WORDS[form]
    found = _DURATION.fullmatch(joined)
    if found is not None and joined.strip("rp/"):
        return _of_duration(found)
    return _of_japanese(
        joined.replace("ヶ", "か")
        .replace("ヵ", "か")
        .replace("カ月", "か月")
        .replace("ケ月", "か月")
        .replace("箇月", "か月")
    )


def _of_duration(found: re.Match[str]) -> str:
    years, months, weeks, days = (float(part) if part else 0.0 for part in found.groups()[:4])
    length = years * 365.25 + months * 30.5 + weeks * 7 + days
    if not length:
        return ("HOURLY" if "h" in (found[5] or "") else "UPDATE_CONT") if found[5] else ""
    for limit, code in (
        (1.5, "DAILY"), (10, "WEEKLY"), (20, "BIWEEKLY"), (45, "MONTHLY"), (75, "BIMONTHLY"), (110, "QUARTERLY"),
        (240, "ANNUAL_2"), (500, "ANNUAL"), (900, "BIENNIAL"), (1300, "TRIENNIAL"), (2400, "QUINQUENNIAL"),
        (5000, "DECENNIAL"),
    ):  # fmt: skip
        if length <= limit:
            return code
    return "OTHER"


def _of_japanese(joined: str) -> str:
    words = joined.translate(_KANJI) if re.search(r"[一二三四五六七八九][年月週日回かヶ度]", joined) else joined
    words = re.sub(r"^(?:約|概ね|おおむね|原則|原則として|基本|定期[((]?)", "", words)
    bare = _TAIL.sub("", re.split(r"[((、。,]", words, maxsplit=1)[0])
    if bare in _WORDS:
        return _WORDS[bare]
    if (found := re.match(r"(\d{1,2})年(?:ごと|毎|おき|に1[回度])", words)) is not None:
        return _EVERY_YEARS.get(int(found[1]), "OTHER")
    if (found := re.match(r"(\d{1,2})か月(?:ごと|毎|おき|に1[回度])", words)) is not None:
        return _EVERY_MONTHS.get(int(found[1]), "OTHER")
    if (found := re.match(r"年(?:間|に)?(\d{1,2})[回度]", words)) is not None:
        return _TIMES_A_YEAR.get(int(found[1]), "OTHER")
    if re.match(r"(?:月に?[23][回度]|2週)", words):
        return "BIWEEKLY"
    if re.match(r"(?:毎月|月に?1[回度]|月次|月初|月末)", words):
        return "MONTHLY"
    if re.match(r"(?:毎週|週に?\d[回度]|週次)", words):
        return "WEEKLY"
    if re.match(r"(?:毎日|日に?\d[回度]|日次|1日)", words):
        return "DAILY"
    if re.match(r"(?:\d{1,2}分(?:ごと|毎|間隔)|常時|リアルタイム)", words):
        return "UPDATE_CONT"
    if _FISCAL_EVENT.match(words):
        return "ANNUAL"
    if re.search(r"都度|随時|不定期|必要に応じ|(?:変更|異動|改正|修正|追加)(?:時|が|の|など)|適宜", words):
        return "IRREG"
    if re.search(r"更新(?:は)?(?:しない|なし|無し|されない|予定(?:は)?(?:なし|ありません|無し)|を終了|終了)", words):
        return "NEVER"
    return ""
