"""The words of a finding: what was found in a column, and what follows from it."""

from __future__ import annotations

from typing import Literal

from tdpf.kit.text import Text

Certainty = Literal["confirmed", "doubtful", "clear"]

KINDS: dict[str, Text] = {
    "my_number": Text("マイナンバー（個人番号）", "My Number (individual number)"),
    "card_number": Text("クレジットカード番号", "payment card numbers"),
    "personal_number": Text("個人に割り当てられた番号", "numbers given to individuals"),
    "person_name": Text("個人の氏名", "names of persons"),
    "representative": Text("代表者・営業者などの氏名", "names of representatives"),
    "birth_date": Text("生年月日", "dates of birth"),
    "mobile_phone": Text("携帯電話番号", "mobile telephone numbers"),
    "phone": Text("電話番号", "telephone numbers"),
    "mail": Text("メールアドレス", "e-mail addresses"),
    "home_address": Text("自宅の住所", "home addresses"),
    "bank_account": Text("口座番号", "bank account numbers"),
    "free_text": Text("個人の氏名を含む文章", "sentences that name persons"),
    "small_cells": Text("1・2の小さな数（個人が分かるおそれのある統計）", "counts of 1 or 2 that may point at persons"),
    "account_name": Text("個人のSNSなどのアカウント", "accounts of persons at online services"),
    "health": Text(
        "個人の健康・障害・介護・生活の状態（要配慮個人情報）", "states of health, disability, care or need of persons"
    ),
    "attribute": Text("個人の年齢・国籍・職業・収入など", "ages, nationalities, occupations or incomes of persons"),
    "network": Text("通信元のIPアドレス", "internet addresses of senders"),
    "vehicle": Text("自動車の登録番号", "registration numbers of vehicles"),
    "register": Text("法令で公表される事業者の氏名", "names of operators that the law makes public"),
    "office": Text("公職にある人の氏名", "names of people in public office"),
    "author": Text("作者・出演者の氏名", "names of makers and performers"),
}
VERDICTS: dict[Certainty, Text] = {
    "confirmed": Text(
        "「{column}」に{kind}が {count} 件あります。この列を除くか、個人を特定できない形にしてから公開してください。",
        "“{column}” holds {count} {kind}. Remove the column or make it anonymous before publishing.",
    ),
    "doubtful": Text(
        "「{column}」に{kind}とみられる値が {count} 件あります。個人のものでないか、運営者が確認します。",
        "“{column}” holds {count} values that look like {kind}. The operator checks whether they belong to individuals.",
    ),
    "clear": Text(
        "「{column}」の{kind} {count} 件は、施設や団体の連絡先とみられます。",
        "The {count} {kind} in “{column}” look like contacts of facilities or organisations.",
    ),
}
PUBLIC: dict[str, Text] = {
    "register": Text(
        "「{column}」の氏名 {count} 件は、許可・指定などの名簿で法令により公表される事業者のものとみられます。表明保証に記録します。",
        "The {count} names in “{column}” look like those of operators in a register that the law makes public; the warranty records it.",
    ),
    "office": Text(
        "「{column}」の氏名 {count} 件は、公職にある人（議員・首長・候補者など）のものとみられます。表明保証に記録します。",
        "The {count} names in “{column}” look like those of people in public office; the warranty records it.",
    ),
    "author": Text(
        "「{column}」の氏名 {count} 件は、作品とともに公表されている作者・出演者のものとみられます。表明保証に記録します。",
        "The {count} names in “{column}” look like those of makers named with their works; the warranty records it.",
    ),
}

_DROP = Text(
    "列を除いてください。つながりが要るときは、個人と結び付かない通し番号に置き換えてください。",
    "Leave the column out; where rows must be told apart, put running numbers that lead to nobody in its place.",
)
_REACH = Text(
    "列を除くか、施設や担当課の代表の連絡先に置き換えてください。",
    "Leave the column out, or put the contact of the facility or department in its place.",
)
# How a finding is mended before publication, by its kind.
MENDS: dict[str, Text] = {
    "my_number": Text(
        "列を除いてください。マイナンバーは法律で定められた事務のほかでは提供できません。",
        "Leave the column out: the law lets My Numbers be handed on for the tasks it names only.",
    ),
    "card_number": _DROP,
    "personal_number": _DROP,
    "person_name": _DROP,
    "representative": Text(
        "公表が法令や本人の同意によるものか確かめ、そうでなければ法人名や屋号だけにしてください。",
        "Check that a law or their consent allows it; if not, keep the names of firms and shops only.",
    ),
    "birth_date": Text(
        "列を除くか、年代（60歳代など）に置き換えてください。",
        "Leave the column out, or give ages by decades in its place.",
    ),
    "mobile_phone": _REACH,
    "phone": _REACH,
    "mail": _REACH,
    "home_address": Text(
        "町名や地区までに縮めるか、列を除いてください。",
        "Cut addresses down to the town or district, or leave the column out.",
    ),
    "bank_account": _DROP,
    "free_text": Text(
        "文章から氏名や連絡先を消すか、列を除き、内容の分類だけを残してください。",
        "Take names and contacts out of the sentences, or leave the column out and keep the kind of matter only.",
    ),
    "small_cells": Text(
        "3未満の数を「X」で伏せ、合計から逆算できないようにもう一か所伏せるか、区域をまとめてください。",
        "Hide counts below 3 behind an X, and one more so that totals do not give them away, or join areas.",
    ),
    "account_name": _DROP,
    "health": Text(
        "列を除くか、個人ごとでなく人数の集計にしてください。",
        "Leave the column out, or publish counts of persons in place of rows of persons.",
    ),
    "attribute": Text(
        "列を除くか、年代や大きな区分にまとめてください。",
        "Leave the column out, or join its values into decades or broad classes.",
    ),
    "network": _DROP,
    "vehicle": _DROP,
}


def mend_of(kind: str) -> Text:
    """Return how a finding of a kind is mended before publication."""
    return MENDS.get(kind, _DROP)
