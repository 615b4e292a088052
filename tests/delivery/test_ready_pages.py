"""A table asked often gets its rows ready-made; its pages stay the same, byte for byte, and what is hidden stays hidden."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
from delivery_stand_ins import Delivery
from shelter_table import SHELTER_FIELDS, shelter_rows

from tdpf.dataplane.delivery.open_tables import OpenTable
from tdpf.dataplane.delivery.ready_pages import ReadyPages
from tdpf.dataplane.delivery.service import Found
from tdpf.tables.build import build_table
from tdpf.tables.identity import table_folder
from tdpf.tables.read import Form
from tdpf.tables.ready import ReadyRows, write_ready

_NAMES = tuple(field.name for field in SHELTER_FIELDS)


def test_pages_stay_the_same(make_delivery: Callable[..., Delivery]) -> None:
    delivery = make_delivery()
    shelters = delivery.build(shelter_rows(), SHELTER_FIELDS)
    views = {8: ("番号", "定員")}
    delivery.offer("shelters", shelters, access="conditional", views=views, open_columns=_NAMES)
    delivery.start()
    base = "/data/collections/shelters/items"
    asked: list[tuple[str, dict[str, str]]] = [
        (base, {}),
        (f"{base}?f=json&limit=7&offset=3", {}),
        (f"{base}?f=geojson&bbox=139.55,35.5,139.7,35.7&limit=20&offset=2", {}),
        (f"{base}?f=json&bbox=139.55,35.5,139.7,35.7&%E5%9C%B0%E5%9F%9F%E3%82%B3%E3%83%BC%E3%83%89=131017", {}),
        (f"{base}?f=json&datetime=2024-03-01/2024-06-30&sortby=-limit,%E9%96%8B%E8%A8%AD%E6%97%A5&limit=9", {}),
        (f"{base}?f=json&sortby=-%E5%AE%9A%E5%93%A1&filter=limit%3C2", {}),
        (f"{base}?f=json&properties=%E7%95%AA%E5%8F%B7&limit=3", {}),
        (f"{base}?f=geojson&limit=4", {"x-tdpf-view": "8"}),
        (f"{base}?f=json&offset=999", {}),
    ]
    with delivery.client as client:

        def told(path: str, headers: dict[str, str]) -> tuple[int, bytes]:
            answer: httpx.Response = client.get(path, headers={"x-tdpf-view": "0", **headers})
            return answer.status_code, answer.content

        first = [told(*one) for one in asked]
        assert {status for status, _ in first} == {200}
        until = time.monotonic() + 60
        while len(list(delivery.home.delivery.glob("formats/*/*.ready"))) < 2:
            assert time.monotonic() < until
            assert [told(*one) for one in asked] == first
            time.sleep(0.02)
        for _ in range(3):
            assert [told(*one) for one in asked] == first
        # Written over in place, they show that pages are cut from them.
        for path in delivery.home.delivery.glob("formats/*/*.ready"):
            whole = path.read_bytes()
            with path.open("r+b") as stream:
                stream.write(whole.replace("番号".encode(), "号番".encode()))
        until = time.monotonic() + 60
        while told(*asked[0]) == first[0]:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert b"\xe5\x90\x8d\xe7\xa7\xb0" not in first[7][1], "a column outside the view"


def test_files_used_count_as_used_and_files_removed_are_forgotten(tmp_path: Path) -> None:
    manifest = build_table(shelter_rows(), SHELTER_FIELDS, out_root=tmp_path, identity="a" * 64, name="t")
    nothing: Any = None
    table = OpenTable(table_folder(tmp_path, "a" * 64), manifest, nothing)
    form, pages = Form("feature"), ReadyPages(nothing)
    path = write_ready(table.folder, form, tmp_path / "ready")
    made: Future[ReadyRows | None] = Future()
    made.set_result(ReadyRows(path))
    table.ready[form] = made
    found = cast(Found, SimpleNamespace(table=table, sight=SimpleNamespace(feature_form=form)))
    assert pages.of(found)
    for used in (True, False):
        if used:
            pages.of(found)
        os.utime(path, (1, 1))
        pages.look()
        assert (path.stat().st_mtime > 1) == used
    path.unlink()
    pages.look()
    assert table.ready == {form: 0}
