"""The same data at several sites: one entry with all its places, and what the operator decides about the doubtful."""

from __future__ import annotations

from typing import Any

import pytest
from federation_runs import places_of, run, shown, site_at
from federation_sites import FakeCkan, made_up_package

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.federation import errors, services
from tdpf.controlplane.federation.models import Pair, Record
from tdpf.controlplane.members.errors import OperatorNeeded
from tdpf.controlplane.members.types import Standing

pytestmark = pytest.mark.django_db(transaction=True)


def package(
    key: int, title: str, *, ward: str = "港区", url: str = "", modified: str = "2025-01-01T00:00:00"
) -> dict[str, Any]:
    """Return a package of a ward with one file."""
    made = made_up_package(key, modified, title=title)
    made["organization"] = {**made["organization"], "title": ward, "name": f"org{sum(ward.encode())}"}
    made["resources"] = made["resources"][:1]
    made["resources"][0]["url"] = url or f"https://{key}.example/file.csv"
    return made


def only(title: str) -> Dataset:
    """Return the one published dataset with a title."""
    return Dataset.objects.get(title_ja=title, state="published")


def test_one_entry_with_all_its_places() -> None:
    """A ward's list on the metropolis's catalogue and on its own: one entry, the ward's own place first."""
    with (
        FakeCkan(packages=[package(1, "港区公園一覧", modified="2025-01-01T00:00:00")]) as metropolis,
        FakeCkan(packages=[package(9, "公園一覧")]) as ward,
    ):
        gathered = site_at(metropolis.url, slug="metropolis", standing="gathered")
        own = site_at(ward.url, slug="minato")
        run(gathered)
        assert places_of(only("港区公園一覧")) == [("metropolis", True, False)]
        slugs = set(shown())
        second = run(own)
        assert (second.added, second.duplicates) == (1, 1)
        assert set(shown()) == slugs
        dataset = only("公園一覧")
        assert places_of(dataset) == [("metropolis", False, False), ("minato", True, False)]
        ward.delete(0)
        services.ask_run(actor=_system(), site_uid=own.uid, believes_losses=True)
        run(own)
        dataset.refresh_from_db()
        assert (dataset.state, dataset.title_ja) == ("published", "港区公園一覧")
        assert places_of(dataset) == [("metropolis", True, False), ("minato", False, True)]
        metropolis.delete(0)
        services.ask_run(actor=_system(), site_uid=gathered.uid, believes_losses=True)
        run(gathered)
    dataset.refresh_from_db()
    assert dataset.state == "withdrawn"
    assert places_of(dataset) == [("metropolis", True, True), ("minato", False, True)]


def test_editions_and_bodies_stay_apart() -> None:
    """Two years, two wards, and two records of one site are never one entry."""
    first = [
        package(1, "公園一覧 令和5年度"),
        package(2, "公園一覧", ward="中央区"),
        package(3, "人口"),
        package(4, "人口"),
    ]
    second = [package(11, "公園一覧 令和6年度"), package(12, "公園一覧", ward="渋谷区"), package(13, "人口")]
    with FakeCkan(packages=first) as one, FakeCkan(packages=second) as other:
        run(site_at(one.url, slug="one"))
        run(site_at(other.url, slug="two"))
    assert len(shown()) == 6
    assert Record.objects.values("dataset_uid").distinct().count() == 6


def test_two_seasons_of_one_download_page_are_never_joined() -> None:
    """A near title and a shared address are a question to the operator; the equal title is joined, though it is younger."""
    url = "https://files.example/downloads"
    titles = ("春季交通量調査", "秋季交通量調査")
    with (
        FakeCkan(packages=[package(n, title, url=url) for n, title in enumerate(titles)]) as one,
        FakeCkan(packages=[package(11, titles[1], url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        run(site_at(other.url, slug="two"))
    assert len(shown()) == 2
    assert places_of(only(titles[0])) == [("one", True, False)]
    assert places_of(only(titles[1])) == [("one", True, False), ("two", False, False)]


def test_the_equal_title_is_joined_before_an_older_near_one() -> None:
    """Two entries are the same by the rules, one by its identifier and a near title: the one of equal title is joined."""
    near, equal, new = package(1, "公園一覧表"), package(2, "公園一覧"), package(3, "公園一覧")
    near["identifier"] = new["identifier"] = "https://id.example/parks"
    with (
        FakeCkan(packages=[near]) as one,
        FakeCkan(packages=[equal]) as two,
        FakeCkan(packages=[new]) as three,
    ):
        for slug, ckan in (("one", one), ("two", two), ("three", three)):
            run(site_at(ckan.url, slug=slug))
    assert [site for site, *_ in places_of(only("公園一覧表"))] == ["one"]
    assert [site for site, *_ in places_of(only("公園一覧"))] == ["three", "two"]


def test_the_operator_merges_what_is_doubtful(operator: Standing, stranger: Standing) -> None:
    """Merging keeps the older entry and its slug, retires the other with a word, and is not asked again."""
    url = "https://files.example/parks.csv"
    with (
        FakeCkan(packages=[package(1, "公園", url=url)]) as one,
        FakeCkan(packages=[package(2, "都市公園の施設", url=url)]) as other,
    ):
        first, second = site_at(one.url, slug="one"), site_at(other.url, slug="two")
        run(first)
        kept = only("公園")
        run(second)
        pair = Pair.objects.get()
        assert pair.state == "waiting"
        with pytest.raises(OperatorNeeded):
            services.decide_pair(actor=stranger, pair_id=pair.pk, merge=True)
        services.decide_pair(actor=operator, pair_id=pair.pk, merge=True, reason="同じファイル")
        with pytest.raises(errors.PairDecidedAlready):
            services.decide_pair(actor=operator, pair_id=pair.pk, merge=False)
        assert places_of(kept) == [("one", True, False), ("two", False, False)]
        given_up = Dataset.objects.get(title_ja="都市公園の施設")
        assert given_up.state == "withdrawn"
        assert kept.slug in given_up.withdrawn_reason
        run(first, is_full=True)
        run(second, is_full=True)
        assert len(shown()) == 1
        parted = services.part_record(
            actor=operator, dataset_uid=kept.uid, site="two", record_id=Record.objects.get(site=second).record_id
        )
        assert len(shown()) == 2
        assert places_of(Dataset.objects.get(uid=parted)) == [("two", True, False)]
        assert places_of(kept) == [("one", True, False)]
        run(second, is_full=True)
    assert len(shown()) == 2
    assert Pair.objects.get().state == "apart"


def test_kept_apart_stays_apart(operator: Standing) -> None:
    """A pair that was kept apart does not come back to the queue."""
    url = "https://files.example/parks.csv"
    with (
        FakeCkan(packages=[package(1, "公園", url=url)]) as one,
        FakeCkan(packages=[package(2, "都市公園の施設", url=url)]) as other,
    ):
        run(site_at(one.url, slug="one"))
        second = site_at(other.url, slug="two")
        run(second)
        services.decide_pair(actor=operator, pair_id=Pair.objects.get().pk, merge=False)
        assert other.packages is not None
        other.packages[0]["notes"] = "説明が変わりました"
        run(second, is_full=True)
    assert [pair.state for pair in Pair.objects.all()] == ["apart"]
    assert len(shown()) == 2


def _system() -> Standing:
    return Standing(member_id=1, member_uid="system", display_name="", is_operator=True, has_mfa=True)
