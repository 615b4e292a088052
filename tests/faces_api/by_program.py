"""Calls that programs make of the API: hand in, read, sign, publish, and what is published."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

Headers = dict[str, str]
CSV = "番号,名称,住所\n01,駅前公衆トイレ,見本市一丁目1番\n02,中央公園トイレ,見本市二丁目3番\n03,市民広場トイレ,見本市三丁目5番\n".encode()
MORE = CSV + "04,河川敷トイレ,見本市四丁目7番\n".encode()
DATASET = {
    "slug": "public-toilets",
    "title_ja": "公衆トイレ一覧",
    "title_en": "Public toilets",
    "description_ja": "見本市の公衆トイレです。",
    "contact_email": "data@example.jp",
    "themes": [],
}
HELD = {"holding_reason": "検索とAPIで使えるようにするため", "storage_place": "TDPF（東京）"}


def send(client: Client, method: str, path: str, body: object = None, headers: Headers | None = None) -> Any:
    """Send JSON and return the answer."""
    data = b"" if body is None else orjson.dumps(body)
    return client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)


def hand_in(client: Client, bearer: Headers, data: bytes = CSV, name: str = "toilets.csv") -> str:
    """Send a file in one go and return the upload's uid."""
    answer = client.post("/api/v1/uploads", {"file": SimpleUploadedFile(name, data, "text/csv")}, headers=bearer)
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "received"
    return str(answer.json()["uid"])


def read(client: Client, bearer: Headers, upload: str) -> dict[str, Any]:
    """Have an upload read and return what came of it."""
    answer = send(client, "POST", f"/uploads/{upload}/read", {}, bearer)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def warranty(client: Client) -> dict[str, str]:
    """Return the words to sign."""
    words = send(client, "GET", "/warranty").json()
    assert "個人情報" in words["ja"]
    return {"text_version": words["version"], "text_sha256": words["sha256"]}


def publish(client: Client, bearer: Headers, terms: dict[str, object]) -> dict[str, Any]:
    """Go from a file to a standing offer."""
    assert send(client, "POST", "/datasets", DATASET, bearer).status_code == 201
    assert send(client, "POST", "/datasets/public-toilets/distributions", HELD, bearer).status_code == 201
    upload = hand_in(client, bearer)
    found = read(client, bearer, upload)
    assert found["upload"]["state"] == "read", found["upload"]["problem"]
    added = send(client, "POST", "/datasets/public-toilets/distributions/main/versions", {"upload_uid": upload}, bearer)
    assert added.status_code == 201, added.content
    drafted = send(client, "POST", "/datasets/public-toilets/offers", terms, bearer)
    assert drafted.status_code == 201, drafted.content
    uid = drafted.json()["uid"]
    assert send(client, "GET", f"/offers/{uid}").status_code == 404
    assert send(client, "GET", f"/offers/{uid}/check", None, bearer).json()["unsigned"]
    assert send(client, "POST", f"/offers/{uid}/warranty", warranty(client), bearer).status_code == 201
    if terms["access"] == "conditional":
        refused = send(client, "POST", f"/offers/{uid}/publish", None, bearer)
        assert refused.json()["type"] == "/problems/exchange/licence-contradicts", (
            "CC BY, though passing on is forbidden"
        )
    confirmed = "?despite_licence=true" if terms["access"] == "conditional" else ""
    published = send(client, "POST", f"/offers/{uid}/publish{confirmed}", None, bearer)
    assert published.status_code == 200, published.content
    body: dict[str, Any] = published.json()
    assert body["state"] == "published"
    return body


OPEN = {"access": "open", "notice_days": 30, "attribution": "required"}
CONDITIONAL = {"access": "conditional", "purposes": ["research"], "notice_days": 60, "approval": "automatic"}
