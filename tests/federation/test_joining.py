"""What becomes one entry later: a member's dataset that was harvested before, and an address that was given up."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from federation_runs import places_of, run, shown, site_at
from federation_sites import FakeCkan, made_up_package

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.events import DatasetPublished
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.community import services as community
from tdpf.controlplane.community.models import Feedback, Follow, News, Rating
from tdpf.controlplane.federation import errors, services
from tdpf.controlplane.federation.models import MatchKey, Pair, Record, Site
from tdpf.controlplane.federation.verbs import pairs, records
from tdpf.controlplane.members.models import Organization, Party
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.jobs import run_pending
from tdpf.djangokit.models import Job
from tdpf.djangokit.outbox import announce
from tdpf.kit.clock import now
from tdpf.kit.ids import new_uid

pytestmark = pytest.mark.django_db(transaction=True)


def _package(number: int, title: str, *, url: str = "", ward: str = "港区") -> dict[str, Any]:
    made = made_up_package(number, "2025-01-01T00:00:00", title=title)
    made["organization"] = {**made["organization"], "title": ward, "name": "ward"}
    made["resources"] = made["resources"][:1]
    made["resources"][0]["url"] = url or f"https://{number}.example/file.csv"
    return made


def _member_dataset(operator: Standing, title: str) -> Dataset:
    """A dataset that 港区, a member since a moment ago, provides here itself."""
    party = Party.objects.filter(kind="organization", name_ja="港区").first()
    if party is None:
        party = Party.objects.create(
            uid=new_uid(), kind="organization", name_ja="港区", slug="minato", created_at=now()
        )
        Organization.objects.create(
            uid=new_uid(), party=party, kind="municipality", municipality_code="131032", state="approved",
            applied_by_id=operator.member_id, applied_at=now(),
        )  # fmt: skip
    return Dataset.objects.create(
        slug=f"own-{new_uid()}", provider=party, title_ja=title, state="published", published_at=now(), licence="CC-BY-4.0",
        created_by_id=operator.member_id,
    )  # fmt: skip


def test_a_member_provides_what_was_harvested_before(operator: Standing) -> None:
    """The harvested entry becomes a place of the member's; its address leads there; what is ambiguous or parted stays."""
    packages = [
        _package(1, "港区公園一覧"),
        _package(2, "人口"),
        _package(3, "人口"),
        _package(4, "トイレ", ward="北区"),
    ]
    with FakeCkan(packages=packages) as ckan:
        site = site_at(ckan.url, slug="metropolis", standing="gathered")
        run(site)
        parks = _member_dataset(operator, "公園一覧")
        old = next(slug for slug, title in shown().items() if title == "港区公園一覧")
        assert services.match_registered(dataset_uid=parks.uid) == 1
        assert services.match_registered(dataset_uid=parks.uid) == 0
        assert places_of(parks) == [("metropolis", True, False)]
        assert catalog.get_dataset(old).slug == parks.slug
        for title in ("人口", "トイレ"):
            assert services.match_registered(dataset_uid=_member_dataset(operator, title).uid) == 0
        record = Record.objects.get(dataset_uid=parks.uid)
        services.part_record(actor=operator, dataset_uid=parks.uid, site=site.slug, record_id=record.record_id)
        assert services.match_registered(dataset_uid=parks.uid) == 0
        # The publisher was known without an account before: what is new of it is found all the same.
        packages.append(_package(5, "図書館"))
        ckan.count += 1
        library = _member_dataset(operator, "図書館")
        run(site, is_full=True)
    assert places_of(library) == [("metropolis", True, False)]


def test_publishing_has_it_matched(operator: Standing) -> None:
    """Whoever publishes or renames a dataset need not ask for it."""
    dataset = _member_dataset(operator, "公園一覧")
    with transaction.atomic():
        announce(DatasetPublished(actor="x", subject="x", dataset_uid=dataset.uid, slug=dataset.slug))
    assert Job.objects.filter(handler="federation.tasks.match_registered").count() == 1


def test_an_address_that_was_merged_away_leads_to_the_entry_that_stays(operator: Standing) -> None:
    """For good, and with every address it ever had; the retired entry keeps one of its own."""
    url = "https://files.example/parks.csv"
    with (
        FakeCkan(packages=[_package(1, "公園", url=url)]) as one,
        FakeCkan(packages=[_package(2, "都市公園の施設", url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        run(site_at(other.url, slug="two"))
        kept, given_up = Dataset.objects.get(title_ja="公園"), Dataset.objects.get(title_ja="都市公園の施設")
        services.decide_pair(actor=operator, pair_id=Pair.objects.get().pk, merge=True)
    assert catalog.get_dataset(given_up.slug).slug == kept.slug
    given_up.refresh_from_db()
    assert (given_up.state, catalog.get_dataset(given_up.slug).slug) == ("withdrawn", given_up.slug)


def test_records_that_become_alike_later_are_joined_later(operator: Standing) -> None:
    """A title that was mended; the older entry stays and the other's address leads there. What was kept apart stays so."""
    url = "https://files.example/parks.csv"
    first, second, third = (
        _package(1, "港区公園一覧"),
        _package(2, "後援一覧", url=url),
        _package(3, "子育て施設", url=url),
    )
    with FakeCkan(packages=[first]) as one, FakeCkan(packages=[second]) as other, FakeCkan(packages=[third]) as last:
        sites = [site_at(ckan.url, slug=name) for ckan, name in ((one, "one"), (other, "two"), (last, "three"))]
        for site in sites:
            run(site)
        assert len(shown()) == 3
        kept, given_up = Dataset.objects.get(title_ja="港区公園一覧"), Dataset.objects.get(title_ja="後援一覧")
        services.decide_pair(actor=operator, pair_id=Pair.objects.get().pk, merge=False)
        second["title"] = third["title"] = "公園一覧"
        other._ready.clear()
        last._ready.clear()
        assert run(sites[1], is_full=True).duplicates == 0
        Pair.objects.all().delete()
        assert run(sites[2], is_full=True).duplicates == 1
        assert run(sites[2], is_full=True).duplicates == 0
    assert [place[0] for place in places_of(kept)] == ["one", "three"]
    assert catalog.get_dataset(given_up.slug).slug == given_up.slug
    assert not Pair.objects.filter(first__dataset_uid=kept.uid, second__dataset_uid=kept.uid).exists()


def test_people_go_along_with_what_is_merged(operator: Standing, stranger: Standing) -> None:
    """Followers, questions and ratings are at the entry that stays; nobody hears that it is no longer listed."""
    url = "https://files.example/parks.csv"
    with (
        FakeCkan(packages=[_package(1, "公園", url=url)]) as one,
        FakeCkan(packages=[_package(2, "都市公園の施設", url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        run(site_at(other.url, slug="two"))
    kept, given_up = Dataset.objects.get(title_ja="公園"), Dataset.objects.get(title_ja="都市公園の施設")
    for who, dataset in ((stranger, given_up), (operator, given_up), (operator, kept)):
        community.follow(actor=who, dataset_uid=dataset.uid)
        community.rate_dataset(actor=who, dataset_uid=dataset.uid, points=3 if dataset == kept else 5)
    question = community.submit_feedback(
        actor=stranger, dataset_uid=given_up.uid, kind="question", text="いつの数ですか。"
    )
    services.decide_pair(actor=operator, pair_id=Pair.objects.get().pk, merge=True)
    run_pending()
    assert set(Follow.objects.values_list("member_id", "key", "dataset_id")) == {
        (who.member_id, f"dataset:{kept.uid}", kept.pk) for who in (stranger, operator)
    }
    assert dict(Rating.objects.filter(dataset=kept).values_list("member_id", "points")) == {
        stranger.member_id: 5, operator.member_id: 3,
    }  # fmt: skip
    assert not Rating.objects.exclude(dataset=kept).exists()
    assert Feedback.objects.get(uid=question).dataset_id == kept.pk
    told = dict(News.objects.values_list("kind", "path"))
    assert told["merged"] == f"/datasets/{kept.slug}"
    assert "retired" not in told


def test_a_run_that_read_before_the_merge_goes_on_with_what_stays(
    operator: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an operator merged while a run looked its records up is not shown again; nor can anybody put it again."""
    url = "https://files.example/parks.csv"
    with (
        FakeCkan(packages=[_package(1, "公園", url=url)]) as one,
        FakeCkan(packages=[_package(2, "都市公園の施設", url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        second = site_at(other.url, slug="two")
        run(second)
        kept, given_up = Dataset.objects.get(title_ja="公園"), Dataset.objects.get(title_ja="都市公園の施設")
        pair = Pair.objects.get().pk
        stale = Record.objects.select_related("site").get(site=second)

        def meanwhile() -> None:
            monkeypatch.undo()
            services.decide_pair(actor=operator, pair_id=pair, merge=True)

        monkeypatch.setattr(records, "let_nobody_else_match", meanwhile)
        assert other.packages is not None
        other.packages[0]["title"] = "都市公園の施設（改）"
        done = run(second, is_full=True)
    assert (done.changed, done.left_out) == (1, 0)
    given_up.refresh_from_db()
    assert given_up.state == "withdrawn"
    assert list(shown().values()) == ["公園"]
    assert places_of(kept) == [("one", True, False), ("two", False, False)]
    with pytest.raises(ValueError, match="merged"):
        catalog_services.put_harvested(batch=[records._harvested(stale, records.as_places([stale]))])


def test_what_was_decided_meanwhile_is_not_decided_again(operator: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's decision waits for its turn before it looks at the pair."""
    url = "https://files.example/parks.csv"
    with (
        FakeCkan(packages=[_package(1, "公園", url=url)]) as one,
        FakeCkan(packages=[_package(2, "都市公園の施設", url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        run(site_at(other.url, slug="two"))
    pair = Pair.objects.get().pk

    def meanwhile() -> None:
        monkeypatch.undo()
        services.decide_pair(actor=operator, pair_id=pair, merge=False)

    monkeypatch.setattr(pairs, "let_nobody_else_match", meanwhile)
    with pytest.raises(errors.PairDecidedAlready):
        services.decide_pair(actor=operator, pair_id=pair, merge=True)
    assert len(shown()) == 2


def test_a_key_that_many_share_is_counted_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that hundreds of records name says nothing, and they are not loaded to find that out."""
    url = "https://files.example/everything"
    loaded: list[str] = []
    made = Record.from_db.__func__  # type: ignore[attr-defined]

    def from_db(cls: type[Record], *rest: Any) -> Record:
        row: Record = made(cls, *rest)
        loaded.append(row.record_id)
        return row

    with (
        FakeCkan(packages=[_package(n, f"題名{chr(0x4E00 + n)}", url=url) for n in range(60)]) as one,
        FakeCkan(packages=[_package(100, "別の題名", url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        monkeypatch.setattr(Record, "from_db", classmethod(from_db))
        run(site_at(other.url, slug="two"))
    shared = MatchKey.objects.filter(record__site__slug="two").values("digest")
    assert MatchKey.objects.filter(digest__in=shared).count() >= 61
    assert Pair.objects.count() == 0
    assert len(loaded) < 5


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_runs_at_once_miss_no_duplicate() -> None:
    """Both sites list the same sixty datasets; each run sees what the other one takes."""
    packages = [_package(n, f"題名{chr(0x4E00 + n)}") for n in range(60)]
    with FakeCkan(packages=packages) as one, FakeCkan(packages=packages) as other:
        sites = [site_at(one.url, slug="one"), site_at(other.url, slug="two")]
        together = threading.Barrier(2)

        def read(site: Site) -> None:
            together.wait(timeout=30)
            run(site)
            connection.close()

        threads = [threading.Thread(target=read, args=(site,)) for site in sites]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    assert Record.objects.count() == 120
    assert len(shown()) == 60
