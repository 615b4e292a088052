"""Made-up metadata in the manner of Japanese municipalities, for measuring: the same number always gives the same one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from tdpf.controlplane.catalog.search.documents import IndexDocument
from tdpf.controlplane.catalog.vocabularies.areas import Area, areas
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES

# What a dataset is about: subject, English, theme words it is filed under, columns it has.
_SUBJECTS = """
公衆トイレ|Public toilets|バリアフリー,設備|名称,住所,緯度,経度,オストメイト設備有無,車椅子使用者用トイレ有無
指定緊急避難場所|Evacuation sites|防災,避難|名称,住所,緯度,経度,洪水,土砂災害,想定収容人数
指定避難所|Evacuation shelters|防災,避難|名称,住所,緯度,経度,想定収容人数
帰宅困難者一時滞在施設|Temporary-stay facilities|防災,帰宅困難者|施設名,所在地,受入人数
AED設置箇所|AED locations|救急,医療|名称,住所,緯度,経度,設置位置,利用可能曜日
医療機関|Medical institutions|医療,病院|名称,住所,電話番号,診療科目,休診日
介護サービス事業所|Care services|介護,高齢者|事業所名,サービス種類,所在地,電話番号,定員
認可保育所|Nursery schools|子育て,保育|施設名,住所,定員,受入年齢
子育て施設空き状況|Vacancies of childcare facilities|子育て,空き状況|施設名,年齢,空き人数
小学校児童数|Pupils of elementary schools|教育,学校|学校名,学年,学級数,児童数
中学校生徒数|Pupils of junior high schools|教育,学校|学校名,学年,学級数,生徒数
年齢別人口|Population by age|人口,統計|年齢,男,女,計
町丁目別人口世帯数|Population and households by district|人口,世帯|町丁名,世帯数,男,女,総数
外国人住民数|Foreign residents|人口,国際|国籍,人数
食品営業許可施設|Food business licences|食品,衛生|屋号,営業の種類,所在地,許可年月日,有効期限
公園|Parks|公園,緑|公園名,所在地,面積,開園年月日
遊具点検結果|Playground inspections|公園,安全|公園名,遊具名,点検日,判定
街路樹|Street trees|緑,道路|路線名,樹種,本数
駐輪場|Bicycle parking|自転車,交通|名称,所在地,収容台数,料金
コミュニティバス時刻表|Community bus timetable|交通,バス|停留所名,時刻,系統
交通規制情報|Traffic restrictions|交通,道路|路線,区間,規制内容,開始日時,終了日時
道路工事予定|Planned road works|道路,工事|工事名,区間,期間
交通事故発生件数|Traffic accidents|交通安全,事故|発生日,発生場所,当事者,負傷者数
犯罪認知件数|Recorded crimes|防犯,安全|町丁目,罪種,件数
大気汚染測定結果|Air quality measurements|環境,大気|測定局,PM2.5,NO2,SO2,測定日時
騒音測定結果|Noise measurements|環境,騒音|測定地点,昼間,夜間,環境基準
水質調査結果|Water quality|環境,水質|河川名,BOD,pH,採水日
家庭ごみ収集日程|Household waste collection|ごみ,リサイクル|地区,可燃ごみ,不燃ごみ,資源
粗大ごみ品目|Bulky waste items|ごみ,手数料|品目,手数料
浸水想定区域|Assumed flood areas|防災,水害|河川名,浸水深,浸水継続時間
土砂災害警戒区域|Landslide warning areas|防災,土砂災害|区域名,現象,告示年月日
消防水利|Fire hydrants|消防,防災|種別,所在地,緯度,経度
投票所|Polling stations|選挙,投票|投票区,投票所名,所在地
選挙結果|Election results|選挙,投票|候補者,得票数,投票率
歳入歳出決算|Settlement of accounts|財政,決算|款,項,予算額,決算額
当初予算|Initial budget|財政,予算|款,項,予算額
入札結果|Results of tenders|入札,契約|件名,落札者,落札金額,入札日
職員数|Number of staff|行政,人事|部署,職員数
情報公開請求件数|Disclosure requests|情報公開,行政|年度,請求件数,公開,非公開
図書館貸出冊数|Library loans|図書館,教育|館名,貸出冊数,利用者数
公共施設|Public facilities|施設,公共|名称,住所,開館時間,休館日,緯度,経度
文化財|Cultural properties|文化,歴史|名称,種別,所在地,指定年月日
観光施設|Tourist facilities|観光,施設|名称,住所,説明,緯度,経度
イベント|Events|イベント,観光|イベント名,開始日,終了日,場所
宿泊者数|Overnight guests|観光,統計|月,延べ宿泊者数,外国人
公衆無線LAN|Public Wi-Fi|通信,Wi-Fi|名称,所在地,SSID
地価公示|Published land prices|土地,価格|標準地番号,所在,価格
都市計画区域|City planning areas|都市計画,用途地域|用途地域,容積率,建蔽率
建築確認件数|Building confirmations|建築,住宅|年度,用途,件数
空き家調査結果|Survey of vacant houses|住宅,空き家|地区,戸数
上水道使用量|Water use|水道,統計|月,使用量,戸数
下水道普及率|Sewerage coverage|下水道,統計|処理区,普及率
事業所数|Establishments|産業,統計|産業分類,事業所数,従業者数
商店街|Shopping streets|商業,商店街|名称,店舗数
農家数|Farm households|農業,統計|区分,戸数,経営耕地面積
就業状態|Employment|労働,国勢調査|産業,男,女
生活保護受給世帯数|Households on public assistance|福祉,統計|月,世帯数,人員
障害者手帳交付数|Disability certificates|福祉,障害者|種別,等級,人数
予防接種実施状況|Vaccinations|健康,予防接種|種類,対象者数,接種者数
がん検診受診率|Cancer screening rates|健康,検診|検診,対象者,受診者,受診率
熱中症搬送者数|Heat stroke transports|救急,健康|日,年齢区分,人数
気象観測|Weather observations|気象,環境|日時,気温,降水量,風速
河川水位|River levels|河川,防災|観測所,水位,日時
温室効果ガス排出量|Greenhouse gas emissions|環境,エネルギー|部門,排出量
太陽光発電設備|Solar power plants|エネルギー,環境|施設名,出力
歩行者交通量|Pedestrian counts|人流,まちづくり|地点,時間帯,人数
橋梁点検結果|Bridge inspections|道路,橋|橋名,点検年度,健全度
市民意識調査|Survey of residents|調査,アンケート|設問,選択肢,回答数
議員名簿|Assembly members|議会,行政|氏名,会派,期数
ボランティア団体|Volunteer groups|市民活動,NPO|団体名,分野,連絡先
""".strip()
_KINDS = (
    ("一覧", "list of"),
    ("", ""),
    ("", ""),
    ("統計", "statistics of"),
    ("位置図", "map of"),
    ("の推移", "trend of"),
)
_SENTENCES = (
    "{place}が管理する{subject}に関する情報を一覧にしたデータです。",
    "{year}年度における{place}の{subject}を{unit}別に集計したものです。",
    "自治体標準オープンデータセットに準拠した形式で公開しています。",
    "位置情報（緯度・経度）を含みますので、地図上に表示することができます。",
    "出典を明記いただければ、商用・非商用を問わず自由にご利用いただけます。",
    "データの内容は{month}月末時点のものであり、最新の状況と異なる場合があります。",
    "詳しくは{place}のホームページをご覧いただくか、担当課までお問い合わせください。",
    "個人情報保護の観点から、少数の数値は秘匿しています。",
    "更新は毎年{month}月を予定しています。",
    "{subject}の{unit}ごとの数値と前年度からの増減を掲載しています。",
)
_UNITS = ("町丁目", "地区", "年齢", "月", "施設", "学区", "産業分類", "男女")
_BUREAUS = ("総務局", "都市整備局", "福祉局", "環境局", "建設局", "教育委員会", "防災課", "統計課", "広報課", "")
_FORMATS = ("CSV", "XLSX", "PDF", "JSON", "GEOJSON", "SHP", "XML", "KML")
_DAY = datetime(2026, 11, 1, tzinfo=UTC)


@cache
def _subjects() -> tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]:
    made = []
    for line in _SUBJECTS.splitlines():
        subject, english, words, columns = line.split("|")
        made.append((subject, english, tuple(words.split(",")), tuple(columns.split(","))))
    return tuple(made)


def made_documents(number: int, *, start: int = 0) -> Iterator[IndexDocument]:
    """Yield so many datasets of about sixteen hundred publishers, about seventy subjects and twenty years."""
    places = list(areas().values())
    for at in range(start, start + number):
        yield _made(at, places)


def _made(at: int, places: list[Area]) -> IndexDocument:
    chance = random.Random(at)  # noqa: S311 - made-up data need no secrecy
    # A few places publish much, most little; a few subjects are common.
    place = places[min(int(chance.paretovariate(0.7)) - 1, 10**6) % len(places)]
    office = chance.choice(_BUREAUS)
    district = f"第{chance.randrange(1, 40)}地区" if chance.random() < 0.15 else ""
    subject, english, words, columns = chance.choice(_subjects())
    kind, kind_en = chance.choice(_KINDS)
    year = chance.randrange(2005, 2027)
    name = place.label.ja
    era = f"令和{year - 2018}年度" if year > 2018 else f"{year}年度"
    title = chance.choice((f"{name}{subject}{kind}", f"【{name}】{subject}{kind}", f"{name}の{subject}{kind}（{era}）"))
    sentences = chance.sample(_SENTENCES, k=chance.randrange(1, 5))
    told = {"place": name, "subject": subject, "year": year, "unit": chance.choice(_UNITS), "month": year % 12 + 1}
    themes = list(THEMES)
    codes = tuple(chance.sample(themes, k=1 if chance.random() < 0.8 else 2))
    formats = tuple(chance.sample(_FORMATS, k=chance.randrange(1, 4)))
    return IndexDocument(
        uid=f"made{at:08d}",
        slug=f"made-{at:08d}",
        title_ja=f"{title}{district}",
        title_en=f"{english} {kind_en} {place.label.en} {year}".replace("  ", " ") if chance.random() < 0.3 else "",
        description_ja="".join(sentences).format(**told),
        description_en=f"{english} of {place.label.en} in {year}." if chance.random() < 0.2 else "",
        keywords=(*words, f"{year}年度") if chance.random() < 0.5 else words,
        columns=columns,
        provider=f"p{places.index(place) * len(_BUREAUS) + _BUREAUS.index(office)}",
        provider_name_ja=f"{name}{office}",
        provider_name_en=place.label.en,
        themes=codes,
        theme_names=tuple(THEMES[code].label.ja for code in codes),
        area_codes=(place.code,),
        area_names=(name,),
        formats=formats,
        access=chance.choices(("open", "conditional", "paid"), (90, 8, 2))[0],
        licence=chance.choice(tuple(LICENCES)),
        update_frequency=chance.choice(tuple(FREQUENCIES)),
        located="緯度" in columns,
        modified_at=_DAY - timedelta(days=chance.randrange(0, 5000), seconds=at % 86_400),
        origin="harvested" if chance.random() < 0.95 else "registered",
        sites=(f"site-{chance.randrange(80)}",),
        stars=chance.randrange(0, 6),
        mqa_points=chance.randrange(0, 406),
        rate_band=chance.choice(("", "", "A", "B", "C", "D")),
        link_state=chance.choices(("ok", "moved", "broken", "unknown"), (85, 5, 5, 5))[0],
    )


def made_queries(number: int, *, seed: int = 7) -> list[str]:
    """Return so many queries as people type them: a place and a subject, a keyword, a column, English, a kana word."""
    chance = random.Random(seed)  # noqa: S311 - made-up data need no secrecy
    places = [area.label for area in areas().values()]
    queries = []
    for _ in range(number):
        subject, english, words, columns = chance.choice(_subjects())
        place = chance.choice(places).ja
        queries.append(
            chance.choice(
                (
                    f"{place} {subject}",
                    f"{place} {chance.choice(words)}",
                    subject,
                    chance.choice(words),
                    f"{chance.choice(words)} {chance.choice(_UNITS)}別",
                    f"{place}の{subject}を知りたい",
                    f"{subject} 令和{chance.randrange(1, 8)}年度",
                    english,
                    f"{english.split()[-1]} {chance.choice(places).en}",
                    chance.choice(columns),
                )
            )
        )
    return queries
