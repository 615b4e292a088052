"""A dataset's public page, a provider's page, and terms for machines."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import RowsAnswer
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import OfferState, OfferView
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import OrganizationState, Standing
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.preparation import queries as preparation
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal import guesses, interest, rows, snippets
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import member_page, see_other, standing_of, wants_part
from tdpf.faces.portal.use import last_calls, used
from tdpf.kit import clock
from tdpf.kit.errors import problem_classes
from tdpf.kit.pages import Page

_MOST_EXCEL_ROWS = 100_000
_FILES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Download:
    """One download: what it is called, what it is good for, where it is."""

    name: str
    fits: str
    address: str


def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a dataset: get it, call it, see it, read its terms."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    if page.slug != slug:
        return _moved(reverse("dataset", args=[page.slug]))
    main = page.main
    columns = _columns(main)
    question = rows.read_question(request.GET, columns)
    stopped = exchange.stopped_offer_of_dataset(page.uid) if page.origin == "registered" else None
    is_open = page.access == "open" and page.state == "published" and stopped is None
    # Rows that stay with their provider are asked for when somebody looks at them, not by whoever opens the page.
    later = main is not None and bool(main.place_mark) and not (wants_part(request) or "rows" in request.GET)
    answer = rows_of(page, question, columns, standing) if is_open and columns and not later else None
    context: dict[str, object] = {
        "page": page,
        "main": main,
        "is_open": is_open,
        "stopped": stopped,
        "is_mine": page.provider.party_id in standing.roles,
        "is_broken": bool(page.distributions) and all(file.link_state == "broken" for file in page.distributions),
        "columns": columns,
        "dictionary": main.dictionary if columns and main else (),
        "rows_later": later,
        "question": question,
        "looked_through": question.column or rows.likely_column(columns),
        "answer": answer,
        "answer_page": rows.page_of(answer, question) if answer else None,
    }  # fmt: skip
    if wants_part(request):
        return render(request, "portal/dataset_rows.html", context)
    interest.note_dataset(request, page)
    offer = exchange.offer_of_dataset(page.uid)
    public_url = settings.PUBLIC_URL
    items = f"{public_url}/data/collections/{page.slug}/items"
    address = f"{public_url}/datasets/{page.slug}"
    source = catalog.cited_from(page, own=address)
    today = clock.jst_date(clock.now())
    console = _console(page, standing, is_open=is_open and bool(columns))
    sees = standing.is_operator or page.provider.party_id in standing.roles
    context |= {
        "offer": offer,
        "judged": _judged(page, standing),
        "words": exchange.terms_in_words(offer.terms, page_language()) if offer else [],
        "files": _files(request, page),
        "downloads": downloads(page) if is_open and page.origin == "registered" else [],
        "quality": catalog.quality_of(page, clock.now()),
        "mqa": catalog.mqa_of(page),
        "marks": guesses.marks_of(page),
        "languages": [catalog.label_of("languages", code) for code in page.languages],
        "may_correct": page.origin == "harvested" and sees,
        "versions": catalog.versions_of(main.uid) if main else (),
        "recipe": preparation.recipe_by_hash(main.latest.made_by.recipe_sha256, standing)
        if main and main.latest and main.latest.made_by
        else None,
        "voices": community.voices_of(page.uid, standing),
        "planned_changes": community.planned_changes_of(page.uid),
        "following": community.is_following(standing, page.uid) if standing.member_id else False,
        "followers": community.follower_count(page.uid),
        "calls": sum(day.calls for day in metering.use_of_dataset(page.number, today.replace(day=1), today)),
        "operations": access.operations_of(page, public_url),
        "streams": access.streams_of(page, public_url),
        "snippets": snippets.call(items, {"f": "json", "limit": "10"}, needs_key=page.access != "open"),
        "themes": [catalog.label_of("themes", code) for code in page.themes],
        "areas": [(code, catalog.area_label(code)) for code in page.area_codes],
        "frequency": catalog.label_of("frequencies", page.update_frequency),
        "licence": page.licence_name if page.licence == "custom" else catalog.label_of("licences", page.licence),
        "late": catalog.is_late(page, clock.now()),
        "citation": catalog.citation(page, url=source, used_on=today),
        "edited_citation": catalog.edited_citation(page, url=source, used_on=today),
        "bibtex": catalog.bibtex(page, url=source, used_on=today),
        **console,
        "stopped_reason": stopped.suspension_reason if stopped and (sees or console["budgets"]) else "",
        "json_ld": script_json(catalog.schema_org(page, base_url=public_url)),
        "trail": [(_("さがす"), reverse("search")), (page.title.in_(page_language()), "")],
    }
    response = render(request, "portal/dataset.html", context)
    response["Vary"] = "HX-Request"
    return response


def _judged(page: DatasetPage, standing: Standing) -> list[OfferView]:
    """Return the offers that the operator who looks may stop or let stand again."""
    if not standing.is_operator:
        return []
    found = exchange.offers_of_dataset(page.uid, standing)
    return [offer for offer in found if offer.state not in (OfferState.DRAFT, OfferState.ENDED)]


def _console(page: DatasetPage, standing: Standing, *, is_open: bool) -> dict[str, object]:
    """Return what the API console shows a member: what is left under their agreements."""
    if standing.is_anonymous:
        return {"may_try": is_open, "budgets": []}
    held = exchange.agreements_to_use(page.uid, standing)
    budgets = [(one, *used(functools.partial(metering.use_of_agreement, one.number))) for one in held]
    return {"may_try": is_open or bool(budgets), "budgets": budgets}


@member_page
@never_cache
def calls(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the last calls of the member's own applications to a dataset; htmx gets the table alone."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    numbers = [one.number for one in access.list_applications(standing)]
    context = {
        "page": page,
        "calls": last_calls(numbers, dataset=page.number),
        "trail": [
            (_("さがす"), reverse("search")),
            (page.title.in_(page_language()), reverse("dataset", args=[page.slug])),
            (_("最後の呼び出し"), ""),
        ],
    }
    template = "portal/components/calls.html" if wants_part(request) else "portal/dataset_calls.html"
    return render(request, template, context)


def rows_of(
    page: DatasetPage, question: rows.Question, columns: Mapping[str, str], standing: Standing, *, version: str = ""
) -> RowsAnswer:
    """Return rows of open data; a stranger is refused as the gateway would when the operator wants an account for them."""
    if standing.is_anonymous and access.open_data_needs_account():
        return RowsAnswer(refused=problem_classes()["gateway/no-key"]().as_dict(page_language()))
    return rows.ask(page.slug, question, columns, version=version)


def _files(request: HttpRequest, page: DatasetPage) -> Page[DistributionPage]:
    """Return the files that are shown of a dataset elsewhere; its formats for programs name them all."""
    total, offset = len(page.distributions), offset_of(request)
    offset = offset if offset < total else 0
    return Page(page.distributions[offset : offset + _FILES_SHOWN], total=total, offset=offset, limit=_FILES_SHOWN)


def _moved(address: str) -> HttpResponse:
    response = see_other(address)
    response.status_code = 301
    return response


def _columns(main: DistributionPage | None) -> dict[str, str]:
    """Return the columns of the main table by name with their types."""
    return rows.types_of(main.dictionary) if main is not None and main.kind == "table" else {}


def script_json(document: Mapping[str, object]) -> SafeString:
    """Return JSON that cannot end the script element it stands in."""
    text = orjson.dumps(document).decode()
    return mark_safe(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S308  # < and & are escaped above


def downloads(page: DatasetPage) -> list[Download]:
    """Return the downloads of an open dataset, each named by what it is good for."""
    found: list[Download] = []
    for distribution in page.distributions:
        latest = distribution.latest
        if distribution.kind == "table" and latest:
            name = page.slug if distribution.name == "main" else f"{page.slug}.{distribution.name}"
            base = f"/data/files/{quote(page.slug)}/{quote(name)}"
            found += [
                Download(_("CSV（Excel用）"), _("Excelでそのまま開けます"), f"{base}-excel.csv"),
                Download("CSV (UTF-8)", _("プログラムや統計ソフト向け"), f"{base}.csv"),
            ]
            if latest.rows <= _MOST_EXCEL_ROWS:
                found.append(Download("Excel (XLSX)", _("10万行まで"), f"{base}.xlsx"))
            found.append(Download("JSON", _("ウェブのプログラム向け"), f"{base}.json"))
            if latest.located:
                found.append(Download("GeoJSON", _("地図のソフト向け"), f"{base}.geojson"))
            found.append(Download("Parquet", _("大きなデータの分析向け"), f"{base}.parquet"))
        elif distribution.place_mark:
            fits = _("提供者のもとへ、そのたびに問い合わせます")
            found += [Download(code, fits, path) for code, path in catalog.downloads(page, distribution, "")]
        elif distribution.kind in ("api", "stream"):
            continue
        elif distribution.holding == "connected":
            found.append(Download(_("提供者のサイト"), distribution.url, distribution.url))
        else:
            fits = distribution.title.in_(page_language()) or _("元のファイル")
            found += [Download(code, fits, path) for code, path in catalog.downloads(page, distribution, "")]
    return found


def open_file(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Send a visitor on to a file that stays with its provider; only addresses that the catalogue holds."""
    page = catalog.dataset_page(slug, standing_of(request))
    for distribution in page.distributions:
        if (
            distribution.name == name
            and distribution.url
            and distribution.holding == "connected"
            and distribution.kind != "api"
        ):
            interest.note_leaving(request, page)
            response = see_other(distribution.url)
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response
    raise PageNotFound(path=request.path)


def publisher(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who provides, and what."""
    standing = standing_of(request)
    party = members.get_party(slug)
    offset = offset_of(request)
    listed = catalog.list_datasets(provider_party_ids=[party.pk], offset=offset)
    organization = members.organization_of_party(party.pk)
    # Whoever asks to be a city, or was refused, has no page that says they are.
    if not listed.total and (organization is None or organization.state != OrganizationState.APPROVED):
        raise PageNotFound(path=request.path)
    context = {
        "party": party,
        "organization": organization,
        "quality": catalog.publisher_quality(party.pk),
        "page": listed,
        "sees_interest": standing.is_operator or party.pk in standing.roles,
        "trail": [(_("さがす"), reverse("search")), (party.name_ja, "")],
    }
    return render(request, "portal/publisher.html", context)


def _standing_offer(slug: str, request: HttpRequest) -> tuple[DatasetPage, OfferView]:
    page = catalog.dataset_page(slug, standing_of(request))
    offer = exchange.offer_of_dataset(page.uid)
    if offer is None:
        raise PageNotFound(path=request.path)
    return page, offer


def terms_odrl(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a dataset's terms as ODRL 2.2 in JSON-LD."""
    page, offer = _standing_offer(slug, request)
    base = settings.PUBLIC_URL
    document = exchange.terms_as_odrl(
        offer.terms, offer_iri=f"{base}/api/v1/offers/{offer.uid}/odrl", target_iri=f"{base}/datasets/{page.slug}",
        assigner_iri=f"{base}/publishers/{page.provider.slug}", vocabulary_iri=f"{base}/policies/terms#",
    )  # fmt: skip
    return HttpResponse(orjson.dumps(document), content_type="application/ld+json")


def terms_cadde(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a dataset's terms as CADDE's trading-policy fields."""
    page, offer = _standing_offer(slug, request)
    document = exchange.terms_as_cadde(offer.terms, data_class=page.data_class)
    return HttpResponse(orjson.dumps(document), content_type="application/json")
