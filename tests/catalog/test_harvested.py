"""Datasets of other sites: put in batches, retired, listed at several places, corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tdpf.controlplane.catalog import errors, events, queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.quality.scoring import page_points
from tdpf.controlplane.catalog.types import HarvestedDataset, LinkFact, Place, StatedDataset, StatedDistribution
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import PublisherFacts, Standing
from tdpf.djangokit.models import OutboxEvent
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

pytestmark = pytest.mark.django_db
SEEN = datetime(2026, 11, 1, 9, tzinfo=UTC)


def publisher(name: str = "新宿区", code: str = "131041") -> int:
    facts = PublisherFacts(name_ja=name, municipality_code=code)
    return member_services.ensure_publishers(facts=[facts])[members.key_of_publisher(facts)]


def place(site: str = "metro", record: str = "r1", *, primary: bool = True) -> Place:
    return Place(
        site=site, site_name=Text(f"{site}の目録", site), url=f"https://{site}.example.jp/{record}", record_id=record,
        first_seen_at=SEEN, last_seen_at=SEEN, is_primary=primary,
    )  # fmt: skip


def toilets(number: int = 1, **more: object) -> HarvestedDataset:
    stated = StatedDataset(
        record_id=f"r{number}", title=f"公衆トイレ一覧 {number}", publisher_name="新宿区", licence="CC BY 4.0", frequency="年1回",
        keywords=("トイレ",), modified="2026-10-01",
        distributions=(
            StatedDistribution(record_id="f1", title="CSV", url=f"https://example.jp/{number}/toilet.csv", format="csv"),
            StatedDistribution(record_id="f2", title="地図", url="javascript:alert(1)"),
        ),
    )  # fmt: skip
    made = HarvestedDataset(
        publisher_party_id=publisher(), slug_hint=f"shinjuku toilet {number}", stated=stated,
        places=(place(record=f"r{number}"),),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]  # fields of the dataclass


def test_a_batch_is_kept_tidied_and_told_of_once() -> None:
    outcomes = services.put_harvested(batch=[toilets(1), toilets(2)])
    assert [outcome.what for outcome in outcomes] == ["added", "added"]
    page = queries.dataset_page(outcomes[0].slug)
    assert page.slug == "shinjuku-toilet-1"
    assert (page.origin, page.licence, page.update_frequency) == ("harvested", "CC-BY-4.0", "ANNUAL")
    assert page.area_codes == ("131041",)
    assert "area_codes" in page.inferred
    assert page.modified_at.date().isoformat() in ("2026-09-30", "2026-10-01")
    assert page.stated is not None
    assert page.stated.frequency == "年1回"
    assert [(file.format, file.url) for file in page.distributions] == [("CSV", "https://example.jp/1/toilet.csv")]
    assert page.sites == ("metro",)
    told = OutboxEvent.objects.filter(name=events.HarvestedPut.name)
    assert [row.payload["added"] for row in told] == [2]


def test_putting_the_same_again_changes_nothing_and_a_change_keeps_address_and_number() -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    again = toilets(1, dataset_uid=first.dataset_uid)
    assert services.put_harvested(batch=[again])[0].what == "unchanged"
    renamed = replace(again, slug_hint="other words", stated=replace(again.stated, title="公衆便所"))
    (outcome,) = services.put_harvested(batch=[renamed])
    assert (outcome.what, outcome.slug) == ("changed", first.slug)
    assert queries.dataset_page(first.slug).title.ja == "公衆便所"
    assert OutboxEvent.objects.filter(name=events.HarvestedPut.name).count() == 2


def test_points_are_the_same_wherever_they_are_counted_and_are_no_news() -> None:
    """府中市 lies in Tokyo and in Hiroshima: only the publisher's code tells, on the page and after a look at links too."""
    item = toilets(1)
    city = replace(item, publisher_area="132063", stated=replace(item.stated, spatial=("府中市",)))
    (first,) = services.put_harvested(batch=[city])
    row = Dataset.objects.get(uid=first.dataset_uid)
    assert row.area_codes == ["132063"]
    assert page_points(queries.dataset_page(row.slug)).points == row.mqa_points
    Dataset.objects.filter(pk=row.pk).update(mqa_points=row.mqa_points - 20)
    (again,) = services.put_harvested(batch=[replace(city, dataset_uid=row.uid)])
    assert again.what == "unchanged"


def test_a_file_that_is_named_no_more_is_removed_and_a_moved_one_is_looked_at_again() -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    (file,) = queries.dataset_page(first.slug).distributions
    services.note_links(
        facts=[
            LinkFact(distribution_uid=file.uid, state="broken", checked_at=SEEN, status=404, note=Text("404", "404"))
        ]
    )
    assert queries.dataset_page(first.slug).distributions[0].link_state == "broken"
    item = toilets(1, dataset_uid=first.dataset_uid)
    moved = replace(item.stated.distributions[0], url="https://example.jp/new.csv")
    services.put_harvested(batch=[replace(item, stated=replace(item.stated, distributions=(moved,)))])
    (after,) = queries.dataset_page(first.slug).distributions
    assert (after.uid, after.link_state, after.url) == (file.uid, "unknown", "https://example.jp/new.csv")
    services.put_harvested(batch=[replace(item, stated=replace(item.stated, distributions=()))])
    assert queries.dataset_page(first.slug).distributions == ()
    assert Distribution.objects.get(uid=file.uid).state == "removed"


def test_two_with_one_wanted_slug_get_two() -> None:
    one, two = toilets(1), toilets(2)
    outcomes = services.put_harvested(batch=[one, replace(two, slug_hint=one.slug_hint)])
    assert len({outcome.slug for outcome in outcomes}) == 2
    third = toilets(3, slug_hint="令和")
    (outcome,) = services.put_harvested(batch=[third])
    assert outcome.slug.startswith("data-")


def test_what_is_gone_stays_readable_and_comes_back() -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    assert (
        services.retire_harvested(dataset_uids=[first.dataset_uid], reason=Text("提供元にありません。", "Gone.")) == 1
    )
    page = queries.dataset_page(first.slug)
    assert (page.state, page.withdrawn_reason) == ("withdrawn", "提供元にありません。")
    (outcome,) = services.put_harvested(batch=[toilets(1, dataset_uid=first.dataset_uid)])
    assert (outcome.what, outcome.slug) == ("revived", first.slug)
    assert queries.dataset_page(first.slug).state == "published"


def test_places_come_go_and_change_hands() -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    rows = Dataset.objects.filter(uid=first.dataset_uid)
    ward = place("ward", "w9")
    rows.update(recorded_at=SEEN)
    services.set_places(places={first.dataset_uid: [place(record="r1")]})
    assert rows.get().recorded_at == SEEN, "the same sites are no change here"
    services.set_places(places={first.dataset_uid: [replace(place(record="r1"), is_primary=False), ward]})
    assert rows.get().recorded_at > SEEN, "another site lists it: whoever reads what changed here gets it"
    assert [listed.site for listed in queries.dataset_page(first.slug).places] == ["ward", "metro"]
    gone = replace(place(record="r1"), is_primary=False, gone_at=SEEN + timedelta(days=1))
    services.set_places(places={first.dataset_uid: [gone, ward]})
    assert queries.dataset_page(first.slug).sites == ("ward",)
    assert services.touch_places(site="ward", seen_at=SEEN + timedelta(days=2)) == 1
    assert services.touch_places(site="metro", seen_at=SEEN + timedelta(days=2)) == 0


def test_a_dataset_that_only_another_site_lists_too_is_told_of() -> None:
    """The index has the site as a filter: nothing else of the dataset changed, and it must hear of it."""
    (first,) = services.put_harvested(batch=[toilets(1)])
    joined = toilets(1, dataset_uid=first.dataset_uid, places=(place(record="r1"), place("ward", primary=False)))
    assert services.put_harvested(batch=[joined])[0].what == "unchanged"
    told = OutboxEvent.objects.filter(name=events.PlacesSet.name)
    assert [row.payload["dataset_uids"] for row in told] == [[first.dataset_uid]]
    seen_later = replace(
        joined, places=tuple(replace(at, last_seen_at=SEEN + timedelta(days=1)) for at in joined.places)
    )
    services.put_harvested(batch=[seen_later])
    assert told.count() == 1


def test_one_sites_facts_are_counted_over_that_site_alone() -> None:
    services.put_harvested(batch=[toilets(1)])
    with CaptureQueriesContext(connection) as asked:
        facts = queries.site_facts("metro")
    assert facts is not None
    assert (facts.slug, facts.datasets) == ("metro", 1)
    assert queries.site_facts("nowhere") is None
    assert all("'metro'" in query["sql"] for query in asked), "not over all sites"


def test_a_correction_wins_until_it_is_taken_back(operator: Standing) -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    services.correct_dataset(actor=operator, dataset_uid=first.dataset_uid, field="area_codes", value=["131032"])
    assert queries.dataset_page(first.slug).area_codes == ("131032",)
    services.put_harvested(batch=[toilets(1, dataset_uid=first.dataset_uid)])
    page = queries.dataset_page(first.slug)
    assert page.area_codes == ("131032",)
    assert page.corrected["area_codes"].by == operator.member_uid
    services.correct_dataset(actor=operator, dataset_uid=first.dataset_uid, field="area_codes", value=None)
    assert queries.dataset_page(first.slug).area_codes == ("131041",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("area_codes", ["999999"]), ("themes", "safety"), ("title_ja", ""), ("title_ja", 7), ("slug", "x"),
        ("period_start", "31-12-2026"), ("licence", "nothing such"), ("contact_email", "nobody"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(operator: Standing, field: str, value: object) -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    with pytest.raises(errors.CorrectionRefused):
        services.correct_dataset(actor=operator, dataset_uid=first.dataset_uid, field=field, value=value)
    assert Dataset.objects.get(uid=first.dataset_uid).corrected == {}


def test_strangers_correct_nothing_and_nobody_edits_another_sites_words(stranger: Standing) -> None:
    (first,) = services.put_harvested(batch=[toilets(1)])
    with pytest.raises(Problem):
        services.correct_dataset(actor=stranger, dataset_uid=first.dataset_uid, field="title_ja", value="別の題")
    with pytest.raises(errors.HarvestedIsNotEdited):
        services.rename_dataset(
            actor=replace(stranger, roles={publisher(): "administrator"}),
            dataset_uid=first.dataset_uid, slug="other-slug",
        )  # fmt: skip
