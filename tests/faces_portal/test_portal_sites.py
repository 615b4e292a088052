"""The operator's pages about collecting: a site is found, tried, added, run; faults, duplicates and links are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from federation_runs import run, site_at
from federation_sites import FakeCkan, hurried, made_up_package
from portal_cast import Person

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.federation import services
from tdpf.controlplane.federation.models import Pair, Run, Site

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)

PAGES = ["/operator/sites", "/operator/pairs", "/operator/links", "/operator/links?state=suspect"]


@pytest.fixture(autouse=True)
def sites_of_this_machine(settings: Any) -> None:
    """The fake sites listen here."""
    settings.ALLOW_PRIVATE_FETCH = True


@pytest.mark.parametrize("path", PAGES)
def test_collecting_is_for_operators(someone: Callable[..., Person], path: str) -> None:
    page = someone("op@example.jp", "運営", operator=True).see(path)
    assert page.headings == 1
    assert page.unlabelled() == []
    assert someone("m@example.jp", "会員").client.get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_catalogues_that_are_known_are_a_press_away(someone: Callable[..., Person], tmp_path: Path) -> None:
    table = tmp_path / "survey.csv"
    table.write_text("団体コード,団体名,カタログURL\n131032,港区,https://data.minato.example/\n", encoding="utf-8")
    services.propose_from_table(path=table, name=table.name)
    page = someone("op@example.jp", "運営", operator=True).see("/operator/sites")
    assert "https://data.minato.example/" in page.text
    assert page.unlabelled() == []


def test_a_table_of_bodies_is_handed_in_by_page(someone: Callable[..., Person]) -> None:
    """What it names stands on the page; what is no table keeps the page and says why; others may not."""
    operator, address = someone("op@example.jp", "運営", operator=True), "/operator/sites/table"
    table = "団体コード,団体名,カタログURL\n131032,港区,https://data.minato.example/\n131041,新宿区,https://shinjuku.example/\n"
    sent = operator.client.post(address, {"table": SimpleUploadedFile("調査.csv", table.encode("cp932"))})
    assert sent.status_code == 303
    text = operator.see("/operator/sites").text
    assert "2 件見つけました" in text
    assert "https://shinjuku.example/" in text
    refused = operator.client.post(address, {"table": SimpleUploadedFile("b.xlsx", b"PK\x03\x04 and nothing more")})
    assert refused.status_code == 422
    assert "b.xlsx" in refused.content.decode()
    assert operator.client.post(address, {}).status_code == 422
    assert someone("m@example.jp", "会員").client.post(address, {}).status_code == 403


def test_a_site_is_found_tried_and_added(someone: Callable[..., Person]) -> None:
    operator, member = someone("op@example.jp", "運営", operator=True), someone("m@example.jp", "会員")
    with FakeCkan(12) as ckan:
        found = operator.client.post("/operator/sites/new", {"step": "find", "url": ckan.url})
        text = found.content.decode()
        assert found.status_code == 200
        assert "CKANの形で 12 件と答えました" in text
        assert "千代田区防災一覧 0" in text
        form = {
            "step": "save", "kind": "ckan", "url": ckan.url, "name_ja": "試験カタログ", "slug": "shiken", "standing": "own",
            "daily_hour": "4", "full_days": "7", "pause_seconds": "0", "run_hours": "1", "allow_private": "on",
        }  # fmt: skip
        assert member.client.post("/operator/sites/new", form).status_code == 403
        refused = operator.client.post("/operator/sites/new", {**form, "slug": "X!"})
        assert refused.status_code == 422
        assert "試験カタログ" in refused.content.decode()
        operator.send("/operator/sites/new", **form)
        site = Site.objects.get()
        assert member.client.post(f"/operator/sites/{site.slug}/act", {"what": "run"}).status_code == 403
        operator.send(f"/operator/sites/{site.slug}/act", what="run")
        begun = Run.objects.get()
        services.perform_run(run_uid=begun.uid, manners=hurried())
    page = operator.see(f"/operator/sites/{site.slug}")
    assert "試験カタログ" in page.heading
    assert "12" in operator.see(f"/operator/runs/{begun.uid}").text
    operator.send(f"/operator/sites/{site.slug}/act", what="pause")
    assert "休止中" in operator.see("/operator/sites").text
    operator.send(f"/operator/sites/{site.slug}/edit", **{**form, "daily_hour": "", "every_hours": "6"})
    site.refresh_from_db()
    assert (site.every_hours, site.daily_hour) == (6, None)


def test_faults_and_held_losses_are_shown(someone: Callable[..., Person]) -> None:
    operator = someone("op@example.jp", "運営", operator=True)
    packages = [made_up_package(number, "2025-01-01T00:00:00") for number in range(10)]
    packages[4]["title"] = ""
    with FakeCkan(packages=packages) as ckan:
        site = site_at(ckan.url)
        first = run(site)
        assert "タイトルがありません" in operator.see(f"/operator/runs/{first.uid}").text
        ckan.delete(*range(8))
        run(site)
    page = operator.see(f"/operator/sites/{site.slug}").text
    assert "急に載らなくなりました" in page
    operator.send(f"/operator/sites/{site.slug}/act", what="believe")
    waiting = Run.objects.get(state="waiting")
    operator.send(f"/operator/runs/{waiting.uid}/stop")
    waiting.refresh_from_db()
    assert waiting.state == "stopped"


def test_duplicates_are_decided_and_the_history_is_open(someone: Callable[..., Person]) -> None:
    operator, member = someone("op@example.jp", "運営", operator=True), someone("m@example.jp", "会員")
    one, other = (
        made_up_package(number, "2025-01-01T00:00:00", title=title)
        for number, title in ((1, "公園"), (11, "都市公園の施設"))
    )
    for package in (one, other):
        package["resources"] = package["resources"][:1]
        package["resources"][0]["url"] = "https://files.example/parks.csv"
    with FakeCkan(packages=[one]) as first, FakeCkan(packages=[other]) as second:
        run(site_at(first.url, slug="one"))
        run(site_at(second.url, slug="two"))
    pair = Pair.objects.get()
    page = operator.see("/operator/pairs").text
    assert "都市公園の施設" in page
    assert member.client.post(f"/operator/pairs/{pair.pk}", {"decision": "merge"}).status_code == 403
    operator.send(f"/operator/pairs/{pair.pk}", decision="merge", reason="同じ表")
    assert "同じ表" in operator.see("/operator/pairs").text
    kept = Dataset.objects.get(title_ja="公園")
    history = Client().get(f"/datasets/{kept.slug}/history").content.decode()
    assert "twoのカタログ" in history
    assert "同じデータとしてまとめました" in history
    source = Client().get(f"/datasets/{kept.slug}/source.json?site=two")
    assert orjson.loads(source.content)["title"] == "都市公園の施設"
    assert source["Content-Disposition"].startswith("attachment")
    document = orjson.loads(Client().get(f"/datasets/{kept.slug}/provenance.jsonld").content)
    kinds = [entry["@type"] for entry in document["@graph"]]
    assert kinds.count("prov:Activity") == 2
    operator.send(f"/operator/datasets/{kept.slug}/part", site="two", record_id=other["id"])
    assert Dataset.objects.filter(state="published", origin="harvested").count() == 2
    assert Client().get("/datasets/nothing-here/source.json").status_code == 404
