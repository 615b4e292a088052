"""Following a dataset, letters to followers, and feeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import pytest
from community_cast import publish_version
from django.core.mail import EmailMessage

from tdpf.controlplane.catalog import errors as catalog_errors
from tdpf.controlplane.catalog import events as catalog_events
from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.community import events, queries, services, tasks
from tdpf.controlplane.community.models import Follow
from tdpf.controlplane.community.news import difference
from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs, outbox
from tdpf.djangokit.models import Job, OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subscriptions of this room, for this test only."""
    monkeypatch.setattr(outbox, "_subscribed", defaultdict(list))
    outbox.subscribe(catalog_events.VersionPublished, "community.tasks.tell_of_version")
    outbox.subscribe(catalog_events.DatasetWithdrawn, "community.tasks.tell_of_withdrawal")


def new_version(provider: Standing, dataset: Dataset, content: bytes = b"second") -> str:
    distribution = Distribution.objects.get(dataset=dataset)
    return publish_version(
        provider, distribution.uid, content, added=3, removed=1, changed=0, columns_added=["遊具"], columns_removed=[]
    )


def test_following_is_once_and_can_end(reader: Standing, dataset: Dataset) -> None:
    assert not queries.is_following(reader, dataset.uid)
    services.follow(actor=reader, dataset_uid=dataset.uid)
    services.follow(actor=reader, dataset_uid=dataset.uid)
    assert queries.is_following(reader, dataset.uid)
    assert queries.follower_count(dataset.uid) == 1
    page = queries.followed_by(reader)
    assert (page.total, page.items[0].card.slug) == (1, dataset.slug)
    services.unfollow(actor=reader, dataset_uid=dataset.uid)
    services.unfollow(actor=reader, dataset_uid=dataset.uid)
    assert queries.followed_by(reader).total == 0
    names = list(OutboxEvent.objects.filter(name__startswith="community.").values_list("name", flat=True))
    assert names == [events.DatasetFollowed.name, events.DatasetUnfollowed.name]


def test_who_may_follow(reader: Standing, dataset: Dataset) -> None:
    nobody = members.anonymous_standing()
    for act in (services.follow, services.unfollow):
        with pytest.raises(member_errors.SignInNeeded):
            act(actor=nobody, dataset_uid=dataset.uid)
    with pytest.raises(member_errors.MemberSuspended):
        services.follow(actor=replace(reader, is_suspended=True), dataset_uid=dataset.uid)
    with pytest.raises(catalog_errors.DatasetUnknown):
        services.follow(actor=reader, dataset_uid="nothing")
    assert not Follow.objects.exists()


def test_a_draft_cannot_be_followed_by_strangers(provider: Standing, reader: Standing, draft: Dataset) -> None:
    with pytest.raises(catalog_errors.DatasetUnknown):
        services.follow(actor=reader, dataset_uid=draft.uid)
    services.follow(actor=provider, dataset_uid=draft.uid)


def test_followers_are_told_of_a_new_version_in_their_language(
    provider: Standing,
    reader: Standing,
    dataset: Dataset,
    make_member: Callable[..., Standing],
    mailoutbox: list[EmailMessage],
) -> None:
    english = make_member("english", language="en")
    services.follow(actor=reader, dataset_uid=dataset.uid)
    services.follow(actor=english, dataset_uid=dataset.uid)
    jobs.run_pending()
    mailoutbox.clear()
    new_version(provider, dataset)
    jobs.run_pending()
    letters = {letter.to[0]: letter for letter in mailoutbox}
    assert set(letters) == {"reader@example.jp", "english@example.jp"}
    japanese = letters["reader@example.jp"]
    assert japanese.subject == "[TDPF] 更新: 公園一覧（第2版）"
    assert "追加3行、削除1行、変更0行（全0行）。増えた項目: 遊具" in japanese.body
    assert "/datasets/parks" in japanese.body
    assert letters["english@example.jp"].subject == "[TDPF] Updated: Parks (version 2)"
    assert "3 rows added, 1 removed" in letters["english@example.jp"].body


def test_a_letter_is_sent_once_though_the_job_runs_twice(
    provider: Standing, reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid)
    jobs.run_pending()
    mailoutbox.clear()
    payload = {"event_uid": "e1", "dataset_uid": dataset.uid, "version_uid": new_version(provider, dataset)}
    Job.objects.all().delete()
    tasks.tell_of_version(payload)
    tasks.tell_of_version(payload)
    jobs.run_pending()
    assert len(mailoutbox) == 1


def test_who_stopped_following_gets_no_letter_any_more(
    provider: Standing, reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid)
    new_version(provider, dataset)
    services.unfollow(actor=reader, dataset_uid=dataset.uid)
    jobs.run_pending()
    assert [letter for letter in mailoutbox if "第2版" in letter.subject] == []


def test_versions_of_a_draft_are_no_news(provider: Standing, draft: Dataset, mailoutbox: list[EmailMessage]) -> None:
    services.follow(actor=provider, dataset_uid=draft.uid)
    new_version(provider, draft)
    jobs.run_pending()
    assert mailoutbox == []


def test_followers_are_told_of_a_notice_and_of_the_end(
    reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid)
    jobs.run_pending()
    mailoutbox.clear()
    tasks.tell_of_notice(
        {"event_uid": "e2", "dataset_uid": dataset.uid, "effective_on": "2027-03-31", "reason": "事業の終了"}
    )
    catalog.withdraw_dataset(actor_uid="system", dataset_uid=dataset.uid, reason="予告の期日")
    jobs.run_pending()
    assert sorted(letter.subject for letter in mailoutbox) == [
        "[TDPF] 提供停止の予告: 公園一覧（2027年3月31日）",
        "[TDPF] 提供終了: 公園一覧",
    ]
    assert any("事業の終了" in letter.body for letter in mailoutbox)


def test_the_feed_has_versions_publication_and_end(provider: Standing, dataset: Dataset) -> None:
    new_version(provider, dataset)
    feed = queries.dataset_feed(dataset.slug)
    assert [entry.title.ja for entry in feed.entries] == ["公園一覧 第2版", "公開: 公園一覧", "公園一覧 第1版"]
    assert feed.entries[0].summary.en == "3 rows added, 1 removed, 0 changed (0 in all). New columns: 遊具"
    assert feed.updated == feed.entries[0].at
    assert len({entry.uid for entry in feed.entries}) == 3
    catalog.withdraw_dataset(actor_uid="system", dataset_uid=dataset.uid, reason="終了")
    assert queries.dataset_feed(dataset.slug).entries[0].title.en == "Withdrawn: Parks"


def test_a_draft_has_no_feed(draft: Dataset) -> None:
    with pytest.raises(catalog_errors.DatasetUnknown):
        queries.dataset_feed(draft.slug)


def test_a_purged_version_leaves_the_feed(provider: Standing, dataset: Dataset) -> None:
    uid = new_version(provider, dataset)
    catalog.purge_version(actor=provider, version_uid=uid, reason="個人名")
    assert [entry.title.ja for entry in queries.dataset_feed(dataset.slug).entries] == [
        "公開: 公園一覧",
        "公園一覧 第1版",
    ]


def test_differences_in_words() -> None:
    assert difference({}, 1200).ja == "1,200行"
    said = difference({"added": [1, 2], "removed": 0, "columns_removed": ["備考"]}, 5)
    assert said.ja == "追加2行、削除0行、変更0行（全5行）。なくなった項目: 備考"
