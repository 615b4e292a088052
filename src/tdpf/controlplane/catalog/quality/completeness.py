"""How complete a dataset's description is: facts with reason and cure, pure functions of its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tdpf.controlplane.catalog.types import DatasetPage, QualityFact, QualityFacts
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.kit.clock import jst_date
from tdpf.kit.text import Text

_GRACE = 1.5
_ENOUGH = 50
_OF_COLUMNS = frozenset({"columns_described", "key"})


def quality_of(page: DatasetPage, now: datetime) -> QualityFacts:
    """Return every fact about a dataset's description; `now` decides whether its update frequency is kept.

    What cannot be known is no fact: of columns where no table is known, of freshness where no frequency is.
    """
    known = bool(_columns(page))
    facts = [
        QualityFact(code=code, met=met(page), weight=weight, title=title, reason=reason, cure=cure)
        for code, weight, met, title, reason, cure in _CHECKS
        if known or code not in _OF_COLUMNS
    ]
    frequency = FREQUENCIES.get(page.update_frequency)
    if frequency is not None and frequency.days is not None:
        facts.append(_freshness(page, now))
    whole = sum(fact.weight for fact in facts)
    kept = sum(fact.weight for fact in facts if fact.met)
    return QualityFacts(score=round(100 * kept / whole), facts=tuple(facts))


def is_late(page: DatasetPage, now: datetime) -> bool:
    """Say whether the last update is longer ago than the promised frequency, with half as much again as grace."""
    frequency = FREQUENCIES.get(page.update_frequency)
    if frequency is None or frequency.days is None:
        return False
    return now - page.modified_at > timedelta(days=frequency.days * _GRACE)


def _freshness(page: DatasetPage, now: datetime) -> QualityFact:
    frequency = FREQUENCIES.get(page.update_frequency)
    label = frequency.label if frequency else Text(page.update_frequency, page.update_frequency)
    return QualityFact(
        code="kept_fresh",
        met=not is_late(page, now),
        weight=10,
        title=Text("更新が予定どおり", "Updated as promised"),
        reason=Text(
            f"更新頻度は「{label.ja}」、最後の更新は{jst_date(page.modified_at)}です。",
            f"The promised frequency is “{label.en}”; the last update was on {jst_date(page.modified_at)}.",
        ),
        cure=Text(
            "新しい版を公開するか、更新頻度を実際に合わせてください。",
            "Publish a new version, or state the frequency as it is.",
        ),
    )


def _columns(page: DatasetPage) -> list[dict[str, object]]:
    return [
        dict(entry)
        for distribution in page.distributions
        if distribution.latest is not None and distribution.kind == "table"
        for entry in distribution.latest.dictionary
    ]


def _columns_described(page: DatasetPage) -> bool:
    columns = _columns(page)
    described = [entry for entry in columns if entry.get("description") or entry.get("title")]
    return len(described) * 2 >= len(columns)


def _is_machine_readable(page: DatasetPage) -> bool:
    return any(code in FORMATS and FORMATS[code].machine_readable for code in page.formats)


def _is_non_proprietary(page: DatasetPage) -> bool:
    return any(
        code in FORMATS and FORMATS[code].machine_readable and FORMATS[code].non_proprietary for code in page.formats
    )


def _has_key(page: DatasetPage) -> bool:
    tables = [d.latest for d in page.distributions if d.kind == "table" and d.latest is not None]
    return all(version.key_columns for version in tables)


def _check(
    code: str, weight: int, met: Callable[[DatasetPage], bool], title: Text, reason: Text, cure: Text
) -> tuple[str, int, Callable[[DatasetPage], bool], Text, Text, Text]:
    return code, weight, met, title, reason, cure


_CHECKS = (
    _check(
        "description",
        15,
        lambda page: len(page.description.ja) >= _ENOUGH,
        Text("説明がある", "Has a description"),
        Text(
            "50文字以上の説明があると、検索で見つかり、使えるかどうかを読む人が判断できます。",
            "A description of 50 characters or more is found by search and lets readers judge.",
        ),
        Text(
            "何のデータか、どこの・いつの・どうやって作ったデータかを書いてください。",
            "Say what the data are, of where and when, and how they were made.",
        ),
    ),
    _check(
        "english",
        5,
        lambda page: page.title.en != page.title.ja,
        Text("英語の題名がある", "Has an English title"),
        Text(
            "英語の題名があると、日本語を読まない人にも見つかります。", "English readers find it by an English title."
        ),
        Text("英語の題名を加えてください。", "Add an English title."),
    ),
    _check(
        "themes",
        8,
        lambda page: bool(page.themes),
        Text("分野がある", "Has a theme"),
        Text("分野で絞り込む人に見つかります。", "People who narrow by theme find it."),
        Text("分野を一つ以上選んでください。", "Choose one theme or more."),
    ),
    _check(
        "keywords",
        6,
        lambda page: len(page.keywords) >= 2,
        Text("キーワードがある", "Has keywords"),
        Text("題名にない言い方でも見つかるようになります。", "It is found by words that the title lacks."),
        Text("住民がふだん使う言葉を二つ以上加えてください。", "Add two words or more that residents use."),
    ),
    _check(
        "area",
        8,
        lambda page: bool(page.area_codes),
        Text("地域がある", "Has an area"),
        Text("地域名で探す人に見つかり、地図で絞り込めます。", "It is found by the name of the place."),
        Text("全国地方公共団体コードで地域を選んでください。", "Choose areas by local government code."),
    ),
    _check(
        "period",
        5,
        lambda page: page.period_start is not None,
        Text("対象期間がある", "Has a period"),
        Text("いつのデータかが分かります。", "Readers see of when the data are."),
        Text("データの対象期間を入力してください。", "Give the period the data speak of."),
    ),
    _check(
        "frequency",
        6,
        lambda page: page.update_frequency not in ("UNKNOWN", ""),
        Text("更新頻度がある", "Has an update frequency"),
        Text("使う人が、次の更新を見込めます。", "Consumers know when to expect the next update."),
        Text("更新頻度を選んでください。", "Choose an update frequency."),
    ),
    _check(
        "contact",
        8,
        lambda page: bool(page.contact_email or page.contact_url),
        Text("連絡先がある", "Has a contact"),
        Text("誤りの指摘や質問が届きます。", "Corrections and questions can reach you."),
        Text("メールアドレスか問い合わせページを入力してください。", "Give a mail address or a contact page."),
    ),
    _check(
        "open_licence",
        8,
        lambda page: page.licence in LICENCES and LICENCES[page.licence].is_open,
        Text("オープンなライセンス", "Open licence"),
        Text("だれでも自由に使え、組み合わせられます。", "Anyone may use and combine the data."),
        Text(
            "事情が許せば CC BY 4.0 か公共データ利用規約（PDL1.0）を選んでください。",
            "If you can, choose CC BY 4.0 or the Public Data License 1.0.",
        ),
    ),
    _check(
        "machine_readable",
        10,
        _is_machine_readable,
        Text("機械で読める形式", "Machine-readable"),
        Text("プログラムや表計算でそのまま使えます。", "Programs and spreadsheets can use it as it is."),
        Text(
            "PDFや画像だけでなく、CSVやExcelの表を加えてください。",
            "Beside PDF or pictures, add a table as CSV or Excel.",
        ),
    ),
    _check(
        "non_proprietary",
        5,
        _is_non_proprietary,
        Text("特定のソフトに依らない形式", "Non-proprietary format"),
        Text("どの環境でも開けます。", "It opens everywhere."),
        Text("表をこの基盤に預けると、CSVなどが自動で作られます。", "Hold the table here, and CSV is made by itself."),
    ),
    _check(
        "columns_described",
        8,
        _columns_described,
        Text("項目の説明がある", "Columns are described"),
        Text("列の意味を読み違えずに使えます。", "Columns are not misread."),
        Text("半分以上の項目に、日本語の名前か説明を加えてください。", "Describe half of the columns or more."),
    ),
    _check(
        "key",
        4,
        _has_key,
        Text("行を見分ける項目がある", "Rows have a key"),
        Text("版のあいだの変更を行ごとに示せます。", "Changes between versions can be shown row by row."),
        Text(
            "IDなど、行ごとに異なる項目を選んでください。", "Choose a column that differs in every row, such as an ID."
        ),
    ),
)
