"""Wireless LAN, sights, cultural properties, nurseries, hydrants and lists of open data: made files in the style of real towns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.mapping.proposing import propose_mapping
from tdpf.controlplane.preparation.engine.mapping.samples import sampled
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.recipes.errors import FitsAnother
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names

MADE: dict[str, tuple[str, dict[str, str]]] = {
    "public_wireless_lan": (
        ("スポット番号,設置施設名,設置施設名（英語）,所在地,緯度,経度,設置事業者,SSID名,利用可能エリア,利用時間\n"
        "1,みどり市民会館,Midori Hall,東京都中野区中野4-8-1,35.7074,139.6638,通信会社A,Midori_Free_Wi-Fi,1階ロビー,9:00～21:00\n"
        "2,中央図書館,Central Library,東京都中野区中央2-9-7,35.6971,139.6825,通信会社A,Midori_Free_Wi-Fi,全館,9:00～20:00\n"
        "3,桜公園,Sakura Park,東京都中野区本町1-2-3,35.6951,139.6801,市,Sakura_Wi-Fi,園内東側,終日\n"),
        {
            "設置施設名": "名称", "所在地": "所在地_連結表記", "設置事業者": "設置者", "SSID名": "SSID",
            "利用可能エリア": "提供エリア", "スポット番号": "ID", "利用時間": "利用時間",
        },
    ),
    "tourism": (
        ("観光スポット名,よみがな,住所,緯度,経度,営業時間,定休日,入場料,説明,アクセス,駐車場,問い合わせ先,電話番号,画像\n"
        "みどり城跡,みどりじょうあと,東京都八王子市元八王子町3丁目,35.6531,139.2553,見学自由,なし,無料,戦国時代の山城の跡です。,駅からバス15分,20台,観光課,042-000-1111,https://example.jp/a.jpg\n"
        "花の里,はなのさと,東京都八王子市高尾町2208,35.6328,139.2695,9:00～17:00,月曜日,大人300円,四季の花が楽しめる庭園です。,駅から徒歩5分,50台,花の里管理事務所,042-000-2222,\n"),
        {
            "観光スポット名": "名称", "よみがな": "名称_カナ", "住所": "所在地_連結表記", "入場料": "料金(詳細)",
            "説明": "説明", "アクセス": "アクセス方法", "駐車場": "駐車場情報", "問い合わせ先": "連絡先名称",
            "電話番号": "連絡先電話番号", "定休日": "利用可能日時特記事項", "画像": "画像",
        },
    ),
    "cultural_property": (
        ("番号,指定区分,種別,文化財名,ふりがな,員数,所在地,所有者,指定年月日,解説\n"
        "1,国指定,建造物,旧庄屋屋敷,きゅうしょうややしき,1棟,東京都青梅市本町1,青梅市,昭和53年1月21日,江戸時代の農家です。\n"
        "2,都指定,史跡,一里塚,いちりづか,1基,東京都青梅市新町2,青梅市,昭和28年11月3日,街道の塚です。\n"
        "3,市指定,無形民俗文化財,獅子舞,ししまい,1件,東京都青梅市沢井3,獅子舞保存会,平成4年3月1日,\n"),
        {
            "指定区分": "文化財分類", "種別": "種類", "文化財名": "名称", "ふりがな": "名称_カナ", "員数": "員数（数）",
            "所在地": "所在地_連結表記", "所有者": "所有者等", "指定年月日": "文化財指定日", "解説": "説明", "番号": "ID",
        },
    ),
    "preschool": (
        ("公立・私立,園名,〒,住所,電話番号,設置者,定員,受入年齢,開園時間,延長保育,一時保育,開設年月日\n"
        "公立,第一保育園,164-0001,東京都中野区中野5-1,03-0000-1111,中野区,100,57日から,7:15～18:15,19:15まで,有,昭和45年4月1日\n"
        "私立,ひかり保育園,164-0003,東京都中野区東中野1-2,03-0000-2222,社会福祉法人ひかり会,60,6か月から,7:00～18:00,20:00まで,無,平成20年4月1日\n"),
        {
            "公立・私立": "種別", "園名": "名称", "〒": "郵便番号", "設置者": "団体名", "定員": "収容定員",
            "受入年齢": "受入年齢", "開園時間": "利用時間", "一時保育": "一時預かりの有無", "開設年月日": "認可等年月日",
            "住所": "所在地_連結表記", "電話番号": "電話番号",
        },
    ),
    "fire_hydrant": (
        ("水利番号,水利種別,所在地,口径(mm),緯度,経度,備考\n"
        "101,地下式消火栓,東京都調布市小島町2-35-1,150,35.6506,139.5407,\n"
        "102,防火水槽,東京都調布市布田1-1,,35.6521,139.5468,40立方メートル\n"
        "103,地下式消火栓,東京都調布市国領町3-8,100,35.6495,139.5581,歩道上\n"),
        {
            "水利番号": "NO", "水利種別": "種別", "所在地": "住所", "口径(mm)": "口径", "緯度": "緯度", "経度": "経度",
            "備考": "備考",
        },
    ),
    "open_data_list": (
        ("No,データ名,データの概要,分野,データ形式,更新頻度,公開日,最終更新日,担当課,ライセンス,URL\n"
        "1,公衆トイレ一覧,市内の公衆トイレ,生活,CSV,年1回,2021/4/1,2024/4/1,環境課,CC BY 4.0,https://example.jp/1\n"
        "2,避難所一覧,市の指定避難所,防災,CSV・XLSX,随時,2021/4/1,2023/10/1,防災課,CC BY 4.0,https://example.jp/2\n"),
        {
            "データ名": "データセット_タイトル", "データの概要": "データセット_概要", "分野": "データセット_分類",
            "データ形式": "ファイル形式", "更新頻度": "データセット_更新頻度", "公開日": "データセット_公開日",
            "最終更新日": "データセット_最終更新日", "担当課": "データセット_連絡先名称", "ライセンス": "ファイル_ライセンス",
            "URL": "データセット_URL", "No": "データセット_ID",
        },
    ),
}  # fmt: skip
OTHERS: dict[str, str] = {
    "public_toilet": "番号,施設名,住所,設置場所,車いす対応,男性トイレ総数,女性トイレ総数\n1,東公園,東京都中野区中央1-1,入口,○,2,2\n2,西公園,東京都中野区本町2-2,園内,×,1,2\n",
    "aed": "施設名,住所,設置場所,電話番号,利用時間,小児対応\n市民会館,東京都中野区中野4-8,1階受付,03-0000-1111,9:00～17:00,有\n体育館,東京都中野区中央1-2,事務室,03-0000-2222,9:00～21:00,有\n",
    "public_facility": "施設名,フリガナ,郵便番号,住所,電話番号,開館時間,休館日,ホームページ\n市民会館,シミンカイカン,164-0001,東京都中野区中野4-8,03-0000-1111,9:00～21:00,月曜日,https://example.jp/\n中央図書館,チュウオウトショカン,164-0011,東京都中野区中央2-9,03-0000-2222,9:00～20:00,第2月曜日,https://example.jp/l\n",
    "hospital": "医療機関名,種別,住所,電話番号,診療科目,病床数\n中央病院,病院,東京都中野区中野4-8,03-0000-1111,内科・外科,120\nみどり医院,診療所,東京都中野区中央1-2,03-0000-2222,小児科,0\n",
    "evacuation_space": "避難場所名,住所,洪水,地震,津波,想定収容人数\n第一小学校,東京都中野区中野4-8,○,○,×,500\n中央公園,東京都中野区中央1-2,×,○,×,3000\n",
    "event": "イベント名,開催日,開始時間,終了時間,会場,住所,内容,料金,主催者\n春まつり,2024/4/1,10:00,16:00,中央公園,東京都中野区中央1-2,屋台が並びます。,無料,市\n講演会,2024/5/3,13:00,15:00,市民会館,東京都中野区中野4-8,防災のお話。,500円,市\n",
    "care_service": "事業所名,サービス種別,住所,電話番号,定員,事業所番号,運営法人\nみどりの家,通所介護,東京都中野区中野4-8,03-0000-1111,20,1370000001,社会福祉法人みどり\nひだまり,訪問介護,東京都中野区中央1-2,03-0000-2222,,1370000002,株式会社ひだまり\n",
    "food_business": "屋号,営業の種類,営業所所在地,許可番号,許可年月日,許可満了日\n食堂一番,飲食店営業,東京都中野区中野4-8,第1号,2020/4/1,2026/3/31\nみどり菓子,菓子製造業,東京都中野区中央1-2,第2号,2021/4/1,2027/3/31\n",
}  # fmt: skip


def prepared(text: str, schema: str, folder: Path) -> Prepared:
    path = folder / "町の一覧.csv"
    path.write_text(text, encoding="utf-8")
    return prepare([path], load_schema(schema), folder=folder / "rows")


@pytest.mark.parametrize("kind", MADE)
def test_a_towns_own_names_find_their_columns(kind: str, tmp_path: Path) -> None:
    text, wanted = MADE[kind]
    made = prepared(text, kind, tmp_path)
    assert made.proposal is not None
    (mapping,) = made.proposal.mappings.values()
    given = mapping.accepted
    assert {column: given.get(column, "") for column in wanted} == wanted
    assert len(made.run.rows()) == text.count("\n") - 1
    assert made.other is None


def test_numbers_with_counting_words_and_days_of_eras_are_read(tmp_path: Path) -> None:
    names = load_schema("cultural_property").names
    made = prepared(MADE["cultural_property"][0], "cultural_property", tmp_path).run.rows()
    rows = [dict(zip(names, row, strict=True)) for row in made]
    assert [row["員数（数）"] for row in rows] == ["1", "1", "1"]
    assert [row["文化財指定日"] for row in rows] == ["1978-01-21", "1953-11-03", "1992-03-01"]


@pytest.mark.parametrize("kind", OTHERS)
def test_no_other_kind_is_taken_for_a_new_one(kind: str, tmp_path: Path) -> None:
    assert prepared(OTHERS[kind], kind, tmp_path).other is None


@pytest.mark.parametrize(("kind", "asked"), [("fire_hydrant", "event"), ("open_data_list", "public_toilet")])
def test_a_file_of_another_kind_is_told(kind: str, asked: str, tmp_path: Path) -> None:
    with pytest.raises(FitsAnother) as refused:
        prepared(MADE[kind][0], asked, tmp_path)
    assert refused.value.data["other"] == kind


@pytest.mark.parametrize("kind", MADE)
def test_columns_looked_at_once_say_the_same_to_every_table(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "一覧.csv"
    path.write_text(MADE[kind][0], encoding="utf-8")
    table = read_file(path, path.name).table
    values = [list(cells) for cells in zip(*table.iter_rows(), strict=True)]
    once = sampled(values)
    for name in schema_names():
        schema = load_schema(name)
        assert propose_mapping(table.columns, once, schema) == propose_mapping(table.columns, values, schema)
