"""Having an upload read: what is kept, what is shown before anything is saved, and what the worker does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from preparation_cast import PEOPLE, REGISTER, TOILETS, Send, announced

from tdpf.controlplane.members.errors import OperatorNeeded, ReasonNeeded
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, queries, rules, services, tasks
from tdpf.controlplane.preparation.models import Screening, Upload
from tdpf.controlplane.preparation.types import ScreeningDecision, UploadState
from tdpf.controlplane.preparation.verbs import reading
from tdpf.djangokit.jobs import run_pending
from tdpf.kit.clock import now

pytestmark = pytest.mark.django_db


def test_a_read_upload_shows_rows_dictionary_metadata_and_notes(provider: Standing, send: Send) -> None:
    upload = send(TOILETS.encode("cp932"), "131041_public_toilet.csv")
    assert upload.state == UploadState.READ
    shown = queries.preview(upload.uid, provider, rows=2)
    assert shown.encoding == "Shift_JIS（CP932）"
    assert shown.row_count == 3
    assert shown.rows == (
        ("131041", "0001", "中央公園トイレ", "35.69", "139.69", "有"),
        ("131041", "0002", "駅前広場トイレ", "35.70", "139.70", "無"),
    )
    assert shown.columns[:2] == ("全国地方公共団体コード", "ID")
    assert shown.key_columns == ("ID",)
    assert shown.metadata["area_codes"] == ["131041"]
    assert {"encoding", "delimiter"} <= {note["code"] for note in shown.notes}
    assert [event.payload["state"] for event in announced("UploadRead")] == ["read"]
    assert queries.screening_outcome_for(upload.sha256, "") == "clear"


def test_a_bad_file_fails_with_its_sentence_and_stays(provider: Standing, send: Send) -> None:
    upload = send("<!DOCTYPE html><html><body>ログイン</body></html>", "data.csv")
    assert upload.state == UploadState.FAILED
    assert upload.problem is not None
    assert upload.problem["code"] == "preparation/html-instead"
    assert "HTML" in upload.problem["ja"]["detail"]
    assert upload.problem["en"]["cure"]
    assert queries.upload_file(upload.uid).exists()
    with pytest.raises(errors.UploadWrongState):
        queries.preview(upload.uid, provider)
    empty = send(b"", "empty.csv")
    assert empty.problem is not None
    assert empty.problem["code"] == "preparation/empty-file"


def test_several_tables_wait_for_a_choice(provider: Standing, send: Send) -> None:
    text = '{"wards": [{"区": "千代田", "数": 1}], "cities": [{"市": "三鷹", "数": 2}, {"市": "調布", "数": 3}]}'
    upload = send(text, "a.json")
    assert upload.state == UploadState.CHOOSING
    assert upload.problem is not None
    choices = upload.problem["data"]["choices"]
    assert [choice["rows"] for choice in choices] == [1, 2]
    read = services.read_upload(actor=provider, upload_uid=upload.uid, choice=choices[1]["id"])
    assert read.state == UploadState.READ
    assert queries.preview(upload.uid, provider).row_count == 2
    wrong = services.read_upload(actor=provider, upload_uid=upload.uid, choice="nothing")
    assert wrong.state == UploadState.FAILED


def test_only_whole_files_are_read(provider: Standing) -> None:
    upload = services.start_upload(actor=provider, party_id=provider.person_party_id, file_name="a.csv", size=10)
    with pytest.raises(errors.UploadWrongState):
        services.read_upload(actor=provider, upload_uid=upload.uid)


def test_the_worker_reads_what_was_asked_for(provider: Standing, send: Send) -> None:
    upload = send(TOILETS, read=False)
    assert services.ask_to_read(actor=provider, upload_uid=upload.uid).state == UploadState.READING
    with pytest.raises(errors.UploadWrongState):
        services.read_upload(actor=provider, upload_uid=upload.uid)
    assert run_pending() >= 1
    assert queries.get_upload(upload.uid, provider).state == UploadState.READ
    tasks.read_upload({"upload_uid": upload.uid, "choice": None, "actor": provider.actor})
    assert len(announced("UploadRead")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_reading_holds_no_transaction(provider: Standing, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite every other writer would wait for it, for minutes."""
    seen: list[bool] = []
    true_reading = reading.read_in_sandbox

    def watched(*args: object, **options: object) -> object:
        seen.append(connection.in_atomic_block)
        return true_reading(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_in_sandbox", watched)
    upload = send(TOILETS)
    services.ask_to_read(actor=provider, upload_uid=upload.uid)
    assert run_pending(lane="short") == 0
    assert run_pending(lane="asked") == 1
    assert seen == [False, False]
    assert queries.get_upload(upload.uid, provider).state == UploadState.READ


def test_a_reading_that_was_killed_is_given_back(provider: Standing, send: Send) -> None:
    upload = send(TOILETS, read=False)
    services.ask_to_read(actor=provider, upload_uid=upload.uid)
    assert services.give_up_readings(instant=now()) == 0
    assert services.give_up_readings(instant=now() + timedelta(minutes=13)) == 1
    assert services.read_upload(actor=provider, upload_uid=upload.uid).state == UploadState.READ


def test_the_dictionary_is_edited_column_by_column(provider: Standing, send: Send) -> None:
    upload = send(TOILETS)
    services.edit_dictionary(
        actor=provider,
        upload_uid=upload.uid,
        dictionary=[
            {"name": "名称", "title": "施設の名前", "title_en": "Facility"},
            {"name": "オストメイト", "description": "設備の有無", "codes": {"有": "設備がある", "無": "設備がない"}},
        ],
        key_columns=[],
    )
    services.edit_dictionary(
        actor=provider, upload_uid=upload.uid, dictionary=[{"name": "名称", "description": "看板の名前"}]
    )
    shown = queries.preview(upload.uid, provider)
    entries = {entry["name"]: entry for entry in shown.dictionary}
    assert entries["名称"]["title"] == "施設の名前"
    assert entries["名称"]["description"] == "看板の名前"
    assert entries["オストメイト"]["codes"] == {"有": "設備がある", "無": "設備がない"}
    assert entries["緯度"]["type"] == "number"
    assert shown.key_columns == ()


def test_every_fault_of_a_dictionary_is_named(provider: Standing, send: Send) -> None:
    upload = send(TOILETS)
    with pytest.raises(errors.DictionaryInvalid) as refused:
        services.edit_dictionary(
            actor=provider,
            upload_uid=upload.uid,
            dictionary=[
                {"name": "ない列", "title": "x"},
                {"name": "名称", "type": "blob"},
                {"name": "緯度", "codes": ["a"]},
                {"name": "経度", "title": "x" * 400},
            ],
        )
    found = refused.value.data["errors"]
    assert isinstance(found, list)
    assert [fault["field"] for fault in found] == [
        "dictionary.0.name",
        "dictionary.1.type",
        "dictionary.2.codes",
        "dictionary.3.title",
    ]
    with pytest.raises(errors.DictionaryInvalid):
        services.edit_dictionary(actor=provider, upload_uid=upload.uid, key_columns=["ない列"])


def test_personal_data_are_found_and_never_stored(provider: Standing, send: Send, own_home: object) -> None:
    upload = send(PEOPLE, "people.csv")
    screening = queries.screening_of(upload.uid, provider)
    assert screening is not None
    assert screening.outcome == "confirmed"
    stored = repr(screening.findings)
    assert "山田" not in stored
    assert "090-1234" not in stored
    assert [event.payload["outcome"] for event in announced("PersonalDataSuspected")] == ["confirmed"]
    assert "太郎" not in repr([event.payload for event in announced("PersonalDataSuspected")])
    result = Path(queries.upload_file(upload.uid).parent / "result.json").read_text(encoding="utf-8")
    findings = result[result.index('"findings"') :]
    assert "山田" not in findings


def test_the_operator_decides_doubtful_findings_with_a_reason(
    provider: Standing, operator: Standing, send: Send
) -> None:
    upload = send(REGISTER, "register.csv")
    screening = queries.screening_of(upload.uid, provider)
    assert screening is not None
    assert screening.outcome == "doubtful"
    assert [row.uid for row in queries.screenings_to_decide(operator)] == [screening.uid]
    assert queries.screening_outcome_for(upload.sha256, "x") == "doubtful"
    with pytest.raises(OperatorNeeded):
        queries.screenings_to_decide(provider)
    with pytest.raises(OperatorNeeded):
        services.decide_screening(actor=provider, screening_uid=screening.uid, decision="accepted", reason="OK")
    with pytest.raises(ReasonNeeded):
        services.decide_screening(actor=operator, screening_uid=screening.uid, decision="accepted", reason=" ")
    services.decide_screening(
        actor=operator,
        screening_uid=screening.uid,
        decision=ScreeningDecision.ACCEPTED,
        reason="法令で公表される登録簿です。",
    )
    assert queries.screenings_to_decide(operator) == []
    assert queries.screening_outcome_for(upload.sha256, "x") == "accepted"
    assert announced("ScreeningDecided")[0].reason == "法令で公表される登録簿です。"
    with pytest.raises(errors.ScreeningNotOpen):
        services.decide_screening(actor=operator, screening_uid=screening.uid, decision="refused", reason="やはり")


def test_a_stranger_sees_no_screening(provider: Standing, stranger: Standing, send: Send) -> None:
    upload = send(REGISTER, "register.csv")
    screening = Screening.objects.get(upload__uid=upload.uid)
    with pytest.raises(errors.ScreeningUnknown):
        queries.get_screening(screening.uid, stranger)
    assert queries.get_screening(screening.uid, provider).uid == screening.uid


def test_nothing_read_is_missing(db: None) -> None:
    assert queries.screening_outcome_for("0" * 64, "1" * 64) == "missing"
    assert Upload.objects.count() == 0
    assert rules.outcome_word("doubtful", "waiting") == "doubtful"
