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
