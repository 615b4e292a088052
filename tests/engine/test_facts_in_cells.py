"""Headings in an official's own words and facts that share a cell: each goes to the field it is of, and what is left is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

_CASES = (
    (
        "care_service",
        ("サービスの種類,事業所名（カナ）,所在,TEL/FAX,事業者,定員等\n訪問介護,デイ飛鳥（デイアスカ）,酒田市亀ヶ崎3-7-11　飛鳥ビル3F,0234-22-1111/0234-22-1112,社会福祉法人もがみ,１５名\n"
        "福祉用具貸与,ケア用具（ケアヨウグ）,酒田市中町1-4-10,0234-24-2221/なし,株式会社ケア庄内,\n"),
        {
            "介護サービス事業所名称": ["デイ飛鳥", "ケア用具"],
            "介護サービス事業所名称_カナ": ["デイアスカ", "ケアヨウグ"],
            "建物名等(方書)": ["飛鳥ビル3F", None],
            "電話番号": ["0234-22-1111", "0234-24-2221"],
            "FAX番号": ["0234-22-1112", None],
            "法人の名称": ["社会福祉法人もがみ", "株式会社ケア庄内"],
        },
    ),
    (
        "disclosure_request",
        "年月日,請求文書の名称,担当,決定区分及び決定日,請求者の別\n令和6年7月1日,契約書,環境課,公開（令和6年7月12日）,個人\n令和6年7月2日,設計図,土木課,非公開（令和6年8月5日）,法人\n",
        {
            "請求年月日": ["2024-07-01", "2024-07-02"],
            "担当課": ["環境課", "土木課"],
            "決定区分": ["公開", "非公開"],
            "決定年月日": ["2024-07-12", "2024-08-05"],
            "請求者区分": ["個人", "法人"],
        },
    ),
    (
        "traffic_restriction",
        ("行事名・工事名,規制箇所,規制の種類,開始日時,終了日時,問合せ\n舗装工事,元町1番地先～楠町5番地先,片側交互通行,R7.4.10　21:00,R7.4.25　翌5:00,道路課 0977-21-1450\n"
        "水道管工事,東7組から西1組まで,全面通行止め,R7.4.7　8:30,R7.4.18　17:00,水道課（内線3321）\n"),
        {
            "区間_起点": ["元町1番地先", "東7組"],
            "区間_終点": ["楠町5番地先", "西1組"],
            "規制終了時間": ["05:00", "17:00"],
            "連絡先名称": ["道路課", "水道課（内線3321）"],
            "連絡先電話番号": ["0977-21-1450", None],
        },
    ),
    (
        "event",
        "催し・講座名,実施日,会場,内容,参加費用,問い合わせ先\n写真展,R6.11.9,公民館,展示,無料,観光協会 0766-24-0001\n山歩き,R6.11.10,駅前,歩く,\"1,500円（昼食つき）\",市民課(20-1255)\n",
        {"料金(基本)": ["0", "1500"], "連絡先名称": ["観光協会", "市民課(20-1255)"], "連絡先電話番号": ["0766-24-0001", None]},
    ),
    (
        "public_toilet",
        "公衆便所名,住所（町名まで）,番地,便器数（男・女・共用）,誰でもトイレ,オストメイト\n赤公園,舞鶴市字北吸,1039番地の2,男3・女4・共用1,1,○\n青公園,舞鶴市字上安,237,男2・女2・共用0,－,×\n",
        {
            "所在地_連結表記": ["京都府舞鶴市字北吸1039番地の2", "京都府舞鶴市字上安237"],
            "男性トイレ総数": ["3", "2"],
            "男女共用トイレ総数": ["1", "0"],
            "バリアフリートイレ数": ["1", None],
        },
    ),
    (
        "food_business",
        "区分,屋号・名称,営業の場所,業種詳細,許可期間,許可年,月,日\n新規,日光屋,佐野市若松町500番地,食堂,R5.4.1～R10.3.31,R5,3,20\n更新,まるや,大橋町3211-5,,令和4年12月1日から令和9年11月30日まで,R4,11,30\n",
        {
            "申請区分": ["新規", "更新"],
            "施設所在地": ["栃木県佐野市若松町500番地", "栃木県佐野市大橋町3211-5"],
            "業態": ["食堂", None],
            "許可開始日": ["2023-04-01", "2022-12-01"],
            "許可満了日": ["2028-03-31", "2027-11-30"],
            "許可年月日": ["2023-03-20", "2022-11-30"],
        },
    ),
    (
        "public_facility",
        "施設,項目,値\n文化会館,所在地,国立市東1-1\n文化会館,電話,042-000-0001\n文化会館,開館時間,9:00～17:00\n図書館,所在地,国立市中1-2\n図書館,開館時間,10:00～18:00\n図書館,電話,042-000-0002\n",
        {"名称": ["文化会館", "図書館"], "電話番号": ["042-000-0001", "042-000-0002"], "開始時間": ["09:00", "10:00"]},
    ),
)  # fmt: skip


@pytest.mark.parametrize(("schema", "text", "wanted"), _CASES, ids=[case[0] for case in _CASES])
def test_each_fact_goes_to_its_field(
    tmp_path: Path, schema: str, text: str, wanted: dict[str, list[str | None]]
) -> None:
    path = tmp_path / "given.csv"
    path.write_text(text, encoding="utf-8")
    prepared = prepare([path], load_schema(schema), folder=tmp_path / "rows")
    columns = prepared.run.frame.columns
    assert {name: columns[name] for name in wanted} == wanted
    again = prepare([path], load_schema(schema), folder=tmp_path / "again", recipe=from_yaml(to_yaml(prepared.recipe)))
    assert again.run.frame.columns == columns
