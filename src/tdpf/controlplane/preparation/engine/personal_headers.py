"""What the name of a column says about persons: what stands there, and whose it is.

A header is read as the language builds it, from its end: the last word says what stands there (…番号, …住所, …電話, …氏名), the last word
before it whose that is (申請者…, 施設…, 代表者…). Both are lists of morphemes, so that words which nobody listed are read too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Matter = Literal[
    "my_number", "number", "account", "mail", "mobile", "phone", "birth", "birth_year", "birth_part", "reading",
    "surname", "given", "name", "home", "address", "health", "attribute", "online", "network", "vehicle", "text", "",
]  # fmt: skip
Whose = Literal["person", "role", "office", "author", "site", "thing", ""]

_LOOKS = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_SPACE = re.compile(r"\s+")
_PART_OF_DAY = re.compile(r"_[年月日]$")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KANA = r"フリガナ|ふりがな|ルビ|カナ|かな|ヨミ(?:ガナ|カタ)?|よみ(?:がな|かた)?|読み(?:仮名|方|がな)?|セイメイ|せいめい|(?:コウザ)?メイギ(?:ニン)?|(?:こうざ)?めいぎ(?:にん)?|シメイ|しめい|オ?ナマエ|ローマ字|英字|romaji"
_DOCUMENT = (
    r"免許|旅券|パスポート|passport|在留|永住者証|手帳|保険証?|被保険?者?証?|記号|年金|住民票|診察券?|カルテ|学籍|カード|(?:券|証)書?|戸籍|"
    r"世帯|宛名|税|受給|印鑑|licen[cs]e"
)
_NUMBER = r"番号?|No\.?|Ｎｏ|№|ナンバー|ID|コード|CD|記号|number|code"
# What stands there: the first of these (from the left) that reaches to the end of the header.
_MATTERS: dict[str, str] = {
    "my_number": r"マイナンバー|マイナ番号|個人番号|my_?number|個番|12桁(?:の?番号)",
    "network": r"IPアドレス|ip(?:_?addr(?:ess)?)?|remote_?(?:addr|host|ip)|client(?:_?ip)?|接続元|送信元|アクセス元|投稿元|src|source_?ip",
    "account": r"(?:口座|預金|貯金|通帳|account)(?:の?(?:記号)?(?:番号|No\.?|number))?",
    "mail": r"メール(?:アドレス)?|メアド|e?-?mail(?:_?address)?|アドレス",
    "mobile": r"(?:携帯|ケータイ|スマホ|mobile|cell(?:_?phone)?|けいたい(?:でんわ)?)の?(?:電話)?(?:の?番号|No\.?|_?number)?|(?:電話)?(?:番号)?\(携帯\)",
    "phone": r"電話(?:の?番号|No\.?)?|連絡(?:先|方法|電話|番号|網)|TEL|でんわ(?:ばんごう)?|デンワ(?:バンゴウ)?|れんらくさき|ファ[クッ]ク?ス|FAX|(?:tele)?phone(?:_?(?:no|number))?|contact|(?:市外)?局番|加入者番号|発信者番号",
    "birth": r"(?<![発派再新])生年月日|年月日\(生\)|セイネンガッピ|せいねんがっぴ|誕生日?|生まれた日|生まれ(?:年月日)?|うまれた?ひ?|たんじょうび|birth_?(?:day|date)?|date_?of_?birth|dob|出生(?:年月)?日",
    "birth_year": r"生年|生まれ年|出生年|誕生年|birth_?year|year_?of_?birth|yob",
    "birth_part": r"(?<!発)生月|(?<![発新再])生日|生まれ[月日]|誕生月|出生月",
    "reading": _KANA,
    "surname": r"^姓|^氏|苗字|名字|^セイ|^せい|^last$|last_?name|family_?name|surname|^sei|_姓|_氏",
    "given": r"^名|^メイ|^めい|^first$|first_?name|given_?name|^mei|_名",
    "home": r"自宅(?:の?(?:住所|所在地))?|現?住居(?:地|の?所在地)?|現住所|本籍地?|居住地|居所|転[入出居]先|住民登録地|お?住まい|home_?address",
    "address": r"住所(?:地|[又ま]たは所在地)?|番地(?:等|以下)?|町名[・_]?番地|方書き?|(?:建物|アパート|マンション)名|所在地?|(?:設置|使用|収集|現場|被災)場所|じゅうしょ|ジュウショ|address|street",
    "health": r"アレル(?:ギー|ゲン)[等名]?|持病|既往歴?|体質|(?:けが|ケガ|怪我|負傷)の?(?:部位|箇所|程度|状況)?|(?:[病症傷]|疾[患病])名?|病[状歴]|症状|服薬|投薬|要?介護(?:度|状態)|認定(?:結果|区分)|(?:障[害が]い?|障碍)(?:名|認定|種別|等級|の(?:程度|種類|状況|有無)|区分|支援区分)?|等級|主治医|"
    r"かかりつけ医?|診断名?|所見|健康状態|血圧|血糖値?|体重|身長|体温|Hb_?A1c|BMI|妊娠週?数?|発達|主訴|検査(?:結果|値)|欠席理由|(?:要?支援|減免|配慮|認定|免除|猶予|措置|保護|休職|入院|利用|申請)の?(?:事由|理由)|(?:世帯|家庭)の?(?:状況|事情)|配慮(?:事項)?|ADL|認知症|"
    r"医療的ケア|罪名|前科|前歴|犯罪歴|処分歴?|信条|信仰|予診|問診|health|medical(?:_(?:history|conditions?))?|diagnosis|allerg(?:y|ies)|disability",
    "attribute": r"年齢|満年齢|国籍(?:・地域|等)?|在留資格|職業|年収|(?:前年)?(?:所得|収入)(?:金?額|月額)?|婚姻(?:状況)?|学歴|宗教|出身国|age|nationality|occupation|income",
    "online": r"(?:LINE|ライン|SNS|X|Twitter|Instagram|インスタ|Facebook|TikTok|ハンドル|アカウント)(?:ID|名|アカウント|_?(?:id|account))?",
    "vehicle": r"(?:車両|車輌|自動車|登録|標識|車)(?:登録)?(?:番号?|ナンバー)|ナンバー(?:プレート)?|license_?plate",
    "text": r"内容|意見|要望|経緯|経過|対応|処理|備考|概要|件名|記録|摘要|状況|メモ|自由記述|記述|様子|所見|発言|詳細|特記(?:事項)?|感想|回答|コメント|理由|主訴|message|comment|note|remarks?|memo|text|body|log",
    "number": _NUMBER,
}  # fmt: skip
# Whose it is; of several words the last one counts, so 施設利用者 is a person and 利用者支援施設 is not.
_OWNERS: dict[str, str] = {
    "site": r"施設|(?<!被)保険者|事業所|営業所|店舗?|商号|屋号|園(?![児長])|校(?![長区])|[館](?!長)|会(?:社|場|館|議)|法人|団体|組合|協会|医療機関|病院|医院|診療所|薬局|銀行|金融機関|支店|窓口|事務局|問い?合わ?せ先?|代表(?!者)|(?:受託|委託|落札|請負|受注|発注|施工|納入|供給|販売|製造)(?:者|先|業者)?|"
    r"担当(?:課|部|係|室|局|所)|所管課?|[課部局](?![長員])|センター|委員会|自治会(?!長)|町内会(?!長)|協議会|保護者会|職員課|児童(?:館|センター|相談所|クラブ|遊園|福祉|数)|企業|事業者|業者|主催者?|共催者?|後援者?|指定管理者|"
    r"搬送先|イベント|名称|facility|shop|company|office|school|store|venue|site|event|会員数|利用者(?:支援|数)",
    "thing": r"犬の?名前?|ペットの?名前?|[品種件書商題地町駅車]名|動物|個体|愛称|路線|道路|橋|公園|作品|機器|サーバ|バージョン|version|server|hostname|宛先IP|者数|人[数口員件権事気工材]|定員|員数|児童数|生徒数",
    "office": r"議員|首長|(?:副?[市区町村])長|知事|教育長|候補者",
    "author": r"著者|共著者|作者|作家|訳者|編者|著作者|画家|監督|出演者?|作曲者?|作詞者?|原作者?|演奏者?|指揮者?|制作者|制作|設計者?|author|artist",
    "role": r"代表者|代表取締役|営業者|開設者|管理者|設置者|経営者|運営者|責任者|担当者?|理事長|院長|[施館園校所会店署局部課係]長|薬剤師|許可者|所有者等?|所有|地権者|管理人|民生委員|講師|事業主|運転者|登録販売者|顧問|representative|establisher|"
    r"contact_?(?:person|name)|person_in_charge|owner|確認者|記入者|撮影者|相談員|調査員|操作者|オペレーター?",
    "person": r"世帯[主員]|飼い?主|[借貸家地施船荷株喪]主|建築主|経営主|宛名|受取|差出|本人|(?:送[付り]|お?届け?|請求|督促|支払い?|寄[附付]|回答)先|宅|緊急|緊急時|お客様?|顧客|選手|妊婦|産婦|遺族|故人|ドライバー|メンバー|スタッフ|ボランティア|キーパーソン|"
    r"保護者|父母?|母親?|両親|子ども|こども|子供|お子(?:さま|さん|様)?|[長次三][男女]|[夫妻孫甥姪]|家族|親族|兄弟?|姉妹?|弟|妹|(?:児童|園児|幼児|乳児|[一-龥]児)(?!科)|生徒|[講修習学業留塾]生|(?:住|区|市|都|村|町)民|(?<=[一-龥])(?:者|(?<![幅定動人満総])員)(?!数)|(?<=[一-龥])人(?![口数員件権事気工材])|"
    r"applicant|guardian|patient|student|customer|member|resident|attendee|participant|your|parent|child|emergency|tenant|home|personal|holder",
}  # fmt: skip
_TAIL = r"(?:[\d_\-.:;*※・/]|\([^)]*\)|[等欄]|など|情報|の方|(?:[をは][^。]{0,12})?(?:ください|下さい|ますか|教えて)|(?:の|ご)*(?:記入|入力))*$"
_ENDS = {
    matter: re.compile(rf"(?<![a-z])(?:{words}){_TAIL}", re.IGNORECASE)
    for matter, words in _MATTERS.items()
}  # fmt: skip
_OWNER = re.compile("|".join(f"(?P<{whose}>{words})" for whose, words in _OWNERS.items()), re.IGNORECASE)
_NAMES = re.compile(
    rf"(?<![a-z])(?:名義人?|お?なまえ|氏名(?:[又ま]たは名称|・名称)?|お?名前|姓名|ご?芳名|フルネーム|(?:your|full|customer|user|person)[-_]?name|ローマ字|{'|'.join(_OWNERS[whose] for whose in ('role', 'office', 'author', 'person'))})(?:[のｰ_\- ]?(?:氏?名|お?名前|name)|様|さん|住所氏名)?{_TAIL}",
    re.IGNORECASE,
)
_BARE_NAME = re.compile(r"^name(?:_?\(.*\))?$|^名前$", re.IGNORECASE)
_COUNTED = re.compile(r"(?:数|率|割合|件数|合計|総計|[金総月日年]?額|人口|面積|指数|時間|有無|可否|確認)(?:\(.*\))?$")
_EARNS = re.compile(r"^(?:世帯|前年|本人|申告)*(?:年収|所得|収入)(?:金?額|月額)?$")
_HOLDER = re.compile(
    rf"(?:{_DOCUMENT})(?:の|_|[・･]?)(?:{_NUMBER}){_TAIL}|"
    rf"(?:在留カード|パスポート|旅券|診察券|接種券|受診券|保険証|免許証|会員証|利用者?証|図書(?:館)?カード){_TAIL}",
    re.IGNORECASE,
)
_CASES = re.compile(
    r"受付[日番簿]|訪問日|面談日|聞き?取り|受付年月日|受付日時|相談|苦情|陳情|要望|通報|申出|対応状況|処理状況|折衝|応対|着信|お?問い?合わ?せ内容|ご?意見|message|拾得"
)
_COUNCIL = re.compile(
    r"議席|会派|当選回数|当選期|期数|得票|党派|政党|任期|就任|退任|委嘱|[新旧]職|[新旧]所属|発令|選出区分|公職"
)
_ELECTION = re.compile(r"歴代|議員|議席|立候補|候補者|選挙(?!人)|(?<!民生)(?<!児童)委員(?!会)|人事異動|公職")
_PUBLIC_NUMBER = re.compile(
    r"法人|団体|市区?町村|自治体|郵便|施設|事業所|店舗?|学校|支店|金融|銀行|会計|税目|税率|消費税|証明書交付|防犯"
)


@dataclass(frozen=True, slots=True)
class Header:
    """A column's name read: `key` without spaces for looks, in common width; what stands there, and whose it is."""

    key: str
    matter: Matter
    whose: Whose
    holder: bool

    @property
    def named(self) -> bool:
        """Whether it says that names of persons, or of those who run something, stand there."""
        return self.matter == "name" and self.whose in ("person", "role")

    @property
    def phone(self) -> bool:
        """Whether it says that telephones stand there."""
        return self.matter in ("phone", "mobile")

    @property
    def born(self) -> bool:
        """Whether it says that days of birth or parts of them stand there."""
        return self.matter in ("birth", "birth_year", "birth_part")

    @property
    def is_private(self) -> bool:
        """Whether its values are about one person whatever they look like."""
        if self.born or self.matter in ("my_number", "mobile", "home"):
            return self.whose not in ("site", "thing")
        if self.matter == "number":
            return self.holder
        return self.whose == "person" and self.matter in ("name", "reading", "address", "phone", "account", "mail")


def key_of(name: str) -> str:
    """Return a column's name as names are compared: “氏　名” as 氏名, “Contact person” as Contact_person."""
    return _SPACE.sub("_", _LOOKS.sub("", unicodedata.normalize("NFKC", name).strip()))


@lru_cache(maxsize=4_096)
def header_of(name: str) -> Header:
    """Return what a column's name says about persons."""
    key = _HUMP.sub("_", key_of(name))
    if _COUNTED.search(key) and not _EARNS.search(key):
        return Header(key, "", "thing", holder=False)
    matter, start = _matter_of(_PART_OF_DAY.sub("", key))
    if matter == "birth" and _PART_OF_DAY.search(key):
        matter = "birth_part"
    whose = ""
    for found in _OWNER.finditer(key):
        if matter in ("name", "") or found.start() < start or found.start() > key.find("(") > -1:
            whose = str(found.lastgroup)
    if matter == "name" and not whose:
        whose = "" if _BARE_NAME.search(key) else "person"
    holder = matter == "number" and not _PUBLIC_NUMBER.search(key) and (whose == "person" or bool(_HOLDER.search(key)))
    return Header(key, matter, whose, holder=holder)  # type: ignore[arg-type]  # the tables hold only the words of Matter and Whose


def _matter_of(key: str) -> tuple[Matter, int]:
    """Return what stands in a column and where the word that says so begins: the longest word that reaches to the end."""
    best: tuple[Matter, int] = ("", len(key))
    for matter, pattern in _ENDS.items():
        found = pattern.search(key)
        if found and found.start() < best[1]:
            best = (matter, found.start())  # type: ignore[assignment]  # the same: a key of the table of matters
    if best[0] in ("", "number", "text") and _HOLDER.search(key):
        return "number", len(key) - 1
    named = _NAMES.search(key) or _BARE_NAME.search(key)
    if named and (not best[0] or named.start() < best[1]) and best[0] != "reading":
        return "name", named.start()
    return best


def are_cases(names: Iterable[str]) -> bool:
    """Say whether the columns are those of cases that people brought: requests, complaints, consultations."""
    return any(_CASES.search(key_of(name)) for name in names)


def are_elected(names: Iterable[str], lines: Iterable[str] = ()) -> bool:
    """Say whether the columns are those of members of a council, candidates, or others whose offices are announced in public.

    One word is not enough: courses and clubs count 期数 and 得票 too. `lines` are what stands above the table and its sheet's name.
    """
    keys = [key_of(name) for name in names]
    words = {"任期" if word in ("就任", "退任") else word for key in keys for word in _COUNCIL.findall(key)}
    return len(words) >= 2 or (bool(words) and any(_ELECTION.search(text) for text in (*keys, *lines)))
