"""Running deliveries: one shared by the tests that only read, others on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from delivery_stand_ins import Delivery, Row
from shelter_table import SHELTER_FIELDS, shelter_rows

from tdpf.kit.hashing import sha256_hex
from tdpf.tables.types import Field
from tdpf.wire.messages import PinnedVersion, PublishedFile


@pytest.fixture(scope="session")
def delivery() -> Iterator[Delivery]:
    """One delivery with five collections: open located, its plain neighbour, conditional, an old version, a large one."""
    made = Delivery()
    try:
        shelters = made.build(shelter_rows(), SHELTER_FIELDS)
        before = made.build(shelter_rows(30), SHELTER_FIELDS, label="before")
        made.offer(
            "shelters", shelters, version=3, pinned=(PinnedVersion(1, before.identity),), aliases=("old-shelters",)
        )
        codes = [Field("コード", "code"), Field("名前"), Field("数", "number")]
        plain = made.build([["01", "a", "1.50"], ["02", "b", "2"], ["03", None, "x"]], codes, key=["コード"])
        made.offer("codes", plain)
        awkward = made.build([["が/１ ?#%", "c", None]], codes, key=["コード"])
        made.offer("codes", awkward, table="extra")
        made.offer(
            "secret-shelters",
            shelters,
            access="conditional",
            views={7: ("番号", "名称", "定員"), 8: ("番号", "緯度", "経度", "いない")},
            open_columns=("番号",),
        )
        many: list[Row] = [[str(number), f"{number % 97}", "文" * (number % 9)] for number in range(120_000)]
        made.offer("many", made.build(many, [Field("n", "integer"), Field("m", "integer"), Field("t")]))
        for slug, number in (("shelters", 1), ("secret-shelters", 3)):
            for name, media, data in (
                ("もとの.csv", "text/csv", b"0123456789" * 100),
                ("page.html", "text/html", b"<script>alert(1)</script>"),
            ):
                path = made.home.originals / sha256_hex(data)
                path.write_bytes(data)
                entry = PublishedFile(number, slug, name, f"originals/{path.name}", media, len(data), path.name)
                made.control.files.append(entry)
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def web(delivery: Delivery) -> Iterator[httpx.Client]:
    """A client of the shared delivery, in English."""
    with delivery.client as client:
        client.headers["accept-language"] = "en"
        yield client


@pytest.fixture
def make_delivery() -> Iterator[Callable[..., Delivery]]:
    """Deliveries of one test, closed at its end."""
    made: list[Delivery] = []

    def make(**options: Any) -> Delivery:
        made.append(Delivery(**options))
        return made[-1]

    yield make
    for delivery in made:
        delivery.close()
