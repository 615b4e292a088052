"""What programs may say for the member behind a key, and what they may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client
from made_members import MakeMember

from tdpf.controlplane.access import services as access
from tdpf.controlplane.access.types import SCOPES
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.community import services as community
from tdpf.controlplane.community.mail_links import token_for
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import OrganizationFacts, OrganizationKind, Standing

pytestmark = [
    pytest.mark.django_db(databases=["default", "ledger"]),
    pytest.mark.urls("tdpf.faces.api.urls"),
]
Headers = dict[str, str]
ASKED = {"title": "夜間の街灯の場所", "text": "安全な道を選びたいので、街灯の場所がほしいです。"}


@pytest.fixture
def parks(hana: Standing) -> str:
    """A public dataset of hana's; its slug."""
    made = catalog.create_dataset(
        actor=hana, provider_party_id=hana.person_party_id, metadata=DatasetMetadata(title_ja="公園一覧"), slug="parks"
    )
    link = DistributionDetails(
        kind="link", holding="connected", holding_reason="提供者の場所", url="https://example.jp/parks.csv"
    )
    catalog.add_distribution(actor=hana, dataset_uid=made.uid, details=link)
    catalog.publish_dataset(actor=hana, dataset_uid=made.uid)
    return made.slug


@pytest.fixture
def call(client: Client) -> Callable[..., tuple[int, Any]]:
    """Send JSON and return status and answer."""

    def send(headers: Headers, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = b"" if body is None else orjson.dumps(body)
        answer = client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    return send


def test_a_request_is_made_wanted_and_taken_back(
    call: Callable[..., tuple[int, Any]], bearer: Headers, strangers_bearer: Headers, parks: str
) -> None:
    status, made = call(bearer, "POST", "/data-requests", ASKED)
    assert (status, made["state"], made["visibility"], made["votes"]) == (201, "new", "shown", 1)
    one = f"/data-requests/{made['uid']}"
    for _ in range(2):
        assert call(strangers_bearer, "PUT", f"{one}/vote")[1]["votes"] == 2
    assert call(strangers_bearer, "DELETE", f"{one}/vote")[1]["votes"] == 1
    assert call(bearer, "DELETE", f"{one}/vote")[1]["votes"] == 1
    assert call(strangers_bearer, "POST", f"{one}/withdraw", {})[0] == 403
    assert call(bearer, "POST", f"{one}/withdraw", {"reason": "見つかった"})[1]["state"] == "withdrawn"
    assert call(strangers_bearer, "PUT", f"{one}/vote")[0] == 409
    status, fault = call(bearer, "POST", "/data-requests", {**ASKED, "title": "", "kind": "format"})
    assert status == 422
    assert {entry["field"] for entry in fault["errors"]} >= {"title", "wanted_format"}
    better = {**ASKED, "kind": "format", "wanted_format": "CSV", "dataset": parks}
    assert call(bearer, "POST", "/data-requests", better)[1]["dataset"] == parks
    assert call(bearer, "POST", "/data-requests", {**better, "dataset": "nothing"})[0] == 404


def test_feedback_is_answered_by_the_owner_alone(
    call: Callable[..., tuple[int, Any]],
    bearer: Headers,
    strangers_bearer: Headers,
    make_member: MakeMember,
    parks: str,
) -> None:
    said = {"kind": "correction", "target": {"column": "開園時間", "proposed": "8:30"}}
    status, thread = call(strangers_bearer, "POST", f"/datasets/{parks}/feedback", said)
    assert (status, thread["dataset"], thread["visibility"]) == (201, parks, "shown")
    one = f"/feedback/{thread['uid']}"
    other = _key(make_member("third"), SCOPES)
    assert call({}, "GET", one)[1]["target"] == said["target"]
    assert call(other, "POST", f"{one}/answer", {"answer": "mended"})[0] == 403
    assert call(strangers_bearer, "POST", f"{one}/answer", {"answer": "mended"})[0] == 403
    assert call(bearer, "GET", one)[1]["text"] == ""
    assert call(bearer, "POST", f"{one}/answer", {"answer": "perhaps"})[0] == 422
    answered = call(bearer, "POST", f"{one}/answer", {"answer": "mended", "text": "直しました"})[1]
    assert (answered["state"], answered["visibility"], answered["replies"][0]["side"]) == ("mended", "shown", "owner")
    assert call(other, "POST", f"{one}/replies", {"text": "まだです"})[0] == 403
    assert call(strangers_bearer, "POST", f"{one}/replies", {"text": "まだです"})[1]["state"] == "open"
    assert call(other, "POST", f"{one}/close")[0] == 403
    assert call(strangers_bearer, "POST", f"{one}/close")[1]["closed_at"]
    assert call(bearer, "POST", f"{one}/answer", {"answer": "mended"})[0] == 409
    reuse = {"kind": "reuse", "title": "公園の地図", "text": "作りました", "reuse_kind": "app"}
    held = call(strangers_bearer, "POST", f"/datasets/{parks}/feedback", reuse)[1]
    assert held["visibility"] == "held"
    for unconcerned in (other, {}):
        assert call(unconcerned, "GET", f"/feedback/{held['uid']}")[0] == 404
    assert call(other, "POST", f"/feedback/{held['uid']}/close")[0] == 404
    assert call(bearer, "GET", f"/feedback/{held['uid']}")[0] == 200
    assert call(strangers_bearer, "POST", "/datasets/nothing/feedback", said)[0] == 404


def test_nobody_rates_their_own_data_whichever_key_they_use(
    call: Callable[..., tuple[int, Any]], strangers_bearer: Headers, make_member: MakeMember
) -> None:
    """A member of a ward with an application of their own is still of the ward."""
    clerk, operator = make_member("clerk"), make_member("op", operator=True)
    facts = OrganizationFacts(
        kind=OrganizationKind.MUNICIPALITY, name_ja="見本区", slug="sample", municipality_code="131016",
        contact_email="data@city.example.jp",
    )  # fmt: skip
    applied = member_services.apply_organization(actor=clerk, facts=facts)
    ward = member_services.review_organization(actor=operator, organization_uid=applied.uid, decision="approve")
    clerk = _again(clerk)
    made = catalog.create_dataset(
        actor=clerk, provider_party_id=ward.party_id, metadata=DatasetMetadata(title_ja="橋一覧"), slug="bridges"
    )
    link = DistributionDetails(kind="link", holding="connected", holding_reason="区", url="https://example.jp/b.csv")
    catalog.add_distribution(actor=clerk, dataset_uid=made.uid, details=link)
    catalog.publish_dataset(actor=clerk, dataset_uid=made.uid)
    personal = _key(clerk, SCOPES)
    assert call(personal, "PUT", "/datasets/bridges/rating", {"points": 5})[1]["type"].endswith("community/own-data")
    rated = call(strangers_bearer, "PUT", "/datasets/bridges/rating", {"points": 4, "word": "使えた"})[1]
    assert rated == {"points": 4, "average": 4.0, "rated": 1}
    assert call(strangers_bearer, "PUT", "/datasets/bridges/rating", {"points": 6})[0] == 422
    assert call(strangers_bearer, "DELETE", "/datasets/bridges/rating")[1]["rated"] == 0


def test_each_scope_opens_its_own_door(
    call: Callable[..., tuple[int, Any]], hana: Standing, make_member: MakeMember, parks: str
) -> None:
    asks = _key(hana, ["requests:write"])
    assert call(asks, "POST", "/data-requests", ASKED)[0] == 201
    refused = call(asks, "POST", f"/datasets/{parks}/feedback", {"kind": "question", "text": "いつ更新しますか"})
    assert (refused[0], refused[1]["type"].rsplit("/", 1)[1]) == (403, "scope-missing")
    with pytest.raises(Exception, match=r"(?i)mfa|second"):
        _key(make_member("quick", mfa=False), ["feedback:write"])


def test_a_key_of_an_operator_is_a_members_key(
    call: Callable[..., tuple[int, Any]], make_member: MakeMember, strangers_bearer: Headers, parks: str
) -> None:
    """What is held back stays unseen, and nothing is decided with a key."""
    reuse = {"kind": "reuse", "title": "公園の地図", "text": "作りました", "reuse_kind": "app"}
    held = call(strangers_bearer, "POST", f"/datasets/{parks}/feedback", reuse)[1]
    theirs = _key(make_member("op", operator=True), SCOPES)
    assert call(theirs, "GET", f"/feedback/{held['uid']}")[0] == 404
    asked = call(strangers_bearer, "POST", f"/datasets/{parks}/feedback", {"kind": "question", "text": "いつですか"})[1]
    assert call(theirs, "POST", f"/feedback/{asked['uid']}/answer", {"answer": "answered", "text": "x"})[0] == 403


def test_a_holder_answers_by_the_mailed_token_once(
    call: Callable[..., tuple[int, Any]], make_member: MakeMember, bearer: Headers
) -> None:
    operator = make_member("op", operator=True)
    made = call(bearer, "POST", "/data-requests", ASKED)[1]
    errand = community.send_errand(
        actor=operator, request_uid=made["uid"], recipient_name="見本区", email="data@city.example.jp"
    )
    answer = {"token": token_for("answer", errand), "answer": "promised", "text": "来春に", "name": "見本区 道路課"}
    assert call(bearer, "POST", "/answers", {**answer, "token": "wrong"})[0] in (404, 410)
    assert call(bearer, "POST", "/answers", answer) == (200, {"answer": "promised", "about": "request"})
    assert call(bearer, "POST", "/answers", answer)[0] == 409
    assert call({}, "GET", f"/data-requests/{made['uid']}")[1]["state"] == "promised"


def _again(standing: Standing) -> Standing:
    from tdpf.controlplane.members import queries as members

    return members.standing_of_uid(standing.member_uid)


def _key(of: Standing, scopes: Any) -> Headers:
    theirs = access.register_application(actor=of, owner_party_id=of.person_party_id, name=f"{of.display_name}の道具")
    issued = access.issue_key(actor=of, application_uid=theirs.uid, name="鍵", scopes=scopes)
    return {"Authorization": f"Bearer {issued.plaintext}"}
