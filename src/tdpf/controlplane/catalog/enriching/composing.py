"""From a stated dataset to one description in the catalog's vocabularies; nothing a stranger writes makes it raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    taken = _Taken()
    told = _told(stated, taken)
    terms = taken.value(
        "licence",
        read_licence(
            stated.licence,
            stated.licence_name,
            stated.licence_url,
            rights=stated.rights,
            description=told.description,
            parts=[part.licence for part in stated.distributions],
        ),
    )
    rights, access = taken.value("access", read_access(stated.access_rights))
    taken.marked_by("licence", terms.code)
    taken.marked_by("access", access)
    first, last = taken.value(
        "period",
        read_period(
            stated.period_start,
            stated.period_end,
            stated.period_text,
            title=told.title,
            description=told.description,
            parts=[part.title for part in stated.distributions[:40]],
        ),
    )
    known = LICENCES.get(terms.code)
    made = Enriched(
        title_ja=told.title,
        title_en=told.title_en,
        description_ja=told.description or told.description_en,
        description_en=told.description_en,
        themes=taken.value(
            "themes",
            read_themes(stated.themes, title=told.title, keywords=told.keywords, description=told.description),
        ),
        keywords=told.keywords,
        licence=terms.code,
        licence_name=terms.name,
        licence_url=terms.url or (known.url if known else ""),
        rights=plain(stated.rights, 2000),
        access=access,
        access_rights=rights,
        attribution=clean(stated.attribution, 300),
        area_codes=taken.value("area_codes", _areas(stated, told, publisher_area)),
        period_start=first,
        period_end=last,
        update_frequency=taken.value(
            "update_frequency",
            told_frequency(stated.frequency, title=told.title, description=told.description or told.description_en),
        ),
        languages=taken.value("languages", read_languages(stated.languages, f"{told.title} {told.description[:500]}")),
        contact_name=clean(stated.contact_name, 200),
        contact_email=taken.checked(
            "contact_email", stated.contact_email, mail_address(stated.contact_email), _BAD_MAIL
        ),
        contact_url=taken.checked(
            "contact_url", stated.contact_url, web_address(stated.contact_url, 1000), _BAD_ADDRESS
        ),
        landing_url=taken.checked(
            "landing_url", stated.landing_url, web_address(stated.landing_url, 1000), _BAD_ADDRESS
        ),
        publisher_name=told.publisher,
        issued_at=taken.moment("issued", stated.issued),
        modified_at=taken.moment("modified", stated.modified),
        distributions=read_distributions(stated.distributions, taken.notes),
        inferred=taken.inferred,
        corrected=frozenset(),
        notes=(),
    )
    return _with_corrections(replace(made, notes=tuple(taken.notes[:200])), corrected)


@dataclass(slots=True)
class _Taken:
    """What readers noted and inferred while their values were taken."""

    notes: list[Note] = field(default_factory=list)
    inferred: dict[str, Inferred] = field(default_factory=dict)

    def value(self, name: str, reading: Reading[Any]) -> Any:
        """Take a reading: its value, with its notes and the mark of what was inferred."""
        self.notes.extend(reading.notes)
        mark = reading.inferred
        if mark is not None and reading.value not in ((), "", None):
            self.inferred[name] = mark
        return reading.value

    def marked_by(self, name: str, value: Any) -> None:
        """Let a mark stand beside the field's own value, where its reader answers with more."""
        if name in self.inferred:
            self.inferred[name] = replace(self.inferred[name], value=value)

    def checked(self, name: str, stated: str, value: str, reason: Text) -> str:
        """Take what came of a stated text; nothing is noted with the reason."""
        if stated.strip() and not value:
            self.notes.append(Note(field=name, stated=stated[:2000], reason=reason))
        return value

    def moment(self, name: str, stated: str) -> datetime | None:
        """Take a stated moment; one that cannot be read is noted."""
        if not stated.strip():
            return None
        found = moment_of(stated[:200])
        if found is None:
            self.notes.append(Note(field=name, stated=stated[:2000], reason=_BAD_DATE))
        return found


@dataclass(frozen=True, slots=True)
class _Told:
    """The words of a description, tidied: what the other fields are read from."""

    title: str
    title_en: str
    description: str
    description_en: str
    publisher: str
    keywords: tuple[str, ...]


def _told(stated: StatedDataset, taken: _Taken) -> _Told:
    title, title_en = clean(stated.title, MAX_TITLE), clean(stated.title_en, MAX_TITLE)
    if not title:
        title = title_en or clean(stated.record_id, MAX_TITLE) or "（題名なし）"
        taken.inferred["title_ja"] = Inferred(value=title, reason=_UNTITLED, method="fallback")
    if not title_en and by_script(title) == "en":
        title_en = title
    return _Told(
        title,
        title_en,
        plain(stated.description, MAX_DESCRIPTION),
        plain(stated.description_en, MAX_DESCRIPTION),
        clean(stated.publisher_name, 300) or clean(stated.creator_name, 300),
        tidy_keywords(stated.keywords),
    )


def _areas(stated: StatedDataset, told: _Told, publisher_area: str) -> Reading[Any]:
    return read_areas(
        stated.spatial,
        title=told.title,
        description=told.description,
        publisher=f"{told.publisher} {clean(stated.publisher_name_en, 300)}".strip(),
        publisher_area=publisher_area,
    )


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
