"""Making versions of uploads: the table is built, the original kept, the difference told, personal data kept out."""

from __future__ import annotations

import io
import shutil
import threading
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core import mail
from django.db import connection
from preparation_cast import DESCRIBED, PEOPLE, REGISTER, TOILETS, Send, announced

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.errors import WasPurged
from tdpf.controlplane.catalog.models import Dataset, Distribution
from tdpf.controlplane.catalog.types import AddedVersion, DistributionDetails
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, queries, services, tasks
from tdpf.controlplane.preparation.types import UploadState
from tdpf.controlplane.preparation.verbs import publishing
from tdpf.djangokit import jobs
from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_file
from tdpf.kit.home import home
from tdpf.tables.errors import KeyNotUnique
from tdpf.tables.verify import read_manifest, verify_table

pytestmark = pytest.mark.django_db

CHANGED = (
    TOILETS.replace("駅前広場トイレ", "駅前広場公衆トイレ").replace("131041,0003,図書館前トイレ,35.71,139.71,有\n", "")
    + "131041,0004,新しいトイレ,35.72,139.72,無\n"
)


def _publish(actor: Standing, send: Send, table: Distribution, text: str = TOILETS, **more: object) -> AddedVersion:
    upload = send(text)
    return services.publish_upload_as_version(
        actor=actor,
        upload_uid=upload.uid,
        distribution_uid=table.uid,
        **more,  # type: ignore[arg-type]
    )


def test_an_upload_becomes_a_version(provider: Standing, send: Send, table: Distribution) -> None:
    upload = send(TOILETS.encode("cp932"), "公衆トイレ.csv")
    planned = queries.planned_identity(upload.uid, distribution_uid=table.uid)
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert (added.number, added.is_new, added.identity) == (1, True, planned)
    version = catalog.get_version(added.version_uid)
    assert version.original_sha256 == upload.sha256 == sha256_file(catalog.original_path(upload.sha256))
    assert version.original_name == "公衆トイレ.csv"
    assert version.original_media_type == "text/csv"
    assert version.rows == 3
    assert version.key_columns == ["ID"]
    assert version.read_report["encoding"] == "Shift_JIS（CP932）"
    assert "中央公園" not in repr(version.read_report)
    folder = catalog.table_folder(added.identity)
    assert not verify_table(folder)
    manifest = read_manifest(folder)
    assert manifest.located is not None
    assert manifest.located.latitude == "緯度"
    assert queries.get_upload(upload.uid, provider).state == UploadState.USED
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "clear"
    assert announced("UploadUsed")[0].payload["version_uid"] == added.version_uid


def test_a_table_whose_files_are_gone_is_made_anew_of_what_was_handed_in(
    provider: Standing, send: Send, table: Distribution
) -> None:
    added = _publish(provider, send, table, dictionary=[{"name": "名称", "description": "看板の名前"}])
    folder = catalog.table_folder(str(added.identity))
    before = (folder / "data.csv").read_bytes()
    shutil.rmtree(folder)
    catalog_services.ask_to_mend(identity=str(added.identity), now=now())
    jobs.run_pending()
    assert verify_table(folder) == []
    assert (folder / "data.csv").read_bytes() == before


def test_the_same_thing_again_makes_no_new_version(provider: Standing, send: Send, table: Distribution) -> None:
    first = _publish(provider, send, table)
    again = _publish(provider, send, table)
    assert (again.number, again.is_new, again.identity) == (1, False, first.identity)


def test_the_difference_is_told_by_key(provider: Standing, send: Send, table: Distribution) -> None:
    _publish(provider, send, table)
    second = _publish(provider, send, table, CHANGED)
    assert (second.number, second.is_new) == (2, True)
    diff = catalog.get_version(second.version_uid).diff
    assert (diff["added"], diff["removed"], diff["changed"]) == (1, 1, 1)


def test_edits_are_part_of_the_identity_and_carry_over(provider: Standing, send: Send, table: Distribution) -> None:
    first = _publish(provider, send, table)
    edited = _publish(
        provider, send, table, dictionary=[{"name": "名称", "title": "施設の名前", "description": "看板の名前"}]
    )
    assert edited.is_new
    assert edited.identity != first.identity
    third = _publish(provider, send, table, CHANGED)
    entries = {entry["name"]: entry for entry in catalog.get_version(third.version_uid).dictionary}
    assert entries["名称"]["title"] == "施設の名前"
    same = _publish(provider, send, table, CHANGED)
    assert not same.is_new


def test_saved_edits_are_published(provider: Standing, send: Send, table: Distribution) -> None:
    upload = send(TOILETS)
    services.edit_dictionary(
        actor=provider, upload_uid=upload.uid, dictionary=[{"name": "ID", "type": "string"}], key_columns=["名称"]
    )
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    version = catalog.get_version(added.version_uid)
    assert version.key_columns == ["名称"]
    assert next(entry for entry in version.dictionary if entry["name"] == "ID")["type"] == "string"


def test_a_declared_key_that_does_not_hold_is_refused_and_leaves_nothing(
    provider: Standing, send: Send, table: Distribution
) -> None:
    upload = send(TOILETS)
    with pytest.raises(KeyNotUnique):
        services.publish_upload_as_version(
            actor=provider, upload_uid=upload.uid, distribution_uid=table.uid, key_columns=["オストメイト"]
        )
    assert not list(home().tables.rglob("table.json"))
    assert not catalog.original_path(upload.sha256).exists()
    assert queries.get_upload(upload.uid, provider).state == UploadState.READ


def test_personal_data_are_refused(provider: Standing, operator: Standing, send: Send, table: Distribution) -> None:
    upload = send(PEOPLE, "people.csv")
    with pytest.raises(errors.PersonalDataFound) as refused:
        services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert "「氏名」" in refused.value.detail_in("ja")
    assert not catalog.original_path(upload.sha256).exists()


def test_doubtful_data_wait_where_they_would_be_public(
    provider: Standing, operator: Standing, send: Send, table: Distribution, dataset: Dataset
) -> None:
    _publish(provider, send, table)
    catalog_services.publish_dataset(actor=provider, dataset_uid=dataset.uid)
    upload = send(REGISTER, "register.csv")
    with pytest.raises(errors.ScreeningWaits):
        services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    screening = queries.screening_of(upload.uid, provider)
    assert screening is not None
    services.decide_screening(
        actor=operator, screening_uid=screening.uid, decision="accepted", reason="公表済みの登録簿"
    )
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert added.number == 2
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "accepted"


def test_doubtful_data_may_stand_in_a_draft_and_refused_ones_may_not(
    provider: Standing, operator: Standing, send: Send, table: Distribution
) -> None:
    upload = send(REGISTER, "register.csv")
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "doubtful"
    screening = queries.screenings_to_decide(operator)[0]
    services.decide_screening(actor=operator, screening_uid=screening.uid, decision="refused", reason="個人の名前です")
    tasks.mail_screening_decided(announced("ScreeningDecided")[-1].payload)
    assert "個人の名前です" in mail.outbox[-1].body
    assert [letter.to for letter in mail.outbox] == [
        [member.email] for member in members.members_of_party(provider.person_party_id)
    ]
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "refused"
    with pytest.raises(errors.ScreeningRefused) as refused:
        services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert "個人の名前です" in refused.value.detail_in("ja")


def test_an_upload_serves_only_its_own_provider(
    provider: Standing, stranger: Standing, send: Send, table: Distribution
) -> None:
    theirs = catalog_services.create_dataset(
        actor=stranger, provider_party_id=stranger.person_party_id, metadata=DESCRIBED
    )
    other = catalog_services.add_distribution(
        actor=stranger,
        dataset_uid=theirs.uid,
        details=DistributionDetails(kind="table", holding="held", holding_reason="検索のため", storage_place="TDPF"),
    )
    upload = send(TOILETS)
    with pytest.raises(errors.OtherProvider):
        queries.difference(upload.uid, provider, distribution_uid=other.uid)
    with pytest.raises(Exception, match="members/"):
        services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=other.uid)
    with pytest.raises(errors.UploadUnknown):
        services.publish_upload_as_version(actor=stranger, upload_uid=upload.uid, distribution_uid=other.uid)


def _leaflet() -> bytes:
    """A sound PDF of one page on which there is no table."""
    document, written = pypdfium2.PdfDocument.new(), io.BytesIO()
    document.new_page(200, 200)
    document.save(written)
    return written.getvalue()


def test_a_file_is_kept_as_it_is_and_waits_for_the_operator(
    provider: Standing, operator: Standing, send: Send, dataset: Dataset
) -> None:
    distribution = catalog_services.add_distribution(
        actor=provider,
        dataset_uid=dataset.uid,
        details=DistributionDetails(
            name="leaflet", kind="file", holding="held", holding_reason="図があるため", storage_place="TDPF"
        ),
    )
    upload = send(_leaflet(), "leaflet.pdf")
    assert upload.state == UploadState.FAILED
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=distribution.uid)
    assert added.identity == upload.sha256
    assert catalog.get_version(added.version_uid).original_media_type == "application/pdf"
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "doubtful"
    assert len(queries.screenings_to_decide(operator)) == 1


def test_what_was_purged_does_not_come_back(
    provider: Standing, send: Send, table: Distribution, django_capture_on_commit_callbacks: object
) -> None:
    added = _publish(provider, send, table)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a pytest-django fixture
        catalog_services.purge_version(actor=provider, version_uid=added.version_uid, reason="誤って公開したため")
    upload = send(TOILETS)
    with pytest.raises(WasPurged):
        services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert not catalog.table_folder(added.identity).exists()
    assert not catalog.original_path(upload.sha256).exists()


def test_two_tables_of_one_file_become_two_versions(
    provider: Standing, send: Send, table: Distribution, dataset: Dataset
) -> None:
    text = '{"wards": [{"区": "千代田", "数": 1}, {"区": "港", "数": 4}], "cities": [{"市": "三鷹", "数": 2}, {"市": "調布", "数": 3}]}'
    cities = catalog_services.add_distribution(
        actor=provider,
        dataset_uid=dataset.uid,
        details=DistributionDetails(
            name="cities", kind="table", holding="held", holding_reason="検索のため", storage_place="TDPF"
        ),
    )
    upload = send(text, "a.json", choice="wards")
    first = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    services.read_upload(actor=provider, upload_uid=upload.uid, choice="cities")
    second = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=cities.uid)
    assert first.identity != second.identity
    assert read_manifest(catalog.table_folder(second.identity)).column_names == ("市", "数")


def test_a_workbook_as_a_file_is_judged_with_its_hidden_sheets(
    provider: Standing, operator: Standing, send: Send, dataset: Dataset, tmp_path: Path
) -> None:
    """The table that shows is harmless, but the bytes that are handed out hold a sheet nobody looked at."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["名称", "数"])
    book.active.append(["A", 1])
    hidden = book.create_sheet("名簿")
    hidden.append(["氏名", "電話番号"])
    hidden.append(["山田　太郎", "090-1234-5678"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    distribution = catalog_services.add_distribution(
        actor=provider,
        dataset_uid=dataset.uid,
        details=DistributionDetails(
            name="workbook", kind="file", holding="held", holding_reason="様式のため", storage_place="TDPF"
        ),
    )
    upload = send((tmp_path / "a.xlsx").read_bytes(), "a.xlsx")
    assert upload.state == UploadState.READ
    screening = queries.screening_of(upload.uid, provider)
    assert screening is not None
    assert screening.outcome == "clear"
    added = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=distribution.uid)
    assert queries.screening_outcome_for(upload.sha256, added.identity) == "doubtful"
    waiting = queries.screenings_to_decide(operator)[0]
    services.decide_screening(actor=operator, screening_uid=waiting.uid, decision="accepted", reason="見ました")
    again = services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=distribution.uid)
    assert not again.is_new
    assert queries.screening_outcome_for(upload.sha256, again.identity) == "accepted"


def test_what_was_read_anew_meanwhile_is_not_published(
    provider: Standing, send: Send, table: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that were screened and the rows that are published are the same, or nothing is."""
    upload = send(TOILETS)
    build = publishing._build

    def read_anew_while_building(plan: Any, name: str) -> Any:
        services.read_upload(actor=provider, upload_uid=upload.uid)
        return build(plan, name)

    monkeypatch.setattr(publishing, "_build", read_anew_while_building)
    with pytest.raises(errors.UploadChanged):
        services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
    assert catalog.latest_version(table.uid) is None
    monkeypatch.undo()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_publishing_twice_at_once_makes_one_version_that_has_its_files(
    provider: Standing, send: Send, table: Distribution
) -> None:
    """Whoever comes second must not take away what the first one built."""
    upload = send(TOILETS)
    together = threading.Barrier(3)
    made: list[AddedVersion] = []

    def publish() -> None:
        together.wait(timeout=60)
        made.append(
            services.publish_upload_as_version(actor=provider, upload_uid=upload.uid, distribution_uid=table.uid)
        )
        connection.close()

    threads = [threading.Thread(target=publish) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert {version.identity for version in made} == {catalog.latest_version(table.uid).identity}
    assert len(made) == 3
    assert (catalog.table_folder(made[0].identity) / "table.json").is_file()
