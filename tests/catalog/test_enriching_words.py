"""Frequencies, formats, licences, languages, access rights, keywords and plain text, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.catalog.enriching.access import read_access
from tdpf.controlplane.catalog.enriching.formats import format_code, read_format
from tdpf.controlplane.catalog.enriching.frequencies import frequency_code, read_frequency
from tdpf.controlplane.catalog.enriching.keywords import tidy_keywords
from tdpf.controlplane.catalog.enriching.languages import language_code, read_languages
from tdpf.controlplane.catalog.enriching.licences import Terms, licence_code, read_licence
from tdpf.controlplane.catalog.enriching.rhythms import told_frequency
from tdpf.controlplane.catalog.enriching.texts import clean, mail_address, plain, web_address
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import EU_LANGUAGES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("年1回", "ANNUAL"), ("年１回（4月）", "ANNUAL"), ("毎年度", "ANNUAL"), ("年に一回程度", "ANNUAL"), ("年次", "ANNUAL"), ("1年", "ANNUAL"), ("毎年4月に更新", "ANNUAL"),
        ("年2回", "ANNUAL_2"), ("半年に1回", "ANNUAL_2"), ("四半期ごと", "QUARTERLY"), ("3ヶ月毎", "QUARTERLY"), ("年4回程度", "QUARTERLY"),
        ("毎月", "MONTHLY"), ("毎月1日", "MONTHLY"), ("月1回", "MONTHLY"), ("月次更新", "MONTHLY"), ("隔月", "BIMONTHLY"), ("毎週月曜日", "WEEKLY"), ("週1回", "WEEKLY"),
        ("毎日", "DAILY"), ("日次", "DAILY"), ("1日1回", "DAILY"), ("随時", "IRREG"), ("随時更新", "IRREG"), ("変更があった場合", "IRREG"), ("必要に応じて更新", "IRREG"),
        ("不定期", "IRREG"), ("更新なし", "NEVER"), ("更新予定なし", "NEVER"), ("5年ごと", "QUINQUENNIAL"), ("5年に1回", "QUINQUENNIAL"), ("リアルタイム", "UPDATE_CONT"),
        ("10分ごと", "UPDATE_CONT"), ("2年に1回", "BIENNIAL"), ("R/P1Y", "ANNUAL"), ("P1M", "MONTHLY"), ("R/P3M", "QUARTERLY"), ("R/P1D", "DAILY"), ("R/PT1S", "UPDATE_CONT"),
        ("R/P10Y", "DECENNIAL"), ("irregular", "IRREG"), ("http://publications.europa.eu/resource/authority/frequency/ANNUAL", "ANNUAL"),
        ("http://purl.org/cld/freq/monthly", "MONTHLY"), ("http://purl.org/linked-data/sdmx/2009/code#freq-A", "ANNUAL"), ("annual", "ANNUAL"),
        ("Every day", "DAILY"), ("asNeeded", "IRREG"), ("unknown", "UNKNOWN"), ("quarterly", "QUARTERLY"), ("fortnightly", "BIWEEKLY"), ("semi-annual", "ANNUAL_2"),
        ("気が向いたとき", ""), ("令和6年", ""), ("continuous", "UPDATE_CONT"), ("月２回", "BIWEEKLY"), ("年12回", "MONTHLY"),
    ],
)  # fmt: skip
def test_frequencies(stated: str, code: str) -> None:
    assert frequency_code(stated) == code


def test_every_frequency_of_the_list_is_understood_by_code_and_address() -> None:
    for entry in FREQUENCIES.values():
        assert frequency_code(entry.code) == entry.code
        assert frequency_code(entry.uri) == entry.code


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("CSV", "CSV"), ("csv", "CSV"), (".csv", "CSV"), ("CSV(Shift-JIS)", "CSV"), ("CSV形式", "CSV"), ("ＣＳＶ", "CSV"), ("text/csv", "CSV"),
        ("text/csv; charset=utf-8", "CSV"), ("csv,xlsx", "CSV"), ("xlsx,text,RDF,データモデル定義", "XLSX"), ("PDF・Word", "PDF"), ("HTML、CSV", "CSV"), ("カンマ区切り", "CSV"), ("Excel", "XLS"), ("XLSX", "XLSX"), ("Excel(xlsx)", "XLSX"),
        ("エクセル", "XLS"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"), ("ESRI Shapefile", "SHP"), ("シェープファイル", "SHP"),
        ("Shape(zip)", "SHP"), ("zip(csv)", "CSV"), ("ZIP", "ZIP"), ("GeoJSON", "GEOJSON"), ("geo json", "GEOJSON"), ("application/geo+json", "GEOJSON"),
        ("JSON-LD", "JSONLD"), ("RDF/XML", "RDF"), ("Turtle", "RDF"), ("CityGML", "CITYGML"), ("3D Tiles", "3DTILES"), ("MVT", "TILES"), ("GML", "GML"),
        ("KML", "KML"), ("KMZ", "KMZ"), ("PDF", "PDF"), ("pdfファイル", "PDF"), ("Web page", "HTML"), ("ホームページ", "HTML"), ("API", "API"), ("REST API", "API"),
        ("WMS", "WMS"), ("WFS", "WFS"), ("GTFS-JP", "GTFS"), ("標準的なバス情報フォーマット", "GTFS"), ("docx", "DOCX"), ("Word", "DOCX"), ("jpeg", "IMAGE"),
        ("http://publications.europa.eu/resource/authority/file-type/XLSX", "XLSX"), ("https://www.iana.org/assignments/media-types/text/csv", "CSV"),
        ("http://publications.europa.eu/resource/authority/file-type/RDF_XML", "RDF"), ("TXT", "TXT"), ("", ""), ("不明", ""), ("謎形式", ""),
        ("application/octet-stream", ""), ("GPKG", "GPKG"), ("GeoTIFF", "GEOTIFF"), ("ods", "ODS"), ("xls", "XLS"), ("SPARQL", "SPARQL"), ("parquet", "PARQUET"),
    ],
)  # fmt: skip
def test_formats(stated: str, code: str) -> None:
    assert format_code(stated) == code


@pytest.mark.parametrize(
    ("stated", "media", "url", "title", "code", "inferred"),
    [
        ("", "", "https://x.example/a/人口.csv?dl=1", "", "CSV", True), ("", "", "https://x.example/download?file=a.xlsx", "", "XLSX", True),
        ("ZIP", "", "https://x.example/a.zip", "道路（Shape）", "SHP", True), ("Excel", "", "https://x.example/a.xlsx", "", "XLSX", False),
        ("JSON", "", "https://x.example/a.geojson", "", "GEOJSON", False), ("", "text/csv", "https://x.example/1", "", "CSV", False),
        ("", "", "https://x.example/1", "人口.csv", "CSV", True), ("", "", "https://x.example/page/", "", "OTHER", True),
        ("", "", "https://x.example/wfs?service=WFS&request=GetCapabilities", "", "WFS", True), ("CSV", "", "https://x.example/a.xlsx", "", "CSV", False),
        ("csv,xlsx", "", "https://x.example/a.xlsx", "", "XLSX", False),
        ("", "", "https://x.example/a.csv.zip", "", "CSV", True), ("ZIP", "", "https://x.example/a.csv.zip", "", "CSV", True),
    ],
)  # fmt: skip
def test_formats_of_distributions(stated: str, media: str, url: str, title: str, code: str, inferred: bool) -> None:
    found = read_format(stated, media, url, title)
    assert (found.code, found.is_inferred) == (code, inferred)


def test_every_format_is_understood_by_its_code() -> None:
    assert [code for code in FORMATS if format_code(code) not in (code, "")] == []


@pytest.mark.parametrize(
    ("stated", "code", "sure"),
    [
        ("CC BY 4.0", "CC-BY-4.0", True), ("cc-by-4.0", "CC-BY-4.0", True), ("CC-BY 4.0", "CC-BY-4.0", True), ("CC BY", "CC-BY-4.0", False), ("cc-by", "CC-BY-4.0", False),
        ("クリエイティブ・コモンズ 表示 4.0 国際", "CC-BY-4.0", True), ("クリエイティブ・コモンズ 表示", "CC-BY-4.0", False), ("クリエイティブ・コモンズ 表示-継承 4.0", "CC-BY-SA-4.0", True),
        ("クリエイティブ・コモンズ 表示 2.1 日本", "CC-BY-2.1-JP", True), ("https://creativecommons.org/licenses/by/4.0/deed.ja", "CC-BY-4.0", True),
        ("http://creativecommons.org/licenses/by/2.1/jp/", "CC-BY-2.1-JP", True), ("http://creativecommons.org/licenses/by-nc-nd/3.0/", "CC-BY-NC-ND-3.0", True),
        ("CC BY-SA 3.0", "CC-BY-SA-3.0", True), ("CC BY-NC 4.0", "CC-BY-NC-4.0", True), ("CC表示4.0", "CC-BY-4.0", True), ("Creative Commons Attribution 4.0 International", "CC-BY-4.0", True),
        ("CC0", "CC0-1.0", True), ("cc-zero", "CC0-1.0", True), ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0", True), ("CC0 1.0", "CC0-1.0", True),
        ("政府標準利用規約（第2.0版）", "GJSTU-2.0", True), ("政府標準利用規約(第1.0版)", "GJSTU-1.0", True), ("公共データ利用規約（第1.0版）", "PDL-1.0", True), ("PDL1.0", "PDL-1.0", True),
        ("https://www.digital.go.jp/resources/open_data/public_data_license_v1.0", "PDL-1.0", True), ("ODbL", "ODBL-1.0", True), ("odc-odbl", "ODBL-1.0", True),
        ("http://opendatacommons.org/licenses/odbl/1.0/", "ODBL-1.0", True), ("Public Domain Mark", "PDM-1.0", True), ("notspecified", "not-stated", True), ("", "not-stated", True),
        ("http://publications.europa.eu/resource/authority/licence/CC_BY_4_0", "CC-BY-4.0", True), ("uk-ogl", "OGL-UK-3.0", True), ("東京都利用規約", "", False), ("独自規約", "", False),
        ("accessibility", "", False), ("CC-BY-4.0 (表示 4.0 国際)", "CC-BY-4.0", True), ("CC BY 4.0 国際", "CC-BY-4.0", True), ("ＣＣ　ＢＹ　４．０", "CC-BY-4.0", True),
    ],
)  # fmt: skip
def test_licences(stated: str, code: str, sure: bool) -> None:
    found = licence_code(stated)
    assert found[0] == code
    assert found[1] == sure or not code


def terms(
    licence: str = "",
    name: str = "",
    url: str = "",
    *,
    rights: str = "",
    description: str = "",
    parts: tuple[str, ...] = (),
) -> Terms:
    return read_licence(licence, name, url, rights=rights, description=description, parts=parts).value


def test_terms_of_use_as_a_whole() -> None:
    assert terms("cc-by", "CC BY 4.0", "") == Terms("CC-BY-4.0")
    assert terms("other-open", "東京都オープンデータ利用規約", "https://x.example/terms") == Terms(
        "custom", "東京都オープンデータ利用規約", "https://x.example/terms"
    )
    assert terms() == Terms("not-stated")
    assert terms("notspecified", "", "") == Terms("not-stated")
    assert terms(parts=("CC BY 4.0", "cc-by-4.0")) == Terms("CC-BY-4.0")
    assert terms(parts=("CC BY 4.0", "CC0")) == Terms("not-stated")
    assert terms(rights="出典を書けば CC BY 4.0 で使えます") == Terms("CC-BY-4.0")
    assert terms(description="このデータは公共データ利用規約（第1.0版）で使えます。") == Terms("PDL-1.0")
    assert terms(description="アクセス制限はCC推進室へ") == Terms("not-stated")
    assert terms("https://x.example/terms.html") == Terms(
        "custom", "https://x.example/terms.html", "https://x.example/terms.html"
    )
    unsure = read_licence("cc-by", "", "", rights="", description="", parts=())
    assert unsure.inferred is not None
    assert unsure.inferred.method == "version"


def test_every_licence_is_understood_by_code_and_address() -> None:
    for licence in LICENCES.values():
        if licence.code == "custom":
            continue
        assert licence_code(licence.code)[0] == licence.code
        if licence.url and licence.code not in ("GJSTU-1.0", "GJSTU-2.0"):
            assert licence_code(licence.url) == (licence.code, True)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("ja", "ja"), ("ja-JP", "ja"), ("jpn", "ja"), ("日本語", "ja"), ("Japanese", "ja"), ("JA", "ja"), ("en", "en"), ("eng", "en"), ("英語", "en"), ("zh-Hans", "zh"),
        ("中国語（簡体字）", "zh"), ("http://publications.europa.eu/resource/authority/language/JPN", "ja"), ("http://id.loc.gov/vocabulary/iso639-1/ja", "ja"),
        ("クリンゴン語", ""), ("", ""),
    ],
)  # fmt: skip
def test_languages(stated: str, code: str) -> None:
    assert language_code(stated) == code


def test_languages_as_a_whole() -> None:
    assert read_languages(("ja,en",), "x").value == ("ja", "en")
    assert read_languages(("日本語、英語",), "x").value == ("ja", "en")
    guessed = read_languages((), "公園一覧")
    assert guessed.value == ("ja",)
    assert guessed.inferred is not None
    assert read_languages((), "List of parks").value == ("en",)
    assert read_languages((), "123").value == ()
    assert all(language_code(three) == two for two, three in EU_LANGUAGES.items())


@pytest.mark.parametrize(
    ("stated", "rights", "access"),
    [
        ("", "", "open"), ("公開", "PUBLIC", "open"), ("PUBLIC", "PUBLIC", "open"), ("制限なし", "PUBLIC", "open"), ("制限あり", "RESTRICTED", "conditional"),
        ("有償", "RESTRICTED", "paid"), ("非公開", "NON_PUBLIC", "conditional"), ("http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC", "NON_PUBLIC", "conditional"),
        ("open", "PUBLIC", "open"), ("謎", "", "open"), ("会員限定", "RESTRICTED", "conditional"),
    ],
)  # fmt: skip
def test_access_rights(stated: str, rights: str, access: str) -> None:
    assert read_access(stated).value == (rights, access)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (["防災、避難所", "避難所"], ("防災", "避難所")), (["ＡＥＤ", "aed"], ("AED",)), (["#防災 #東京"], ("防災", "東京")), (["トイレ/便所"], ("トイレ", "便所")),
        (["open data"], ("open data",)), (["", "  ", "-", "なし"], ()), (["人口;世帯|年齢"], ("人口", "世帯", "年齢")), (["I/O"], ("I/O",)), (["福祉 介護"], ("福祉", "介護")),
        (["「公園」"], ("公園",)), (["人口（年齢別）"], ("人口(年齢別)",)),
    ],
)  # fmt: skip
def test_keywords(stated: list[str], words: tuple[str, ...]) -> None:
    assert tidy_keywords(stated) == words


@given(st.lists(st.text(max_size=300), max_size=80))
def test_keywords_are_bounded_and_differ(stated: list[str]) -> None:
    words = tidy_keywords(stated)
    assert len(words) <= 50
    assert all(0 < len(word) <= 100 for word in words)
    assert len({word.casefold() for word in words}) == len(words)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("<p>一行目</p><p>二行目</p>", "一行目\n二行目"), ("a<br>b", "a\nb"), ("<script>alert(1)</script>本文", "本文"), ("&lt;b&gt;太字&lt;/b&gt;", "太字"),
        ("5 < 6 かつ 7 > 3", "5 < 6 かつ 7 > 3"), ("<ul><li>い</li><li>ろ</li></ul>", "・い\n・ろ"), ("[くわしく](https://x.example/a)", "くわしく（https://x.example/a）"),
        ("a\x00b\u202ec", "abc"), ("&amp;&#x3042;", "&あ"), ("<style>p{}</style>x<!-- y -->", "x"), ("<img src=x onerror=alert(1)>", ""), ("<scr<script></script>ipt>x", "x"),
    ],
)  # fmt: skip
def test_markup_becomes_plain_text(stated: str, words: str) -> None:
    assert plain(stated, 1000) == words


@given(st.text(max_size=400), st.integers(2, 50))
def test_plain_text_is_bounded_and_without_control_characters(text: str, limit: int) -> None:
    for made in (plain(text, limit), clean(text, limit)):
        assert len(made) <= limit
        assert not any(ord(sign) < 32 and sign != "\n" for sign in made)
        made.encode()


@pytest.mark.parametrize(
    ("stated", "address"),
    [
        ("https://x.example/あ?b=c", "https://x.example/あ?b=c"), ("javascript:alert(1)", ""), ("https://u:p@x.example/", ""), ("ftp://x.example", ""),
        ("https://x.example/a b", ""), ('https://x.example/"><script>', ""), ("http://", ""), ("http:///a", ""), ("//x.example", ""), (" https://x.example ", "https://x.example"),
        ("https://[::1]/", "https://[::1]/"), ("https://日本語.example/", "https://日本語.example/"),
    ],
)  # fmt: skip
def test_web_addresses(stated: str, address: str) -> None:
    assert web_address(stated, 1000) == address


def test_mail_addresses() -> None:
    assert mail_address("mailto:a@b.example?subject=x") == "a@b.example"
    assert mail_address("a@b.example") == "a@b.example"
    assert mail_address("a b@c.example") == ""
    assert mail_address("お問い合わせ") == ""


def test_a_frequency_that_is_not_understood_is_noted() -> None:
    found = read_frequency("気が向いたとき")
    assert found.value == "UNKNOWN"
    assert found.notes[0].stated == "気が向いたとき"


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("区内の公衆トイレ。毎年度更新。", "ANNUAL"), ("住民基本台帳による。毎月1日更新", "MONTHLY"), ("1時間ごとに更新（速報値）", "HOURLY"),
        ("毎週月曜更新", "WEEKLY"), ("四半期ごと", "QUARTERLY"), ("毎年5月1日現在", "ANNUAL"), ("随時更新", "IRREG"),
        ("Updated daily. FY2024.", "DAILY"), ("更新頻度：年1回（4月）", "ANNUAL"), ("年2回（4月、10月）更新", "ANNUAL_2"),
        ("データは毎月末に更新されます。", "MONTHLY"), ("5年に一度更新", "QUINQUENNIAL"), ("本データの更新は終了しました", "NEVER"),
        ("毎月第3日曜日に開催します。", "UNKNOWN"), ("毎日 9時から17時まで開館", "UNKNOWN"), ("免許の更新は随時受け付けます", "UNKNOWN"),
        ("毎年、更新料の改定", "UNKNOWN"), ("毎月公開講座の一覧", "UNKNOWN"),
    ],
)  # fmt: skip
def test_descriptions_tell_how_often_data_are_renewed(description: str, code: str) -> None:
    """Events, opening hours and licences that are renewed say nothing of the data."""
    found = told_frequency("", title="一覧", description=description)
    assert found.value == code
    assert (found.inferred is not None) is (code != "UNKNOWN")


def test_a_stated_frequency_wins_and_reports_say_it_in_their_name() -> None:
    assert told_frequency("毎日", title="統計月報", description="毎年更新").value == "DAILY"
    assert told_frequency("", title="統計月報", description="").value == "MONTHLY"
    assert told_frequency("", title="青少年報告書", description="").value == "UNKNOWN"
    unread = told_frequency("気が向いたとき", title="", description="毎月更新")
    assert (unread.value, unread.notes[0].stated) == ("MONTHLY", "気が向いたとき")
