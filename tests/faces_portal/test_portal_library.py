"""The data library on the pages: finding, other sites' datasets, leaving for their files, what people look for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client
from portal_cast import person
from portal_reading import page_of

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.queries import dataset_page
from tdpf.controlplane.catalog.types import HarvestedDataset, LinkFact, Place, StatedDataset, StatedDistribution
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services
from tdpf.controlplane.members.types import PublisherFacts
from tdpf.controlplane.metering.interest import counter
from tdpf.djangokit import jobs
from tdpf.kit.text import Text

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
SEEN = datetime(2026, 11, 1, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture
def toilets() -> str:
    """A harvested dataset with a file elsewhere; its slug."""
    facts = PublisherFacts(name_ja="新宿区", municipality_code="131041", slug_hint="shinjuku")
    party = services.ensure_publishers(facts=[facts])[members.key_of_publisher(facts)]
    stated = StatedDataset(
        record_id="r1", title="バリアフリートイレ一覧", publisher_name="新宿区", licence="CC BY 4.0",
        landing_url="https://www.city.shinjuku.example.jp/toilet",
        distributions=(StatedDistribution(record_id="f", title="一覧", url="https://files.example.jp/t.csv", format="CSV"),),
    )  # fmt: skip
    place = Place(
        site="metro", site_name=Text("都の目録", "Metropolitan catalogue"), url="https://metro.example.jp/r1", record_id="r1",
        first_seen_at=SEEN, last_seen_at=SEEN, is_primary=True,
    )  # fmt: skip
    (outcome,) = catalog.put_harvested(
        batch=[
            HarvestedDataset(
                publisher_party_id=party,
                slug_hint="shinjuku toilets",
                stated=stated,
                places=(place,),
                publisher_area="131041",
            )
        ]
    )
    jobs.run_pending()
    catalog.reindex()
    return outcome.slug


def browser() -> Client:
    """A visitor without an account."""
    return Client(headers={"User-Agent": BROWSER})


def test_a_resident_finds_another_sites_data_and_follows_its_link(toilets: str) -> None:
    visitor = browser()
    found = visitor.get("/search", {"q": "新宿区 便所"})
    assert f"/datasets/{toilets}" in found.content.decode()
    page = page_of(visitor.get(f"/datasets/{toilets}", headers={"Referer": "http://testserver/search?q=新宿 便所"}))
    assert "都の目録" in page.text
    assert "まだ確かめていません" in page.text
    gone = visitor.get(f"/datasets/{toilets}/files/main")
    assert (gone.status_code, gone.headers["Location"]) == (303, "https://files.example.jp/t.csv")
    assert visitor.get(f"/datasets/{toilets}/files/other").status_code == 404
    operator = person("op@example.jp", "運営", operator=True)
    counter.flush()
    attention = operator.see("/publishers/shinjuku/interest").text
    assert "バリアフリートイレ一覧" in attention
    assert "新宿 便所" in attention


def test_a_page_is_shown_whatever_the_browser_says_it_came_from(toilets: str) -> None:
    assert browser().get(f"/datasets/{toilets}", headers={"Referer": "http://["}).status_code == 200


def test_searches_that_found_nothing_are_shown_to_operators_only(toilets: str) -> None:
    visitor = browser()
    for words in ("xyzzyplugh", "xyzzyplugh", "onlyoncesaid"):
        visitor.get("/search", {"q": words})
    Client(headers={"User-Agent": "examplebot/1.0"}).get("/search", {"q": "robotwords"})
    counter.flush()
    operator = person("op@example.jp", "運営", operator=True)
    shown = operator.see("/operator/interest").text
    assert "xyzzyplugh" in shown
    assert "robotwords" not in shown
    assert "onlyoncesaid" not in shown, "what one person alone looked for may tell of them"
    stranger = person("s@example.jp", "他人")
    assert stranger.client.get("/operator/interest").status_code == 403
    assert stranger.client.get("/publishers/shinjuku/interest").status_code == 404


def test_a_broken_link_shows_as_such(toilets: str) -> None:
    from tdpf.controlplane.catalog import queries

    (file,) = queries.dataset_page(toilets).distributions
    note = Text("ページがありません", "There is no page")
    catalog.note_links(
        facts=[LinkFact(distribution_uid=file.uid, state="broken", checked_at=SEEN, status=404, note=note)]
    )
    jobs.run_pending()
    visitor = browser()
    assert "切れています" in page_of(visitor.get(f"/datasets/{toilets}")).text
    assert "リンク切れ" in page_of(visitor.get("/search", {"q": "トイレ"})).text


def test_the_box_offers_what_may_be_meant(toilets: str) -> None:
    offered = browser().get("/search/suggest", {"q": "ばりあ"})
    # A browser shows only options that hold the letters typed.
    assert (
        '<option value="バリアフリートイレ一覧" label="バリアフリートイレ一覧（ばりあ）">' in offered.content.decode()
    )
    assert 'label="' not in browser().get("/search/suggest", {"q": "バリア"}).content.decode()
    assert browser().get("/search/suggest", {"q": ""}).content.decode().strip() == ""
    assert browser().get("/search/suggest", {"q": "<script>" * 100}).status_code == 200


def test_operators_see_why_a_result_stands_where_it_does(toilets: str) -> None:
    operator = person("op@example.jp", "運営", operator=True)
    assert "トイレ" in operator.see(f"/search/why/{toilets}?q=トイレ").text
    assert browser().get(f"/search/why/{toilets}?q=トイレ").status_code == 302
    assert person("s@example.jp", "他人").client.get(f"/search/why/{toilets}?q=トイレ").status_code == 403


def test_the_citation_names_the_publishers_own_page(toilets: str) -> None:
    page = page_of(browser().get(f"/datasets/{toilets}"))
    assert "https://www.city.shinjuku.example.jp/toilet" in page.text


def test_who_states_no_terms_is_not_called_open(toilets: str) -> None:
    """The licence of one is stated, that of the other is not."""
    assert "利用条件の記載なし" not in browser().get("/search", {"q": "トイレ"}).content.decode()
    page = dataset_page(toilets)
    assert page.stated is not None
    bare = HarvestedDataset(
        publisher_party_id=page.provider.party_id, slug_hint="bare", stated=replace(page.stated, record_id="r2", title="公園のベンチ", licence=""),
        places=(replace(page.places[0], record_id="r2"),), publisher_area="131041",
    )  # fmt: skip
    (outcome,) = catalog.put_harvested(batch=[bare])
    jobs.run_pending()
    catalog.reindex()
    for shown in (browser().get("/search", {"q": "ベンチ"}), browser().get(f"/datasets/{outcome.slug}")):
        page_text = shown.content.decode()
        assert 'data-color="yellow">利用条件の記載なし</span>' in page_text
        assert 'data-color="green">オープン</span>' not in page_text


def test_what_is_gone_is_not_offered_below(toilets: str) -> None:
    """The page stays and says so, without sending anybody to files that are not there; scores say what they count."""
    shown = page_of(browser().get(f"/datasets/{toilets}")).text
    assert "下のリンクから開けます" in shown
    assert shown.index("まちがいを知らせる") < shown.index("メタデータの品質（MQA）")
    assert "「推定」で補ったことは点になりません" in shown
    uid = dataset_page(toilets).uid
    catalog.retire_harvested(dataset_uids=[uid], reason=Text("どこにもありません", "nowhere"))
    assert "下のリンクから開けます" not in page_of(browser().get(f"/datasets/{toilets}")).text


def test_very_many_files_are_shown_page_by_page_and_named_whole_to_programs(toilets: str) -> None:
    page = dataset_page(toilets)
    assert page.stated is not None
    many = tuple(
        StatedDistribution(
            record_id=f"f{at}", title=f"表 {at:03d}", url=f"https://files.example.jp/{at}.csv", format="CSV"
        )
        for at in range(120)
    )
    catalog.put_harvested(
        batch=[
            HarvestedDataset(
                dataset_uid=page.uid, publisher_party_id=page.provider.party_id, slug_hint="", places=page.places,
                stated=replace(page.stated, distributions=many),
            )
        ]
    )  # fmt: skip
    visitor = browser()
    shown = [visitor.get(f"/datasets/{toilets}", {"offset": offset}) for offset in ("0", "100", "5000")]
    assert [one.content.decode().count(f"/datasets/{toilets}/files/") for one in shown] == [50, 20, 50]
    assert "全120件中 101件目から" in page_of(shown[1]).text
    assert "offset=50#download" in shown[0].content.decode()
    assert visitor.get(f"/dataset/{toilets}.jsonld").content.decode().count('"dcat:downloadURL"') == 120


def test_who_shortens_a_datasets_address_comes_to_the_search() -> None:
    answer = Client().get("/datasets", {"q": "トイレ"})
    assert (answer.status_code, answer["Location"]) == (302, "/search?q=%E3%83%88%E3%82%A4%E3%83%AC")
    assert Client().get("/en/datasets")["Location"] == "/en/search"
