"""The main job by programs alone: hand in, read, describe, publish, offer, be found, agree, see the use, stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from by_program import CONDITIONAL, CSV, DATASET, HELD, MORE, OPEN, Headers, hand_in, publish, read, send, warranty
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tdpf.controlplane.access import services as access
from tdpf.controlplane.access.types import SCOPES, ApplicationFacts
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.metering import services as metering
from tdpf.faces.api.v1.shapes import FacetValue, Hit, SearchListing
from tdpf.kit import clock

pytestmark = [
    pytest.mark.django_db(databases=["default", "ledger"]),
    pytest.mark.urls("tdpf.faces.api.urls"),
]
MakeMember = Callable[..., Standing]


def test_from_a_file_to_a_standing_offer(client: Client, bearer: Headers) -> None:
    """And everybody finds it, without a key."""
    offer = publish(client, bearer, OPEN)
    listed = send(client, "GET", "/datasets").json()
    assert [item["slug"] for item in listed["items"]] == ["public-toilets"]
    assert (listed["total"], listed["next"], listed["previous"]) == (1, None, None)
    dataset = send(client, "GET", "/datasets/public-toilets").json()
    (main,) = dataset["distributions"]
    assert (main["latest"]["rows"], dataset["state"], dataset["access"]) == (3, "published", "open")
    assert [column["name"] for column in main["latest"]["dictionary"]] == ["番号", "名称", "住所"]
    versions = send(client, "GET", "/datasets/public-toilets/distributions/main/versions").json()
    assert [version["number"] for version in versions] == [1]
    (shown,) = send(client, "GET", "/datasets/public-toilets/offers").json()
    assert shown == offer
    assert shown["terms"]["access"] == "open"
    assert all(word["heading"]["ja"] and word["sentence"]["en"] for word in shown["in_words"])
    odrl = client.get(f"/api/v1/offers/{offer['uid']}/odrl")
    assert odrl["Content-Type"] == "application/ld+json"
    assert odrl.json()["@type"] == "Offer"
    assert isinstance(send(client, "GET", f"/offers/{offer['uid']}/cadde").json(), dict)
    assert "公衆トイレ" in client.get("/api/v1/datasets").content.decode()


def test_search_finds_it_by_words_people_use(client: Client, bearer: Headers) -> None:
    """With facets, filters and pages; its provider stands among the publishers."""
    publish(client, bearer, OPEN)
    catalog_services.reindex()
    found = send(client, "GET", "/search?q=トイレ&access=open").json()
    assert [(hit["slug"], found["total"], found["query"]) for hit in found["items"]] == [
        ("public-toilets", 1, "トイレ")
    ]
    assert "<mark>" in found["items"][0]["title_html"]
    assert {facet["name"] for facet in found["facets"]} >= {"access", "formats"}
    # The answer is written without the typed shape, and has it all the same.
    assert SearchListing.model_validate(found).model_dump().keys() == found.keys()
    assert found["items"][0].keys() == Hit.model_fields.keys()
    assert {tuple(value) for facet in found["facets"] for value in facet["values"]} == {tuple(FacetValue.model_fields)}
    assert send(client, "GET", "/search?q=トイレ&access=conditional").json()["items"] == []
    assert send(client, "GET", "/search?q=トイレ&fresh=30&origin=registered&mqa_at_least=0").json()["total"] == 1
    assert send(client, "GET", "/search?q=トイレ&modified_to=2001-01-01").json()["total"] == 0
    assert send(client, "GET", "/search?q=トイレ&period_from=昨日").status_code == 422
    assert found["items"][0]["why"] is None
    told = send(client, "GET", "/search?q=トイレ&explain=true").json()
    assert told["items"][0]["why"] is None  # only operators are told
    offered = send(client, "GET", "/search/suggest?q=こうしゅう").json()
    assert [(one["kind"], one["slug"]) for one in offered["items"]] == [("title", "public-toilets")]
    assert send(client, "GET", "/search?sort=loudest").status_code == 422
    for wrong, field, word in (
        ("areas=131041", "areas", "area"), ("providers=x", "providers", "publisher"), ("acces=open", "acces", "access"),
        ("theme=nope", "theme", "nope"), ("stars=9", "stars", "5"), ("period_to=0", "period_to", "2026-11-01"),
        ("period_from=2026-11-02&period_to=2026-11-01", "period_to", "period_from"),
    ):  # fmt: skip
        refused = send(client, "GET", f"/search?q=トイレ&{wrong}")
        assert refused.status_code == 422, wrong
        assert [error["field"] for error in refused.json()["errors"]] == [field]
        assert word in refused.json()["errors"][0]["message_en"]
    beyond = send(client, "GET", "/search?q=トイレ&offset=5000").json()
    assert (beyond["items"], "offset=0&" in beyond["previous"]) == ([], True)
    assert send(client, "GET", "/search?q=" + "あ" * 501).status_code == 422
    (publisher,) = send(client, "GET", "/publishers").json()["items"]
    assert (publisher["datasets"], publisher["provider"]["name"]["ja"]) == (1, "hana")
    assert send(client, "GET", f"/datasets?publisher={publisher['provider']['slug']}").json()["total"] == 1
    assert send(client, "GET", "/datasets?publisher=nobody").status_code == 404


def test_a_new_version_of_offered_data_is_signed_in_the_same_step(client: Client, bearer: Headers) -> None:
    """The very same data again make no new version."""
    publish(client, bearer, OPEN)
    upload = hand_in(client, bearer, MORE)
    read(client, bearer, upload)
    path = "/datasets/public-toilets/distributions/main/versions"
    unsigned = send(client, "POST", path, {"upload_uid": upload}, bearer)
    assert unsigned.json()["type"] == "/problems/exchange/warranty-missing"
    added = send(client, "POST", path, {"upload_uid": upload, "warranty": warranty(client)}, bearer)
    assert (added.status_code, added.json()["number"]) == (201, 2)
    again = hand_in(client, bearer, MORE)
    read(client, bearer, again)
    same = send(client, "POST", path, {"upload_uid": again, "warranty": warranty(client)}, bearer)
    assert (same.status_code, same.json()["is_new"], same.json()["number"]) == (200, False, 2)
    assert [version["number"] for version in send(client, "GET", path).json()] == [2, 1]


def test_an_upload_in_parts_resumes(client: Client, bearer: Headers) -> None:
    """A wrong offset is refused with the right one; nothing is lost, and the last byte makes it whole."""
    begun = send(client, "POST", "/uploads", {"name": "toilets.csv", "size": len(CSV)}, bearer)
    assert (begun.status_code, begun["Upload-Offset"]) == (201, "0")
    place = begun["Location"].removeprefix("http://localhost:8080")
    assert place == f"/api/v1/uploads/{begun.json()['uid']}"

    def part(offset: object, data: bytes, kind: str = "application/offset+octet-stream") -> Any:
        return client.generic("PATCH", place, data, content_type=kind, headers={**bearer, "Upload-Offset": str(offset)})

    first = part(0, CSV[:50])
    assert (first.status_code, first["Upload-Offset"]) == (204, "50")
    wrong = part(0, CSV[:50])
    assert (wrong.status_code, wrong.json()["expected"]) == (409, 50)
    head = client.head(place, headers=bearer)
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (204, "50", str(len(CSV)))
    assert head["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get("/api/v1/datasets").headers
    assert part("x", b"a").status_code == 400
    assert part(50, b"a", "text/plain").status_code == 415
    assert part(50, CSV[50:] + b"too much").status_code == 409
    last = part(client.head(place, headers=bearer)["Upload-Offset"], CSV[50:])
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(CSV)))
    assert client.get(place, headers=bearer).json()["state"] == "received"
    uid = begun.json()["uid"]
    found = read(client, bearer, uid)
    assert (found["upload"]["state"], found["preview"]["row_count"]) == ("read", 3)
    assert found["preview"]["rows"][0][0] == "01"
    assert client.get(f"{place}/preview", headers=bearer).json() == found["preview"]
    assert client.delete(place, headers=bearer).status_code == 204
    assert client.get(place, headers=bearer).json()["state"] == "discarded"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 422), (b'{"name": "x"}', 422), (b'{"name": "", "size": 1}', 422), (b'{"name": "x", "size": -1}', 422),
     (b'{"name": "x", "size": 999999999999}', 413)],
)  # fmt: skip
def test_a_wrong_announcement_says_what_is_wrong(client: Client, bearer: Headers, body: bytes, status: int) -> None:
    """Field by field."""
    answer = client.post("/api/v1/uploads", body, content_type="application/json", headers=bearer)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_bad_files_are_told_apart(client: Client, bearer: Headers) -> None:
    """A page saved as CSV, nothing at all, bytes that are no table: each with its cure, in both languages."""
    for name, data in (
        ("a.csv", b"<!DOCTYPE html><html><body>404</body></html>"),
        ("b.csv", b""),
        ("c.xlsx", b"\0" * 99),
    ):
        found = read(client, bearer, hand_in(client, bearer, data, name))
        assert (found["upload"]["state"], found["preview"]) == ("failed", None)
        problem = found["upload"]["problem"]
        assert problem["ja"]["cure"]
        assert problem["en"]["detail"]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x.csv", "http://169.254.169.254/latest", "file:///etc/passwd", "http://[::1]/x", "gopher://x"],
)
def test_private_addresses_are_not_fetched(client: Client, bearer: Headers, url: str) -> None:
    """The platform is no way into its own house."""
    answer = send(client, "POST", "/uploads/from-url", {"url": url}, bearer)
    assert 400 <= answer.status_code < 500
    assert answer["Content-Type"] == "application/problem+json"


def test_other_parties_see_and_change_nothing(client: Client, bearer: Headers, strangers_bearer: Headers) -> None:
    """Neither uploads nor drafts nor offers; a published dataset is read and not written."""
    upload = hand_in(client, bearer)
    for method, path in (("GET", ""), ("HEAD", ""), ("DELETE", ""), ("POST", "/read"), ("GET", "/preview")):
        assert send(client, method, f"/uploads/{upload}{path}", {}, strangers_bearer).status_code == 404
    send(client, "POST", "/datasets", DATASET, bearer)
    assert send(client, "GET", "/datasets/public-toilets", None, strangers_bearer).status_code == 404
    assert send(client, "GET", "/datasets/public-toilets", None, bearer).status_code == 200
    assert send(client, "PUT", "/datasets/public-toilets", DATASET, strangers_bearer).status_code == 404
    assert send(client, "GET", "/datasets?drafts=true", None, bearer).json()["total"] == 1
    assert send(client, "GET", "/datasets?drafts=true", None, strangers_bearer).json()["total"] == 0


def test_a_stranger_cannot_touch_a_published_dataset(
    client: Client, bearer: Headers, strangers_bearer: Headers
) -> None:
    """Every write is refused, by whatever name."""
    offer = publish(client, bearer, OPEN)
    upload = hand_in(client, strangers_bearer)
    read(client, strangers_bearer, upload)
    base = "/datasets/public-toilets"
    for method, path, body in (
        ("PUT", base, DATASET),
        ("POST", f"{base}/distributions", {**HELD, "name": "second"}),
        ("POST", f"{base}/distributions/main/versions", {"upload_uid": upload}),
        ("POST", f"{base}/offers", OPEN),
        ("PUT", f"/offers/{offer['uid']}/terms", OPEN),
        ("POST", f"/offers/{offer['uid']}/warranty", warranty(client)),
        ("POST", f"/offers/{offer['uid']}/publish", None),
        ("POST", f"/offers/{offer['uid']}/withdraw", {"effective_on": "2030-01-01", "reason": "x"}),
    ):
        answer = send(client, method, path, body, strangers_bearer)
        assert answer.status_code in (403, 404), (method, path, answer.content)
    assert send(client, "GET", f"/use{base}", None, strangers_bearer).status_code == 403


def test_a_key_writes_only_with_its_scope(
    client: Client, hana: Standing, application: ApplicationFacts, bearer: Headers
) -> None:
    """A reading key reads; a token for uploads does not publish; an uploading key without data:read sees no use."""
    reading = access.issue_key(actor=hana, application_uid=application.uid, name="読む").plaintext
    answer = send(client, "POST", "/datasets", DATASET, {"Authorization": f"Bearer {reading}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/access/scope-missing")
    key = bearer["Authorization"].removeprefix("Bearer ")
    token = access.mint_token(client_id=application.uid, client_secret=key, scope="uploads:write").access_token
    theirs = {"X-API-Key": token}
    hand_in(client, theirs)
    assert send(client, "POST", "/datasets", DATASET, theirs).status_code == 403
    assert send(client, "GET", "/agreements", None, theirs).status_code == 403
    both = {"X-API-Key": token, "Authorization": f"Bearer {key}"}
    assert send(client, "GET", "/agreements", None, both).status_code == 400


def test_a_key_is_taken_as_the_gateway_takes_it(client: Client, bearer: Headers) -> None:
    """In the address too; two are 400, a bad one 401 even where none is needed; an address handed out carries none."""
    key = bearer["Authorization"].removeprefix("Bearer ")
    answer = client.get(f"/api/v1/agreements?limit=1&apikey={key}")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert key not in answer.content.decode()
    for query, headers, status in (
        (f"?apikey={key}", bearer, 400), (f"?apikey={key}&apikey={key}", {}, 400), (f"?apikey={key},{key}", {}, 400),
        ("?apikey=tdpf_none", {}, 401), ("?apikey=", {}, 401), ("", {"Authorization": "Basic eDp5"}, 401), ("", {}, 200),
    ):  # fmt: skip
        assert client.get(f"/api/v1/datasets{query}", headers=headers).status_code == status, (query, headers)


def test_a_writing_key_dies_with_the_second_factor_and_the_role(
    client: Client, hana: Standing, bearer: Headers
) -> None:
    """The call acts as the member, so it can do no more than the member can now."""
    from allauth.mfa.models import Authenticator

    assert hand_in(client, bearer)
    Authenticator.objects.filter(user_id=hana.member_id).delete()
    answer = client.post("/api/v1/uploads", {"file": SimpleUploadedFile("a.csv", CSV)}, headers=bearer)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert send(client, "GET", "/applications", None, bearer).status_code == 200
    member_services.set_totp_secret(member_uid=hana.member_uid)
    assert hand_in(client, bearer)


def test_both_sides_see_the_agreement_and_the_use(client: Client, bearer: Headers, make_member: MakeMember) -> None:
    """The same words and the same numbers; nobody else any."""
    offer = publish(client, bearer, CONDITIONAL)
    consumer = make_member("riyo")
    program = access.register_application(actor=consumer, owner_party_id=consumer.person_party_id, name="地図")
    key = access.issue_key(actor=consumer, application_uid=program.uid, name="鍵", scopes=SCOPES)
    theirs = {"Authorization": f"Bearer {key.plaintext}"}
    access.apply_for_offer(
        actor=consumer, offer_uid=offer["uid"], application_uid=program.uid, purpose="research",
        purpose_statement="歩行者の研究に使います。", information_management="鍵のかかる部屋で扱います。",
        terms_sha256=offer["terms_sha256"],
    )  # fmt: skip
    (mine,) = send(client, "GET", "/agreements", None, bearer).json()["items"]
    (yours,) = send(client, "GET", "/agreements?side=consumer", None, theirs).json()["items"]
    assert mine == yours == send(client, "GET", f"/agreements/{mine['uid']}", None, theirs).json()
    policies = [client.get(f"/api/v1/agreements/{mine['uid']}/odrl", headers=who) for who in (bearer, theirs)]
    assert [answer["Content-Type"] for answer in policies] == ["application/ld+json"] * 2
    assert policies[0].json() == policies[1].json()
    assert policies[0].json()["@type"] == "Agreement"
    assert send(client, "GET", "/requests", None, theirs).json()["items"][0]["agreement_uid"] == mine["uid"]
    assert send(client, "GET", "/requests?side=provider", None, bearer).json()["total"] == 1

    dataset = catalog.get_dataset("public-toilets").pk
    at = clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    line = f"{at}\tid\t{program.number},{mine['number']},{dataset},key,items\t1\tGET\t200\t-\t100\t0\t3\t/data\n"
    metering.ingest_segment(gateway="gw", segment="s", offset=0, data=line.encode() * 3)
    addresses = [
        ("/use/datasets/public-toilets", bearer),
        (f"/use/agreements/{mine['uid']}", bearer),
        (f"/use/agreements/{mine['uid']}", theirs),
        (f"/use/applications/{program.uid}", theirs),
    ]
    uses = [send(client, "GET", path, None, who).json() for path, who in addresses]
    assert all(use == uses[0] for use in uses)
    assert (uses[0]["calls"], uses[0]["bytes"], len(uses[0]["days"])) == (3, 300, 30)
    evidence = f"/api/v1/use/agreements/{mine['uid']}/evidence"
    files = [client.get(evidence, headers=who) for who in (bearer, theirs)]
    assert files[0].content == files[1].content
    assert b'"calls":3,"bytes":300' in files[0].content
    assert client.get(evidence).status_code == 401
    text = client.get(f"/api/v1{addresses[0][0]}?f=csv", headers=bearer)
    assert text["Content-Type"].startswith("text/csv")
    assert text.content.decode().splitlines()[-1].endswith(",3,300,0,0")
    assert (
        send(client, "GET", "/use/datasets/public-toilets?from=2026-02-02&to=2026-02-01", None, bearer).status_code
        == 422
    )
    assert send(client, "GET", "/use/datasets/public-toilets?to=0001-01-05", None, bearer).status_code == 200
    other = make_member("tanin")
    another = access.register_application(actor=other, owner_party_id=other.person_party_id, name="x")
    strange = access.issue_key(actor=other, application_uid=another.uid, name="鍵")
    headers = {"Authorization": f"Bearer {strange.plaintext}"}
    policy = f"/agreements/{mine['uid']}/odrl"
    assert client.get(f"/api/v1{policy}").status_code == 401
    for path, _ in (*addresses[1:], (evidence.removeprefix("/api/v1"), theirs), (policy, theirs)):
        assert send(client, "GET", path, None, headers).status_code == 404
    assert send(client, "GET", f"/agreements/{mine['uid']}", None, headers).status_code == 404
    assert send(client, "GET", f"/applications/{program.uid}", None, headers).status_code == 404


def test_withdrawal_needs_notice(client: Client, bearer: Headers) -> None:
    """Too early is refused with the first day; on that day it is taken."""
    offer = publish(client, bearer, OPEN)
    path = f"/offers/{offer['uid']}/withdraw"
    early = send(
        client, "POST", path, {"effective_on": clock.jst_date(clock.now()).isoformat(), "reason": "更新停止"}, bearer
    )
    assert early.status_code in (409, 422), early.content
    first = next(str(value) for value in early.json().values() if _is_future_day(value))
    taken = send(client, "POST", path, {"effective_on": first, "reason": "更新停止"}, bearer)
    assert (taken.status_code, taken.json()["state"], taken.json()["notice"]["effective_on"]) == (
        200,
        "withdrawing",
        first,
    )


def _is_future_day(value: object) -> bool:
    try:
        return date.fromisoformat(str(value)) > clock.jst_date(clock.now())
    except ValueError:
        return False


def test_writes_have_a_pace(client: Client, bearer: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 with Retry-After; reading goes on."""
    monkeypatch.setattr("tdpf.faces.api.credentials.WRITES_A_MINUTE", 2)
    assert [send(client, "POST", "/datasets", {}, bearer).status_code for _ in range(3)] == [422, 422, 429]
    refused = send(client, "POST", "/datasets", {}, bearer)
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert send(client, "GET", "/agreements", None, bearer).status_code == 200


def test_pages_follow_each_other(client: Client, bearer: Headers) -> None:
    """`next` and `previous` lead through the list and keep the question."""
    for number in range(5):
        send(client, "POST", "/datasets", {**DATASET, "slug": f"dataset-{number}"}, bearer)
    seen: list[str] = []
    address: str | None = "http://localhost:8080/api/v1/datasets?drafts=true&limit=2"
    while address:
        page = client.get(address.removeprefix("http://localhost:8080"), headers=bearer).json()
        seen += [item["slug"] for item in page["items"]]
        address = page["next"]
    assert sorted(seen) == [f"dataset-{number}" for number in range(5)]
    for query in ("limit=0", "limit=101", "offset=-1", "limit=x"):
        assert client.get(f"/api/v1/datasets?{query}").status_code == 422
