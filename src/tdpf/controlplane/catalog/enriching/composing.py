"""From a stated dataset to one description in the catalog's vocabularies; nothing a stranger writes makes it raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tdpf.controlplane.catalog.enriching.access import read_access
from tdpf.controlplane.catalog.enriching.areas import read_areas
from tdpf.controlplane.catalog.enriching.correcting import corrected_values
from tdpf.controlplane.catalog.enriching.dates import moment_of
from tdpf.controlplane.catalog.enriching.distributions import read_distributions
from tdpf.controlplane.catalog.enriching.keywords import tidy_keywords
from tdpf.controlplane.catalog.enriching.languages import by_script, read_languages
from tdpf.controlplane.catalog.enriching.licences import read_licence
from tdpf.controlplane.catalog.enriching.periods import read_period
from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.rhythms import told_frequency
from tdpf.controlplane.catalog.enriching.texts import clean, mail_address, plain, web_address
from tdpf.controlplane.catalog.enriching.themes import read_themes
from tdpf.controlplane.catalog.enriching.types import Enriched, Note
from tdpf.controlplane.catalog.stated import Inferred, StatedDataset
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.kit.text import Text

MAX_TITLE, MAX_DESCRIPTION = 300, 20_000
_NO_CORRECTIONS: Mapping[str, object] = MappingProxyType({})
_UNTITLED = Text("題名の記載がないため", "No title is stated.")
_BAD_DATE = Text(
    "日付として読めません。そのままの言葉で残しました。", "This is not a date we can read; the words are kept."
)
_BAD_ADDRESS = Text("http(s) のURLではありません。", "This is not an http(s) address.")
_BAD_MAIL = Text("メールアドレスではありません。", "This is not a mail address.")


def enrich(
    stated: StatedDataset, *, publisher_area: str = "", corrected: Mapping[str, object] = _NO_CORRECTIONS
) -> Enriched:
    """Return the effective description: corrections win over stated values, stated over inferred ones.

    `publisher_area` is the local government code of the publisher or site, a hint. `corrected` holds values by field
    name of `Enriched`, as JSON: lists for tuples, ISO 8601 for days.
    """
    notes: list[Note] = []
    inferred: dict[str, Inferred] = {}

    def take(field: str, reading: Reading[Any]) -> Any:
        notes.extend(reading.notes)
        mark = reading.inferred
        if mark is not None and reading.value not in ((), "", None):
            inferred[field] = mark
        return reading.value

    title, title_en = clean(stated.title, MAX_TITLE), clean(stated.title_en, MAX_TITLE)
    description, description_en = (
        plain(stated.description, MAX_DESCRIPTION),
        plain(stated.description_en, MAX_DESCRIPTION),
    )
    if not title:
        title = title_en or clean(stated.record_id, MAX_TITLE) or "（題名なし）"
        inferred["title_ja"] = Inferred(value=title, reason=_UNTITLED, method="fallback")
    if not title_en and by_script(title) == "en":
        title_en = title
    publisher = clean(stated.publisher_name, 300) or clean(stated.creator_name, 300)
    keywords = tidy_keywords(stated.keywords)
    parts = [part.title for part in stated.distributions[:40]]
    terms = take(
        "licence",
        read_licence(
            stated.licence,
            stated.licence_name,
            stated.licence_url,
            rights=stated.rights,
            description=description,
            parts=[part.licence for part in stated.distributions],
        ),
    )
    rights, access = take("access", read_access(stated.access_rights))
    first, last = take(
        "period",
        read_period(
            stated.period_start,
            stated.period_end,
            stated.period_text,
            title=title,
            description=description,
            parts=parts,
        ),
    )
    known = LICENCES.get(terms.code)
    # Some readers answer with more than the field's own value; the mark stands beside the value alone.
    for field, value in (("licence", terms.code), ("access", access)):
        if field in inferred:
            inferred[field] = replace(inferred[field], value=value)
    made = Enriched(
        title_ja=title,
        title_en=title_en,
        description_ja=description or description_en,
        description_en=description_en,
        themes=take("themes", read_themes(stated.themes, title=title, keywords=keywords, description=description)),
        keywords=keywords,
        licence=terms.code,
        licence_name=terms.name,
        licence_url=terms.url or (known.url if known else ""),
        rights=plain(stated.rights, 2000),
        access=access,
        access_rights=rights,
        attribution=clean(stated.attribution, 300),
        area_codes=take(
            "area_codes",
            read_areas(
                stated.spatial,
                title=title,
                description=description,
                publisher=f"{publisher} {clean(stated.publisher_name_en, 300)}".strip(),
                publisher_area=publisher_area,
            ),
        ),
        period_start=first,
        period_end=last,
        update_frequency=take(
            "update_frequency",
            told_frequency(stated.frequency, title=title, description=description or description_en),
        ),
        languages=take("languages", read_languages(stated.languages, f"{title} {description[:500]}")),
        contact_name=clean(stated.contact_name, 200),
        contact_email=_checked(
            "contact_email", stated.contact_email, mail_address(stated.contact_email), _BAD_MAIL, notes
        ),
        contact_url=_checked(
            "contact_url", stated.contact_url, web_address(stated.contact_url, 1000), _BAD_ADDRESS, notes
        ),
        landing_url=_checked(
            "landing_url", stated.landing_url, web_address(stated.landing_url, 1000), _BAD_ADDRESS, notes
        ),
        publisher_name=publisher,
        issued_at=_moment("issued", stated.issued, notes),
        modified_at=_moment("modified", stated.modified, notes),
        distributions=read_distributions(stated.distributions, notes),
        inferred=inferred,
        corrected=frozenset(),
        notes=(),
    )
    return _with_corrections(replace(made, notes=tuple(notes[:200])), corrected)


def _with_corrections(made: Enriched, corrected: Mapping[str, object]) -> Enriched:
    if not corrected:
        return made
    values = corrected_values(corrected)
    gone = set(values) | ({"period"} if {"period_start", "period_end"} & set(values) else set())
    inferred = {field: mark for field, mark in made.inferred.items() if field not in gone}
    if "licence" in values and "licence_url" not in values and values["licence"] in LICENCES:
        values["licence_url"] = LICENCES[str(values["licence"])].url
        values.setdefault("licence_name", "")
    start, end = values.get("period_start", made.period_start), values.get("period_end", made.period_end)
    if start is not None and end is not None and start > end:
        values["period_start"], values["period_end"] = end, start
    return replace(made, **values, inferred=inferred, corrected=frozenset(values))


def _checked(field: str, stated: str, value: str, reason: Text, notes: list[Note]) -> str:
    if stated.strip() and not value:
        notes.append(Note(field=field, stated=stated[:2000], reason=reason))
    return value


def _moment(field: str, stated: str, notes: list[Note]) -> datetime | None:
    if not stated.strip():
        return None
    moment = moment_of(stated[:200])
    if moment is None:
        notes.append(Note(field=field, stated=stated[:2000], reason=_BAD_DATE))
    return moment
