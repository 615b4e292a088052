"""`/data.json`: the catalogue as DCAT-US 1.1 (resources.data.gov/resources/dcat-us), streamed, so that its size needs no memory.

A large one is made apart from those who ask and kept: harvesters of the whole world ask for it whole.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.kit.home import home
from tdpf.kit.writing import whole_file

log = logging.getLogger("tdpf.standards")

Json = dict[str, Any]
_BATCH = 500
_SCHEMA = "https://project-open-data.cio.gov/v1.1/schema"
# DCAT-US names frequencies by ISO 8601 repetitions.
_FREQUENCIES = {
    "UPDATE_CONT": "R/PT1S", "HOURLY": "R/PT1H", "DAILY": "R/P1D", "WEEKLY": "R/P1W", "BIWEEKLY": "R/P2W",
    "MONTHLY": "R/P1M", "BIMONTHLY": "R/P2M", "QUARTERLY": "R/P3M", "ANNUAL_2": "R/P6M", "ANNUAL": "R/P1Y",
    "BIENNIAL": "R/P2Y", "TRIENNIAL": "R/P3Y", "QUINQUENNIAL": "R/P5Y", "DECENNIAL": "R/P10Y", "IRREG": "irregular",
}  # fmt: skip


_LARGE = 5_000
_FRESH_SECONDS, _STILL_SENT_SECONDS = 900.0, 3600.0


def data_json(request: HttpRequest) -> HttpResponseBase:
    """Return every published dataset, in the order of their identifiers; of a large catalogue as it was an hour ago at the most.

    What was withdrawn since is never in it: then it is made for the asker anew.
    """
    kept = home().root / "cache" / "data.json"
    large = catalog.search_is_ready() and catalog.indexed_count() > _LARGE
    age = _age(kept) if large else None
    if large and (age is None or age > _FRESH_SECONDS):
        _begin(kept)
    if age is None or age > _STILL_SENT_SECONDS:
        response: HttpResponseBase = StreamingHttpResponse(_parts(), content_type="application/json")
    else:
        response = _sent(request, kept)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _age(kept: Path) -> float | None:
    """Return how many seconds ago the file was made; None when there is none, or a dataset was withdrawn since."""
    try:
        made = kept.stat().st_mtime
    except FileNotFoundError:
        return None
    return None if catalog.withdrawn_since(datetime.fromtimestamp(made, UTC)) else time.time() - made


def _sent(request: HttpRequest, kept: Path) -> HttpResponseBase:
    modified = int(kept.stat().st_mtime)
    unchanged = get_conditional_response(request, last_modified=modified)
    response = unchanged or FileResponse(kept.open("rb"), content_type="application/json")
    response["Last-Modified"] = http_date(modified)
    return response


def _begin(kept: Path) -> None:
    threading.Thread(target=_kept_apart, args=(kept,), name="data.json", daemon=True).start()


def _kept_apart(kept: Path) -> None:
    try:
        _keep(kept)
    except Exception:
        log.exception("data.json could not be kept")
    finally:
        connection.close()


def _keep(kept: Path) -> None:
    """Make the file, unless somebody does so already; what it says is as old as the moment at which it was begun."""
    begun = time.time()
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        with kept.with_name(".data.json.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with whole_file(kept) as stream:
                stream.writelines(_parts())
                stream.flush()
                os.utime(stream.fileno(), (begun, begun))
    except BlockingIOError:
        pass


def dataset(page: DatasetPage, base_url: str) -> Json:
    """Return one dataset; what DCAT-US asks for is always there."""
    found: Json = {
        "@type": "dcat:Dataset",
        "identifier": f"{base_url}/dataset/{page.slug}",
        "title": page.title.ja,
        "description": page.description.ja or page.title.ja,
        "keyword": list(page.keywords) or [catalog.label_of("themes", code).ja for code in page.themes] or ["東京"],
        "modified": page.modified_at.isoformat(),
        "publisher": {"@type": "org:Organization", "name": page.provider.name.ja},
        "contactPoint": {
            "@type": "vcard:Contact",
            "fn": page.contact_name or page.provider.name.ja,
            # DCAT-US wants a mail address; who names none is written to by way of the platform.
            "hasEmail": f"mailto:{page.contact_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
        },
        "accessLevel": "public" if page.access == "open" else "restricted public",
        "license": page.licence_url or None,
        "rights": None if page.access == "open" else f"{base_url}/datasets/{page.slug}",
        "landingPage": page.landing_url or f"{base_url}/datasets/{page.slug}",
        "accrualPeriodicity": _FREQUENCIES.get(page.update_frequency),
        "issued": (page.source_issued_at or page.published_at or page.created_at).isoformat(),
        "language": list(page.languages),
        "theme": [catalog.label_of("themes", code).en for code in page.themes],
        "spatial": "、".join(catalog.area_label(code).ja for code in page.area_codes[:50]),
        "temporal": f"{page.period_start.isoformat()}/{page.period_end.isoformat()}"
        if page.period_start and page.period_end
        else None,
        "inferred": catalog.inference_notes(page),
        "distribution": [
            {
                "@type": "dcat:Distribution",
                "title": distribution.title.ja,
                "downloadURL": url,
                "mediaType": catalog.media_type_of(code) or "application/octet-stream",
                "format": code,
            }
            for distribution in page.distributions
            for code, url in catalog.whole_files(page, distribution, base_url)
        ],
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _parts() -> Iterator[bytes]:
    base = settings.PUBLIC_URL
    head: Json = {
        "@context": f"{_SCHEMA}/catalog.jsonld",
        "@id": f"{base}/data.json",
        "@type": "dcat:Catalog",
        "conformsTo": _SCHEMA,
        "describedBy": f"{_SCHEMA}/catalog.json",
    }
    yield orjson.dumps(head)[:-1] + b',"dataset":['
    after = ""
    first = True
    while True:
        pages = catalog.datasets_after(after, limit=_BATCH)
        for page in pages:
            yield (b"" if first else b",") + orjson.dumps(dataset(page, base))
            first = False
        if len(pages) < _BATCH:
            break
        after = pages[-1].uid
    yield b"]}"
