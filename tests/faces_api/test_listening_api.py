"""What programs read of voices and requests for data."""

from __future__ import annotations

import pytest
from django.test import Client

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.community import services
from tdpf.controlplane.community.types import Target
from tdpf.controlplane.members.types import Standing

pytestmark = [
    pytest.mark.django_db(databases=["default", "ledger"]),
    pytest.mark.urls("tdpf.faces.api.urls"),
]


def published(actor: Standing) -> str:
    """Publish a dataset that only links, and return its uid."""
    made = catalog.create_dataset(
        actor=actor,
        provider_party_id=actor.person_party_id,
        metadata=DatasetMetadata(title_ja="公園一覧"),
        slug="parks",
    )
    link = DistributionDetails(
        kind="link", holding="connected", holding_reason="提供者の場所", url="https://example.jp/parks.csv"
    )
    catalog.add_distribution(actor=actor, dataset_uid=made.uid, details=link)
    catalog.publish_dataset(actor=actor, dataset_uid=made.uid)
    return made.uid


def test_programs_read_what_everybody_may_read(hana: Standing, make_member: object, client: Client) -> None:
    taro: Standing = make_member("taro")  # type: ignore[operator]  # the fixture makes members
    dataset = published(hana)
    target = Target(column="開園時間", proposed="8:30")
    services.submit_feedback(actor=taro, dataset_uid=dataset, kind="correction", target=target)
    services.submit_feedback(
        actor=taro, dataset_uid=dataset, kind="reuse", title="地図", text="作りました", reuse_kind="app"
    )
    services.rate_dataset(actor=taro, dataset_uid=dataset, points=4)
    told = client.get("/api/v1/datasets/parks/feedback").json()
    assert (told["total"], told["average"], told["rated"]) == (1, 4.0, 1)
    assert told["items"][0]["target"] == {"column": "開園時間", "proposed": "8:30"}
    uid = services.request_data(
        actor=taro, kind="format", title="CSVで", text="ほしい", wanted_format="CSV", dataset_uid=dataset
    )
    listed = client.get("/api/v1/data-requests", {"state": "new", "dataset": "parks"}).json()
    assert [(asked["uid"], asked["dataset"], asked["votes"]) for asked in listed["items"]] == [(uid, "parks", 1)]
    assert client.get(f"/api/v1/data-requests/{uid}").json()["history"][0]["state"] == "new"
    assert client.get("/api/v1/data-requests/nothing").status_code == 404
    assert client.get("/api/v1/data-requests", {"state": "perhaps"}).status_code == 422
