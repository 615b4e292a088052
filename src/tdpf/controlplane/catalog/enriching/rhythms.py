"""How often data are renewed, where nobody stated it: what title and description say of it (毎月1日更新, 月報, updated daily)."""

from __future__ import annotations

import re
import unicodedata

from tdpf.controlplane.catalog.enriching.frequencies import frequency_code, read_frequency
from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.kit.text import Text

_MAX_DESCRIPTION, _MAX_CLAUSES = 1500, 60
_CLAUSE = re.compile(r"[。\n;；!！•●■◆◇※*・]|(?<=[A-Za-z])\.(?=\s|$)|\s{2,}")
_LABEL = re.compile(
    r"(?:更新|データ更新|改訂|公表|公開|集計|調査)の?(?:頻度|周期|間隔|サイクル)\s*[】\])]?\s*(?:[:：は]|$)?\s*(?P<said>.{1,40})"
)
_LATIN_LABEL = re.compile(r"(?:update|accrual|publication)\s+(?:frequency|cycle|interval)\s*[:=]?\s*(?P<said>.{1,40})")
_HOW_OFTEN = (
    r"(?:毎(?:年度?|月|週|日|時|営業日|時間|四半期)|隔(?:年|月|週)|(?:年|月|週|日|半年|四半期)(?:間|に)?[\d一二三四六]{1,2}[回度]"
    r"|\d{1,2}(?:年|か月|週間|日|時間|分|秒)(?:ごと|毎|おき|間隔|に[1一][回度])|(?:年|月|週|日|年度|四半期|半年|半期)(?:ごと|毎|次|単位)"
    r"|四半期|半年|随時|適宜|不定期|都度|その都度|必要に応じて|常時|リアルタイム|即時|定期的)"
)
# What may stand between the words and the renewing: a day, an hour, a place in the month, what is renewed.
_BETWEEN = r"(?:(?:[、,\sにのは頃ごろ・及びと]|\d|月|日|曜|火|水|木|金|土|上旬|中旬|下旬|初め|初|末|午前|午後|時点?|分|現在|で|を|程度|データ|情報|内容|最新|一覧|一部){0,14})"
_RENEWED = re.compile(
    rf"(?P<said>{_HOW_OFTEN}){_BETWEEN}(?:更新|追加更新|改訂|差し?替え|入れ替え|公表|公開|追加|アップデート|反映)(?!料|前|後の|手続|講|時に|授業|空)"
)
_AS_OF = re.compile(r"毎(?P<every>年度?|月|週)[、,\s]*(?:\d{1,2}月)?(?:\d{1,2}日|末日?|初日|1日)(?:時点|現在)")
_NO_MORE = re.compile(
    r"(?:今後|以後|以降|当データ|本データ)?の?更新(?:は|の予定は)?(?:されません|行いません|行われません|ありません|しません|終了|を終了|停止|を停止)"
)
_LATIN = re.compile(
    r"\b(?:is |are |be )?(?:updated|refreshed|renewed|published|released)\s+(?:(?:on an?|once an?|every|each|at least|approximately|in)\s+)*"
    r"(?P<said>real[- ]?time|continuously|hourly|daily|weekly|fortnightly|monthly|quarterly|annually|yearly|annual|hour|day|week|month|quarter|year)\b"
    r"|\b(?P<before>real[- ]?time|hourly|daily|weekly|monthly|quarterly|annual|yearly)\s+(?:updates?|refresh|releases?)\b"
)
_REPORT = re.compile(r"(?<![少青成中去今昨来翌])(?P<said>[日週月季年])報(?![告酬道奨知])")
_REPORTS = {"日": "毎日", "週": "毎週", "月": "毎月", "季": "四半期", "年": "毎年"}
_EVERY = {
    "hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly",
}  # fmt: skip
_TAIL = re.compile(r"(?:です|する|します|実施|を行う|予定|更新)+$")


def told_frequency(stated: str, *, title: str, description: str) -> Reading[str]:
    """Return the stated frequency; where none is stated, or it says nothing, the one title or description tell of, with the words."""
    found = read_frequency(stated)
    if found.value != "UNKNOWN":
        return found
    for words, method, where_ja, where_en in (
        (description[:_MAX_DESCRIPTION], "description", "説明", "The description"),
        (title, "title", "題名", "The title"),
    ):
        code, said = _told(words, is_title=method == "title")
        if code:
            reason = Text(f"{where_ja}に「{said}」とあるため", f"{where_en} says “{said}”.")
            return Reading(code, reason, method, found.notes)
    return found


def _told(text: str, *, is_title: bool) -> tuple[str, str]:
    words = unicodedata.normalize("NFKC", text)
    for clause in _CLAUSE.split(words)[:_MAX_CLAUSES]:
        code, said = _of_clause(clause.strip(" 　()[]【】「」、,")[:200])
        if code not in ("", "UNKNOWN", "OTHER"):
            return code, said[:40]
    report = _REPORT.search(words) if is_title else None
    return (frequency_code(_REPORTS[report["said"]]), report[0]) if report else ("", "")


def _of_clause(clause: str) -> tuple[str, str]:
    if not clause:
        return "", ""
    tidy = re.sub(r"[ヶヵケカ箇](?=月)", "か", re.sub(r"\([^()]{0,30}\)", "", clause))
    low = tidy.casefold()
    for label in (_LABEL.search(tidy), _LATIN_LABEL.search(low)):
        if label is not None:
            return frequency_code(re.split(r"[。、,(]", label["said"].strip())[0].strip()), label[0].strip()
    if (over := _NO_MORE.search(tidy)) is not None:
        return "NEVER", over[0]
    if (found := _RENEWED.search(tidy)) is not None:
        return frequency_code(found["said"]), found[0]
    if (found := _AS_OF.search(tidy)) is not None:
        return frequency_code("毎" + found["every"]), found[0]
    if (found := _LATIN.search(low)) is not None:
        said = found["said"] or found["before"]
        return frequency_code(_EVERY.get(said, said)), found[0].strip()
    # A description that is nothing but the words.
    bare = _TAIL.sub("", tidy)
    return (frequency_code(bare), clause) if re.fullmatch(_HOW_OFTEN, bare) else ("", "")
