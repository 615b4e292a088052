"""Preparing a file step by step: a visitor's by its secret address, a member's by its party; answers, recipes, expiry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_members import MakeMember
from preparation_cast import announced

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.preparation import errors, queries, services, workpiece_rules
from tdpf.controlplane.preparation.models import ConfirmedColumn, Workpiece
from tdpf.controlplane.preparation.reads.workpieces import workpiece_folder
from tdpf.controlplane.preparation.types import UploadState, WorkpieceState
from tdpf.djangokit import jobs
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem

TOILETS = (
    "公衆トイレ一覧（令和6年4月1日現在）,,,,,\n"
    "番号,施設名,住所,緯度,経度,メモ\n"
    "1,中央公園トイレ,千代田区丸の内１－２,35.69,139.69,\n"
    "2,駅前広場トイレ,千代田区丸の内３－４,不明,139.70,新しい\n"
)
Begin = Callable[..., Workpiece]

pytestmark = pytest.mark.django_db


def begin(actor: Standing, text: str = TOILETS, **more: Any) -> Workpiece:
    """Begin with one file and let the worker look at it."""
    raw = text.encode()
    row = services.start_workpiece(actor=actor, files=[("トイレ.csv", len(raw), [raw])], **more)
    return work(row)


def work(row: Workpiece) -> Workpiece:
    """Let the worker do what waits."""
    jobs.run_pending()
    row.refresh_from_db()
    return row


@pytest.mark.usefixtures("work_near")
def test_a_visitor_goes_from_file_to_result_by_a_secret_address(make_member: MakeMember) -> None:
    visitor = members.anonymous_standing()
    row = begin(visitor, trace="t")
    assert (row.state, row.party_id) == (WorkpieceState.FOUND, None)
    address = queries.address_of(row)
    looked = queries.files_looked(row)[0]
    assert looked.rating is not None
    assert looked.table is not None
    assert queries.schemas_offered(row)[0].name == "public_toilet"

    with pytest.raises(errors.WorkpieceBusy):
        services.choose_columns(actor=visitor, address=address, decisions={})
    with pytest.raises(errors.ChoiceNotOffered):
        services.choose_schema(actor=visitor, address=address, schema="no_such", choices={})
    row = work(services.choose_schema(actor=visitor, address=address, schema="public_toilet", choices={}))
    assert row.state == WorkpieceState.PLANNED
    columns = {column.name: column for column in queries.columns_asked(row)}
    assert columns["施設名"].target == "名称"
    assert columns["メモ"].target in ("", "備考")
    chosen = {"t1": {column.name: column.target for column in columns.values()} | {"メモ": "備考"}}
    with pytest.raises(errors.FieldChosenTwice):
        services.choose_columns(actor=visitor, address=address, decisions={"t1": {**chosen["t1"], "番号": "備考"}})
    row = work(services.choose_columns(actor=visitor, address=address, decisions=chosen))
    assert row.state == WorkpieceState.TRIED
    assert not ConfirmedColumn.objects.exists()

    seen = queries.comparison_of(row)
    assert seen.total == 2
    latitude = seen.rows[1].cells[seen.columns.index("緯度")]
    assert (latitude.before, latitude.after, latitude.state) == ("不明", "", latitude.state)
    assert latitude.why.ja
    assert seen.rows[1].cells[seen.columns.index("備考")].after == "新しい"

    row = work(services.finish_workpiece(actor=visitor, address=address))
    assert row.state == WorkpieceState.FINISHED
    assert queries.result_file(row, "public_toilet.csv").read_bytes().count(b"\r\n") == 3
    with pytest.raises(errors.ResultUnknown):
        queries.result_file(row, "../look.json")
    with pytest.raises(errors.WorkpieceUnknown):
        services.hand_on_workpiece(actor=visitor, address=address)
    other = make_member("other")
    for guessed in (row.uid, address[:-1], f"{row.uid}-", address.upper(), "x"):
        with pytest.raises(errors.WorkpieceUnknown):
            queries.workpiece_at(guessed, other)


@pytest.mark.usefixtures("work_near")
def test_a_member_answers_keeps_the_recipe_and_uses_it_next_year(provider: Standing, stranger: Standing) -> None:
    party = provider.person_party_id
    row = begin(provider, TOILETS.replace("不明", "?地点"), party_id=party)
    address = queries.address_of(row)
    assert address == row.uid
    with pytest.raises(errors.WorkpieceUnknown):
        queries.workpiece_at(address, stranger)
    work(services.choose_schema(actor=provider, address=address, schema="public_toilet", choices={}))
    decisions = {"t1": {column.name: column.target for column in queries.columns_asked(row)} | {"メモ": "備考"}}
    row.refresh_from_db()
    row = work(services.choose_columns(actor=provider, address=address, decisions=decisions))
    assert ConfirmedColumn.objects.get(party_id=party, column="メモ").field == "備考"
    waits = next(entry for entry in queries.waiting_of(row) if entry.column == "緯度")
    assert (waits.before, waits.answer) == ("?地点", None)
    with pytest.raises(errors.AnswerNotRead, match="緯度"):
        services.answer_waiting(actor=provider, address=address, key=waits.key, action="value", value="たぶん", by="係")
    services.answer_waiting(actor=provider, address=address, key=waits.key, action="value", value="35.70", by="係")
    row = work(services.try_again(actor=provider, address=address))
    cells = queries.comparison_of(row)
    assert cells.rows[1].cells[cells.columns.index("緯度")].after == "35.70"
    row = work(services.finish_workpiece(actor=provider, address=address))
    finished = announced("WorkpieceFinished")[-1]
    assert (finished.payload["rows_in"], finished.payload["rows_out"]) == (2, 2)
    kept = services.store_recipe(actor=provider, address=address, title="トイレ")
    assert services.store_recipe(actor=provider, address=address, title="again").pk == kept.pk

    upload = services.hand_on_workpiece(actor=provider, address=address)
    jobs.run_pending()
    upload.refresh_from_db()
    assert upload.state == UploadState.READ
    seen = queries.preview(upload.uid, provider)
    assert seen.row_count == 2
    described = {str(entry["name"]): str(entry["description"]) for entry in seen.dictionary}
    assert described["緯度"].startswith("十進の度で書いた緯度（世界測地系） / Latitude")
    assert all(described.values())
    assert "緯度" not in seen.blank_columns
    assert "名称_英語" in seen.blank_columns
    assert [entry["name"] for entry in seen.filled_dictionary] == [
        n for n in seen.columns if n not in seen.blank_columns
    ]
    assert {len(row) for row in seen.filled_rows} == {len(seen.filled_dictionary)}

    with pytest.raises(errors.RecipeUnknown):
        begin(stranger, party_id=stranger.person_party_id, recipe_uid=kept.uid)
    again = TOILETS.replace("不明", "?地点").replace("1,中央", "0,新しい公園,千代田区丸の内９,35.6,139.6,\n1,中央")
    following = begin(provider, again, party_id=party, recipe_uid=kept.uid)
    assert following.state == WorkpieceState.TRIED
    cells = queries.comparison_of(following)
    assert [entry.cells[cells.columns.index("緯度")].after for entry in cells.rows] == ["35.6", "35.69", "35.70"]
    other = begin(provider, again.replace("施設名", "呼び名"), party_id=party, recipe_uid=kept.uid)
    assert (other.state, other.problem["code"]) == (WorkpieceState.PLANNED, "preparation/recipe-for-other")
    other = work(services.leave_recipe(actor=provider, address=queries.address_of(other)))
    assert other.state == WorkpieceState.PLANNED
    assert {column.name: column.target for column in queries.columns_asked(other)}["メモ"] == "備考"


@pytest.mark.usefixtures("work_near")
def test_a_file_of_values_only_is_asked_column_by_column_and_teaches_nobody(provider: Standing) -> None:
    text = "中央公園トイレ,東京都千代田区丸の内1-2,35.69,139.69\n駅前広場トイレ,東京都千代田区丸の内3-4,35.70,139.70\n北口トイレ,東京都千代田区一ツ橋1-1,35.71,139.71\n"
    row = begin(provider, text, party_id=provider.person_party_id)
    address = queries.address_of(row)
    row = work(services.choose_schema(actor=provider, address=address, schema="public_toilet", choices={}))
    assert (row.state, row.problem) == (WorkpieceState.PLANNED, None)
    asked = queries.columns_asked(row)
    offered = {column.name: column.target for column in asked}
    assert list(offered.values()) == ["名称", "所在地_連結表記", "緯度", "経度"]
    row = work(services.choose_columns(actor=provider, address=address, decisions={"t1": offered}))
    assert (row.state, row.problem) == (WorkpieceState.TRIED, None)
    cells = queries.comparison_of(row)
    assert [entry.cells[cells.columns.index("名称")].after for entry in cells.rows] == [
        "中央公園トイレ",
        "駅前広場トイレ",
        "北口トイレ",
    ]
    assert not ConfirmedColumn.objects.exists()


@pytest.mark.usefixtures("work_near")
def test_a_column_of_persons_is_refused_until_its_owner_leaves_it_out(provider: Standing) -> None:
    numbers = (
        TOILETS.replace("メモ", "個人番号")
        .replace("139.69,\n", "139.69,123456789012\n")
        .replace("新しい", "987654321098")
    )
    row = begin(provider, numbers, party_id=provider.person_party_id)
    assert queries.columns_of_persons(row) == {("トイレ.csv", "個人番号")}
    work(services.choose_schema(actor=provider, address=row.uid, schema="public_toilet", choices={}))
    for field, confirmed in (("備考", ("個人番号",)), ("", ())):
        decisions = {"t1": {column.name: column.target for column in queries.columns_asked(row)} | {"個人番号": field}}
        work(services.choose_columns(actor=provider, address=row.uid, decisions=decisions))
        row = work(services.finish_workpiece(actor=provider, address=row.uid))
        told = queries.result_of(row)
        assert told is not None
        assert told.confirmed == confirmed
        if confirmed:
            with pytest.raises(errors.PersonalDataFound, match="個人番号"):
                services.hand_on_workpiece(actor=provider, address=row.uid)
    assert services.hand_on_workpiece(actor=provider, address=row.uid).pk


@pytest.mark.usefixtures("work_near")
def test_what_a_visitor_began_becomes_a_members(provider: Standing, stranger: Standing) -> None:
    visitor = members.anonymous_standing()
    row = begin(visitor, trace="t")
    secret = queries.address_of(row)
    work(services.choose_schema(actor=visitor, address=secret, schema="public_toilet", choices={}))
    party = provider.person_party_id
    for actor, address in ((visitor, secret), (provider, row.uid)):
        with pytest.raises(Problem):
            services.adopt_workpiece(actor=actor, address=address, party_id=party)
    with pytest.raises(Problem):
        services.adopt_workpiece(actor=stranger, address=secret, party_id=party)
    row = services.adopt_workpiece(actor=provider, address=secret, party_id=party)
    assert (row.party_id, row.trace, queries.address_of(row)) == (party, "", row.uid)
    assert services.adopt_workpiece(actor=provider, address=row.uid, party_id=party).pk == row.pk
    assert queries.columns_asked(queries.workpiece_at(row.uid, provider))
    for other in (visitor, stranger):
        with pytest.raises(errors.WorkpieceUnknown):
            queries.workpiece_at(secret, other)


@pytest.mark.usefixtures("work_near")
def test_two_towns_files_become_one_table_and_rows_of_the_same_thing_one_row(provider: Standing) -> None:
    other = "名称,所在地,備考\n中央公園トイレ,千代田区丸の内1-2,夜間閉鎖\n"
    files = [("a.csv", TOILETS), ("a.csv", other)]
    row = services.start_workpiece(
        actor=provider,
        party_id=provider.person_party_id,
        files=[(name, len(text.encode()), [text.encode()]) for name, text in files],
    )
    row = work(row)
    assert [entry.name for entry in queries.files_looked(row)] == ["a.csv", "a（2）.csv"]
    work(services.choose_schema(actor=provider, address=row.uid, schema="public_toilet", choices={}))
    row = work(services.choose_columns(actor=provider, address=row.uid, decisions={}))
    told = queries.result_of(row)
    assert told is not None
    assert (told.rows_out, told.duplicates_count, told.folded) == (3, 1, False)
    assert [entry["where"] for entry in told.duplicates[0]["members"]] == ["a.csv 3", "a（2）.csv 2"]
    for member in (None, 1):
        services.judge_pair(actor=provider, address=row.uid, row=1, member=member, by="係")
    row.refresh_from_db()
    judged = queries.pairs_judged(row)
    assert [(entry["other"], entry["same"]) for entry in judged] == [("a.csv 中央公園トイレ", False)]
    for wrong in ({"row": 2}, {"row": 1, "member": 2}):
        with pytest.raises(errors.ChoiceNotOffered):
            services.judge_pair(actor=provider, address=row.uid, **wrong)
    row = work(services.try_again(actor=provider, address=row.uid))
    told = queries.result_of(row)
    assert told is not None
    assert (told.duplicates_count, "same: false" in told.recipe) == (0, True)
    services.take_back_answer(actor=provider, address=row.uid, key=judged[0]["key"])
    row = work(services.fold_duplicates(actor=provider, address=row.uid, folds=True))
    row = work(services.finish_workpiece(actor=provider, address=row.uid))
    told = queries.result_of(row)
    assert told is not None
    assert (told.rows_out, told.apart, told.folded) == (2, 1, True)
    seen = queries.comparison_of(row)
    assert seen.rows[0].cells[seen.columns.index("備考")].after == "夜間閉鎖"


@pytest.mark.usefixtures("work_near")
def test_what_cannot_be_prepared_says_why_and_loses_nothing(provider: Standing) -> None:
    row = begin(provider, party_id=provider.person_party_id)
    address = queries.address_of(row)
    row = work(services.choose_schema(actor=provider, address=address, schema="disclosure_request", choices={}))
    assert (row.state, row.problem["code"]) == (WorkpieceState.FOUND, "preparation/nothing-mapped")
    row = work(services.choose_schema(actor=provider, address=address, schema="public_toilet", choices={}))
    assert (row.state, row.problem) == (WorkpieceState.PLANNED, None)


def test_too_much_is_refused(provider: Standing) -> None:
    visitor = members.anonymous_standing()
    with pytest.raises(errors.NoFiles):
        services.start_workpiece(actor=visitor, files=[("a.csv", 0, [])], trace="t")
    with pytest.raises(errors.WorkpieceTooLarge):
        # What is said is not what comes.
        services.start_workpiece(actor=visitor, files=[("a.csv", 1, [b"x" * (workpiece_rules.VISITORS_BYTES + 1)])])
    assert not Workpiece.objects.exists()
    for number in range(workpiece_rules.VISITORS_PER_HOUR):
        services.start_workpiece(actor=visitor, files=[(f"{number}.csv", 1, [b"a"])], trace="same")
    with pytest.raises(errors.TooManyWorkpieces):
        services.start_workpiece(actor=visitor, files=[("b.csv", 1, [b"a"])], trace="same")
    services.start_workpiece(actor=visitor, files=[("b.csv", 1, [b"a"])], trace="another")


@pytest.mark.usefixtures("work_near")
def test_a_visitors_files_go_after_a_day_a_members_after_a_month(provider: Standing) -> None:
    mine = begin(provider, party_id=provider.person_party_id)
    theirs = begin(members.anonymous_standing(), trace="t")
    assert services.expire_workpieces(instant=now() + timedelta(hours=23)) == 0
    assert services.expire_workpieces(instant=now() + timedelta(hours=25)) == 1
    assert (workpiece_folder(mine.uid).exists(), workpiece_folder(theirs.uid).exists()) == (True, False)
    services.erase_workpiece(actor=provider, address=mine.uid)
    assert not workpiece_folder(mine.uid).exists()
    with pytest.raises(errors.WorkpieceUnknown):
        queries.workpiece_at(mine.uid, provider)


@pytest.mark.usefixtures("work_near")
def test_a_table_that_takes_minutes_holds_up_no_index_and_nobodys_first_look() -> None:
    """What finishes tables waits in a lane of its own."""
    visitor = members.anonymous_standing()
    large, small = (services.start_workpiece(actor=visitor, files=[("a.csv", 8, [b"a,b\n1,2\n"])]) for _ in range(2))
    Workpiece.objects.filter(pk=large.pk).update(state=WorkpieceState.TRIED, reached=WorkpieceState.TRIED)
    services.finish_workpiece(actor=visitor, address=queries.address_of(large))
    jobs.enqueue("catalog.tasks.index_batch", {"dataset_uids": []})
    assert jobs.run_pending(lane="long") == 1
    jobs.run_pending(lane="asked")
    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.state, large.state) == (WorkpieceState.FOUND, WorkpieceState.FINISHING)


def test_work_whose_process_was_killed_can_be_begun_again(provider: Standing) -> None:
    row = begin(provider, party_id=provider.person_party_id)
    services.choose_schema(actor=provider, address=row.uid, schema="public_toilet", choices={})
    with pytest.raises(errors.WorkpieceBusy):
        services.choose_schema(actor=provider, address=row.uid, schema="aed", choices={})
    assert services.give_up_work(instant=now() + timedelta(minutes=21)) == 1
    row.refresh_from_db()
    assert row.state == WorkpieceState.FOUND
    # The lost order comes to nothing when the worker meets it.
    assert work(row).state == WorkpieceState.FOUND


@given(st.lists(st.text(min_size=1, max_size=90), max_size=8))
def test_names_on_the_disk_differ_and_fit(names: list[str]) -> None:
    found = workpiece_rules.distinct_names(names)
    assert len(set(found)) == len(names)
    assert all(len(name.encode()) < 255 for name in found)


def test_nobody_teaches_the_others_alone() -> None:
    said = [
        (1, "s", "メモ", "備考"),
        (2, "s", "印", "ID"),
        (3, "s", "印", "ID"),
        (4, "s", "品", "名称"),
        (5, "s", "品", "備考"),
    ]
    assert workpiece_rules.shared_confirmations(said, None) == [("s", "印", "", "ID")]
    assert workpiece_rules.shared_confirmations(said, 1) == [("s", "メモ", "", "備考"), ("s", "印", "", "ID")]
    assert ("s", "品", "", "備考") in workpiece_rules.shared_confirmations(said, 5)
