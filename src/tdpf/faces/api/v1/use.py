"""Reading what was used: the same numbers for both sides, per JST day, as JSON or CSV."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import DayUse
from tdpf.faces.api.credentials import caller_of, reads
from tdpf.faces.api.problems import NotYourDataset
from tdpf.faces.api.v1.use_shapes import Use
from tdpf.kit import clock

router = Router(tags=["use"], auth=reads)

First = Annotated[date | None, Query(alias="from", description="First day (JST); 29 days before `to` if absent.")]
Last = Annotated[date | None, Query(alias="to", description="Last day (JST), included; today if absent.")]
Form = Annotated[Literal["json", "csv"], Query(description="json or csv")]


@router.get("/use/datasets/{slug}", response=Use, operation_id="getDatasetUse", summary="Use of an own dataset")
def of_dataset(request: HttpRequest, slug: str, first: First = None, last: Last = None, f: Form = "json") -> Any:
    """Who offers a dataset sees all its use."""
    standing = access.reading_standing(caller_of(request))
    page = catalog.dataset_page(slug, standing)
    if page.provider.party_id not in standing.roles:
        raise NotYourDataset(dataset=page.slug)
    begin, end = _period(first, last)
    return _shown(metering.use_of_dataset(page.number, begin, end), begin, end, f)


@router.get("/use/agreements/{uid}", response=Use, operation_id="getAgreementUse", summary="Use under an agreement")
def of_agreement(request: HttpRequest, uid: str, first: First = None, last: Last = None, f: Form = "json") -> Any:
    """Both sides of an agreement see the same."""
    agreement = exchange.agreement_page(uid, access.reading_standing(caller_of(request)))
    begin, end = _period(first, last)
    return _shown(metering.use_of_agreement(agreement.number, begin, end), begin, end, f)


@router.get(
    "/use/agreements/{uid}/evidence",
    operation_id="getAgreementEvidence",
    summary="Evidence of use under an agreement",
    openapi_extra={"responses": {200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}}},
)
def evidence_of_agreement(request: HttpRequest, uid: str) -> HttpResponse:
    """Hourly totals as JSON lines, each chained to the one before; both sides get the same. `tdpf evidence FILE` checks it."""
    agreement = exchange.agreement_page(uid, access.reading_standing(caller_of(request)))
    body = metering.evidence_of_agreement(agreement.number, agreement.sha256)
    response = HttpResponse(body, content_type="application/jsonl")
    response["Content-Disposition"] = f'attachment; filename="evidence-agreement-{agreement.number}.jsonl"'
    return response


@router.get(
    "/use/applications/{uid}",
    response=Use,
    operation_id="getApplicationUse",
    summary="Use by an own application",
)
def of_application(request: HttpRequest, uid: str, first: First = None, last: Last = None, f: Form = "json") -> Any:
    """Who owns an application sees all its use."""
    application = access.get_application(uid, access.reading_standing(caller_of(request)))
    begin, end = _period(first, last)
    return _shown(metering.use_of_application(application.number, begin, end), begin, end, f)


def _period(first: date | None, last: date | None) -> tuple[date, date]:
    end = last or clock.jst_date(clock.now())
    return first or end - min(timedelta(days=29), end - date.min), end


def _shown(days: list[DayUse], first: date, last: date, form: str) -> Any:
    if form == "csv":
        response = HttpResponse(metering.daily_csv(days), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="use-{first}-{last}.csv"'
        return response
    return {
        "first": first, "last": last, "calls": sum(day.calls for day in days), "bytes": sum(day.bytes for day in days),
        "days": days,
    }  # fmt: skip
