"""A table asked often gets its rows ready-made; its pages stay the same, byte for byte, and what is hidden stays hidden."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from delivery_stand_ins import Delivery
from shelter_table import SHELTER_FIELDS, shelter_rows

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
        assert b"\xe5\x90\x8d\xe7\xa7\xb0" not in first[7][1], "a column outside the view"
