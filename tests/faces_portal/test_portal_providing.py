"""Providing: five steps, each with a preview, each can be left; then the desk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from portal_cast import SHELTERS, Person, approved_organization, hand_in, metadata, publish
from portal_reading import page_of

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetMetadata, DistributionDetails
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.preparation import services as preparation
from tdpf.controlplane.preparation.errors import NotAsItIs
from tdpf.djangokit import jobs

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_strangers_learn_what_providing_takes(client: Client) -> None:
    page = page_of(client.get("/provide"))
    assert page.heading == "データをだす"
    assert page.links["ログインして始める"] == "/accounts/login/?next=/provide"


def test_from_file_to_public_page(someone: Callable[..., Person]) -> None:
    operator, provider = someone("op@example.jp", "運営", operator=True), someone("p@example.jp", "提供")
    city = approved_organization(provider, operator)
    found = hand_in(provider, SHELTERS, party=city.party_id)
    seen = provider.see(found)
    assert "表: 3 行 × 5 列" in seen.text
    assert "北小学校" in seen.text
    assert "001" in seen.text
    described = provider.see(f"{found}/describe")
    assert described.fields["contact_email"]["value"] == "data@city.example.jp"
    assert described.unlabelled() == []
    assert provider.send(f"{found}/describe", **metadata(described, "city-shelters")) == "/provide/city-shelters/terms"

    presets = provider.see("/provide/city-shelters/terms")
    assert presets.links["オープン"] == "?preset=open#form"
    chosen = provider.see("/provide/city-shelters/terms?preset=open")
    assert "だれでも、申込みなしに、すぐ使えます。" in chosen.text
    provider.send(
        "/provide/city-shelters/terms", access="open", attribution="required", notice_days="30", rate_plan="r10"
    )

    last = provider.see("/provide/city-shelters/publish")
    assert "ライセンスと利用条件が合っていません" not in last.text
    warranty = exchange.warranty_in_force()
    assert warranty.sha256 in last.text
    unsigned = provider.refused(
        "/provide/city-shelters/publish", text_version=warranty.version, text_sha256=warranty.sha256
    )
    assert "必須" in unsigned.alerts[0]
    provider.send(
        "/provide/city-shelters/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on"
    )
    jobs.run_pending()
    done = provider.see("/provide/city-shelters/done")
    assert done.heading == "公開しました"
    assert "/data/collections/city-shelters/items?f=json&limit=10" in done.text

    public = page_of(Client().get("/datasets/city-shelters"))
    assert public.heading == "避難所の一覧"
    assert "オープン" in public.text
    assert public.links["CSV（Excel用）"] == "/data/files/city-shelters/city-shelters-excel.csv"
    assert public.links["ダウンロード"] == "#download"
    assert public.links["地図で見る"] == "#map"
    assert "いまは表を表示できません" in public.text
    assert page_of(Client().get("/search", {"q": "避難所"})).links.get("避難所の一覧") == "/datasets/city-shelters"
    assert "避難所の一覧" in page_of(Client().get("/")).links
    assert "避難所の一覧" in page_of(Client().get("/publishers/sample-city")).links
    assert "city-shelters" in page_of(Client().get("/developers")).text


def test_a_half_done_provision_is_found_again(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    found = hand_in(provider, SHELTERS)
    start = provider.see("/provide")
    assert start.links["shelters.csv"] == found
    described = provider.see(f"{found}/describe")
    provider.send(f"{found}/describe", **metadata(described, "my-draft"))
    assert provider.see("/provide").links["避難所の一覧"] == "/provide/my-draft"
    assert "下書き" in provider.see("/home").text
    assert Client().get("/datasets/my-draft").status_code == 404


def test_the_form_keeps_what_was_typed(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    found = hand_in(provider, SHELTERS)
    described = provider.see(f"{found}/describe")
    typed = {**metadata(described, "kept"), "title_ja": "", "area_codes": "131017", "column-4-unit": "人"}
    back = provider.refused(f"{found}/describe", **typed)
    assert back.fields["description_ja"]["value"] == "区内の避難所の場所と収容人数です。"
    assert back.fields["column-4-unit"]["value"] == "人"
    assert back.links["題名"] == "#id_title_ja"
    wrong_code = provider.refused(f"{found}/describe", **{**typed, "title_ja": "避難所"})
    assert "#id_area_codes" in wrong_code.links.values()


def test_several_tables_are_offered_for_choosing(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    path = provider.send(
        "/provide", party=provider.standing.person_party_id, file=SimpleUploadedFile("two.xlsx", _two_sheets())
    )
    jobs.run_pending()
    page = provider.see(path)
    assert "公開する表を選んでください" in page.text
    assert provider.send(f"{path}/read", choice=page.fields["choice"]["value"]) == path
    jobs.run_pending()
    assert "この内容で次へ" in provider.see(path).links


def _two_sheets() -> bytes:
    import io

    from openpyxl import Workbook

    book = Workbook()
    for name in ("避難所", "トイレ"):
        sheet = book.create_sheet(name)
        for row in (("番号", "名称", "人数"), (1, "あ", 10), (2, "い", 20), (3, "う", 30)):
            sheet.append(row)
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_file_that_cannot_be_read_says_how_to_mend_it(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    page = provider.see(hand_in(provider, "<html><body>not found</body></html>", name="data.csv"))
    assert page.alerts
    assert "直し方" in page.alerts[0]
    assert "直したファイルを選ぶ" in page.links


def test_neither_file_nor_address_is_told_at_the_field(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    back = provider.refused("/provide", party=provider.standing.person_party_id)
    assert back.links["ファイル"] == "#id_file"


def test_personal_data_stop_the_wizard(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    people = [
        f"{family}　{given}"
        for family in ("山田", "鈴木", "佐藤", "高橋", "田中")
        for given in ("太郎", "花子", "一郎", "恵子")
    ]
    rows = "".join(f"{name},090-1234-{5600 + n},taro{n}@example.com\n" for n, name in enumerate(people))
    page = provider.see(hand_in(provider, f"氏名,携帯電話,メールアドレス\n{rows}", name="people.csv"))
    assert "このままでは公開できません" in page.alerts[0]
    assert "この内容で次へ" not in page.links
    assert "taro1@example.com" not in page.alerts[0]


def test_the_columns_found_can_be_left_out_here(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    families = ("山田", "鈴木", "佐藤", "高橋", "田中")
    people = [f"{family}　{given}" for family in families for given in ("太郎", "花子", "一郎", "恵子")]
    rows = [f'{n},"窓口{n % 3},北",{one},090-1234-{5600 + n},taro{n}@example.com' for n, one in enumerate(people)]
    found = hand_in(provider, "番号,備考,氏名,携帯電話,メールアドレス\n" + "\n".join(rows), name="desk.csv")
    assert "「desk.csv」に個人情報が見つかり、このままでは公開できません" in provider.see("/home").links
    made = provider.send(f"{found}/leave-out")
    jobs.run_pending()
    page = provider.see(made)
    assert "desk（見つかった列を除いた版）.csv" in page.text
    assert "個人情報らしいものは見つかりませんでした。" in page.text
    assert "表: 20 行 × 2 列" in page.text
    assert "窓口2,北" in page.text
    described = provider.see(page.links["この内容で次へ"])
    assert described.heading
    only = hand_in(
        provider, "氏名,携帯電話,メールアドレス\n" + "\n".join(row.split('",')[1] for row in rows), name="only.csv"
    )
    assert provider.send(f"{only}/leave-out") == only
    assert "除くと、列が残りません" in provider.see(only).text
    provider.send(f"{only}/discard")
    provider.send(f"{found}/discard")
    assert not [one for one in provider.see("/home").links if "個人情報が見つかり" in one]


def test_a_new_version_needs_a_signature_and_the_same_again_makes_none(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "growing")
    found = hand_in(provider, SHELTERS + "004,西会館,35.67,139.78,80\n", query="?dataset=growing")
    uid = found.split("/")[3].partition("?")[0]
    page = provider.see(f"/provide/growing/new-version/{uid}")
    assert "前の版との違い" in page.text
    warranty = exchange.warranty_in_force()
    words = {"text_version": warranty.version, "text_sha256": warranty.sha256}
    assert provider.refused(f"/provide/growing/new-version/{uid}", **words).links[
        "上の表明保証を読み、事実と合っていることを確かめて署名します"
    ]
    provider.send(f"/provide/growing/new-version/{uid}", **words, sign="on")
    desk = provider.see("/provide/growing")
    assert "追加 1 行、削除 0 行、変更 0 行" in desk.text
    again = hand_in(provider, SHELTERS + "004,西会館,35.67,139.78,80\n", query="?dataset=growing")
    uid = again.split("/")[3].partition("?")[0]
    provider.send(f"/provide/growing/new-version/{uid}", **words, sign="on")
    assert "新しい版は作りませんでした" in provider.see("/provide/growing").text


def test_a_link_only_dataset_is_announced_and_published(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    described = provider.see("/provide/link")
    fields = metadata(described, "linked") | {
        "party": provider.standing.person_party_id, "url": "https://example.org/live.json",
        "holding_reason": "毎分更新されるため",
    }  # fmt: skip
    assert provider.send("/provide/link", **fields) == "/provide/linked/terms"
    provider.send("/provide/linked/terms", access="open", notice_days="30")
    warranty = exchange.warranty_in_force()
    provider.send("/provide/linked/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on")
    page = page_of(Client().get("/datasets/linked"))
    assert page.links["提供者のサイト"] == "https://example.org/live.json"
    assert "この環境は複写しません" in page.text
    assert "毎分更新されるため" in page.text


def test_stopping_shows_the_earliest_day_and_refuses_an_earlier_one(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "ending")
    assert "いちばん早くて" in provider.see("/provide/ending/stop").lead
    early = provider.refused("/provide/ending/stop", effective_on="2020-01-01", reason="やめます")
    assert early.fields["reason"]["value"] == "やめます"
    assert early.alerts
    day = early.fields["effective_on"]["value"]
    assert day == "2020-01-01"
    provider.send("/provide/ending/stop", effective_on="2099-01-01", reason="やめます")
    assert "2099年1月1日（木） に終わります" in page_of(Client().get("/datasets/ending")).text
    provider.send("/provide/ending/take-back", reason="続けます")
    assert "に終わります" not in page_of(Client().get("/datasets/ending")).text


def test_metadata_move_the_page_and_the_old_address_redirects(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "first-name")
    page = provider.see("/provide/first-name/metadata")
    provider.send("/provide/first-name/metadata", **metadata(page, "second-name", title="新しい題名"))
    moved = Client().get("/datasets/first-name")
    assert moved.status_code == 301
    assert moved.headers["Location"] == "/datasets/second-name"


def test_a_licence_that_the_terms_contradict_is_kept_once_confirmed_and_asked_about_when_it_is_new(
    someone: Callable[..., Person],
) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "held-back", preset="conditional")
    path = "/provide/held-back/metadata"
    page = provider.see(path)
    assert "ライセンスと利用条件が合っていません" not in page.text
    assert "despite_licence" not in page.fields
    shown = metadata(page, "held-back", title="新しい題名")
    provider.send(path, **shown)
    assert catalog.dataset_page("held-back", provider.standing).licence == "CC-BY-4.0"
    provider.send(
        path, **{**shown, "licence": "custom", "licence_name": "条件", "licence_url": "https://example.jp/terms"}
    )
    refused = provider.refused(path, **shown)
    assert refused.alerts
    assert "despite_licence" in refused.fields
    assert catalog.dataset_page("held-back", provider.standing).licence == "custom"
    provider.send(path, **shown, despite_licence="on")
    assert catalog.dataset_page("held-back", provider.standing).licence == "CC-BY-4.0"


def test_purging_says_what_it_erases_and_asks_for_a_reason(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "purged")
    version = catalog.versions_of(catalog.dataset_page("purged", provider.standing).distributions[0].uid)[0]
    path = f"/provide/purged/versions/{version.uid}/purge"
    assert "完全に消えます" in provider.see(path).text
    assert provider.refused(path, reason="").links["理由"] == "#id_reason"
    provider.send(path, reason="誤って個人の名前が入っていたため")
    assert "消去" in provider.see("/provide/purged").text


def test_nobody_else_reaches_the_desk(someone: Callable[..., Person]) -> None:
    provider, other = someone("p@example.jp", "提供"), someone("o@example.jp", "別人")
    publish(provider, "mine")
    for path in (
        "/provide/mine",
        "/provide/mine/terms",
        "/provide/mine/publish",
        "/provide/mine/stop",
        "/provide/mine/metadata",
    ):
        assert other.client.get(path).status_code == 404, path
    assert Client().get("/provide/mine").status_code == 302
    found = hand_in(provider, SHELTERS)
    assert other.client.get(found).status_code == 404


def test_the_found_page_shows_the_readability_rating_with_cures(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    page = provider.see(
        hand_in(provider, "施設の一覧,\n館名,利用料\n中央館 ,100円\n北館,200円\n南館,300円\n", name="館.csv")
    )
    assert "データレート（機械での読みやすさ）" in page.text
    assert "項目名行から始まり、次行からデータ入力がされているか" in page.text
    assert "出典：「行政データにおける機械可読性に関するルール」" in page.text
    assert "整備で直せます" in page.text


def test_a_file_goes_on_to_preparing_as_it_is_and_back(someone: Callable[..., Person]) -> None:
    provider, other = someone("p@example.jp", "提供"), someone("o@example.jp", "別人")
    publish(provider, "growing")
    found = hand_in(
        provider, "施設の一覧,\n名称,収容人数\n中央館 ,100人\n北館,200人\n", name="館.csv", query="?dataset=growing"
    )
    uid = found.split("/")[3].partition("?")[0]
    assert "このファイルを整備で直す" in provider.see(found).buttons
    assert other.client.post(f"/provide/uploads/{uid}/mend").status_code == 404
    there = provider.send(f"/provide/uploads/{uid}/mend?dataset=growing")
    jobs.run_pending()
    begun = provider.see(there)
    assert "館.csv" in begun.text
    assert begun.links["整えずに公開の手順へ戻る"] == f"/provide/uploads/{uid}?dataset=growing"
    assert provider.see(found).heading == "読み取りを確かめる", "the upload is still there"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b" \n", "中身が空です"),
        ("tool.exe", b"MZ\x90\x00" + bytes(200), "プログラムで、データではありません"),
        ("run.bin", b"\x7fELF\x02\x01" + bytes(200), "プログラムで、データではありません"),
        ("broken.pdf", b"%PDF-1.7\n", "壊れていて、だれにも開けません"),
        ("broken.xlsx", b"PK\x03\x04" + bytes(200), "壊れていて、だれにも開けません"),
    ],
)
def test_what_holds_no_data_is_not_offered_as_a_file(
    someone: Callable[..., Person], name: str, content: bytes, why: str
) -> None:
    provider = someone("p@example.jp", "提供")
    party = provider.standing.person_party_id
    found = provider.send("/provide", party=party, file=SimpleUploadedFile(name, content))
    jobs.run_pending()
    page = provider.see(found)
    assert why in page.text
    assert "表にせず、ファイルのまま出す" not in page.links
    assert "直すところは見つかりませんでした" not in page.text
    assert "点が低くても公開できます" not in page.text
    assert "このファイルを整備で直す" not in page.buttons
    assert provider.client.get(f"{found}/describe").status_code == 303
    dataset = catalog_services.create_dataset(
        actor=provider.standing, provider_party_id=party, slug="as-it-is",
        metadata=DatasetMetadata(title_ja="そのまま", contact_email="a@example.jp"),
    )  # fmt: skip
    details = DistributionDetails(kind="file", holding="held", holding_reason="配るため", storage_place="ここ")
    made = catalog_services.add_distribution(actor=provider.standing, dataset_uid=dataset.uid, details=details)
    with pytest.raises(NotAsItIs):
        preparation.publish_upload_as_version(
            actor=provider.standing, upload_uid=found.split("/")[3], distribution_uid=made.uid
        )


def test_a_document_may_still_be_offered_as_a_file(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    archive = SimpleUploadedFile("feed.zip", zipped({"stops.txt": b"stop_id\n1\n"}))
    found = provider.send("/provide", party=provider.standing.person_party_id, file=archive)
    jobs.run_pending()
    assert "表にせず、ファイルのまま出す" in provider.see(found).links
