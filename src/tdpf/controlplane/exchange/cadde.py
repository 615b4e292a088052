"""Terms as the trading-policy fields of CADDE's catalogue (データカタログ項目仕様 v4, names as CKAN extras)."""

from __future__ import annotations

from datetime import date

from tdpf.controlplane.exchange.types import Access, Disclosure, Purpose, Region, Terms
from tdpf.controlplane.exchange.words import clauses
from tdpf.kit.hashing import canonical_json

_PURPOSES = {
    Purpose.ANY: "制限なし",
    Purpose.PUBLIC: "公共利用",
    Purpose.RESEARCH: "研究利用",
    Purpose.EDUCATION: "教育利用",
    Purpose.COMMERCIAL: "商用利用",
    Purpose.MEDICAL: "医業利用",
    Purpose.DISASTER: "その他(防災・災害対応)",
    Purpose.CONSULT: "個別調整",
}
_DISCLOSURES = {
    Disclosure.ANY: "制限なし",
    Disclosure.GROUP: "グループ会社",
    Disclosure.COMPANY: "自社",
    Disclosure.DEPARTMENT: "自部門",
    Disclosure.STAFF: "担当者限り",
    Disclosure.CONSULT: "個別相談",
}
_REGIONS = {Region.ANY: "制限なし", Region.JAPAN: "日本", Region.TOKYO: "その他(東京都)"}
_DATA_CLASSES = {
    "non_personal": "非個人情報",
    "statistical": "非個人情報",
    "anonymously_processed": "匿名加工情報",
}
_WARRANTY = "その他(個人情報・個人データを含まないこと、プライバシー・名誉等の権利を侵害しないこと、取得時に必要な同意を得ていること、付した情報が正しいこと)"


def _inside(note: str) -> str:
    """Keep a free text inside one comma-separated, parenthesised value."""
    return note.replace(",", "、").replace("(", "（").replace(")", "）").replace("\n", " ")


def _usage_period(terms: Terms) -> dict[str, object]:
    if terms.period_end is not None and not terms.period_months:
        return {"expirationPeriodType": "endDate", "endDate": terms.period_end.isoformat()}
    if terms.period_months and terms.period_end is None:
        span = {"referenceDate": "purchasedDay", "value": str(terms.period_months), "unit": "month"}
        return {"expirationPeriodType": "period", "period": span}
    said = next(clause.sentence.ja for clause in clauses(terms) if clause.field == "period")
    return {"expirationPeriodType": "note", "note": said}


def _data_period(start: date | None, end: date | None) -> dict[str, object]:
    if start is None and end is None:
        return {"effectivePeriodOfDataType": "note", "note": "データセットの説明を参照"}
    days = {"startDate": start.isoformat() if start else "", "endDate": end.isoformat() if end else ""}
    return {"effectivePeriodOfDataType": "startEndDate", "date": days}


def trading_policy(
    terms: Terms, *, data_class: str, period_start: date | None = None, period_end: date | None = None
) -> dict[str, str]:
    """Return the trading-policy fields, name → value; several choices are separated by commas, as CADDE's tools do.

    `data_class` is the catalogue's data class; `period_…` the time the data speak of. Structured values are JSON.
    """
    purposes = [
        f"その他({_inside(terms.purposes_note)})" if code is Purpose.OTHER else _PURPOSES[code]
        for code in terms.purposes
    ]
    regions = [
        f"その他({_inside(terms.regions_note)})" if code is Region.OTHER else _REGIONS[code] for code in terms.regions
    ]
    told = (
        "redistribution",
        "secondary_use",
        "attribution",
        "information_management",
        "notice_days",
        "columns",
        "areas",
        "notices",
    )
    notices = [f"{c.heading.ja}: {c.sentence.ja}" for c in clauses(terms) if c.field in told]
    return {
        "access_rights": "公開" if terms.access is Access.OPEN else "制限あり",
        "caddec_contract_required": "notRequired" if terms.access is Access.OPEN else "required",
        "data_effective_period": canonical_json(_data_period(period_start, period_end)).decode(),
        "fee": "無償",
        "pricing_price_range": "0円",
        "privacy_policy_contains_personal_data": _DATA_CLASSES.get(data_class, f"その他({_inside(data_class)})"),
        "scope_of_disclosure": _DISCLOSURES[terms.disclosure],
        "terms_of_use_notices": "\n".join(notices),
        "terms_of_use_permissible_region": ",".join(regions),
        "trading_policy_contract_type": "利用許諾",
        "trading_policy_nda": "求める" if terms.confidentiality else "求めない",
        "trading_policy_use_application": ",".join(purposes),
        "usage_license_period": canonical_json(_usage_period(terms)).decode(),
        "warranty_express_warranty": _WARRANTY,
        "warranty_legal_compliance": "日本",
    }
