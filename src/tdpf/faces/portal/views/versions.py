"""Versions of a dataset: the page of one, and a new one with what it changes, the warranty for it, and its publication."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, Edition, VersionPage
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.types import OfferState
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation.types import Preview
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal import differences, rows
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.metadata import metadata_of
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.forms.provide import EditionForm, SignForm
from tdpf.faces.portal.standing import member_page, see_other, standing_of, wants_part
from tdpf.faces.portal.views.datasets import Download, downloads, rows_of
from tdpf.faces.portal.views.offers import offer_of, own_page


def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one version of a dataset's table: its rows, its columns, and what differs from the one before."""
    standing = standing_of(request)
    page, main = _with_versions(request, slug)
    quoted = _quoted(page, standing)
    shown = catalog.version_shown(main, number, columns=quoted)
    one = shown.version
    columns = rows.types_of(one.dictionary)
    question = rows.read_question(request.GET, columns)
    is_open = _is_open(page)
    has_rows = is_open and shown.in_reach and bool(columns)
    answer = rows_of(page, question, columns, standing, version=str(number)) if has_rows else None
    address = f"{settings.PUBLIC_URL}/data/collections/{page.slug}/items?version={number}"
    context = {
        "page": page,
        "version": one,
        "columns": columns,
        "question": question,
        "answer": answer,
        "answer_page": rows.page_of(answer, question) if answer else None,
        "is_open": is_open,
        "in_reach": shown.in_reach,
        "has_rows": has_rows,
        "address": address,
        "downloads": _downloads(page, one) if has_rows else [],
        "difference": differences.shown(one.diff, one.key_columns),
        "quotes": quoted is None or bool(quoted),
        "whole": reverse("version-differences", args=[page.slug, number]) if shown.comparable else "",
        "trail": [(_("さがす"), reverse("search")), (page.title.in_(page_language()), reverse("dataset", args=[page.slug])),
                  (_("第%(number)s版") % {"number": number}, "")],
    }  # fmt: skip
    response = render(
        request, "portal/dataset_rows.html" if wants_part(request) else "portal/dataset_version.html", context
    )
    response["Vary"] = "HX-Request"
    return response


def version_differences(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Return every row that differs from the version before, as far as who asks may see rows, as CSV."""
    page, main = _with_versions(request, slug)
    quoted = _quoted(page, standing_of(request))
    file = None
    if quoted is None or quoted:
        file = differences.as_file(
            lambda out, words: catalog.write_version_differences(main, number, out, columns=quoted, words=words),
            f"{page.slug}-{number}",
        )
    if file is None:
        raise PageNotFound(path=request.path)
    return file


def _with_versions(request: HttpRequest, slug: str) -> tuple[DatasetPage, str]:
    """Return a dataset's page and the uid of its table that has versions here."""
    page = catalog.dataset_page(slug, standing_of(request))
    if page.main is None or page.main.place_mark or page.main.kind != "table":
        raise PageNotFound(path=request.path)
    return page, page.main.uid


def _is_open(page: DatasetPage) -> bool:
    """Say whether anybody may read the rows now."""
    stopped = exchange.stopped_offer_of_dataset(page.uid)
    return page.access == "open" and page.state == "published" and stopped is None


def _quoted(page: DatasetPage, standing: Standing) -> Collection[str] | None:
    """Return the columns whose cells may be shown to who asks; None for all."""
    if standing.is_operator or page.provider.party_id in standing.roles:
        return None
    offer = exchange.offer_of_dataset(page.uid)
    if offer is None or not _is_open(page) or offer.terms.areas:
        return ()
    return offer.terms.columns or None


def _downloads(page: DatasetPage, one: VersionPage) -> list[Download]:
    """Return the downloads of a version of the main table: those of the latest, with its number."""
    tables = tuple(dataclasses.replace(entry, latest=one) for entry in page.distributions if entry == page.main)
    return [
        dataclasses.replace(entry, address=f"{entry.address}?version={one.number}")
        for entry in downloads(dataclasses.replace(page, distributions=tables))
    ]


@member_page
def new_version(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Compare a read file with the latest version, sign for it where the dataset is offered, and publish it."""
    standing = standing_of(request)
    page = own_page(request, slug)
    distribution = page.main
    if distribution is None:
        raise PageNotFound(path=request.path)
    preview = preparation.preview(uid, standing, distribution_uid=distribution.uid)
    offer = offer_of(request, page)
    offered = offer is not None and offer.state != OfferState.DRAFT
    warranty = exchange.warranty_in_force()
    edition = _edition(page, preview, preparation.get_upload(uid, standing).file_name)
    form = SignForm(
        request.POST or None, asks=offered, initial={"text_version": warranty.version, "text_sha256": warranty.sha256}
    )
    edition_form = EditionForm(request.POST or None, initial=dataclasses.asdict(edition))
    if request.method == "POST" and form.is_valid() and edition_form.is_valid():
        before = metadata_of(page)
        described = dataclasses.replace(before, **edition_form.given())
        with refusals_on(form):
            added = exchange_services.publish_version(
                actor=standing, upload_uid=uid, distribution_uid=distribution.uid,
                text_version=form.cleaned_data["text_version"], text_sha256=form.cleaned_data["text_sha256"],
                metadata=described if described != before else None,
            )  # fmt: skip
            if added.is_new:
                messages.success(request, _("第%(number)s版にしました。") % {"number": added.number})
            else:
                messages.info(request, _("最新の版とまったく同じ内容なので、新しい版は作りませんでした。"))
            return see_other(reverse("desk" if offered else "provide-terms", args=[page.slug]))
    before_columns = distribution.latest.columns if distribution.latest else ()
    difference = preparation.difference(uid, standing, distribution_uid=distribution.uid)
    context = {
        "page": page,
        "preview": preview,
        "latest": distribution.latest,
        "new_columns": [name for name in preview.columns if name not in before_columns] if before_columns else [],
        "gone_columns": [name for name in before_columns if name not in preview.columns],
        "difference": differences.shown(difference, preview.key_columns) if difference else None,
        "whole": reverse("new-version-differences", args=[page.slug, uid]),
        "agreements": exchange.agreements_of_dataset(page.uid, standing),
        "offered": offered,
        "warranty": warranty,
        "form": form,
        "edition_form": edition_form,
        "trail": [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (_("新しい版"), "")],
    }
    status = 422 if form.errors or edition_form.errors else 200
    return render(request, "portal/provide/new_version.html", context, status=status)


@member_page
def new_version_differences(request: HttpRequest, slug: str, uid: str) -> HttpResponseBase:
    """Return every row that a read file would change, as CSV."""
    standing = standing_of(request)
    page = own_page(request, slug)
    file = None
    if page.main is not None:
        distribution = page.main.uid
        file = differences.as_file(
            lambda out, words: preparation.write_difference(
                uid, standing, out, distribution_uid=distribution, words=words
            ),
            f"{page.slug}-new",
        )
    if file is None:
        raise PageNotFound(path=request.path)
    return file


def _edition(page: DatasetPage, preview: Preview, file_name: str) -> Edition:
    """Return the title and the period that the new file lets expect."""
    said, before = preview.metadata, metadata_of(page)
    return catalog.next_edition(
        title_ja=before.title_ja,
        title_en=before.title_en,
        period=(before.period_start, before.period_end),
        named=(str(said.get("title_ja") or ""), str(said.get("description_ja") or ""), file_name, preview.sheet),
        found=(_day(said.get("period_start")), _day(said.get("period_end"))),
    )


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
