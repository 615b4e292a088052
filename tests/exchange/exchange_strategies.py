"""Hypothesis strategies for terms that hold together."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from tdpf.controlplane.exchange.types import (
    Approval,
    Attribution,
    Audience,
    Disclosure,
    InformationManagement,
    Purpose,
    RatePlan,
    Redistribution,
    Region,
    SecondaryUse,
)

DAYS = st.dates(date(2020, 1, 1), date(2100, 12, 31))
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")), min_size=1, max_size=40
).filter(lambda text: text.strip() == text)


@st.composite
def open_fields(draw: st.DrawFn) -> dict[str, object]:
    """Fields of open terms as a form gives them."""
    attribution = draw(st.sampled_from(Attribution))
    return {
        "access": "open",
        "attribution": attribution.value,
        "attribution_text": draw(WORDS | st.just("")) if attribution is Attribution.REQUIRED else "",
        "rate_plan": draw(st.sampled_from(RatePlan)).value,
        "notice_days": draw(st.integers(1, 730)),
        "columns": draw(st.lists(WORDS, max_size=5)),
        "notices_ja": draw(WORDS | st.just("")),
    }


@st.composite
def conditional_fields(draw: st.DrawFn) -> dict[str, object]:
    """Fields of conditional terms as a form gives them."""
    kinds = [one for one in Audience if one not in (Audience.ANYONE, Audience.MEMBERS, Audience.ORGANIZATIONS)]
    audience = draw(
        st.sampled_from([[Audience.MEMBERS], [Audience.ORGANIZATIONS]])
        | st.lists(st.sampled_from(kinds), min_size=1, unique=True)
    )
    named = [one for one in Purpose if one is not Purpose.ANY]
    purposes = draw(st.just([Purpose.ANY]) | st.lists(st.sampled_from(named), min_size=1, unique=True))
    places = [one for one in Region if one is not Region.ANY]
    regions = draw(st.just([Region.ANY]) | st.lists(st.sampled_from(places), min_size=1, unique=True))
    start, end = draw(st.none() | DAYS), draw(st.none() | DAYS)
    if start and end and end < start:
        start, end = end, start
    day, month = sorted((draw(st.integers(0, 10**6)), draw(st.integers(0, 10**9))))
    confidential = draw(st.booleans())
    disclosure = draw(st.sampled_from(Disclosure))
    limited = confidential or disclosure is not Disclosure.ANY
    passing_on = [one for one in Redistribution if not (limited and one is Redistribution.ALLOWED)]
    attribution = draw(st.sampled_from(Attribution))
    management = draw(st.sampled_from(InformationManagement))
    return {
        "access": "conditional",
        "audience": [one.value for one in audience],
        "purposes": [one.value for one in purposes],
        "purposes_note": draw(WORDS) if Purpose.OTHER in purposes else "",
        "regions": [one.value for one in regions],
        "regions_note": draw(WORDS) if Region.OTHER in regions else "",
        "period_start": start.isoformat() if start else "",
        "period_end": end.isoformat() if end else "",
        "period_months": draw(st.integers(0, 1200)),
        "redistribution": draw(st.sampled_from(passing_on)).value,
        "secondary_use": draw(st.sampled_from(SecondaryUse)).value,
        "disclosure": disclosure.value,
        "attribution": attribution.value,
        "attribution_text": draw(WORDS | st.just("")) if attribution is Attribution.REQUIRED else "",
        "quota_day": str(day),
        "quota_month": month if day else 0,
        "rate_plan": draw(st.sampled_from(RatePlan)).value,
        "approval": "reviewed" if Purpose.CONSULT in purposes else draw(st.sampled_from(Approval)).value,
        "notice_days": draw(st.integers(1, 730)),
        "information_management": management.value,
        "information_management_note": draw(WORDS) if management is not InformationManagement.NONE else "",
        "confidentiality": confidential,
        "columns": draw(st.lists(WORDS, max_size=5)),
        "notices_en": draw(WORDS | st.just("")),
    }


ANY_FIELDS = open_fields() | conditional_fields()
