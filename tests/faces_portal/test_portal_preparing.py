"""ととのえる: from a file to the standard table by pages alone, without an account and with one."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from portal_cast import Person, publish
from portal_reading import ReadPage, page_of
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from tdpf.controlplane.catalog.models import Version
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, RecipeInput, Step, to_yaml
from tdpf.controlplane.preparation.models import Workpiece
from tdpf.djangokit import jobs

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

TOILETS = (
    "番号,施設名,住所,緯度,経度,メモ\n1,中央公園トイレ,千代田区丸の内１－２,35.68,139.76,\n"
    "2,駅前広場トイレ,千代田区丸の内３－４,?地点,139.77,新しい\n"
)


def handed(name: str = "公衆トイレ.csv", text: str = TOILETS) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def go(client: Client, path: str, **fields: Any) -> str:
    """Send a form, let the worker work, and return where it leads in the end."""
    response = client.post(path, fields)
    assert response.status_code == 303, (path, response.status_code, page_of(response).alerts)
    jobs.run_pending()
    return str(response.headers["Location"])


def see(client: Client, path: str) -> ReadPage:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    page = page_of(response)
    assert (page.inline_scripts, page.inline_styles, page.unlabelled(), page.headings) == (0, 0, [], 1)
    return page


def test_a_visitor_prepares_and_downloads(client: Client) -> None:
    start = see(client, "/tools/prepare")
    assert "24時間で消します" in start.text
    assert see(client, "/").links["ととのえる"] == "/tools/prepare"
    response = client.post("/tools/prepare", {"file": handed()})
    found = str(response.headers["Location"])
    waiting = see(client, found)
    assert "順番を待っています" in waiting.text
    assert client.get(found, headers={"HX-Request": "true"}).status_code == 200
    jobs.run_pending()
    assert client.get(found, headers={"HX-Request": "true"}).headers["HX-Redirect"] == found
    page = see(client, found)
    assert "公衆トイレ一覧" in page.text
    assert "データレート" in page.text
    private = client.get(found)
    assert private.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in private.headers["Cache-Control"]

    columns = go(client, found, schema="public_toilet")
    assert columns == f"{found}/columns"
    page = see(client, columns)
    fields = {name: attrs for name, attrs in page.fields.items() if name.startswith("column-")}
    assert len(fields) == 6
    refused = client.post(columns, {"column-0": "備考", "column-5": "備考"})
    assert refused.status_code == 422
    assert "「備考」が" in page_of(refused).alerts[0]
    page = see(client, go(client, columns, **{"column-5": ""}))
    assert "メモ（値のある行 1）" in page.text
    assert page.links["項目の対応に戻って、当てはめる項目を選ぶ"] == columns
    assert "メモ（値のある行 1）" in see(client, go(client, f"{found}/finish")).text
    compare = go(client, columns, **{"column-5": "備考"})
    page = see(client, compare)
    assert "値のある行" not in page.text
    assert "東京都千代田区丸の内1-2" in page.text
    assert "確認待ちが" in page.text
    assert "はじめの" not in page.lead
    assert "必須なのに、どの行も空の項目が 1 つあります" in page.text
    assert "公衆トイレ.csv" in see(client, "/tools/prepare").links
    assert "公衆トイレ.csv" not in see(Client(), "/tools/prepare").links
    assert "?地点" in see(client, f"{compare}?show=rejected").text

    waits = see(client, f"{found}/waiting")
    key = next(name for name, attrs in waits.fields.items() if "?地点" in attrs.get("aria-label", ""))
    assert go(client, f"{found}/waiting", **{key: "35.70", "then": "try"}) == compare
    assert "?地点" not in see(client, f"{found}/waiting").text
    results = go(client, f"{found}/finish")
    page = see(client, results)
    assert page.links["CSV (UTF-8)"].endswith("/files/public_toilet.csv")
    taken = client.get(page.links["CSV (UTF-8)"])
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert b"35.70" in b"".join(taken.streaming_content)
    assert client.get(f"{found}/files/..%2Flook.json").status_code == 404
    located = client.get(f"{found}/points")
    assert [feature["geometry"]["coordinates"] for feature in located.json()["features"]] == [
        [139.76, 35.68],
        [139.77, 35.7],
    ]
    assert (f"{found}/points" in client.get(results).content.decode(), located.headers["X-Robots-Tag"]) == (
        True,
        "noindex, nofollow",
    )
    assert client.post(f"{found}/publish").status_code == 302
    assert client.post(found, {"schema": "public_toilet"}).status_code == 303
    assert Workpiece.objects.get().answers
    assert client.post(f"{found}/erase").headers["Location"] == "/tools/prepare"
    assert client.get(found).status_code == 404
    assert "公衆トイレ.csv" not in see(client, "/tools/prepare").links


@pytest.mark.usefixtures("work_near")
def test_a_member_publishes_keeps_the_recipe_and_does_next_year_in_one_go(someone: Callable[..., Person]) -> None:
    official, other = someone("o@example.jp", "係"), someone("x@example.jp", "別の人")
    party = official.standing.person_party_id
    client = official.client
    found = go(client, "/tools/prepare", file=handed(), party=party)
    compare = go(client, go(client, found, schema="public_toilet"), **{"column-5": "備考"})
    assert "公衆トイレ.csv" in see(client, "/tools/prepare").links
    results = go(client, f"{found}/finish")
    assert "残った確認待ち" in see(client, results).text
    assert go(client, f"{found}/recipe", title="公衆トイレ") == results
    assert "しまってあります" in see(client, results).text
    provided = go(client, f"{found}/publish")
    read = official.see(provided)
    assert "表: 2 行" in read.text
    assert "どの行にも値のない列" in read.text
    assert "名称_英語" in read.text
    describe = client.get(read.links["この内容で次へ"])
    rows, _, unfilled = describe.content.decode().partition(
        '<details class="dads-disclosure"><summary>どの行にも値のない列'
    )
    assert "緯度の説明" in rows
    assert "名称_英語の説明" not in rows
    assert "名称_英語の説明" in unfilled
    assert "緯度の説明" not in unfilled
    assert "十進の度で書いた緯度（世界測地系） / Latitude in decimal degrees" in rows
    assert other.client.get(found).status_code == 404
    assert Client().get(compare).headers["Location"] == f"/accounts/login/?next={compare}"

    start = see(client, "/tools/prepare")
    again = next(address for words, address in start.links.items() if words.startswith("次のファイルに使う"))
    assert other.client.get(f"/tools/prepare{again}").status_code == 404
    recipe = again.partition("=")[2]
    where = go(client, "/tools/prepare", file=handed("R8.csv", TOILETS + "3,北公園トイレ,千代田区一ツ橋５,35.7,139.7,\n"), recipe=recipe)  # fmt: skip
    response = client.get(where)
    page = see(client, where)
    assert response.status_code == 200
    assert "レシピ" in see(client, f"{where}/columns").text
    assert "北公園トイレ" in see(client, f"{where}/compare").text
    assert page.heading == "ファイルの中に見つかったもの"


@pytest.mark.usefixtures("work_near")
def test_a_visitor_signs_in_and_goes_on(client: Client, someone: Callable[..., Person]) -> None:
    found = go(client, "/tools/prepare", file=handed())
    assert f"/accounts/login/?next={found}" in see(client, found).links.values()
    official = someone("o@example.jp", "係")
    assert "この整備を自分の仕事にする" in see(official.client, found).text
    mine = go(official.client, f"{found}/adopt")
    assert mine == found.rpartition("-")[0]
    assert "あなたの仕事にしました" in see(official.client, mine).text
    assert "公衆トイレ.csv" in see(official.client, "/tools/prepare").links
    assert client.get(found).status_code == 404


@pytest.mark.usefixtures("work_near")
def test_likely_duplicates_are_judged_one_pair_at_a_time(client: Client) -> None:
    other = handed("隣.csv", "名称,所在地,備考\n中央公園トイレ,千代田区丸の内1-2,夜間閉鎖\n")
    found = go(client, "/tools/prepare", file=[handed(), other])
    compare = go(client, go(client, found, schema="public_toilet"))
    assert "同じものを指す行が 1 組あります" in see(client, compare).text
    assert go(client, f"{found}/pair", apart="1.1") == f"{compare}#same"
    page = see(client, compare)
    assert "公衆トイレ.csv 中央公園トイレ: 別のもの" in page.text
    assert go(client, f"{found}/again") == compare
    assert "同じものを指す行が 0 組あります" in see(client, compare).text
    response = client.get(compare)
    key = response.context["pairs"][0]["key"]
    go(client, f"{found}/pair", key=key)
    assert client.post(f"{found}/pair", {"same": "9"}).status_code == 422


@pytest.mark.usefixtures("work_near")
def test_where_files_differ_a_person_says_what_is_right(client: Client) -> None:
    ours = handed("区.csv", "名称,所在地,備考\n中央公園トイレ,千代田区丸の内1-2,改修中\n")
    theirs = handed("隣.csv", "名称,所在地,備考\n中央公園トイレ,千代田区丸の内1-2,夜間閉鎖\n")
    found = go(client, "/tools/prepare", file=[ours, theirs])
    compare = go(client, go(client, found, schema="public_toilet"))
    assert "ファイルで食い違う項目が 1 件あります" in see(client, compare).text
    (asked,) = client.get(compare).context["differing"]
    assert [value for _, value in asked.values] == ["改修中", "夜間閉鎖"]
    assert go(client, f"{found}/conflicts", **{f"choice-{asked.key}": "1"}) == f"{compare}#conflicts"
    page = see(client, compare)
    assert "すべて答えがあります" in page.text
    part = client.post(f"{found}/conflicts", {"reopen": asked.key}, headers={"HX-Request": "true"})
    assert (part.status_code, part.content.count(b"<h1"), len(part.context["differing"])) == (200, 0, 1)
    own = {f"choice-{asked.key}": "own", f"value-{asked.key}": "工事中", "then": "try"}
    assert go(client, f"{found}/conflicts", **own) == compare
    page = see(client, compare)
    assert "答えた食い違い" in page.text
    assert client.get(compare).context["result"].conflicts_count == 0
    done = see(client, go(client, f"{found}/finish"))
    assert "工事中" in done.text
    assert client.post(f"{found}/conflicts", {"reopen": "conflict-0"}).status_code == 422


def test_what_cannot_be_taken_is_told_on_the_form(client: Client) -> None:
    response = client.post("/tools/prepare", {})
    assert response.status_code == 422
    response = client.post("/tools/prepare", {"file": [handed(f"{n}.csv") for n in range(6)]})
    assert response.status_code == 422
    assert "上限は 5 個" in " ".join(page_of(response).alerts)
    assert client.get("/tools/prepare/nothing").status_code == 404


@pytest.mark.usefixtures("work_near")
def test_a_dataset_made_by_a_recipe_says_how(someone: Callable[..., Person]) -> None:
    by = someone("p@example.jp", "提供者")
    publish(by, "made-toilets")
    document = to_yaml(
        Recipe(schema="public_toilet", schema_version="1", inputs=(RecipeInput(id="t1", file="a.csv", sha256="ab" * 32),), steps=(Step("validate", {}),))
    )  # fmt: skip
    made = {"recipe": document, "recipe_sha256": "cd" * 32, "engine": "3", "schema": "public_toilet", "inputs": [{"file": "a.csv", "sha256": "ab" * 32}]}  # fmt: skip
    Version.objects.update(read_report={"prepared": made})
    page = see(Client(), "/datasets/made-toilets")
    assert "レシピ cdcdcdcdcdcd（整備エンジン 3）" in page.text
    assert "ab" * 32 in page.text
    assert "# 公衆トイレ一覧 整備マニュアル" in Client().get(page.links["手順書"]).content.decode()
    assert "次のファイルも同じように整える" not in page.text


def paper() -> SimpleUploadedFile:
    """A printed table of three areas; the total of the second is not the sum of its halves."""
    pen = Canvas(out := io.BytesIO())
    registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    pen.setFont("HeiseiKakuGo-W5", 10)
    rows = [("地域名", "男", "女", "総数"), ("本町一丁目", "10", "11", "21"), ("本町二丁目", "12", "13", "26"), ("本町三丁目", "14", "15", "29"), ("本町四丁目", "16", "17", "33")]  # fmt: skip
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            pen.drawString(60 + 100 * place, 700 - 20 * line, cell)
    pen.grid([50, 150, 250, 350, 450], [714 - 20 * line for line in range(6)])
    pen.save()
    return SimpleUploadedFile("人口.pdf", out.getvalue())


@pytest.mark.usefixtures("work_near")
def test_a_cell_of_paper_that_waits_is_shown_as_it_stands_there(client: Client) -> None:
    found = str(client.post("/tools/prepare", {"file": paper()}).headers["Location"])
    jobs.run_pending()
    go(client, go(client, found, schema="population"))
    page = see(client, f"{found}/waiting")
    assert "合計や内訳と合わない数です" in page.text
    (picture, *others) = [attrs for attrs in page.images if "cell-picture" in attrs.get("class", "")]
    assert (len(others), "赤い枠" in picture["alt"]) == (2, True)
    response = client.get(picture["src"])
    shown = b"".join(response)  # type: ignore[arg-type]
    assert (response.headers["Content-Type"], shown[:4], "no-store" in response.headers["Cache-Control"]) == ("image/png", b"\x89PNG", True)  # fmt: skip
    red = [colour for _, colour in Image.open(io.BytesIO(shown)).getcolors(1_000_000) or () if colour == (192, 0, 0)]
    assert red
    assert client.get(picture["src"].replace(picture["src"][-10:-4], "000000")).status_code == 404
    assert Client().get(picture["src"].replace(found, found[:-4] + "AAAA")).status_code == 404


CARE = "番号,氏名,フリガナ,生年月日,住所,電話番号,要介護度,事業所名\n" + "".join(
    f"{n + 1},{family} {given},ヤマダ タロウ,昭和{n + 5}年3月{n + 1}日,千代田区丸の内1-{n + 1},090-1234-{5600 + n},要介護{n % 5 + 1},あおば{n}号\n"
    for n, (family, given) in enumerate(
        (family, given)
        for family in ("山田", "鈴木", "佐藤", "高橋", "田中")
        for given in ("太郎", "花子", "一郎", "恵子")
    )
)


def selected(client: Client, path: str) -> dict[str, str]:
    """Return the field chosen for each column of the page of columns."""
    body = client.get(path).content.decode()
    names = re.findall(r'id="name-\d+">([^<]+)', body)
    picked = re.findall(r'<select name="column-\d+".*?</select>', body, re.DOTALL)
    values = [re.search(r'<option value="([^"]*)" selected', one) for one in picked]
    return {name: one[1] if one else "?" for name, one in zip(names, values, strict=True)}


@pytest.mark.usefixtures("work_near")
def test_a_register_of_persons_is_not_recommended_mapped_or_offered_for_publishing(client: Client) -> None:
    found = go(client, "/tools/prepare", file=handed("台帳.csv", CARE))
    page = see(client, found)
    assert "個人情報が見つかったため、このままでは公開できません" in page.alerts[0]
    assert "氏名" in page.alerts[0]
    assert "山田" not in page.alerts[0]
    assert page.text.index("このままでは公開できません") < page.text.index("どの表に整えますか")
    assert "おすすめ" not in page.text

    columns = go(client, found, schema="care_service")
    page = see(client, columns)
    proposed = selected(client, columns)
    assert {proposed[name] for name in ("氏名", "フリガナ", "生年月日", "住所", "電話番号")} == {""}
    assert proposed["事業所名"] == "介護サービス事業所名称"
    assert "使わないことにしてあります" in page.text
    go(client, columns)
    clean = see(client, go(client, f"{found}/finish"))
    assert "このままでは公開できません" not in clean.text
    assert "そのまま公開でき" in clean.text

    place = list(proposed).index("電話番号")
    go(client, columns, **{f"column-{place}": "電話番号"})
    assert selected(client, columns)["電話番号"] == "電話番号", "a person may still choose it"
    held = see(client, go(client, f"{found}/finish"))
    assert "このままでは公開できません" in held.text
    assert "そのまま公開でき" not in held.text


def test_a_file_without_persons_keeps_its_recommendation(client: Client) -> None:
    page = see(client, go(client, "/tools/prepare", file=handed()))
    assert ("おすすめ" in page.text, "このままでは公開できません" in page.text) == (True, False)


@pytest.mark.parametrize(("name", "text"), [("broken.pdf", "%PDF-1.7\n"), ("tool.exe", "MZ\x00\x00" + "a" * 200)])
def test_a_file_that_cannot_be_read_has_no_points_and_waits_for_no_choice(
    client: Client, someone: Callable[..., Person], name: str, text: str
) -> None:
    official = someone("o@example.jp", "係")
    for browser, more in ((client, {}), (official.client, {"party": official.standing.person_party_id})):
        page = see(browser, go(browser, "/tools/prepare", file=handed(name, text), **more))
        assert "点が低くても公開できます" not in page.text
        assert "0.0 点" not in page.text
        begun = see(browser, "/tools/prepare").text
        assert ("読み取れませんでした" in begun, "表の種類を選ぶ" in begun) == (True, False)
