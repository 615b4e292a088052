"""Tables that renew themselves: a changed source makes an upload that waits for a signature; nothing is published by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings as django_settings
from django.core import mail
from preparation_cast import TOILETS, Send, announced
from pytest_django import Settings

from tdpf.controlplane.catalog import queries as catalog_queries
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.models import Dataset, Distribution, Version
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.errors import SignInNeeded
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, merge_rules, queries, services
from tdpf.controlplane.preparation.engine.merging.changes import table_changes
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.models import KeptMerge, Workpiece
from tdpf.controlplane.preparation.reads.merges import rows_of
from tdpf.controlplane.preparation.types import ConflictShown, UploadState, WorkpieceState
from tdpf.controlplane.preparation.verbs.sources import fetch_sources
from tdpf.djangokit import jobs
from tdpf.kit.fetching import AddressRefused, FetchFailed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_near")]

NEIGHBOUR = (
    "番号,施設名,住所,緯度,経度,オストメイト\n1,北公園トイレ,千代田区丸の内１－２,35.6812,139.7671,有\n"
    "2,南公園トイレ,千代田区丸の内３－４,35.6791,139.7646,無\n"
)


class _Neighbour(BaseHTTPRequestHandler):
    text: ClassVar[str] = ""

    def do_GET(self) -> None:
        elsewhere = self.path.endswith("/elsewhere")
        self.send_response(302 if elsewhere else 200 if self.text else 503)
        if elsewhere:
            self.send_header("Location", f"http://localhost:{self.server.server_port}/inside")  # type: ignore[attr-defined]
        self.send_header("Content-Type", "text/csv")
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def neighbour(settings: Settings) -> Iterator[str]:
    """Another town's web server with a list of toilets."""
    settings.ALLOW_PRIVATE_FETCH = True
    _Neighbour.text = NEIGHBOUR
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Neighbour)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{'隣の町'}.csv"
    server.shutdown()
    thread.join()


@pytest.fixture
def kept(provider: Standing, send: Send, dataset: Dataset, table: Distribution, neighbour: str) -> KeptMerge:
    """One table of an own dataset and a neighbour's file, kept and published once."""
    services.publish_upload_as_version(actor=provider, upload_uid=send(TOILETS).uid, distribution_uid=table.uid)
    row = services.start_workpiece(
        actor=provider,
        files=[],
        party_id=provider.person_party_id,
        sources=[f"{django_settings.PUBLIC_URL}/en/datasets/{dataset.slug}", neighbour],
    )
    jobs.run_pending()
    services.choose_schema(actor=provider, address=row.uid, schema="public_toilet", choices={})
    jobs.run_pending()
    services.choose_columns(actor=provider, address=row.uid, decisions={})
    jobs.run_pending()
    services.finish_workpiece(actor=provider, address=row.uid)
    jobs.run_pending()
    merge = services.keep_merge(actor=provider, address=row.uid, title="近くのトイレ")
    assert services.keep_merge(actor=provider, address=row.uid).pk == merge.pk
    assert [source["kind"] for source in merge.sources] == ["dataset", "address"]
    mail.outbox.clear()
    return merge


def renewed(merge: KeptMerge) -> KeptMerge:
    """Let the worker look at the sources and do all that follows."""
    services.renew_merge(merge)
    jobs.run_pending()
    merge.refresh_from_db()
    return merge


def test_a_changed_source_waits_for_a_signature_and_says_what_changed(
    provider: Standing, stranger: Standing, kept: KeptMerge, send: Send, table: Distribution
) -> None:
    assert services.renew_merge(kept) is None
    assert renewed(kept).upload is None
    _Neighbour.text = NEIGHBOUR.replace("35.6791", "35.6792") + "3,西公園トイレ,千代田区丸の内５－６,35.68,139.76,\n"
    published = Version.objects.count()
    row = renewed(kept)
    assert row.upload is not None
    first = row.upload
    assert (first.state, Version.objects.count()) == (UploadState.READ, published)
    told = announced("MergeRenewed")[-1].payload
    assert (told["added"], told["changed"], told["gone"], told["new_duplicates"]) == (1, 1, 0, 0)
    letter = mail.outbox[-1]
    assert "署名を待っています" in letter.subject
    assert "増えた行 1、変わった行 1、なくなった行 0" in letter.body
    assert "- 増えた: 西公園トイレ" in letter.body
    assert queries.page_of_upload(row).endswith(f"/provide/uploads/{first.uid}")
    services.discard_upload(actor=provider, upload_uid=first.uid)
    assert renewed(row).upload.state == UploadState.DISCARDED
    with pytest.raises(errors.KeptMergeUnknown):
        services.ask_to_renew(actor=stranger, merge_uid=row.uid)
    services.ask_to_renew(actor=provider, merge_uid=row.uid)
    jobs.run_pending()
    row.refresh_from_db()
    first = row.upload
    assert first.state == UploadState.READ
    # A version of the dataset among the sources is enough; the renewal that still waits is replaced, and told against what was published.
    more = TOILETS + "131041,0004,新しいトイレ,35.6812,139.7671,無\n"
    services.publish_upload_as_version(actor=provider, upload_uid=send(more).uid, distribution_uid=table.uid)
    jobs.run_pending()
    row.refresh_from_db()
    first.refresh_from_db()
    assert row.upload is not None
    assert (row.upload.pk != first.pk, first.state) == (True, UploadState.DISCARDED)
    assert announced("MergeRenewed")[-1].payload["added"] == 2
    # Once it is published, what is compared with is what was published.
    services.publish_upload_as_version(actor=provider, upload_uid=row.upload.uid, distribution_uid=table.uid)
    jobs.run_pending()
    row.refresh_from_db()
    assert row.distribution_uid == table.uid
    report = Version.objects.order_by("-id")[0].read_report["prepared"]
    assert (report["schema"], len(report["inputs"]), report["merge"]) == ("public_toilet", 2, row.uid)
    page = catalog_queries.dataset_page(table.dataset.uid, provider)
    made = page.main.latest.made_by
    assert made.recipe_sha256 == queries.recipe_by_hash(made.recipe_sha256, provider).sha256
    assert queries.recipe_by_hash(made.recipe_sha256, stranger) is None
    assert "# 公衆トイレ一覧 整備マニュアル" in queries.manual_of_version({"prepared": report})
    node = catalog_queries.dcat(page, base_url="https://tdpf.example.jp")["dcat:distribution"][0]["prov:wasGeneratedBy"]
    assert len(node["prov:used"]) == 2
    assert node["prov:qualifiedAssociation"]["prov:hadPlan"]["@id"].startswith("ni:///sha-256;")
    services.stop_merge(actor=provider, merge_uid=row.uid)
    assert not KeptMerge.objects.exists()


def test_a_source_that_is_gone_is_told_once(provider: Standing, kept: KeptMerge) -> None:
    _Neighbour.text = ""
    for _ in range(2):
        assert renewed(kept).problem["code"] == FetchFailed.code
    assert len(announced("MergeHindered")) == len(mail.outbox) == 1
    assert "新しくできませんでした" in mail.outbox[0].subject
    _Neighbour.text = NEIGHBOUR.replace("施設名", "別の見出し")
    assert renewed(kept).problem["code"] == "preparation/recipe-for-other"
    assert not Workpiece.objects.filter(merge=kept, state=WorkpieceState.FINISHED).exclude(upload=None).exists()
    _Neighbour.text = NEIGHBOUR
    assert renewed(kept).problem is None
    assert services.renew_due(instant=kept.checked_at + merge_rules.LOOKED_AT_EVERY) == 1


def test_nobody_gets_by_a_source_what_they_may_not_have(
    provider: Standing, stranger: Standing, send: Send, dataset: Dataset, table: Distribution
) -> None:
    services.publish_upload_as_version(actor=provider, upload_uid=send(TOILETS).uid, distribution_uid=table.uid)
    catalog_services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    Dataset.objects.filter(pk=dataset.pk).update(access="conditional")
    party = stranger.person_party_id
    with pytest.raises(errors.SourceNotOpen):
        services.start_workpiece(actor=stranger, files=[], party_id=party, sources=[dataset.slug])
    with pytest.raises(SignInNeeded):
        services.start_workpiece(actor=members.anonymous_standing(), files=[], sources=["http://example.jp/a.csv"])
    raw = TOILETS.encode()
    row = services.start_workpiece(
        actor=provider, files=[("a.csv", len(raw), [raw])], party_id=provider.person_party_id
    )
    with pytest.raises(errors.WorkpieceBusy):
        services.keep_merge(actor=provider, address=row.uid)
    with pytest.raises(errors.SourcesMissing):
        merge_rules.must_renew_itself(row.files, 0)
    for wrong in ("ftp://example.jp/a", "a b", ""):
        with pytest.raises(errors.SourceNotUnderstood):
            merge_rules.source_of(wrong, "http://localhost:8080")
    assert merge_rules.source_of("http://localhost:8080.example.jp/datasets/x", "http://localhost:8080")[0] == "address"


def test_an_answer_where_files_differ_outlives_renewals_and_can_be_taken_back(
    provider: Standing, stranger: Standing, kept: KeptMerge
) -> None:
    head, _, rows = NEIGHBOUR.partition("\n")
    _Neighbour.text = f"{head}\n{rows}3,中央公園トイレ,,35.69001,139.69001,×\n"
    row = renewed(kept)
    address = queries.work_of_renewal(row)

    def listed() -> list[ConflictShown]:
        return queries.conflicts_of(queries.workpiece_at(address, provider))

    (asked,) = listed()
    assert (asked.name, asked.column, asked.action) == ("中央公園トイレ", "オストメイト設置トイレ有無", "")
    assert (asked.values[1], asked.values[0][1]) == (("隣の町.csv 4", "無"), "有")
    with pytest.raises(errors.WorkpieceUnknown):
        services.answer_conflict(actor=stranger, address=address, key=asked.key, action="keep")
    for key, action in (("conflict-0", "keep"), (asked.key, "empty")):
        with pytest.raises(errors.ChoiceNotOffered):
            services.answer_conflict(actor=provider, address=address, key=key, action=action)
    services.answer_conflict(actor=provider, address=address, key=asked.key, action="value", value="無", by="係")
    assert announced("ConflictAnswered")[-1].payload["action"] == "value"
    services.finish_workpiece(actor=provider, address=address)
    jobs.run_pending()
    row.refresh_from_db()
    assert asked.key in row.document

    # The next edition has its rows elsewhere; the answer holds for those it was about, and says whose it is.
    _Neighbour.text = f"{head}\n9,東公園トイレ,,35.683,139.765,\n3,中央公園トイレ,,35.69001,139.69001,×\n{rows}"
    row = renewed(row)
    address = queries.work_of_renewal(row)
    (told,) = listed()
    assert (told.key, told.action, told.value, told.by, told.at is None) == (asked.key, "value", "無", "係", False)
    made = rows_of(queries.result_file(queries.workpiece_at(address, provider), "public_toilet.csv"))
    assert [line[asked.column] for line in made if line["名称"] == "中央公園トイレ"] == ["無", "無"]
    with pytest.raises(errors.WorkpieceUnknown):
        services.take_back_conflict(actor=stranger, address=address, key=asked.key)
    services.take_back_conflict(actor=provider, address=address, key=asked.key)
    services.try_again(actor=provider, address=address)
    jobs.run_pending()
    assert [(entry.key, entry.action) for entry in listed()] == [(asked.key, "")]

    # "Leave as it is" is an answer too; when a file says something else it is asked anew.
    services.answer_conflict(actor=provider, address=address, key=asked.key, action="keep")
    services.finish_workpiece(actor=provider, address=address)
    jobs.run_pending()
    row.refresh_from_db()
    _Neighbour.text = _Neighbour.text.replace(",×", ",なし").replace("東公園", "西公園")
    renewed(row)
    address = queries.work_of_renewal(row)
    assert [(entry.key == asked.key, entry.action) for entry in listed()] == [(False, ""), (True, "keep")]


def test_our_own_data_lead_to_no_private_address(
    provider: Standing, neighbour: str, settings: Settings, tmp_path: Path
) -> None:
    settings.ALLOW_PRIVATE_FETCH = False
    settings.PUBLIC_URL = neighbour.rpartition("/")[0]
    places = [f"{settings.PUBLIC_URL}/data/files/x/{name}" for name in ("a.csv", "elsewhere")]
    assert fetch_sources([{"kind": "address", "at": places[0]}], tmp_path, actor=provider)[0]["name"] == "a.csv"
    for refused in (places[1], neighbour):
        with pytest.raises(AddressRefused):
            fetch_sources([{"kind": "address", "at": refused}], tmp_path, actor=provider, first=len(refused))


def test_rows_are_compared_by_what_they_are_not_where_they_stand() -> None:
    schema = load_schema("public_toilet")
    before = [
        {"ID": "1", "名称": "北公園トイレ", "所在地_連結表記": "本町1丁目2番", "備考": ""},
        {"ID": "2", "名称": "南公園トイレ", "所在地_連結表記": "本町3", "備考": ""},
        {"ID": "3", "名称": "南公園トイレ", "所在地_連結表記": "本町3", "備考": ""},
    ]
    after = [
        {"ID": "1", "名称": "新公園トイレ", "所在地_連結表記": "本町9", "備考": ""},
        {"ID": "2", "名称": "北公園トイレ", "所在地_連結表記": "本町１－２", "備考": "夜間閉鎖"},
        {"ID": "3", "名称": "南公園トイレ", "所在地_連結表記": "本町3", "備考": ""},
    ]
    found = table_changes(before, after, schema)
    assert (found.added, found.changed, found.gone) == (1, 1, 1)
    assert found.examples == (
        ("added", "新公園トイレ", ""), ("changed", "北公園トイレ", "所在地_連結表記、備考"), ("gone", "南公園トイレ", ""),
    )  # fmt: skip
    assert not table_changes(after, list(reversed(after)), schema).any


def test_a_merge_kept_before_it_is_published_belongs_to_what_becomes_of_it(
    provider: Standing, kept: KeptMerge, table: Distribution
) -> None:
    made = services.hand_on_workpiece(actor=provider, address=Workpiece.objects.get(merge=kept).uid)
    jobs.run_pending()
    services.publish_upload_as_version(actor=provider, upload_uid=made.uid, distribution_uid=table.uid)
    jobs.run_pending()
    kept.refresh_from_db()
    assert (kept.distribution_uid, kept.upload) == (table.uid, made)
    # What is published says of each row where it came from: a dataset by its title, a file by its name.
    assert {row["もとの資料"] for row in rows_of(queries.upload_file(made.uid))} == {
        f"{table.dataset.title_ja}（{table.dataset.provider.name_ja}）",
        "隣の町.csv",
    }
