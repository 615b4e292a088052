"""What quality is measured on: plain facts that a page, or a description on its way into the catalog, both give.

Values that the platform worked out itself (推定) do not count: the measure speaks of what the source states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tdpf.controlplane.catalog.enriching.composing import enrich
from tdpf.controlplane.catalog.enriching.formats import format_code
from tdpf.controlplane.catalog.enriching.types import Enriched
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.licences import NOT_STATED


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityDistribution:
    """One distribution: `declared` is the format the source states (a code, "" when it does not), `format` the one it has.

    `link_state` is "unknown", "ok", "moved", "suspect" or "broken".
    """

    has_address: bool
    has_download: bool
    link_state: str
    declared: str
    format: str
    has_format_words: bool
    has_media_type: bool
    has_size: bool
    licence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityInput:
    """The facts of one dataset. `licence` is a code, "" or "not-stated" when there is none."""

    has_title: bool
    has_description: bool
    keywords: int
    has_theme: bool
    has_spatial: bool
    has_temporal: bool
    licence: str
    access_rights: str
    has_access_words: bool
    has_contact: bool
    has_publisher: bool
    has_rights: bool
    has_issued: bool
    has_modified: bool
    has_faults: bool
    distributions: tuple[QualityDistribution, ...]


def input_of_enriched(made: Enriched, link_states: Mapping[str, str] | None = None) -> QualityInput:
    """Return the facts of a harvested description; `link_states` are by the address of the distribution (its download)."""
    states = link_states or {}
    inferred = made.inferred
    return QualityInput(
        has_title="title_ja" not in inferred,
        has_description=bool(made.description_ja),
        keywords=len(made.keywords),
        has_theme=bool(made.themes) and "themes" not in inferred,
        has_spatial=bool(made.area_codes) and "area_codes" not in inferred,
        has_temporal=bool(made.period_start or made.period_end) and "period" not in inferred,
        licence=made.licence if inferred.get("licence") is None or inferred["licence"].method == "version" else "",
        access_rights=made.access_rights or ("PUBLIC" if "access" in made.corrected else ""),
        has_access_words=bool(made.access_rights) or "access" in made.corrected,
        has_contact=bool(made.contact_email or made.contact_url or made.contact_name),
        has_publisher=bool(made.publisher_name),
        has_rights=bool(made.rights),
        has_issued=made.issued_at is not None,
        has_modified=made.modified_at is not None,
        has_faults=any(note.field in _FAULTY for note in made.notes),
        distributions=tuple(
            QualityDistribution(
                has_address=True,
                has_download=bool(part.url),
                link_state=states.get(part.url or part.access_url, "unknown"),
                declared=_declared(part.stated_format, part.stated_media_type),
                format=part.format,
                has_format_words=bool(part.stated_format),
                has_media_type=bool(part.stated_media_type),
                has_size=part.size is not None,
                licence=part.licence,
            )
            for part in made.distributions
        ),
    )


def input_of_page(page: DatasetPage) -> QualityInput:
    """Return the facts of a dataset as its page has them; what the platform holds itself answers and is declared."""
    if page.stated is not None:
        corrected = {name: item.value for name, item in page.corrected.items()}
        made = enrich(page.stated, publisher_area=page.publisher_area, corrected=corrected)
        return input_of_enriched(made, {part.url: part.link_state for part in page.distributions})
    return QualityInput(
        has_title=True,
        has_description=bool(page.description.ja),
        keywords=len(page.keywords),
        has_theme=bool(page.themes),
        has_spatial=bool(page.area_codes),
        has_temporal=bool(page.period_start or page.period_end),
        licence=page.licence,
        access_rights="PUBLIC",
        has_access_words=True,
        has_contact=bool(page.contact_email or page.contact_url or page.contact_name),
        has_publisher=True,
        has_rights=bool(page.licence_text or page.attribution),
        has_issued=page.published_at is not None,
        has_modified=True,
        has_faults=False,
        distributions=tuple(_of_page(part) for part in page.distributions),
    )


_FAULTY = frozenset({"issued", "modified", "period_start", "period_end", "landing_url", "distributions.url"})


def _of_page(part: DistributionPage) -> QualityDistribution:
    held = part.holding == "held" or bool(part.place_mark)
    code = "CSV" if part.kind == "table" else part.format
    there = bool(part.place_mark) or (part.latest is not None if held else bool(part.url))
    return QualityDistribution(
        has_address=there,
        has_download=there,
        link_state=("ok" if there else "unknown") if held else part.link_state,
        declared=code if code in FORMATS and code != "OTHER" else "",
        format=code or "OTHER",
        has_format_words=bool(code),
        has_media_type=held or bool(part.media_type),
        has_size=part.size is not None or (part.latest is not None and part.latest.original_bytes > 0),
        licence=part.licence,
    )


def _declared(words: str, media_type: str) -> str:
    code = format_code(words) or (format_code(media_type) if media_type else "")
    return code if code in FORMATS and code != "OTHER" else ""


def effective_licence(facts: QualityInput, part: QualityDistribution | None) -> str:
    """Return the licence that holds for a distribution: its own, else the dataset's; "" when neither is stated."""
    own = part.licence if part is not None else ""
    for code in (own, facts.licence):
        if code and code != NOT_STATED:
            return code
    return ""
