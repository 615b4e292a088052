"""Names of columns that the national standards use, in Japanese and English, so that both titles can be proposed."""

from __future__ import annotations

import re

_PAIRS = """
全国地方公共団体コード|Local government code
都道府県コード又は市区町村コード|Prefecture or municipality code
市区町村コード|Municipality code
都道府県コード|Prefecture code
都道府県名|Prefecture
市区町村名|Municipality
地方公共団体名|Local government
地域コード|Area code
地域名|Area
町字ID|Town ID
ID|ID
NO|No.
名称|Name
名称_カナ|Name (kana)
名称_英語|Name (English)
名称_英字|Name (Latin letters)
名称_通称|Common name
施設名|Facility name
住所|Address
所在地|Location
方書|Building and room
建物名等(方書)|Building and room
所在地_全国地方公共団体コード|Local government code of the location
所在地_連結表記|Full address
所在地_都道府県|Prefecture of the location
所在地_市区町村|Municipality of the location
所在地_町字|Town of the location
所在地_番地以下|Street number
緯度|Latitude
経度|Longitude
標高|Elevation
高度の種別|Kind of height
高度の値|Height
電話番号|Telephone
内線番号|Extension
FAX番号|Fax
郵便番号|Postal code
連絡先メールアドレス|Contact e-mail
連絡先FormURL|Contact form URL
連絡先名称|Contact
連絡先電話番号|Contact telephone
法人番号|Corporate number
法人の名称|Corporation
団体名|Organisation
設置位置|Place of installation
POIコード|POI code
男性トイレ総数|Men's toilets
男性トイレ数（小便器）|Men's toilets (urinals)
男性トイレ数（和式）|Men's toilets (squat)
男性トイレ数（洋式）|Men's toilets (seated)
女性トイレ総数|Women's toilets
女性トイレ数（和式）|Women's toilets (squat)
女性トイレ数（洋式）|Women's toilets (seated)
男女共用トイレ総数|Shared toilets
男女共用トイレ数（和式）|Shared toilets (squat)
男女共用トイレ数（洋式）|Shared toilets (seated)
多機能トイレ数|Multipurpose toilets
バリアフリートイレ数|Barrier-free toilets
車椅子使用者用トイレ有無|Toilet for wheelchair users
乳幼児用設備設置トイレ有無|Toilet with equipment for infants
オストメイト設置トイレ有無|Toilet for ostomates
利用開始時間|Opens at
利用終了時間|Closes at
利用可能時間特記事項|Remarks on opening hours
利用可能曜日|Days open
利用可能日時特記事項|Remarks on days and hours
開始時間|Starts at
終了時間|Ends at
開始日|First day
終了日|Last day
開始日時特記事項|Remarks on date and time
画像|Picture
画像_ライセンス|Licence of the picture
備考|Remarks
説明|Description
URL|URL
災害種別_洪水|Flood
災害種別_崖崩れ、土石流及び地滑り|Landslide
災害種別_高潮|Storm surge
災害種別_地震|Earthquake
災害種別_津波|Tsunami
災害種別_大規模な火事|Large fire
災害種別_内水氾濫|Inland flooding
災害種別_火山現象|Volcanic phenomena
指定避難所との重複|Also a designated shelter
想定収容人数|Expected capacity
対象となる町会・自治会|Neighbourhood associations served
医療機関の種類|Kind of medical institution
医療機関コード|Medical institution code
診療曜日|Consultation days
診療開始時間|Consultation starts at
診療終了時間|Consultation ends at
診療科目|Medical departments
病床数|Beds
介護サービス事業所名称|Care provider
実施サービス|Services
事業所番号|Provider number
定員|Capacity
調査年月日|Survey date
総人口|Total population
男性|Male
女性|Female
世帯数|Households
町丁名|Town block
男|Male
女|Female
施設名称|Facility name
営業の種類|Kind of business
業種|Kind of business
業態|Business category
許可番号|Licence number
許可年月日|Date of licence
許可開始日|Licence from
許可満了日|Licence until
許可終了日|Licence until
廃業年月日|Date of closure
イベント名|Event
イベント名_カナ|Event (kana)
主催者|Organiser
場所名称|Venue
料金(基本)|Price
料金(詳細)|Price details
アクセス方法|Access
駐車場情報|Parking
参加申込終了日|Application deadline
参加申込方法|How to apply
小児対応設備の有無|Equipment for children
地区|District
人数|People
時点|As of
年齢|Age
計|Total
総数|Total
"""
ENGLISH: dict[str, str] = dict(line.split("|", 1) for line in _PAIRS.strip().splitlines())
JAPANESE: dict[str, str] = {
    "latitude": "緯度",
    "longitude": "経度",
    "lat": "緯度",
    "lng": "経度",
    "lon": "経度",
    "name": "名称",
    "address": "住所",
    "telephoneNumber": "電話番号",
    "prefCode": "都道府県コード又は市区町村コード",
    "pref": "都道府県名",
    "prefName": "都道府県名",
    "city": "市区町村名",
    "cityName": "市区町村名",
    "identification": "ID",
    "fullNameInKana": "名称_カナ",
    "katagaki": "方書",
    "capacity": "定員",
    "elevation": "標高",
    "note": "備考",
    "surveyDate": "調査年月日",
    "regionName": "地域名",
    "regionCode": "地域コード",
    "totalPopulation": "総人口",
    "male": "男性",
    "woman": "女性",
    "startTime": "開始時間",
    "endTime": "終了時間",
    "altitude": "標高",
}
UNITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(?:緯度|経度|latitude|longitude|lat|lng|lon|long)$", re.IGNORECASE), "度"),
    (re.compile(r"^標高$|^elevation$|^altitude$", re.IGNORECASE), "m"),
    (re.compile(r"人口|歳.*の(?:男性|女性)$|^男性$|^女性$|^男$|^女$|人数$|^定員$|^capacity$"), "人"),
    (re.compile(r"世帯数$|^世帯$"), "世帯"),
    (re.compile(r"病床数$"), "床"),
)
MEANINGS: dict[str, tuple[str, str]] = {
    "有": ("ある", "yes"),
    "無": ("ない", "no"),
    "可": ("できる", "allowed"),
    "不可": ("できない", "not allowed"),
    "○": ("該当する", "applies"),
    "◯": ("該当する", "applies"),
    "〇": ("該当する", "applies"),
    "◎": ("特に該当する", "applies in particular"),
    "△": ("一部該当する", "applies in part"),
    "×": ("該当しない", "does not apply"),
    "✕": ("該当しない", "does not apply"),
    "-": ("該当なし・不明", "not applicable or unknown"),
}
