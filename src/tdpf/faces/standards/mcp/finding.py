"""Tools that find and describe datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage, SearchFilters
from tdpf.controlplane.exchange import queries as exchange
from tdpf.faces.standards.mcp.callers import Visitor
from tdpf.faces.standards.mcp.problems import NoSuchTable
from tdpf.kit import clock

Given = Mapping[str, Any]
Json = dict[str, Any]


def search_datasets(given: Given, visitor: Visitor) -> Json:
    """Search as the page does."""
    del visitor

    def chosen(name: str) -> tuple[str, ...]:
        return (given[name],) if given.get(name) else ()

    filters = SearchFilters(
        themes=chosen("theme"), areas=chosen("area"), formats=tuple(code.upper() for code in chosen("format")),
        access=chosen("access"), located=given.get("located"),
    )  # fmt: skip
    offset, limit = given.get("offset", 0), given.get("limit", 10)
    found = catalog.search(given.get("query", ""), filters=filters, offset=offset, limit=limit, facets=False)
    end = offset + len(found.hits)
    return {
        "total": found.total,
        "next_offset": end if end < found.reachable and found.hits else None,
        "suggestion": found.suggestion,
        "datasets": [
            {
                "dataset": hit.slug,
                "title": hit.title.ja,
                "title_en": hit.title.en,
                "description": hit.description.ja[:500],
                "publisher": hit.provider_name.ja,
                "access": hit.access,
                "licence": hit.licence,
                "formats": list(hit.formats),
                "located": hit.located,
                "modified": hit.modified_at.isoformat(),
                "inferred_fields": list(hit.inferred_fields),
                "url": f"{settings.PUBLIC_URL}/datasets/{hit.slug}",
            }
            for hit in found.hits
        ],
    }


def get_dataset(given: Given, visitor: Visitor) -> Json:
    """Return what a dataset's page says."""
    return described(page_of(given, visitor))


def described(page: DatasetPage) -> Json:
    """Return a dataset as an agent reads it."""
    base = settings.PUBLIC_URL
    return {
        "dataset": page.slug,
        "uid": page.uid,
        "title": page.title.ja,
        "title_en": page.title.en if page.title.en != page.title.ja else "",
        "description": page.description.ja,
        "description_en": page.description.en if page.description.en != page.description.ja else "",
        "publisher": page.provider.name.ja,
        "state": page.state,
        "access": page.access,
        "licence": page.licence,
        "licence_name": page.licence_name.ja,
        "licence_url": page.licence_url,
        "themes": [catalog.label_of("themes", code).ja for code in page.themes],
        "areas": [catalog.area_label(code).ja for code in page.area_codes[:50]],
        "keywords": list(page.keywords),
        "update_frequency": catalog.label_of("frequencies", page.update_frequency).ja,
        "period": [page.period_start.isoformat() if page.period_start else None,
                   page.period_end.isoformat() if page.period_end else None],
        "modified": page.modified_at.isoformat(),
        "origin": page.origin,
        "inferred": catalog.inference_notes(page),
        "listed_at": [{"site": place.site_name.ja, "url": place.url} for place in page.places if place.gone_at is None],
        "tables": [
            {
                "table": distribution.name,
                "title": distribution.title.ja,
                "rows": distribution.latest.rows,
                "columns": list(distribution.latest.columns),
                "located": distribution.latest.located,
            }
            for distribution in page.distributions
            if distribution.kind == "table" and distribution.latest
        ],
        "downloads": [
            {"format": code, "url": url, "link_state": distribution.link_state}
            for distribution in page.distributions
            for code, url in catalog.whole_files(page, distribution, base)
        ],
        "url": f"{base}/datasets/{page.slug}",
    }  # fmt: skip


def describe_columns(given: Given, visitor: Visitor) -> Json:
    """Return the columns of one table."""
    page = page_of(given, visitor)
    table = table_of(page, given.get("table", "main"))
    assert table.latest is not None
    return {
        "dataset": page.slug,
        "table": table.name,
        "rows": table.latest.rows,
        "version": table.latest.number,
        "located": table.latest.located,
        "key_columns": list(table.latest.key_columns),
        "columns": [
            {
                "name": str(entry["name"]),
                "type": str(entry.get("type") or "string"),
                "title": str(entry.get("title") or ""),
                "description": str(entry.get("description") or ""),
                "unit": str(entry.get("unit") or ""),
            }
            for entry in table.latest.dictionary
        ],
    }


def get_quality(given: Given, visitor: Visitor) -> Json:
    """Return how good a dataset's description is, and what would mend it."""
    page = page_of(given, visitor)
    measure = catalog.mqa_of(page)
    return {
        "dataset": page.slug,
        "points": measure.points.points,
        "of": measure.whole,
        "band": measure.band.en,
        "stars": measure.points.stars,
        "dimensions": [
            {"dimension": part.label.en, "points": part.points, "of": part.whole} for part in measure.dimensions
        ],
        "missing": [
            {"title": fact.title.in_(visitor.language), "reason": fact.reason.in_(visitor.language),
             "cure": fact.cure.in_(visitor.language)}
            for fact in measure.worst[:20]
        ],
        "links_broken": sum(part.link_state == "broken" for part in page.distributions),
    }  # fmt: skip


def get_terms(given: Given, visitor: Visitor) -> Json:
    """Return under which terms a dataset may be used, in plain words."""
    page = page_of(given, visitor)
    offer = exchange.offer_of_dataset(page.uid)
    clauses = exchange.terms_in_words(offer.terms, visitor.language) if offer else []
    base = f"{settings.PUBLIC_URL}/datasets/{page.slug}"
    return {
        "dataset": page.slug,
        "access": page.access,
        "licence": page.licence,
        "licence_name": page.licence_name.in_(visitor.language),
        "licence_url": page.licence_url,
        "attribution": page.attribution or page.provider.name.ja,
        "clauses": [{"heading": heading, "sentence": sentence} for heading, sentence in clauses],
        "odrl": f"{base}/terms.odrl.jsonld" if offer else "",
        "apply": "" if page.access == "open" else f"{base}/apply",
    }


def cite(given: Given, visitor: Visitor) -> Json:
    """Return the words to put beside the data."""
    page = page_of(given, visitor)
    address = catalog.cited_from(page, own=f"{settings.PUBLIC_URL}/datasets/{page.slug}")
    today = clock.jst_date(clock.now())
    citation = catalog.citation(page, url=address, used_on=today)
    edited = catalog.edited_citation(page, url=address, used_on=today)
    return {
        "dataset": page.slug,
        "citation": citation.ja,
        "citation_en": citation.en,
        "when_edited": edited.ja,
        "when_edited_en": edited.en,
        "bibtex": catalog.bibtex(page, url=address, used_on=today),
    }


def page_of(given: Given, visitor: Visitor) -> DatasetPage:
    """Return the dataset that the argument `dataset` names, by slug or uid; raises DatasetUnknown."""
    return catalog.dataset_page(str(given["dataset"]).replace("\0", ""), visitor.standing)


def table_of(page: DatasetPage, name: str) -> DistributionPage:
    """Return a table of a dataset; `main` is its first when none has the name. Raises NoSuchTable."""
    tables = [one for one in page.distributions if one.kind == "table" and one.latest is not None]
    named = [one for one in tables if one.name == name] or (tables[:1] if name == "main" else [])
    if not named:
        raise NoSuchTable(dataset=page.slug, table=name[:80], tables=", ".join(one.name for one in tables) or "—")
    return named[0]
