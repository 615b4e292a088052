"""What each code of the terms means, in words a resident understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tdpf.controlplane.exchange.types import (
    Access,
    Approval,
    Attribution,
    Audience,
    Disclosure,
    InformationManagement,
    Price,
    Purpose,
    RatePlan,
    Redistribution,
    Region,
    SecondaryUse,
)
from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code's short label, and the sentence it stands for in the terms."""

    label: Text
    sentence: Text


ACCESS: Mapping[Access, Meaning] = {
    Access.OPEN: Meaning(
        Text("オープン", "Open"),
        Text(
            "だれでも、申込みなしに、すぐ使えます。",
            "Anyone can use the data at once, without applying.",
        ),
    ),
    Access.CONDITIONAL: Meaning(
        Text("条件付き", "Conditional"),
        Text(
            "使う前に申込みが要ります。提供者と約定を結ぶと使えます。",
            "You apply before using the data, and may use them once an agreement with the provider is sealed.",
        ),
    ),
}

AUDIENCE: Mapping[Audience, Meaning] = {
    Audience.ANYONE: Meaning(Text("だれでも", "Anyone"), Text("だれでも使えます。", "Anyone may use the data.")),
    Audience.MEMBERS: Meaning(
        Text("会員（個人・団体）", "Members (people and organisations)"),
        Text("会員であれば、個人でも団体でも申し込めます。", "Every member may apply, person or organisation."),
    ),
    Audience.ORGANIZATIONS: Meaning(
        Text("審査済みの団体", "Reviewed organisations"),
        Text("運営者の審査を受けた団体が申し込めます。", "Organisations reviewed by the operator may apply."),
    ),
    Audience.MUNICIPALITIES: Meaning(
        Text("地方公共団体", "Local governments"), Text("地方公共団体が申し込めます。", "Local governments may apply.")
    ),
    Audience.NATIONAL_BODIES: Meaning(
        Text("国の機関", "National bodies"), Text("国の機関が申し込めます。", "National bodies may apply.")
    ),
    Audience.COMPANIES: Meaning(Text("企業", "Companies"), Text("企業が申し込めます。", "Companies may apply.")),
    Audience.UNIVERSITIES: Meaning(
        Text("大学・研究機関", "Universities"), Text("大学・研究機関が申し込めます。", "Universities may apply.")
    ),
    Audience.NPOS: Meaning(Text("NPO", "NPOs"), Text("NPOが申し込めます。", "NPOs may apply.")),
}

PURPOSE: Mapping[Purpose, Meaning] = {
    Purpose.ANY: Meaning(
        Text("制限なし", "No restriction"),
        Text("目的を問わず使えます。", "The data may be used for any purpose."),
    ),
    Purpose.PUBLIC: Meaning(
        Text("公共サービス・まちづくり", "Public services and town planning"),
        Text("行政サービスや地域づくりに使えます。", "For public services and the making of towns."),
    ),
    Purpose.RESEARCH: Meaning(
        Text("調査・研究", "Research"), Text("調査や研究に使えます。", "For surveys and research.")
    ),
    Purpose.EDUCATION: Meaning(Text("教育", "Education"), Text("授業や学習に使えます。", "For teaching and learning.")),
    Purpose.COMMERCIAL: Meaning(
        Text("商用", "Commercial use"),
        Text("商品やサービスなど、営利の事業に使えます。", "For products and services made for profit."),
    ),
    Purpose.MEDICAL: Meaning(
        Text("医療・健康", "Medicine and health"), Text("医療や健康づくりに使えます。", "For medicine and health.")
    ),
    Purpose.DISASTER: Meaning(
        Text("防災・災害対応", "Disaster prevention and response"),
        Text("防災や災害への対応に使えます。", "For preventing and answering disasters."),
    ),
    Purpose.CONSULT: Meaning(
        Text("個別に相談", "To be discussed"),
        Text(
            "使える目的は、申込みのときに提供者と相談して決めます。",
            "The purpose is settled with the provider when you apply.",
        ),
    ),
    Purpose.OTHER: Meaning(Text("その他", "Other"), Text("次の目的に使えます。", "For the following purpose.")),
}

REGION: Mapping[Region, Meaning] = {
    Region.ANY: Meaning(
        Text("制限なし", "No restriction"), Text("どこででも使えます。", "The data may be used anywhere.")
    ),
    Region.JAPAN: Meaning(Text("日本国内", "Japan"), Text("日本国内で使えます。", "The data may be used in Japan.")),
    Region.TOKYO: Meaning(Text("東京都内", "Tokyo"), Text("東京都内で使えます。", "The data may be used in Tokyo.")),
    Region.OTHER: Meaning(
        Text("その他", "Other"), Text("次の地域で使えます。", "The data may be used in the following region.")
    ),
}

REDISTRIBUTION: Mapping[Redistribution, Meaning] = {
    Redistribution.ALLOWED: Meaning(
        Text("できる", "Allowed"),
        Text("データをそのまま他の人に渡せます。", "You may pass the data on to others as they are."),
    ),
    Redistribution.CONSULT: Meaning(
        Text("提供者の同意が必要", "With the provider's consent"),
        Text(
            "データをそのまま他の人に渡すときは、先に提供者の同意を得てください。",
            "Ask the provider for consent before you pass the data on to others as they are.",
        ),
    ),
    Redistribution.FORBIDDEN: Meaning(
        Text("できない", "Not allowed"),
        Text("データをそのまま他の人に渡すことはできません。", "You may not pass the data on to others as they are."),
    ),
}

SECONDARY_USE: Mapping[SecondaryUse, Meaning] = {
    SecondaryUse.ALLOWED: Meaning(
        Text("できる", "Allowed"),
        Text(
            "データを加工したり組み合わせたりして作ったものを、公開したり提供したりできます。",
            "You may publish and share what you make by changing the data or combining them with others.",
        ),
    ),
    SecondaryUse.NONCOMMERCIAL: Meaning(
        Text("営利でなければできる", "Allowed if not for profit"),
        Text(
            "データを加工したり組み合わせたりして作ったものを、営利でない目的に限り、公開したり提供したりできます。",
            "You may publish and share what you make from the data as long as it is not for profit.",
        ),
    ),
    SecondaryUse.CONSULT: Meaning(
        Text("提供者の同意が必要", "With the provider's consent"),
        Text(
            "データから作ったものを公開したり提供したりするときは、先に提供者の同意を得てください。",
            "Ask the provider for consent before you publish or share what you make from the data.",
        ),
    ),
    SecondaryUse.FORBIDDEN: Meaning(
        Text("できない", "Not allowed"),
        Text(
            "データから作ったものを、公開したり提供したりすることはできません。自分の中での利用に限ります。",
            "You may not publish or share what you make from the data; it stays for your own use.",
        ),
    ),
}

DISCLOSURE: Mapping[Disclosure, Meaning] = {
    Disclosure.ANY: Meaning(
        Text("制限なし", "No restriction"),
        Text("データを見せる相手に制限はありません。", "The data may be shown to anyone."),
    ),
    Disclosure.GROUP: Meaning(
        Text("グループ会社まで", "Within the group of companies"),
        Text(
            "データを見てよいのは、利用者とそのグループ会社の人です。",
            "The data may be seen within your group of companies.",
        ),
    ),
    Disclosure.COMPANY: Meaning(
        Text("自団体まで", "Within the organisation"),
        Text("データを見てよいのは、利用者の団体の中の人です。", "The data may be seen within your organisation."),
    ),
    Disclosure.DEPARTMENT: Meaning(
        Text("自部門まで", "Within the department"),
        Text("データを見てよいのは、利用者の部門の中の人です。", "The data may be seen within your department."),
    ),
    Disclosure.STAFF: Meaning(
        Text("担当者限り", "Those in charge only"),
        Text("データを見てよいのは、担当者だけです。", "Only those in charge may see the data."),
    ),
    Disclosure.CONSULT: Meaning(
        Text("個別に相談", "To be discussed"),
        Text(
            "データを見てよい人の範囲は、提供者と相談して決めます。",
            "Who may see the data is settled with the provider.",
        ),
    ),
}

ATTRIBUTION: Mapping[Attribution, Meaning] = {
    Attribution.NONE: Meaning(
        Text("必要なし", "Not needed"), Text("出典の表示は必要ありません。", "You need not name the source.")
    ),
    Attribution.REQUIRED: Meaning(
        Text("必要", "Needed"),
        Text("使うときは、出典を表示してください。", "Name the source wherever you use the data."),
    ),
}

PRICE: Mapping[Price, Meaning] = {
    Price.FREE: Meaning(Text("無料", "Free of charge"), Text("料金はかかりません。", "The use is free of charge.")),
}

RATE_PLAN: Mapping[RatePlan, Meaning] = {
    plan: Meaning(
        Text(f"1秒に{calls}回まで", f"Up to {calls} {'call' if calls == 1 else 'calls'} a second"),
        Text(
            f"APIを呼べるのは、1秒に{calls}回までです。",
            f"The API may be called up to {calls} {'time' if calls == 1 else 'times'} a second.",
        ),
    )
    for plan, calls in ((plan, int(plan.value[1:])) for plan in RatePlan)
}

APPROVAL: Mapping[Approval, Meaning] = {
    Approval.AUTOMATIC: Meaning(
        Text("自動", "Automatic"),
        Text("条件に合う申込みは、その場で承諾されます。", "A request that fits the terms is accepted at once."),
    ),
    Approval.REVIEWED: Meaning(
        Text("提供者が確認", "Reviewed"),
        Text("申込みは、提供者が確かめてから答えます。", "The provider reads each request and answers it."),
    ),
}

INFORMATION_MANAGEMENT: Mapping[InformationManagement, Meaning] = {
    InformationManagement.NONE: Meaning(
        Text("求めない", "None asked"),
        Text(
            "データの管理について、特別な決まりはありません。", "No particular care is asked for in keeping the data."
        ),
    ),
    InformationManagement.BASIC: Meaning(
        Text("基本", "Basic"),
        Text(
            "管理する人を決め、関係のない人に見られないようにデータを管理してください。",
            "Name someone in charge and keep the data from those they do not concern.",
        ),
    ),
    InformationManagement.CONTROLLED: Meaning(
        Text("管理された環境", "Controlled"),
        Text(
            "使う人を限り、だれがいつ使ったかを記録し、使い終わったらデータを消してください。",
            "Limit who uses the data, record who used them and when, and erase them when you are done.",
        ),
    ),
    InformationManagement.STRICT: Meaning(
        Text("厳格な管理", "Strict"),
        Text(
            "使う人を限り、暗号化した場所でだけ扱い、利用の記録を残し、使い終わったら消して、消したことを提供者に知らせてください。",
            "Limit who uses the data, handle them only in encrypted places, keep records of use, erase them when you are done "
            "and tell the provider that you did.",
        ),
    ),
}


def _by_code(meanings: Iterable[tuple[StrEnum, Meaning]]) -> Mapping[str, Meaning]:
    return {code.value: meaning for code, meaning in meanings}


CODED_FIELDS: Mapping[str, Mapping[str, Meaning]] = {
    "access": _by_code(ACCESS.items()),
    "audience": _by_code(AUDIENCE.items()),
    "purposes": _by_code(PURPOSE.items()),
    "regions": _by_code(REGION.items()),
    "redistribution": _by_code(REDISTRIBUTION.items()),
    "secondary_use": _by_code(SECONDARY_USE.items()),
    "disclosure": _by_code(DISCLOSURE.items()),
    "attribution": _by_code(ATTRIBUTION.items()),
    "price": _by_code(PRICE.items()),
    "rate_plan": _by_code(RATE_PLAN.items()),
    "approval": _by_code(APPROVAL.items()),
    "information_management": _by_code(INFORMATION_MANAGEMENT.items()),
}

HEADINGS: Mapping[str, Text] = {
    "access": Text("使い方", "How to get the data"),
    "audience": Text("使える人", "Who may use them"),
    "purposes": Text("利用目的", "Purposes"),
    "regions": Text("利用地域", "Region"),
    "period": Text("利用期間", "Period"),
    "redistribution": Text("そのままの再配布", "Passing on"),
    "secondary_use": Text("二次利用", "Secondary use"),
    "disclosure": Text("見せてよい範囲", "Who may see them"),
    "attribution": Text("出典の表示", "Naming the source"),
    "price": Text("料金", "Price"),
    "quota": Text("利用できる量", "How much"),
    "approval": Text("申込みへの答え方", "How requests are answered"),
    "notice_days": Text("提供をやめるとき", "When the offer ends"),
    "information_management": Text("データの管理", "Keeping the data"),
    "confidentiality": Text("秘密保持", "Confidentiality"),
    "columns": Text("対象の項目", "Columns"),
    "areas": Text("対象の地域", "Areas"),
    "notices": Text("その他", "Notes"),
}
