"""Versions, retention and purging, on real tables and real files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from catalog_cast import COLUMNS, HELD, LINK, ROWS, TOILETS, Announced, add_rows, make_table, put_original
from django.db import IntegrityError, transaction

from tdpf.controlplane.catalog import errors, events, queries, services
from tdpf.controlplane.catalog.models import Dataset, Distribution, Tombstone, Version
from tdpf.controlplane.catalog.types import DatasetMetadata
from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.jobs import run_one
from tdpf.djangokit.models import Job
from tdpf.kit.clock import now
from tdpf.tables.verify import verify_table

pytestmark = pytest.mark.django_db
THREE = (*ROWS, ("3", "北口トイレ", "35.71", "139.71", None))
FOUR = (*THREE, ("4", "南口トイレ", "35.72", "139.72", "true"))
Commit = Callable[..., object]


def states(table: Distribution) -> list[tuple[int, str]]:
    return [(version.number, version.state) for version in queries.versions_of(table.uid)]


def test_a_version_carries_what_the_table_says(
    provider: Standing, dataset: Dataset, table: Distribution, announced: Announced
) -> None:
    added = add_rows(provider, table, read_report={"encoding": "cp932"})
    assert (added.number, added.is_new) == (1, True)
    version = queries.latest_version(table.uid)
    assert version is not None
    page = queries.version_page(version)
    assert page.columns == ("ID", "名称", "緯度", "経度", "オストメイト")
    assert (page.rows, page.located, page.key_columns) == (2, True, ("ID",))
    assert page.read_report == {"encoding": "cp932"}
    assert page.published_by == "shinjuku"
    assert page.original_available
    assert verify_table(queries.table_folder(page.identity)) == []
    [event] = announced(events.VersionPublished)
    assert (event.payload["number"], event.payload["identity"]) == (1, added.identity)


def test_a_table_that_a_node_found_damaged_is_made_anew(
    provider: Standing, table: Distribution, announced: Announced
) -> None:
    identity = str(add_rows(provider, table).identity)
    folder = queries.table_folder(identity)
    assert not services.mend_table(identity=identity)
    rows = folder / "rows.sqlite"
    rows.write_bytes(b"\xff" * rows.stat().st_size)
    for _ in range(2):
        services.ask_to_mend(identity=identity, now=now())
    services.ask_to_mend(identity="0" * 64, now=now())
    assert Job.objects.filter(handler="catalog.tasks.mend_table").count() == 1
    assert run_one(lane="long")
    assert verify_table(folder) == []
    [event] = announced(events.TableMended)
    assert (event.payload["number"], event.payload["identity"]) == (1, identity)
    # Mended: new damage within the hour is looked at at once.
    rows.write_bytes(b"\xff" * rows.stat().st_size)
    services.ask_to_mend(identity=identity, now=now())
    assert run_one(lane="long")
    assert verify_table(folder) == []
    # What it is made from is damaged too: it is tried once for all that nodes say within an hour, and not again by itself.
    for damaged in (rows, folder / "data.csv"):
        damaged.write_bytes(b"\xff" * damaged.stat().st_size)
    for minutes in (5, 61, 90):
        services.ask_to_mend(identity=identity, now=now() + timedelta(minutes=minutes))
    assert run_one(lane="long")
    assert not Job.objects.filter(handler="catalog.tasks.mend_table").exists()


def test_the_same_again_makes_no_new_version(provider: Standing, table: Distribution, announced: Announced) -> None:
    first = add_rows(provider, table)
    again = add_rows(provider, table)
    assert not again.is_new
    assert (again.version_uid, again.number) == (first.version_uid, 1)
    assert len(announced(events.VersionPublished)) == 1


def test_numbers_go_on_and_one_is_latest(provider: Standing, table: Distribution, announced: Announced) -> None:
    add_rows(provider, table)
    add_rows(provider, table, THREE, diff={"added": 1, "removed": 0, "changed": 2, "samples": [["3"]]})
    assert states(table) == [(2, "latest"), (1, "older")]
    assert queries.versions_of(table.uid, provider)[0].diff["samples"] == [["3"]]
    payload = announced(events.VersionPublished)[1].payload
    assert (payload["added"], payload["removed"], payload["changed"]) == (1, 0, 2)
    third = add_rows(provider, table)
    assert (third.number, third.is_new) == (3, True)


def test_the_database_allows_one_latest_version(provider: Standing, table: Distribution) -> None:
    add_rows(provider, table)
    add_rows(provider, table, THREE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(number=1).update(state="latest")


def test_a_link_has_no_versions(provider: Standing, dataset: Dataset) -> None:
    link = services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=LINK)
    with pytest.raises(errors.NotHeld):
        add_rows(provider, link)


def test_a_held_file_is_handed_out_as_it_is(provider: Standing, dataset: Dataset) -> None:
    details = replace(HELD, name="plan", kind="file")
    distribution = services.add_distribution(actor=provider, dataset_uid=dataset.uid, details=details)
    original = put_original(b"%PDF-1.7", "防災計画.PDF")
    services.add_version(actor=provider, distribution_uid=distribution.uid, original=original, published=None)
    services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    [facts] = queries.published_files()
    assert (facts.name, facts.size, facts.sha256) == ("plan.pdf", 8, original.sha256)
    assert facts.path == f"{original.sha256[:2]}/{original.sha256}"
    assert queries.dataset_page(dataset.slug).formats == ("PDF",)


def test_the_gate_is_told_of_tables_aliases_and_pinned_versions(
    published: Dataset, provider: Standing, table: Distribution
) -> None:
    first = queries.latest_version(table.uid)
    assert first is not None
    services.pin_version(actor=provider, version_uid=first.uid, pinned=True)
    add_rows(provider, table, THREE)
    services.rename_dataset(actor=provider, dataset_uid=published.uid, slug="toilets-of-shinjuku")
    [facts] = queries.published_tables()
    assert (facts.slug, facts.aliases, facts.table, facts.version) == (
        "toilets-of-shinjuku",
        ("public-toilets",),
        "main",
        2,
    )
    assert facts.pinned == ((1, first.identity),)
    assert facts.rows == 3
    assert facts.columns[0] == "ID"
    assert facts.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert facts.dataset == published.pk


def test_retention_takes_older_versions_only(
    published: Dataset, provider: Standing, table: Distribution, announced: Announced
) -> None:
    first = queries.latest_version(table.uid)
    assert first is not None
    add_rows(provider, table, THREE)
    add_rows(provider, table, FOUR)
    one, two, three = (queries.table_folder(v.identity) for v in reversed(queries.versions_of(table.uid)))
    services.pin_version(actor=provider, version_uid=first.uid, pinned=True)
    early = services.apply_retention(now=now() + timedelta(days=29))
    assert early.retired_versions == ()
    outcome = services.apply_retention(now=now() + timedelta(days=31))
    assert len(outcome.retired_versions) == 1
    assert outcome.freed_bytes > 0
    assert (one.exists(), two.exists(), three.exists()) == (True, False, True)
    assert states(table) == [(3, "latest"), (2, "retired"), (1, "older")]
    [event] = announced(events.VersionRetired)
    assert (event.actor, event.payload["number"]) == ("system", 2)
    assert queries.versions_of(table.uid)[1].original_available
    assert services.apply_retention(now=now() + timedelta(days=32)).retired_versions == ()


def test_rows_that_are_kept_no_more_are_quoted_nowhere(
    published: Dataset, provider: Standing, table: Distribution
) -> None:
    """Retention takes quotations with the rows, and the page shows none of a version that is gone, whatever is stored."""
    counts = {"added": 0, "removed": 1, "changed": 0, "columns_added": []}
    diff = {**counts, "samples": {"added": [], "removed": [{"ID": "1", "名称": "山田太郎"}], "changed": []}}
    for rows in (THREE, FOUR):
        add_rows(provider, table, rows, diff=diff)

    def told(number: int) -> Mapping[str, object]:
        return queries.version_shown(table.uid, number, columns=None).version.diff

    assert told(2) == told(3) == diff
    services.pin_version(actor=provider, version_uid=queries.versions_of(table.uid)[2].uid, pinned=True)
    services.apply_retention(now=now() + timedelta(days=31))
    assert states(table) == [(3, "latest"), (2, "retired"), (1, "older")]
    assert [row.diff for row in Version.objects.filter(number__gt=1)] == [counts, counts]
    Version.objects.filter(number__gt=1).update(diff=diff)
    assert told(2) == told(3) == counts


def test_originals_go_by_their_own_days(provider: Standing, table: Distribution, announced: Announced) -> None:
    Dataset.objects.filter(pk=table.dataset_id).update(originals_days=10, retention_days=None)
    add_rows(provider, table)
    add_rows(provider, table, THREE)
    old = queries.versions_of(table.uid)[1]
    outcome = services.apply_retention(now=now() + timedelta(days=11))
    assert (outcome.retired_versions, outcome.removed_originals) == ((), (old.uid,))
    assert not queries.original_path(old.original_sha256).exists()
    assert queries.table_folder(old.identity).exists()
    assert not queries.versions_of(table.uid)[1].original_available
    assert len(announced(events.OriginalRemoved)) == 1


def test_a_distributions_own_retention_goes_before_the_datasets(
    provider: Standing, dataset: Dataset, table: Distribution
) -> None:
    services.edit_distribution(actor=provider, distribution_uid=table.uid, details=replace(HELD, retention_days=0))
    add_rows(provider, table)
    add_rows(provider, table, THREE)
    assert len(services.apply_retention(now=now()).retired_versions) == 1


def test_files_that_another_dataset_needs_stay(provider: Standing, dataset: Dataset, table: Distribution) -> None:
    twin = services.create_dataset(
        actor=provider, provider_party_id=provider.person_party_id, metadata=_twin_metadata(), slug="twin"
    )
    other = services.add_distribution(actor=provider, dataset_uid=twin.uid, details=HELD)
    add_rows(provider, other)
    add_rows(provider, table)
    add_rows(provider, table, THREE)
    identity = queries.versions_of(other.uid)[0].identity
    services.apply_retention(now=now() + timedelta(days=31))
    assert states(table) == [(2, "latest"), (1, "retired")]
    assert queries.table_folder(identity).exists()


def test_a_purge_erases_files_and_leaves_a_tombstone(
    published: Dataset,
    provider: Standing,
    table: Distribution,
    announced: Announced,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    version = queries.latest_version(table.uid)
    assert version is not None
    folder, original = queries.table_folder(version.identity), queries.original_path(version.original_sha256)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # a context manager
        outcome = services.purge_version(actor=provider, version_uid=version.uid, reason="個人名が含まれていたため")
    assert outcome.removed == ("table", "original")
    assert not folder.exists()
    assert not original.exists()
    assert list(folder.parent.iterdir()) == []
    [page] = queries.versions_of(table.uid, provider)
    assert (page.state, page.original_name, page.diff, page.read_report) == ("purged", "", {}, {})
    grave = Tombstone.objects.get()
    assert (grave.identity, grave.reason, grave.purged_by_id) == (
        version.identity,
        "個人名が含まれていたため",
        provider.member_id,
    )
    [event] = announced(events.VersionPurged)
    assert event.reason == "個人名が含まれていたため"
    assert queries.published_tables() == []
    with pytest.raises(errors.WrongVersionState):
        services.purge_version(actor=provider, version_uid=version.uid, reason="again")


def test_what_was_purged_is_not_taken_again(
    published: Dataset, provider: Standing, table: Distribution, django_capture_on_commit_callbacks: Commit
) -> None:
    version = queries.latest_version(table.uid)
    assert version is not None
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]  # a context manager
        services.purge_version(actor=provider, version_uid=version.uid, reason="個人名")
    with pytest.raises(errors.WasPurged) as refused:
        add_rows(provider, table)
    assert "個人名" in refused.value.detail_in("ja")
    added = add_rows(provider, table, THREE)
    assert added.number == 2


def test_a_purge_takes_quotations_out_of_the_next_difference(
    published: Dataset, provider: Standing, table: Distribution
) -> None:
    first = queries.latest_version(table.uid)
    assert first is not None
    add_rows(
        provider, table, THREE, diff={"added": 1, "removed": 0, "changed": 0, "samples": {"removed": ["山田太郎"]}}
    )
    services.purge_version(actor=provider, version_uid=first.uid, reason="個人名")
    assert queries.versions_of(table.uid, provider)[0].diff == {"added": 1, "removed": 0, "changed": 0}


def test_the_sweep_finishes_a_purge_that_was_cut_off(
    published: Dataset, provider: Standing, table: Distribution
) -> None:
    version = queries.latest_version(table.uid)
    assert version is not None
    services.purge_version(actor=provider, version_uid=version.uid, reason="個人名")
    assert queries.table_folder(version.identity).exists()
    services.apply_retention(now=now())
    assert not queries.table_folder(version.identity).exists()
    assert not queries.original_path(version.original_sha256).exists()


def test_who_may_purge(
    published: Dataset, provider: Standing, stranger: Standing, operator: Standing, table: Distribution
) -> None:
    version = queries.latest_version(table.uid)
    assert version is not None
    editor = replace(provider, roles={provider.person_party_id: "editor"})
    for actor in (stranger, editor):
        with pytest.raises(member_errors.RoleNeeded):
            services.purge_version(actor=actor, version_uid=version.uid, reason="x")
    with pytest.raises(errors.ReasonMissing):
        services.purge_version(actor=operator, version_uid=version.uid, reason="")
    assert services.purge_version(actor=operator, version_uid=version.uid, reason="通報により確認").number == 1


def test_a_purged_dataset_keeps_its_address_and_says_so(
    published: Dataset, provider: Standing, table: Distribution, announced: Announced
) -> None:
    add_rows(provider, table, THREE)
    purged = services.purge_dataset(actor=provider, dataset_uid=published.uid, reason="提供の権利がなかったため")
    assert [version.number for version in purged] == [1, 2]
    page = queries.dataset_page(published.slug)
    assert (page.state, page.withdrawn_reason) == ("purged", "提供の権利がなかったため")
    assert len(announced(events.DatasetPurged)) == 1
    with pytest.raises(errors.DatasetClosed):
        services.publish_dataset(actor=provider, dataset_uid=published.uid)
    with pytest.raises(errors.SlugTaken):
        services.create_dataset(
            actor=provider, provider_party_id=provider.person_party_id, metadata=_twin_metadata(), slug=published.slug
        )


def test_only_what_is_kept_can_be_pinned(published: Dataset, provider: Standing, table: Distribution) -> None:
    version = queries.latest_version(table.uid)
    assert version is not None
    services.purge_version(actor=provider, version_uid=version.uid, reason="x")
    with pytest.raises(errors.WrongVersionState):
        services.pin_version(actor=provider, version_uid=version.uid, pinned=True)


def test_a_table_of_another_dictionary_is_another_version(provider: Standing, table: Distribution) -> None:
    manifest, original = make_table()
    services.add_version(actor=provider, distribution_uid=table.uid, original=original, published=manifest)
    renamed, _ = make_table(fields=(replace(COLUMNS[0], title="番号"), *COLUMNS[1:]))
    added = services.add_version(actor=provider, distribution_uid=table.uid, original=original, published=renamed)
    assert (added.number, added.is_new) == (2, True)


def _twin_metadata() -> DatasetMetadata:
    return replace(TOILETS, title_ja="双子")


@pytest.mark.parametrize("access", ["open", "conditional"])
def test_rows_are_quoted_to_their_provider_only(
    access: str, published: Dataset, provider: Standing, stranger: Standing, table: Distribution
) -> None:
    diff = {"added": 1, "removed": 0, "changed": 0, "columns_added": [], "samples": {"added": [{"ID": "3"}]}}
    add_rows(provider, table, THREE, diff=diff, read_report={"notes": ["3行目"]})
    services.set_terms_facets(dataset_uid=published.uid, access=access)
    for reader in (None, stranger):
        shown = queries.versions_of(table.uid, reader)[0]
        assert shown.diff == {"added": 1, "removed": 0, "changed": 0, "columns_added": []}
        assert shown.read_report == {}
        main = queries.dataset_page(published.slug, reader).main
        assert main is not None
        assert main.latest == shown
    assert queries.versions_of(table.uid, provider)[0].diff == diff


def test_whatever_changes_an_entry_moves_the_moment_of_its_record(
    published: Dataset, provider: Standing, table: Distribution
) -> None:
    """Who collects from here incrementally asks by that moment; a new file or other terms are changes, too."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    changes: tuple[Callable[[], object], ...] = (
        lambda: services.add_distribution(
            actor=provider, dataset_uid=published.uid, details=replace(LINK, name="more")
        ),
        lambda: services.set_terms_facets(dataset_uid=published.uid, access="conditional"),
        lambda: services.rename_dataset(actor=provider, dataset_uid=published.uid, slug="another-name"),
        lambda: add_rows(provider, table, THREE),
        lambda: services.withdraw_dataset(actor_uid="system", dataset_uid=published.uid, reason="終わり"),
    )
    for change in changes:
        Dataset.objects.filter(pk=published.pk).update(recorded_at=long_ago)
        change()
        assert Dataset.objects.get(pk=published.pk).recorded_at > long_ago
