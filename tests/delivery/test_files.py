"""Whole files: ranges as slices, validators, those handed in and those made."""

from __future__ import annotations

import io
import time

import httpx
import openpyxl
import polars as pl
import pytest
from delivery_stand_ins import Delivery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.dataplane.delivery.files_sent import wanted_span
from tdpf.wire.delivery_problems import RangeNotSatisfiable

ORIGINAL = "/data/files/shelters/もとの.csv"
DATA = b"0123456789" * 100


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 1200), length=st.integers(0, 1200), form=st.sampled_from(["both", "open", "suffix"]))
def test_a_range_is_a_slice(delivery: Delivery, first: int, length: int, form: str) -> None:
    header = {"both": f"bytes={first}-{first + length}", "open": f"bytes={first}-", "suffix": f"bytes=-{length}"}[form]
    expected = {
        "both": DATA[first : first + length + 1],
        "open": DATA[first:],
        "suffix": DATA[max(0, len(DATA) - length) :] if length else b"",
    }[form]
    with delivery.client as client:
        answer = client.get(ORIGINAL, headers={"range": header})
    if not expected:
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */1000"
        assert answer.json()["type"] == "/problems/delivery/range-not-satisfiable"
        return
    assert answer.status_code == 206
    assert answer.content == expected
    start = DATA.__len__() - len(expected) if form != "both" else first
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/1000"
    assert answer.headers["content-length"] == str(len(expected))


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=5-2", "items=0-1", "bytes=", "bytes=a-b", "bytes=--5", "x"])
def test_other_ranges_are_ignored(web: httpx.Client, header: str) -> None:
    answer = web.get(ORIGINAL, headers={"range": header})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_huge_numbers_do_not_fit() -> None:
    with pytest.raises(RangeNotSatisfiable):
        wanted_span("bytes=999999999999999999-", 10)
    assert wanted_span("bytes=0-999999999999999999", 10) == (0, 10)
    assert wanted_span("bytes=9999999999999999999-", 10) is None


def test_if_range_keeps_halves_of_different_files_apart(web: httpx.Client) -> None:
    tag = web.head(ORIGINAL).headers["etag"]
    same = web.get(ORIGINAL, headers={"range": "bytes=0-3", "if-range": tag})
    other = web.get(ORIGINAL, headers={"range": "bytes=0-3", "if-range": '"other"'})
    dated = web.get(ORIGINAL, headers={"range": "bytes=0-3", "if-range": "Sat, 21 Nov 2026 00:00:00 GMT"})
    assert (same.status_code, other.status_code, dated.status_code) == (206, 200, 200)


def test_head_and_validators(web: httpx.Client) -> None:
    head = web.head(ORIGINAL)
    assert (head.headers["content-length"], head.headers["accept-ranges"]) == ("1000", "bytes")
    assert web.get(ORIGINAL, headers={"if-none-match": head.headers["etag"]}).status_code == 304
    assert web.head(ORIGINAL, headers={"range": "bytes=0-9"}).headers["content-length"] == "10"


def test_what_a_browser_could_run_is_kept_as_a_file(web: httpx.Client) -> None:
    page = web.get("/data/files/shelters/page.html")
    assert page.headers["content-disposition"].startswith("attachment")
    assert "content-disposition" not in web.get(ORIGINAL).headers


def test_made_files(web: httpx.Client) -> None:
    names = [entry["name"] for entry in web.get("/data/files/shelters").json()["files"]]
    assert names[:2] == ["page.html", "もとの.csv"]
    assert "shelters.geojson" in names
    plain = [entry["name"] for entry in web.get("/data/files/codes").json()["files"]]
    assert "codes.geojson" not in plain
    assert "codes.extra-excel.csv" in plain
    for name in [*names, *plain]:
        slug = "shelters" if name in names else "codes"
        answer = web.get(f"/data/files/{slug}/{name}")
        assert answer.status_code == 200
        assert answer.headers["accept-ranges"] == "bytes"
        part = web.get(f"/data/files/{slug}/{name}", headers={"range": "bytes=5-40"})
        assert part.content == answer.content[5:41]
    excel = web.get("/data/files/shelters/shelters-excel.csv")
    assert excel.content.startswith(b"\xef\xbb\xbf")
    assert b",'=HYPERLINK(1)," in excel.content
    assert b",=HYPERLINK(1)," in web.get("/data/files/shelters/shelters.csv").content
    book = openpyxl.load_workbook(io.BytesIO(web.get("/data/files/codes/codes.xlsx").content)).active
    assert book is not None
    assert [cell.value for cell in book[2]] == ["01", "a", 1.5]
    parquet = web.get("/data/files/shelters/shelters.parquet").content
    assert pl.read_parquet(io.BytesIO(parquet)).height == 250


def test_unknown_files(web: httpx.Client) -> None:
    answer = web.get("/data/files/shelters/none.csv")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/delivery/no-file")
    assert "shelters.csv" in answer.json()["detail"]
    assert web.get("/data/files/none/x.csv").json()["type"] == "/problems/delivery/no-collection"
    assert web.get("/data/files/shelters/shelters.csv?limit=3").status_code == 400
    assert web.get("/data/files/codes/codes.geojson").status_code == 404


@pytest.mark.parametrize("path", ["/data/files/many/many.csv", "/data/collections/many/items?f=ndjson"])
def test_a_large_table_in_fewer_bytes(web: httpx.Client, path: str) -> None:
    plain = {"accept-encoding": "identity"}
    whole = web.get(path, headers=plain)
    assert len(whole.content) > 1 << 20
    assert "no-transform" in whole.headers["cache-control"], "nobody on the way compresses it for each caller"
    tag = whole.headers["etag"]

    until = time.monotonic() + 60
    while "content-encoding" not in (made := web.get(path, headers={"accept-encoding": "br, gzip"})).headers:
        assert made.content == whole.content, "sent as it lies there while the smaller one is made"
        assert time.monotonic() < until
        time.sleep(0.05)
    assert (made.headers["content-encoding"], made.content) == ("gzip", whole.content)
    assert (made.headers["etag"], "accept-ranges" in made.headers) == (f"W/{tag}", False)
    assert int(made.headers["content-length"]) < len(whole.content) / 3
    assert made.headers["content-type"] == whole.headers["content-type"]
    head = web.head(path, headers={"accept-encoding": "gzip"})
    assert head.headers["content-length"] == made.headers["content-length"]
    for known in (tag, f"W/{tag}"):
        assert web.get(path, headers={"accept-encoding": "gzip", "if-none-match": known}).status_code == 304
    # Parts are of the file itself; a weak tag says nothing of which bytes somebody has.
    part = web.get(path, headers={"accept-encoding": "gzip", "range": "bytes=10-19", "if-range": tag})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    again = web.get(path, headers={"accept-encoding": "gzip", "range": "bytes=10-19", "if-range": f"W/{tag}"})
    assert (again.status_code, again.content) == (200, whole.content)
    for refused in ("gzip;q=0", "br", "identity"):
        assert "content-encoding" not in web.get(path, headers={"accept-encoding": refused}).headers


def test_files_handed_in_and_small_ones_are_sent_as_they_are(web: httpx.Client) -> None:
    for path in (ORIGINAL, "/data/files/codes/codes.csv", "/data/files/many/many.parquet"):
        for _ in range(2):
            assert "content-encoding" not in web.get(path, headers={"accept-encoding": "gzip"}).headers
    assert "no-transform" not in web.get(ORIGINAL).headers["cache-control"]
