"""Pages on the quality of descriptions, the marks of what was inferred, and putting it right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from portal_cast import Person, publish
from portal_reading import page_of

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.catalog.types import HarvestedDataset, LinkFact, Place, StatedDataset, StatedDistribution
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import PublisherFacts
from tdpf.kit.text import Text

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
SEEN = datetime(2026, 11, 1, 9, tzinfo=UTC)


def put(number: int, **stated: object) -> str:
    """Put one dataset of another site and return its slug."""
    facts = PublisherFacts(name_ja="新宿区", municipality_code="131041")
    party = member_services.ensure_publishers(facts=[facts])[members.key_of_publisher(facts)]
    words: dict[str, object] = {
        "title": f"公衆トイレ一覧 令和5年度 {number}",
        "publisher_name": "新宿区",
        "frequency": "気が向いたとき",
        "distributions": (StatedDistribution(record_id="f", title="CSV", url=f"https://x.example.jp/{number}.csv"),),
    }
    asked = HarvestedDataset(
        publisher_party_id=party,
        slug_hint=f"toilets-{number}",
        stated=StatedDataset(record_id=str(number), **(words | stated)),  # type: ignore[arg-type]  # fields of the dataclass
        places=(
            Place(
                site="metro", site_name=Text("都の目録", "Metro"), url="https://x.example.jp/", record_id=str(number),
                first_seen_at=SEEN, last_seen_at=SEEN, is_primary=True,
            ),
        ),
    )  # fmt: skip
    return services.put_harvested(batch=[asked])[0].slug


def test_a_harvested_page_marks_what_was_inferred_and_says_why(client: Client) -> None:
    slug = put(1, spatial=())
    page = page_of(client.get(f"/datasets/{slug}"))
    assert "推定" in page.text
    assert "提供者名に「新宿区」があるため" in page.text
    assert "「気が向いたとき」" in page.text
    assert "メタデータの品質（MQA）" in page.text
    assert "この説明を直す" not in page.text
    assert page.inline_styles == page.inline_scripts == 0


def test_points_on_the_page_are_those_that_are_kept(client: Client) -> None:
    slug = put(
        1, rights="出典を書くこと", modified="きのう", licence="cc-by", access_rights="公開", issued="2024-04-01"
    )
    for state in ("unknown", "ok", "broken"):
        page = catalog.dataset_page(slug)
        if state != "unknown":
            fact = LinkFact(
                distribution_uid=page.distributions[0].uid, state=state, checked_at=SEEN, status=200, note=Text("", ""),
                media_type="text/csv", size=1000,
            )  # fmt: skip
            services.note_links(facts=[fact])
            page = catalog.dataset_page(slug)
        measured = catalog.mqa_of(page)
        assert (page.mqa_points, page.stars) == (measured.points.points, measured.points.stars), state
        assert f"405 点中 {page.mqa_points} 点" in page_of(client.get(f"/datasets/{slug}")).text


def test_a_registered_dataset_has_its_measure_too(client: Client, someone: Callable[..., Person]) -> None:
    publish(someone("p@example.jp", "提供"), "shelters")
    page = page_of(client.get("/datasets/shelters"))
    assert "メタデータの品質（MQA）" in page.text
    measured = catalog.mqa_of(catalog.dataset_page("shelters"))
    assert measured.points.dimensions[1] == 100
    assert measured.points.stars == 3


def test_publisher_and_site_pages_show_means_gaps_and_broken_links(client: Client) -> None:
    slugs = [put(number) for number in (1, 2, 3)]
    broken = catalog.dataset_page(slugs[0]).distributions[0].uid
    services.note_links(
        facts=[
            LinkFact(distribution_uid=broken, state="broken", checked_at=SEEN, status=404, note=Text("ない", "gone"))
        ]
    )
    site = page_of(client.get("/sites/metro"))
    assert site.heading == "都の目録"
    assert "キーワードがある" in site.text
    assert "3 件に足りません" in site.text
    assert "切れたリンクのあるデータ" in site.text
    only = page_of(client.get("/sites/metro?links=broken"))
    assert "公衆トイレ一覧 令和5年度 1" in only.text
    assert "公衆トイレ一覧 令和5年度 2" not in only.text
    listed = page_of(client.get("/sites"))
    assert listed.links["都の目録"] == "/sites/metro"
    party = catalog.dataset_page(slugs[0]).provider
    publisher = page_of(client.get(f"/publishers/{party.slug}"))
    assert "直すといちばん効くところ" in publisher.text
    assert client.get("/sites/nowhere").status_code == 404
    assert client.get("/sites/metro?offset=" + "9" * 500).status_code == 200


def test_how_it_is_measured_is_explained_and_readable_by_machines(client: Client) -> None:
    page = page_of(client.get("/quality/metrics"))
    assert "ダウンロードURLが応える" in page.text
    document = json.loads(client.get("/quality/metrics.jsonld").content)
    assert len(document["@graph"]) == 5 + 23 + 5 + 2
    english = page_of(client.get("/en/quality/metrics"))
    assert "Keywords are given" in english.text


def test_the_operator_puts_a_guess_right_and_takes_it_back(someone: Callable[..., Person]) -> None:
    slug = put(1)
    operator = someone("o@example.jp", "運営", operator=True)
    listed = operator.see(f"/datasets/{slug}/correct")
    assert "気が向いたとき" in listed.text
    form = operator.see(f"/datasets/{slug}/correct?field=update_frequency")
    assert form.unlabelled() == []
    operator.send(f"/datasets/{slug}/correct?field=update_frequency", value="ANNUAL", reason="電話で確かめた")
    operator.send(f"/datasets/{slug}/correct?field=themes", value=["welfare"])
    operator.send(f"/datasets/{slug}/correct?field=period_end", value="2024-12-31")
    operator.send(f"/datasets/{slug}/correct?field=area_codes", value="131041、131032")
    page = catalog.dataset_page(slug)
    assert page.update_frequency == "ANNUAL"
    assert page.themes == ("welfare",)
    assert str(page.period_end) == "2024-12-31"
    assert page.area_codes == ("131041", "131032")
    assert "訂正ずみ" in operator.see(f"/datasets/{slug}").text
    operator.send(f"/datasets/{slug}/correct?field=themes", undo="1")
    again = catalog.dataset_page(slug)
    assert "themes" in again.inferred
    assert "themes" not in again.corrected


def test_a_wrong_correction_comes_back_with_what_was_typed(someone: Callable[..., Person]) -> None:
    slug = put(1)
    operator = someone("o@example.jp", "運営", operator=True)
    refused = operator.refused(f"/datasets/{slug}/correct?field=area_codes", value="999999")
    assert any("999999" in alert for alert in refused.alerts) or "999999" in refused.text
    assert catalog.dataset_page(slug).corrected == {}


def test_strangers_put_nothing_right(client: Client, someone: Callable[..., Person]) -> None:
    slug = put(1)
    stranger = someone("s@example.jp", "ほか")
    assert stranger.client.get(f"/datasets/{slug}/correct").status_code == 404
    assert stranger.client.post(f"/datasets/{slug}/correct?field=themes", {"value": ["welfare"]}).status_code == 404
    assert client.get(f"/datasets/{slug}/correct").status_code == 302
    publish(someone("p@example.jp", "提供"), "shelters")
    operator = someone("o@example.jp", "運営", operator=True)
    assert operator.client.get("/datasets/shelters/correct").status_code == 404
