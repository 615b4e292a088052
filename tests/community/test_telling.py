"""News and those who follow it: at once, in one digest each morning, for a hundred thousand new entries in one go; webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tdpf.controlplane.catalog import services as catalog
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.community import errors, queries, services, tasks
from tdpf.controlplane.community.models import Follow, News, Watermark, Webhook, WebhookDelivery
from tdpf.controlplane.community.verbs import telling
from tdpf.controlplane.community.webhook_signing import secret_of
from tdpf.controlplane.members import errors as member_errors
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.models import Party
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit import jobs
from tdpf.djangokit.models import Job
from tdpf.kit.clock import JST, jst_date, now
from tdpf.kit.ids import new_uid

pytestmark = pytest.mark.django_db
MORNING = datetime(2030, 5, 6, 8, 0, tzinfo=JST)  # a Monday


def fill(count: int, *, title: str = "公園", themes: list[str] | None = None) -> Party:
    """Store datasets of another site, as a harvest does."""
    party = Party.objects.create(
        uid=new_uid(), kind="publisher", name_ja="遠い市", slug=f"far-{new_uid()[-8:]}", created_at=now()
    )
    long_ago = now() - timedelta(hours=1)
    Dataset.objects.bulk_create(
        [
            Dataset(
                slug=f"far-{new_uid()}", origin="harvested", provider=party, state="published", title_ja=f"{title} {number}",
                licence="CC-BY-4.0", themes=themes or [], created_at=long_ago, published_at=long_ago, modified_at=long_ago,
            )
            for number in range(count)
        ],
        batch_size=1000,
    )  # fmt: skip
    return party


def test_new_entries_are_one_piece_of_news_for_each_followed_key(
    reader: Standing, make_member: Callable[..., Standing], mailoutbox: list[EmailMessage]
) -> None:
    catalog.reindex()
    party = fill(1)
    services.follow_more(actor=reader, kind="publisher", name=party.slug, pace="once")
    other = make_member("other")
    services.follow_more(actor=other, kind="theme", name="safety", pace="daily")
    services.follow_more(actor=other, kind="search", name="?q=噴水&offset=3&sort=title", pace="daily")
    services.match_arrivals(now=now())
    assert not News.objects.exists(), "what was there before is no news"
    Dataset.objects.filter(provider=party).delete()
    fill(2500, title="噴水", themes=["safety"])
    Dataset.objects.update(provider=party)
    catalog.reindex()
    jobs.run_pending()
    mailoutbox.clear()
    with CaptureQueriesContext(connection) as asked:
        assert services.match_arrivals(now=now()) == 2500
    assert len(asked) < 80, "no query for each dataset"
    assert Job.objects.count() == 1, "one letter to the one who wants it at once"
    assert min(News.objects.values_list("key", flat=True)) == f"publisher:{party.uid}"
    counts = {row.key.partition(":")[0]: row.count for row in News.objects.all()}
    assert counts["publisher"] == counts["theme"] == 2500
    assert counts["search"] == 2500, "however many a search finds"
    jobs.run_pending()
    assert [mail.to for mail in mailoutbox] == [["reader@example.jp"]]
    assert "2,500件" in mailoutbox[0].subject
    assert "ほか2,490件" in mailoutbox[0].body
    assert services.match_arrivals(now=now()) == 0
    assert News.objects.count() == 3


def test_news_of_a_search_waits_for_the_index(reader: Standing) -> None:
    """Nothing is lost while the index lags or is built, nothing is told twice, and half a match is none."""
    catalog.reindex()
    fill(1, title="前からある噴水")
    jobs.run_pending()
    services.follow_more(actor=reader, kind="search", name="?q=噴水 休園日", pace="daily")
    services.match_arrivals(now=now())
    fill(120, title="噴水の休園日")
    fill(1, title="噴水だけ")
    jobs.enqueue("catalog.tasks.index_batch", {"dataset_uids": list(Dataset.objects.values_list("uid", flat=True))})
    Job.objects.update(created_at=now() - timedelta(minutes=58))
    assert services.match_arrivals(now=now()) == 0, "the index does not know them yet"
    jobs.run_pending()
    assert services.match_arrivals(now=now()) == 121
    assert services.match_arrivals(now=now()) == 0
    assert [row.count for row in News.objects.filter(kind="arrivals")] == [120]


def test_an_offer_of_a_member_is_news_too(provider: Standing, reader: Standing, draft: Dataset) -> None:
    begun = now()
    services.match_arrivals(now=begun - timedelta(minutes=5))
    slug = members.get_party(Dataset.objects.get().provider.uid).slug
    services.follow_more(actor=reader, kind="publisher", name=slug)
    catalog.publish_dataset(actor=provider, dataset_uid=draft.uid)
    assert services.match_arrivals(now=now()) == 0, "the index may not show it yet"
    assert services.match_arrivals(now=now() + timedelta(minutes=2)) == 1
    assert News.objects.get().entries[0]["path"] == "/datasets/parks"


def test_one_digest_each_morning_with_everything(
    reader: Standing, dataset: Dataset, provider: Standing, mailoutbox: list[EmailMessage]
) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid, pace="daily")
    services.follow_more(actor=reader, kind="theme", name="safety", pace="weekly")
    Follow.objects.update(told_until=MORNING - timedelta(days=8))
    jobs.run_pending()
    mailoutbox.clear()
    for number, key in enumerate([f"dataset:{dataset.uid}", "theme:safety", "theme:other"]):
        News.objects.create(
            once=f"n{number}", key=key, kind="version", title={"ja": f"題{number}", "en": f"title {number}"},
            summary={"ja": "要約", "en": "summary"}, path="/datasets/parks", at=MORNING - timedelta(hours=3),
        )  # fmt: skip
    assert services.queue_digests(now=MORNING - timedelta(hours=2)) == 0, "it is not seven yet"
    assert services.queue_digests(now=MORNING) == 1
    assert services.queue_digests(now=MORNING) == 1
    assert Job.objects.count() == 1
    jobs.run_pending()
    assert len(mailoutbox) == 1
    assert mailoutbox[0].subject == "[TDPF] お知らせ 2件（2030年5月6日）"
    assert "題0" in mailoutbox[0].body
    assert "題1" in mailoutbox[0].body
    assert services.queue_digests(now=MORNING + timedelta(minutes=5)) == 0
    tasks.mail_digest({"member_id": reader.member_id, "at": MORNING.isoformat()})
    assert len(mailoutbox) == 1


def test_what_one_letter_does_not_hold_comes_in_the_next(
    reader: Standing, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid, pace="daily")
    Follow.objects.update(told_until=MORNING - timedelta(days=1))
    for number in range(5):
        News.objects.create(
            once=f"n{number}", key=f"dataset:{dataset.uid}", kind="version", title={"ja": "題", "en": "title"},
            summary={"ja": "", "en": ""}, path="/", at=MORNING - timedelta(hours=9 - number),
        )  # fmt: skip
    monkeypatch.setattr(telling, "MOST_GATHERED", 2)
    letters = [telling.gather_digest(member_id=reader.member_id, now=MORNING) for _ in range(4)]
    assert [[row.once for row in letter] for letter in letters] == [["n0", "n1"], ["n2", "n3"], ["n4"], []]


@pytest.mark.parametrize("again", [True, False])
def test_who_was_told_at_once_is_not_told_again_by_the_digest(reader: Standing, dataset: Dataset, again: bool) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid, pace="once")
    long_ago = now() - timedelta(days=3)
    Follow.objects.update(told_until=long_ago)
    if again:
        services.follow(actor=reader, dataset_uid=dataset.uid, pace="daily")
    else:
        services.change_pace(actor=reader, follow_uid=Follow.objects.get().uid, pace="daily")
    assert Follow.objects.get().told_until > long_ago + timedelta(days=2)
    Follow.objects.update(told_until=long_ago)
    services.change_pace(actor=reader, follow_uid=Follow.objects.get().uid, pace="weekly")
    assert Follow.objects.get().told_until == long_ago, "what only a digest tells is still to be told"


def test_a_batch_of_harvested_changes_tells_only_what_is_followed(
    reader: Standing, mailoutbox: list[EmailMessage]
) -> None:
    fill(300)
    uids = list(Dataset.objects.order_by("id").values_list("uid", flat=True))
    services.follow(actor=reader, dataset_uid=uids[7])
    payload = {"event": "catalog.HarvestedPut", "event_uid": "e1", "dataset_uids": uids, "added": 5}
    with CaptureQueriesContext(connection) as asked:
        tasks.tell_of_harvested(payload)
        tasks.tell_of_harvested(payload)
    assert len(asked) < 40
    assert [row.kind for row in News.objects.all()] == ["metadata"]
    services.follow(actor=reader, dataset_uid=uids[2])
    tasks.tell_of_harvested({**payload, "event_uid": "e2", "added": 8})
    assert News.objects.count() == 1, "new entries are not changes"
    tasks.tell_of_harvested({"event": "catalog.HarvestedRetired", "event_uid": "e3", "dataset_uids": uids[:3]})
    jobs.run_pending()
    assert any("掲載終了" in mail.subject for mail in mailoutbox)


def test_columns_are_announced_before_they_change(
    provider: Standing, reader: Standing, dataset: Dataset, mailoutbox: list[EmailMessage]
) -> None:
    services.follow(actor=reader, dataset_uid=dataset.uid)
    soon = jst_date(now()) + timedelta(days=30)
    uid = services.announce_change(
        actor=provider, dataset_uid=dataset.uid, effective_on=soon, columns_removed=["備考", " "], text="整理のため"
    )
    tasks.tell_of_column_change({"event_uid": "e1", "dataset_uid": dataset.uid, "change_uid": uid})
    jobs.run_pending()
    letter = next(mail for mail in mailoutbox if mail.to == ["reader@example.jp"])
    assert "列の変更の予告: 公園一覧" in letter.subject
    assert "なくなった項目: 備考" in letter.body
    assert [change.columns_removed for change in queries.planned_changes_of(dataset.uid)] == [("備考",)]
    with pytest.raises(member_errors.RoleNeeded):
        services.take_back_change(actor=reader, change_uid=uid)
    services.take_back_change(actor=provider, change_uid=uid)
    assert queries.planned_changes_of(dataset.uid) == []
    with pytest.raises(errors.PlannedChangeInvalid):
        services.take_back_change(actor=provider, change_uid=uid)
    today = jst_date(now())
    for day, columns, text in (
        (today, ["備考"], ""),
        (soon, [], " "),
        (date(2999, 1, 1), ["備考"], ""),
        (soon, ["x" * 201], ""),
    ):
        with pytest.raises(errors.PlannedChangeInvalid):
            services.announce_change(
                actor=provider, dataset_uid=dataset.uid, effective_on=day, columns_added=columns, text=text
            )
    with pytest.raises(member_errors.RoleNeeded):
        services.announce_change(actor=reader, dataset_uid=dataset.uid, effective_on=soon, columns_added=["x"])


def test_what_can_be_followed(reader: Standing, dataset: Dataset, make_member: Callable[..., Standing]) -> None:
    services.follow_more(actor=reader, kind="search", name="q=公園&themes=safety&page=2")
    services.follow_more(actor=reader, kind="search", name="themes=safety&q=公園", pace="weekly")
    view = queries.follows_of(reader)[0]
    assert len(queries.follows_of(reader)) == 1, "the same search is one"
    assert (view.pace, view.path) == ("weekly", "/search?q=%E5%85%AC%E5%9C%92&themes=safety")
    for kind, name in (
        ("theme", "nothing"),
        ("search", "page=2"),
        ("search", ""),
        ("planet", "x"),
        ("dataset", dataset.uid),
    ):
        with pytest.raises(errors.FollowNotPossible):
            services.follow_more(actor=reader, kind=kind, name=name)
    with pytest.raises(errors.FollowNotPossible):
        services.follow_more(actor=reader, kind="theme", name="safety", pace="hourly")
    with pytest.raises(member_errors.SignInNeeded):
        services.follow_more(actor=members.anonymous_standing(), kind="theme", name="safety")
    with pytest.raises(errors.FollowNotPossible):
        services.stop_following(actor=make_member("other"), follow_uid=view.uid)
    services.change_pace(actor=reader, follow_uid=view.uid, pace="once")
    services.stop_following(actor=reader, follow_uid=view.uid)
    assert queries.follows_of(reader) == []


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it gets and answers as it is told."""

    got: list[tuple[dict[str, str], bytes]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(type(self).status)
        self.send_header("location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[tuple[str, type[Receiver]]]:
    """A listening address in a closed network, and what it got."""
    settings.ALLOW_PRIVATE_FETCH = True
    kind = type("Kept", (Receiver,), {"got": [], "status": 200})
    server = HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", kind
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_a_signed_message(
    reader: Standing, dataset: Dataset, receiver: tuple[str, type[Receiver]]
) -> None:
    url, kept = receiver
    jobs.run_pending()
    uid, secret = services.register_webhook(actor=reader, url=url)
    assert secret not in str(Webhook.objects.values().get()), "the secret stands in no table"
    services.follow(actor=reader, dataset_uid=dataset.uid, pace="daily")
    tasks.tell_of_withdrawal({"event_uid": "e1", "dataset_uid": dataset.uid, "reason": "終了"})
    jobs.run_pending()
    headers, body = kept.got[0]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - now().timestamp()) < 60
    told = json.loads(body)
    assert told["type"] == "dataset.withdrawn"
    assert told["data"]["title"]["ja"] == "提供終了: 公園一覧"
    log = queries.get_webhook(uid, reader).deliveries
    assert [(entry.state, entry.status) for entry in log] == [("delivered", 200)]
    assert services.renew_webhook_secret(actor=reader, webhook_uid=uid) != secret
    services.try_webhook(actor=reader, webhook_uid=uid)
    jobs.run_pending()
    assert json.loads(kept.got[1][1])["type"] == "test"


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_failing_webhook_is_tried_again_and_stopped_in_the_end(
    reader: Standing,
    dataset: Dataset,
    receiver: tuple[str, type[Receiver]],
    mailoutbox: list[EmailMessage],
    status: int,
) -> None:
    url, kept = receiver
    jobs.run_pending()
    kept.status = status
    uid, _ = services.register_webhook(actor=reader, url=url)
    services.follow(actor=reader, dataset_uid=dataset.uid, pace="daily")
    for number in range(3):
        tasks.tell_of_withdrawal({"event_uid": f"e{number}", "dataset_uid": dataset.uid, "reason": ""})
    jobs.run_pending()
    assert len(kept.got) == 1, "after a failure the other messages wait"
    for _ in range(25):
        Job.objects.update(run_at=now() - timedelta(seconds=1))
        Webhook.objects.update(quiet_until=None)
        jobs.run_pending()
    assert len(kept.got) == 21, "seven tries for each of three messages"
    assert len({headers["webhook-id"] for headers, _ in kept.got}) == 3, "a repeated message keeps its id"
    view = queries.get_webhook(uid, reader)
    assert view.state == "disabled"
    assert {entry.state for entry in view.deliveries} == {"failed"}
    assert sum("Webhookを止めました" in mail.subject for mail in mailoutbox) == 1
    tasks.tell_of_withdrawal({"event_uid": "later", "dataset_uid": dataset.uid, "reason": ""})
    assert WebhookDelivery.objects.count() == 3
    services.start_webhook_again(actor=reader, webhook_uid=uid)
    assert queries.get_webhook(uid, reader).state == "active"
    services.remove_webhook(actor=reader, webhook_uid=uid)
    with pytest.raises(errors.WebhookUnknown):
        queries.get_webhook(uid, reader)


def test_gone_means_gone(reader: Standing, dataset: Dataset, receiver: tuple[str, type[Receiver]]) -> None:
    url, kept = receiver
    jobs.run_pending()
    kept.status = 410
    uid, _ = services.register_webhook(actor=reader, url=url)
    services.follow(actor=reader, dataset_uid=dataset.uid)
    tasks.tell_of_withdrawal({"event_uid": "e", "dataset_uid": dataset.uid, "reason": ""})
    jobs.run_pending()
    assert queries.get_webhook(uid, reader).state == "disabled"
    assert len(kept.got) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.jp/hook", "https://127.0.0.1/hook", "https://[::1]/", "https://169.254.169.254/latest",
        "https://user:pass@example.jp/", "https://10.0.0.1/", "ftp://example.jp/", "https://", "", "https://[", "//example.jp",
        "https://0x7f000001/", "https://127.0.0.1:99999/", "https://exa mple.jp/", f"https://8.8.8.8/{'a' * 1000}",
    ],
)  # fmt: skip
def test_addresses_that_are_never_called(reader: Standing, url: str) -> None:
    with pytest.raises(Exception, match=r"community/webhook-refused|fetching/"):
        services.register_webhook(actor=reader, url=url)
    assert not Webhook.objects.exists()


def test_an_address_that_became_private_is_not_called(reader: Standing) -> None:
    row = Webhook.objects.create(member_id=reader.member_id, url="https://127.0.0.1/hook", state="active")
    sent = services.try_webhook(actor=reader, webhook_uid=row.uid)
    jobs.run_pending()
    kept = WebhookDelivery.objects.get(uid=sent)
    assert (kept.state, kept.status) == ("failed", None)
    assert "not public" in kept.note


def test_webhooks_are_their_members_own(reader: Standing, make_member: Callable[..., Standing]) -> None:
    row = Webhook.objects.create(member_id=reader.member_id, url="https://8.8.8.8/", state="active")
    other, nobody = make_member("other"), members.anonymous_standing()
    for act in (
        services.renew_webhook_secret, services.remove_webhook, services.start_webhook_again, services.try_webhook,
    ):  # fmt: skip
        with pytest.raises(errors.WebhookUnknown):
            act(actor=other, webhook_uid=row.uid)
        with pytest.raises(member_errors.SignInNeeded):
            act(actor=nobody, webhook_uid=row.uid)
    with pytest.raises(errors.WebhookUnknown):
        queries.get_webhook(row.uid, other)
    assert secret_of(row.uid, 1) != secret_of(row.uid, 2)


def test_old_news_and_logs_are_forgotten(reader: Standing, dataset: Dataset) -> None:
    tasks.tell_of_withdrawal({"event_uid": "e", "dataset_uid": dataset.uid, "reason": ""})
    assert services.forget_news(now=now() + timedelta(days=101)) == 1
    row = Webhook.objects.create(member_id=reader.member_id, url="https://8.8.8.8/", state="active")
    services.try_webhook(actor=reader, webhook_uid=row.uid)
    assert services.forget_deliveries(now=now() + timedelta(days=31)) == 1
    assert Watermark.objects.count() == 0


def test_a_message_waits_while_its_address_fails_and_a_call_is_short(
    reader: Standing, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def answer(url: str, *, timeout: float, **_: Any) -> int:
        waited.append(timeout)
        return 500

    monkeypatch.setattr("tdpf.controlplane.community.verbs.webhooks.post", answer)
    row = Webhook.objects.create(member_id=reader.member_id, url="https://8.8.8.8/", state="active")
    first, second = (
        WebhookDelivery.objects.create(webhook=row, kind="version", body="{}", state="waiting") for _ in range(2)
    )
    services.call_webhook(delivery_uid=first.uid)
    services.call_webhook(delivery_uid=second.uid)
    row.refresh_from_db()
    second.refresh_from_db()
    assert waited == [5.0]
    assert (second.state, second.attempts) == ("waiting", 0)
    job = Job.objects.get(payload={"delivery_uid": second.uid})
    assert job.run_at == row.quiet_until


def test_tests_are_counted_over_removed_webhooks_too(reader: Standing) -> None:
    for _ in range(2):
        row = Webhook.objects.create(member_id=reader.member_id, url="https://8.8.8.8/", state="active")
        for _ in range(10):
            services.try_webhook(actor=reader, webhook_uid=row.uid)
        services.remove_webhook(actor=reader, webhook_uid=row.uid)
    row = Webhook.objects.create(member_id=reader.member_id, url="https://8.8.8.8/", state="active")
    with pytest.raises(errors.TooMuchAtOnce):
        services.try_webhook(actor=reader, webhook_uid=row.uid)
