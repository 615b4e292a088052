"""The sample sites are collected by real runs, say that they are made up, and lead to files that are there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.federation import queries as federation
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.processes.demo_site import collect_sample_sites

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)


def test_a_newcomer_sees_collected_data_at_once(settings: Any, client: Client) -> None:
    settings.DEMO, settings.PUBLIC_URL = True, "http://localhost:8080"
    operator = member_services.create_operator(email="op@example.jp", password="a long pass 7", display_name="運営")
    member_services.set_totp_secret(member_uid=operator.uid)
    standing = members.standing_of(operator)
    for _ in range(2):
        collect_sample_sites(standing)
    lines = {line.site.slug: line for line in federation.list_sites()}
    assert {slug: (line.live, line.last.left_out, line.site.state) for slug, line in lines.items() if line.last} == {
        "komorebi": (10, 1, "paused"),
        "midori": (2, 0, "paused"),
    }
    catalog_services.reindex()
    listed = catalog.search("", limit=50).hits
    assert len(listed) == 11
    assert all("架空" in hit.title.ja for hit in listed)
    toilets = catalog.dataset_page("komorebi-toilets")
    assert len(toilets.places) == 2
    assert set(toilets.inferred) >= {"themes", "area_codes"}
    states = [link.state for hit in listed for link in catalog.links_of_dataset(hit.uid)]
    assert sorted(set(states)) == ["broken", "moved", "ok"]
    for hit in listed:
        for link in catalog.links_of_dataset(hit.uid):
            answer = client.get(link.url.removeprefix(settings.PUBLIC_URL))
            assert (answer.status_code == 200) == (link.state != "broken"), link.url
    settings.DEMO = False
    assert client.get("/demo/site/toilets.csv").status_code == 404
