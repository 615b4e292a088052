"""The short way to rows: byte for byte the long way's answer, and only while the same version is in force."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from delivery_stand_ins import Delivery
from shelter_table import SHELTER_FIELDS, shelter_rows

Asked = tuple[str, dict[str, str]]


def told(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """What a client sees, the moment of the answer left out."""
    return answer.status_code, {name: value for name, value in answer.headers.items() if name != "date"}, answer.content


def test_the_second_answer_is_the_first(web: httpx.Client) -> None:
    """The first request of a place goes the long way, the next ones the short way, a conditional one always the long way."""
    base = "/data/collections/"
    asked: list[Asked] = [
        *((f"{base}shelters/items/{number}", {}) for number in (3, 4, 3)),
        (f"{base}shelters/items/3?f=json", {}),
        (f"{base}shelters/items/3", {"accept": "application/json"}),
        (f"{base}shelters/items/3", {"accept": "text/html"}),
        (f"{base}shelters/items/3", {"accept-language": "ja"}),
        (f"{base}shelters/items/3?version=1", {}),
        (f"{base}codes/items/01", {}),
        (f"{base}codes/items/02?f=json", {}),
        (f"{base}secret-shelters/items/2", {"x-tdpf-view": "7"}),
        (f"{base}shelters/aggregate?group_by=&measures=count", {}),
    ]
    first = [told(web.get(path, headers=headers)) for path, headers in asked]
    again = [told(web.get(path, headers=headers)) for path, headers in asked]
    assert again == first
    assert {status for status, _, _ in first} <= {200, 400}
    for (path, headers), (status, seen, _) in zip(asked, first, strict=True):
        if status == 200:
            unchanged = web.get(path, headers={**headers, "if-none-match": seen["etag"]})
            assert (unchanged.status_code, unchanged.headers["etag"]) == (304, seen["etag"]), path
    # What the short way does not know is refused as ever.
    assert web.get(f"{base}shelters/items/999999").status_code == 404
    assert web.get(f"{base}shelters/items/3?nothing=1").status_code == 400
    assert web.get(f"{base}secret-shelters/items/2").status_code == 403
    assert web.get(f"{base}secret-shelters/items/2", headers={"x-tdpf-view": "9"}).status_code == 403
    assert web.head(f"{base}shelters/items/3").content == b""


def test_a_new_version_is_what_the_short_way_leads_to(make_delivery: Callable[..., Delivery]) -> None:
    delivery = make_delivery()
    path = "/data/collections/shelters/items/2?f=json"
    rows = shelter_rows(20)
    delivery.offer("shelters", delivery.build(rows, SHELTER_FIELDS))
    delivery.start()
    with delivery.client as client:
        before = [client.get(path).json() for _ in range(3)]
        rows[1] = [*rows[1][:1], "新しい名前", *rows[1][2:]]
        delivery.offer("shelters", delivery.build(rows, SHELTER_FIELDS), version=2)
        delivery.publish()
        after = [client.get(path).json() for _ in range(3)]
        assert before[0] == before[2] != after[0] == after[2]
        assert "新しい名前" in after[0].values()
        delivery.control.tables = []
        delivery.publish()
        assert client.get(path).status_code == 404
