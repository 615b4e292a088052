"""What the name of a column says about persons: whose name, number, birth, home or contact stands in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_LOOKS = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_SPACE = re.compile(r"\s+")
_WHO = (
    r"申込|参加|利用|対象|届出|申請|相談|受給|保護|扶養|緊急連絡|契約|使用|納税|義務|加入|入所|入居|受講|受験|被災|避難|寄附|寄付|要支援|支援|世帯|滞納|通報|要望|請求|所有|占有|賃借|"
    r"営業|開設|代表|許可|名義|購入"
)
_RUNNERS = r"設置|管理|責任|経営|事業|運転"
_OTHERS = r"世帯主|飼い?主|借主|貸主|家主|地主|届出人|申出人|相続人|名義人|受取人|本人|患者|児童(?!館|セ|相談|福祉|家庭|クラブ|遊)|生徒(?!指導)|会員(?!数)|委員(?!会)|職員(?!課|室)"
_PERSON = re.compile(
    r"氏名|お名前|おなまえ|ご芳名|フルネーム|(?:申込|参加|利用|対象|届出|申請|相談|受給|保護|扶養|緊急連絡|契約|納税|加入|入所|入居|受講|受験|避難|要支援|滞納|通報|請求)者名|(?i:full_?name)|^名前$|^姓名$|世帯主|申請者|申込者|^宛名$|受取人|差出人|飼い?主|届出人|申出人|相続人|当事者|^名義$|口座名義|"
    r"本人|患者|児童名|園児名|生徒名|学生名|会員名|職員名|保護者|被保険者名|住民|^(?i:applicant|guardian|patient|student|customer|member|resident|attendee|participant)s?(?:_?name)?$"
)
# Whoever a town calls by a word of its own: 被接種者, 傷病者, 拾得者; not those who run or make something.
_PARTY = re.compile(r"(?<![業置理営任表設著編訳作記医学走筆成演補催賞行術])者(?:の?氏?名)?(?:\(.*\))?$")
_LATIN = re.compile(r"^(?:name|名前|ローマ字(?:氏?名)?|氏?名?\(?(?:ローマ字|英字)\)?)$", re.IGNORECASE)
_ROLE = re.compile(
    r"代表者|営業者|開設者|管理者|設置者|担当(?![課部係室局所])|責任者|理事長|院長|[施館園校所会]長|薬剤師|届出者|許可者|所有者|地権者|管理人|民生委員|講師|representative|establisher|contact_?(?:person|name)|person_in_charge|(?<![a-z])owner",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"(?:申請|届出|事業|経営|許可)者|法人名|法人の?名称|名義人|corporateName|operatorName", re.IGNORECASE
)
_SURNAME = re.compile(
    r"^(?:姓|氏|苗字|名字|セイ|せい|sei|last_?name|family_?name|surname)(?:\(.*\))?$|_(?:姓|氏)$", re.IGNORECASE
)
_GIVEN = re.compile(r"^(?:名|名前|メイ|めい|mei|first_?name|given_?name)(?:\(.*\))?$|_名$", re.IGNORECASE)
_KANA = re.compile(r"フリガナ|ふりがな|カナ|かな|ヨミ|よみ|読み|kana", re.IGNORECASE)
_OFFICE = re.compile(r"議員|首長|(?:市|区|町|村|議|副市|副区)長(?:氏?名|の氏名)|知事|教育長")
_AUTHOR = re.compile(
    r"^(?:著者|共著者|作者|作家|訳者|編者|著作者|画家|監督|出演者?|作曲者?|作詞者?|原作者?|演奏者?|指揮者?|制作者|author)(?:氏?名|標目)?$",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"(?<![発派再新])生年月日|誕生日|生まれた日|生まれ年月日|birth_?(?:day|date)|date_?of_?birth|(?<![a-z])dob(?![a-z])",
    re.IGNORECASE,
)
_BIRTH_YEAR = re.compile(r"^(?:生年|生まれ年|出生年|誕生年|birth_?year)(?:\(.*\))?$", re.IGNORECASE)
_BIRTH_PART = re.compile(r"^(?:生月|生日|生まれ月|誕生月|出生月|出生日)(?:\(.*\))?$")
_MY_NUMBER = re.compile(r"マイナンバー|個人番号|my_?number", re.IGNORECASE)
_OTHER_NUMBER = re.compile(
    r"口座番号|口座No|免許証番号|受給者番号|手帳番号|(?<!保)証番号|接種券番号|診察券番号|在留カード|特別永住者証|(?:利用者|図書館?|登録者|患者)カード(?:番号|No)|旅券番号|パスポート番号|被保険者番号|住民票コード|年金番号|保険証番号|カルテ番号|患者番号|宛名番号"
)
_HEALTH = re.compile(
    r"アレル(?:ギー|ゲン)|持病|既往|病名|傷病名|病歴|服薬|要?介護度|要介護状態|障[害が]い?(?:名|種別|等級|の(?:程度|種類|状況))|主治医|かかりつけ"
)
_NETWORK = re.compile(
    r"(?<![a-z])ip(?![a-z])|IPアドレス|remote_?(?:addr|host)|client|接続元|送信元|アクセス元|投稿元", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"^(?:住所[1-3]?|番地|町名[・_]?番地|方書き?|(?:建物|アパート|マンション)名|所在地|ご住所|住所地|送付先|送り先|お?届け先|住居|address)(?:[_(].*)?$",
    re.IGNORECASE,
)
_HOME = re.compile(r"自宅|現住所|本籍|居住地|世帯住所|home_?address")
_PARTY_ADDRESS = re.compile(rf"(?:(?:{_WHO}|{_RUNNERS})者|{_OTHERS})の?_?(?:氏名)?[・_]?(?:現?住所|居所)")
_PHONE = re.compile(r"電話|携帯|ケータイ|スマホ|連絡先|(?<![a-z])tel|phone|mobile|contact", re.IGNORECASE)
_MOBILE = re.compile(r"携帯|ケータイ|スマホ|mobile|cell_?phone", re.IGNORECASE)
_PARTY_PHONE = re.compile(
    rf"自宅|本人|緊急連絡|宅の?(?:電話|TEL)|(?:(?:{_WHO})者|{_OTHERS}).*(?:電話|連絡先|TEL)", re.IGNORECASE
)
_SITE_PHONE = re.compile(
    r"(?:施設|営業所|事業所|店舗?|園|校|会場|代表|窓口|所管課?|問い?合わ?せ先?|事務局|担当課)の?(?:電話|TEL|連絡先)",
    re.IGNORECASE,
)
_ONLINE = re.compile(
    r"^(?:LINE|ライン|SNS|X|Twitter|Instagram|Facebook|TikTok)(?:_?(?:ID|アカウント|名))?$", re.IGNORECASE
)
_VEHICLE = re.compile(r"車両番号|車番|ナンバー|登録番号|自動車番号")
_CASES = re.compile(
    r"受付日|受付番号|訪問日|面談日|聞き?取り|受付年月日|相談|苦情|陳情|要望|通報|申出|対応状況|処理状況|お?問い?合わ?せ内容"
)
_CASE_TEXT = re.compile(
    r"内容|相談|苦情|要望|意見|通報|経緯|対応|備考|概要|件名|申出|記録|摘要|陳情|状況|メモ|自由記述|様子|所見|面談|発言|詳細"
)
_COUNCIL = re.compile(r"議席|会派|当選回数|当選期|期数|得票|党派|政党")
_ELECTION = re.compile(r"議員|議席|立候補|候補者|選挙(?!人)")


@dataclass(frozen=True, slots=True)
class Header:
    """A column's name, and what it promises about persons. `key` is the name without spaces for looks, in common width."""

    key: str
    person: bool
    party: bool
    latin: bool
    role: bool
    surname: bool
    given: bool
    kana: bool
    office: bool
    author: bool
    birth: bool
    birth_year: bool
    birth_part: bool
    my_number: bool
    other_number: bool
    health: bool
    network: bool
    address: bool
    home: bool
    party_address: bool
    phone: bool
    mobile: bool
    party_phone: bool
    site_phone: bool
    online: bool
    vehicle: bool
    case_text: bool

    @property
    def named(self) -> bool:
        """Whether it says that names of persons, or of those who run something, stand there."""
        return self.person or self.role or self.party

    @property
    def is_private(self) -> bool:
        """Whether its values are about one person whatever they look like."""
        return (
            (self.person and not self.office and not self.role)
            or self.birth
            or self.birth_year
            or self.my_number
            or self.other_number
            or self.home
            or self.party_address
            or self.mobile
            or self.party_phone
        )


def key_of(name: str) -> str:
    """Return a column's name as names are compared: “氏　名” as 氏名, “Contact person” as Contact_person."""
    return _SPACE.sub("_", _LOOKS.sub("", unicodedata.normalize("NFKC", name).strip()))


@lru_cache(maxsize=4_096)
def header_of(name: str) -> Header:
    """Return what a column's name says about persons."""
    key = key_of(name)

    def says(pattern: re.Pattern[str]) -> bool:
        return bool(pattern.search(key))

    return Header(
        key=key,
        person=says(_PERSON) and not says(_PARTY_ADDRESS) and not says(_PARTY_PHONE),
        role=(says(_ROLE) or says(_RUNS)) and not says(_PARTY_ADDRESS) and not says(_PARTY_PHONE),
        latin=says(_LATIN),
        party=says(_PARTY) and not says(_ROLE) and not says(_RUNS) and not says(_AUTHOR),
        surname=says(_SURNAME),
        given=says(_GIVEN),
        kana=says(_KANA),
        office=says(_OFFICE),
        author=says(_AUTHOR),
        birth=says(_BIRTH),
        birth_year=says(_BIRTH_YEAR),
        birth_part=says(_BIRTH_PART),
        my_number=says(_MY_NUMBER),
        other_number=says(_OTHER_NUMBER),
        health=says(_HEALTH),
        network=says(_NETWORK),
        address=says(_ADDRESS),
        home=says(_HOME),
        party_address=says(_PARTY_ADDRESS),
        phone=says(_PHONE),
        mobile=says(_MOBILE),
        party_phone=says(_PARTY_PHONE),
        site_phone=says(_SITE_PHONE),
        online=says(_ONLINE),
        vehicle=says(_VEHICLE),
        case_text=says(_CASE_TEXT),
    )


def are_cases(names: Iterable[str]) -> bool:
    """Say whether the columns are those of cases that people brought: requests, complaints, consultations."""
    return any(_CASES.search(key_of(name)) for name in names)


def are_elected(names: Iterable[str], lines: Iterable[str] = ()) -> bool:
    """Say whether the columns are those of members of a council or of candidates, who stand for election in public.

    One word is not enough: courses and clubs count 期数 and 得票 too. `lines` are what stands above the table and its sheet's name.
    """
    keys = [key_of(name) for name in names]
    words = {word for key in keys for word in _COUNCIL.findall(key)}
    return len(words) >= 2 or (bool(words) and any(_ELECTION.search(text) for text in (*keys, *lines)))
