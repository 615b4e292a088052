"""Where the data of a dataset can be got; pure functions of its page."""

from __future__ import annotations

from urllib.parse import quote

from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.catalog.vocabularies.formats import CONNECTED_FORMATS, FORMATS, LOCATED_FORMATS, file_name

MOST_EXCEL_ROWS = 100_000
_TABLE_ANSWERS = {"CSV": "csv", "JSON": "json", "GEOJSON": "geojson", "PARQUET": "parquet", "XLSX": "xlsx"}


def downloads(page: DatasetPage, distribution: DistributionPage, base_url: str) -> list[tuple[str, str]]:
    """Return (format code, address) of every way to get a distribution; a table comes in several formats."""
    if distribution.place_mark:
        items = f"{base_url}/data/collections/{collection_of(page, distribution)}/items"
        codes = (*CONNECTED_FORMATS, *(LOCATED_FORMATS if distribution.located else ()))
        return [(code, f"{items}?f={_TABLE_ANSWERS[code]}") for code in codes]
    if distribution.kind != "table" or distribution.holding == "connected":
        return whole_files(page, distribution, base_url)
    if distribution.latest is None:
        return []
    items = f"{base_url}/data/collections/{collection_of(page, distribution)}/items"
    return [(code, f"{items}?f={_TABLE_ANSWERS[code]}") for code in _codes(distribution)]


def whole_files(page: DatasetPage, distribution: DistributionPage, base_url: str) -> list[tuple[str, str]]:
    """Return (format code, address) of the whole data in every format, each one file; a connected table has none."""
    if distribution.place_mark:
        return []
    if distribution.kind in ("api", "stream"):
        return [(known_format(distribution.format), source_address(page, distribution, base_url))]
    if distribution.holding == "connected":
        return [(known_format(distribution.format), distribution.url)]
    if distribution.latest is None:
        return []
    folder = f"{base_url}/data/files/{quote(page.slug)}"
    if distribution.kind == "file":
        name = file_name(distribution.name, distribution.latest.original_name)
        return [(known_format(distribution.format), f"{folder}/{quote(name)}")]
    name = quote(collection_of(page, distribution))
    return [
        (code, f"{folder}/{name}.{_TABLE_ANSWERS[code]}")
        for code in _codes(distribution)
        if code != "XLSX" or distribution.latest.rows <= MOST_EXCEL_ROWS
    ]


def collection_of(page: DatasetPage, distribution: DistributionPage) -> str:
    """Return the name of a table's collection below `/data/collections`."""
    return page.slug if distribution.name == "main" else f"{page.slug}.{distribution.name}"


def source_address(page: DatasetPage, distribution: DistributionPage, base_url: str) -> str:
    """Return where an API is called, or a stream is followed."""
    return f"{base_url}/data/{distribution.kind}s/{collection_of(page, distribution)}"


def known_format(code: str) -> str:
    """Return the format code, or "OTHER" for one that the vocabulary does not have."""
    return code if code in FORMATS else "OTHER"


def _codes(distribution: DistributionPage) -> list[str]:
    located = distribution.latest is not None and distribution.latest.located
    return [code for code in _TABLE_ANSWERS if code != "GEOJSON" or located]
