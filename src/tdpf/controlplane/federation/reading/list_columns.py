"""Which column of a list of datasets says what: by its name in Japanese or English, and by what its cells look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = Sequence[str | None]

# In the order of trust: an earlier name of a role wins over a later one. Names are compared after `_plain`.
_NAMES: dict[str, tuple[str, ...]] = {
    "key": ("データセットid", "データセットno", "datasetid", "identifier", "識別子", "管理番号", "データid", "id"),
    "title": (
        "データセットタイトル", "データセット名称", "データセット名", "タイトル", "データ名称", "データ名", "オープンデータ名", "datasettitle",
        "datasetname", "dataname", "title", "名称", "件名", "情報名", "資料名", "統計名", "一覧名", "項目名", "データの名称", "データ項目", "name",
    ),
    "subtitle": ("データセットサブタイトル", "サブタイトル", "subtitle"),
    "description": (
        "データセット概要", "概要", "説明", "データ概要", "内容", "データの内容", "データセット説明", "description", "notes", "解説", "データ項目概要",
    ),
    "keywords": ("データセットキーワード", "キーワード", "タグ", "keywords", "keyword", "tags", "tag"),
    "theme": ("データセット分類", "分類", "カテゴリ", "カテゴリー", "分野", "大分類", "category", "theme", "グループ", "テーマ", "ジャンル"),
    "theme2": ("データセットユニバーサルメニュー", "ユニバーサルメニュー", "中分類", "小分類", "サブカテゴリ"),
    "issued": ("データセット公開日", "公開日", "登録日", "掲載日", "公開年月日", "公開時期", "issued", "releasedate", "published"),
    "modified": (
        "データセット最終更新日", "最終更新日", "更新日", "更新年月日", "データ更新日", "modified", "lastmodified", "updated", "更新日時", "最終更新",
    ),
    "version": ("データセットバージョン", "バージョン", "version", "版"),
    "language": ("データセット言語", "言語", "language"),
    "page": (
        "データセットurl", "掲載ページ", "掲載url", "ページurl", "公開url", "掲載先url", "掲載場所", "データ掲載ページ", "カタログurl", "landingpage",
        "url", "リンク", "リンク先", "アドレス", "link", "公開先", "掲載先",
    ),
    "frequency": ("データセット更新頻度", "更新頻度", "更新周期", "更新サイクル", "frequency", "updatefrequency", "更新間隔"),
    "conforms_to": ("データセット準拠する標準", "準拠する標準", "準拠標準", "標準", "conformsto"),
    "related": ("データセット関連ドキュメント", "関連ドキュメント", "関連url"),
    "provenance": ("データセット来歴情報", "来歴情報", "来歴", "出典", "provenance"),
    "area": ("データセット対象地域", "対象地域", "地域", "spatial", "対象エリア"),
    "period": ("データセット対象期間", "対象期間", "対象年度", "年度", "時点", "データ時点", "temporal", "対象年"),
    "contact": (
        "データセット連絡先名称", "連絡先名称", "連絡先", "問合せ先", "問い合わせ先", "お問い合わせ先", "担当課", "担当部署", "所管課", "所管", "所管部署",
        "担当", "contact", "contactname", "主管課", "課名", "部署名",
    ),
    "contact_email": ("データセット連絡先メールアドレス", "連絡先メールアドレス", "メールアドレス", "メール", "email", "contactemail"),
    "contact_url": ("データセット連絡先formurl", "連絡先formurl", "問合せフォーム", "連絡先url"),
    "remarks": ("データセット備考", "備考", "注記", "note", "remarks", "補足"),
    "publisher": (
        "地方公共団体名", "公開者", "作成者", "提供者", "提供団体", "団体名", "組織", "組織名", "自治体名", "publisher", "organization", "cityname", "公開組織",
        "発行者", "機関名", "市区町村名", "提供元",
    ),
    "publisher_code": ("全国地方公共団体コード", "地方公共団体コード", "団体コード", "市区町村コード", "都道府県コード又は市区町村コード", "code", "citycode"),
    "prefecture": ("都道府県名", "prefname", "prefecture", "都道府県"),
    "file_title": ("ファイルタイトル", "ファイル名", "ファイル名称", "リソース名", "resourcename", "filename"),
    "file_page": ("ファイルアクセスurl", "アクセスurl", "accessurl"),
    "file": (
        "ファイルダウンロードurl", "ダウンロードurl", "ファイルurl", "データurl", "downloadurl", "リソースurl", "resourceurl", "fileurl", "ダウンロード",
        "ダウンロードリンク", "csvurl", "ファイルへのリンク",
    ),
    "file_description": ("ファイル説明",),
    "format": ("ファイル形式", "データ形式", "形式", "フォーマット", "format", "拡張子", "公開形式", "データフォーマット", "ファイルフォーマット", "ファイルの形式"),
    "licence": ("ファイルライセンス", "ライセンス", "利用ライセンス", "license", "licence", "利用条件", "二次利用"),
    "status": ("ファイルステータス", "ステータス", "公開状況", "状態"),
    "size": ("ファイルサイズ", "サイズ", "容量", "size", "filesize"),
    "file_issued": ("ファイル公開日",),
    "file_modified": ("ファイル最終更新日",),
    "terms": ("ファイル利用規約", "利用規約", "terms"),
    "file_language": ("ファイル言語",),
    "file_conforms_to": ("ファイル準拠する標準",),
    "api": ("ファイルapi対応有無", "api対応有無", "api対応", "api", "apisupport"),
    "columns": ("項目一覧", "列名", "カラム", "データ項目一覧", "columns", "フィールド", "項目"),
}  # fmt: skip
# A title column of this name is one of data; columns of those names are about things that stand somewhere.
_STRONG = re.compile(r"データ|dataset|dataname|dataseti|resource")
_OF_THINGS = frozenset(
    {
        "緯度",
        "経度",
        "latitude",
        "longitude",
        "lat",
        "lng",
        "lon",
        "住所",
        "所在地",
        "所在地連結表記",
        "電話番号",
        "x座標",
        "y座標",
        "address",
    }
)
FILE_ROLES = frozenset(
    {
        "file_title",
        "file_page",
        "file",
        "file_description",
        "format",
        "size",
        "file_issued",
        "file_modified",
        "file_language",
        "file_conforms_to",
    }
)
_FORMATS = re.compile(
    r"(?i)^(?:csv|tsv|xlsx?|excel|エクセル|pdf|json|geojson|xml|rdf|shape?|shp|kmz?l?|zip|txt|text|テキスト|docx?|word|html|gml|gtfs|png|jpe?g|データモデル定義)$"
)
_SPLIT = re.compile(r"[,，、/／;；・\s]+")
_DROPPED = re.compile(r"[\s_＿\-－・:：()（）\[\]【】「」『』#*※.．]|必須|任意|推奨")
LOOKED_AT = 300
"""So many rows tell what the columns mean."""
_ADDRESS = re.compile(r"(?i)https?://\S+")
_FILE = re.compile(
    r"(?i)\.(csv|tsv|xlsx?|xlsm|pdf|json|geojson|xml|rdf|ttl|zip|shp|kmz|kml|txt|docx?|pptx?|gml|gtfs|png|jpe?g|7z|gz)(?:[?#].*)?$"
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each role's column; `guessed` are roles taken by what the cells look like, not by the column's name."""

    places: Mapping[str, int]
    guessed: frozenset[str]

    def of(self, row: Row, role: str) -> str:
        """Return the cell of a role, "" when there is none."""
        place = self.places.get(role)
        return (row[place] or "").strip() if place is not None and place < len(row) else ""


def find_columns(names: Sequence[str], rows: Sequence[Row]) -> Columns | None:
    """Return the columns of a list of datasets; None when no column can hold titles: then it is no such list."""
    plain = [_plain(name) for name in names]
    places: dict[str, int] = {}
    taken: set[int] = set()
    for role, words in _NAMES.items():
        for word in words:
            place = next(
                (at for at, name in enumerate(plain) if name == word and at not in taken and _fits(role, at, rows)),
                None,
            )
            if place is not None:
                places[role] = place
                taken.add(place)
                break
    for role, words in _NAMES.items():
        if role in places or role in ("key", "columns", "api", "status"):
            continue
        place = next(
            (
                at
                for word in words
                if len(word) >= 3 and not word.isascii()
                for at, name in enumerate(plain)
                if word in name and at not in taken and _fits(role, at, rows)
            ),
            None,
        )
        if place is not None:
            places[role] = place
            taken.add(place)
    guessed = _by_cells(len(plain), rows, places, taken)
    if "title" not in places or not _lists_data(plain, rows, places):
        return None
    return Columns(places, frozenset(guessed))


def is_file(address: str) -> bool:
    """Say whether an address names a file rather than a page."""
    return bool(_FILE.search(address))


def formats_in(text: str) -> list[str]:
    """Return the formats that a cell lists."""
    return [word for word in _SPLIT.split(text) if word][:20]


def first_address(cell: str) -> str:
    """Return the first address in a cell, else its first word."""
    found = re.search(
        r"(?i)https?://[^\s\"'<>、。）」]+", unicodedata.normalize("NFKC", cell) if "：" in cell else cell
    )
    return found[0] if found else cell.split()[0] if cell.split() else ""


def bytes_in(text: str) -> object:
    """Return a size as bytes: a bare number is bytes, KB and MB are thousands; words say nothing."""
    found = re.fullmatch(
        r"([\d.,]+)\s*(k|m|g)?i?(?:b|byte|bytes|バイト)?", unicodedata.normalize("NFKC", text).lower().strip()
    )
    if not found:
        return None
    try:
        return float(found[1].replace(",", "")) * {"": 1, "k": 1000, "m": 10**6, "g": 10**9}[found[2] or ""]
    except ValueError:
        return None


def _by_cells(width: int, rows: Sequence[Row], places: dict[str, int], taken: set[int]) -> set[str]:
    guessed: set[str] = set()
    free = [place for place in range(width) if place not in taken]
    for place in list(free):
        cells = _cells(rows, place)
        if not cells:
            continue
        addresses = [cell for cell in cells if _ADDRESS.match(cell)]
        if len(addresses) * 2 > len(cells):
            role = "file" if sum(map(is_file, addresses)) * 2 > len(addresses) else "page"
            if role not in places:
                places[role] = place
                guessed.add(role)
            free.remove(place)
        elif "format" not in places and sum(
            all(_FORMATS.match(word) for word in formats_in(cell)) for cell in cells
        ) * 2 > len(cells):
            places["format"] = place
            guessed.add("format")
            free.remove(place)
    if "title" not in places:
        # Titles are words, mostly different from row to row, short, and stand far to the left.
        likely = [place for place in free if _looks_like_titles(_cells(rows, place))]
        if likely and ({"file", "page", "format"} & places.keys()):
            places["title"] = likely[0]
            guessed.add("title")
    return guessed


def _lists_data(plain: Sequence[str], rows: Sequence[Row], places: Mapping[str, int]) -> bool:
    """Say whether the rows are about data rather than about toilets: titles of data, formats, or addresses of files and pages.

    A table with places on the earth is data itself, whatever else it has.
    """
    if any(name in _OF_THINGS for name in plain):
        return False
    title = plain[places["title"]]
    if _STRONG.search(title):
        return True
    formats = _cells(rows, places["format"]) if "format" in places else []
    if formats and sum(any(_FORMATS.match(word) for word in formats_in(cell)) for cell in formats) * 2 > len(formats):
        return True
    filled = sum(1 for row in rows[:LOOKED_AT] if any(cell and cell.strip() for cell in row))
    addresses = max(
        (len(_cells(rows, places[role])) for role in ("page", "file", "file_page") if role in places), default=0
    )
    return addresses * 2 > filled


def _looks_like_titles(cells: list[str]) -> bool:
    if len(cells) < 1:
        return False
    words = [cell for cell in cells if re.search(r"[ぁ-んァ-ヶ一-龯A-Za-z]{2,}", cell) and len(cell) <= 120]
    return len(words) >= 0.8 * len(cells) and len(set(cells)) >= 0.6 * len(cells)


def _fits(role: str, place: int, rows: Sequence[Row]) -> bool:
    """Say whether the cells of a column can be what its name promises."""
    cells = _cells(rows, place)
    if not cells:
        return role != "title"
    if role in ("page", "file", "file_page", "contact_url"):
        return any(_ADDRESS.search(cell) for cell in cells)
    if role == "title":
        return any(re.search(r"[^\d\s.,/-]", cell) for cell in cells) and sum(
            bool(_ADDRESS.match(cell)) for cell in cells
        ) * 2 < len(cells)
    if role == "key":
        return len(set(cells)) > 1 or len(cells) == 1
    return True


def _cells(rows: Sequence[Row], place: int) -> list[str]:
    return [cell.strip() for row in rows[:LOOKED_AT] if place < len(row) and (cell := row[place]) and cell.strip()]


def _plain(name: str) -> str:
    return _DROPPED.sub("", unicodedata.normalize("NFKC", name)).lower()
