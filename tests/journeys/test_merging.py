"""Two providers' tables become one that renews itself: published, read by key through the gateway, and made anew when a source changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import steps
from deciding import Door, Program, wait_until
from playwright.sync_api import BrowserContext, expect
from test_accessibility import faults

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

OURS = (
    "ID,名称,所在地,緯度,経度,車椅子使用者用トイレ有無\n"
    "1,中央公園トイレ,東京都千代田区丸の内1-2,35.6812,139.7671,有\n"
    "2,駅前広場便所,東京都千代田区丸の内1-9,35.6813,139.7660,有\n"
)
THEIRS = (
    "番号,施設名,住所,緯度,経度,だれでもトイレ\n"
    "A-1,駅前広場トイレ,千代田区丸の内１丁目９,35.68131,139.76601,×\n"
    "A-2,西公園トイレ,千代田区丸の内３－４,35.6791,139.7646,○\n"
)
ADDED = "A-3,南公園トイレ,千代田区丸の内２－５,35.6795,139.7631,○\n"
SOURCES = {"ours": "区の公衆トイレ（見本区（架空））", "theirs": "駅のまわりの公衆トイレ（見本 花子（市民））"}
_PUBLISH = """
who = standing({who!r})
party = ward().pk if {who!r} == "provider" else who.person_party_id
sample = dataclasses.replace(
    demo._SAMPLES[0], file={file!r}, slug={slug!r}, title_ja={title!r}, title_en="", key={key!r}
)
demo._publish(who, party, sample)
"""
_CHANGE = """
who = standing("consumer")
page = catalog_queries.dataset_page("toilets-theirs", who)
upload = demo._uploaded(who, who.person_party_id, dataclasses.replace(demo._SAMPLES[0], file={file!r}))
words = exchange_queries.warranty_in_force()
exchange.publish_version(
    actor=who, upload_uid=upload, distribution_uid=page.main.uid, key_columns=["番号"],
    text_version=words.version, text_sha256=words.sha256,
)
"""
_AGREE = """
made = application()
page = catalog_queries.dataset_page("toilets-merged", standing("consumer"))
agree(made["application"], exchange_queries.offer_of_dataset(page.uid).uid)
return made["key"]
"""


def rows(platform: Platform, key: str) -> dict[str, dict[str, Any]]:
    """Return the rows of the published table by name."""
    answer = Door(platform.port, key).ask("/data/collections/toilets-merged/items?f=json&limit=100")
    return {row["名称"]: row for row in answer.json()["rows"]} if answer.status == 200 else {}


def test_a_merge_is_published_and_renews_itself(
    platform: Platform, program: Program, context: BrowserContext, tmp_path: Path
) -> None:
    url, page = platform.url, context.new_page()
    theirs = tmp_path / "theirs.csv"
    for who, name, text, key in (("provider", "ours", OURS, "ID"), ("consumer", "theirs", THEIRS, "番号")):
        file = tmp_path / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        program.do(
            _PUBLISH.format(
                who=who, file=str(file), slug=f"toilets-{name}", title=SOURCES[name].partition("（")[0], key=key
            )
        )
    wait_until(lambda: Door(platform.port).ask("/data/collections/toilets-theirs/items?limit=1").status == 200)

    # The ward makes one standard table of its own and the other's.
    platform.sign_in(page, "provider")
    page.goto(f"{url}/tools/prepare")
    page.select_option("select[name=party]", label="見本区（架空）")
    page.fill("[name=sources]", f"{url}/datasets/toilets-ours\n{url}/datasets/toilets-theirs")
    steps.press(page, "調べる")
    expect(page.get_by_role("radio", name="公衆トイレ一覧")).to_be_checked(timeout=120_000)
    steps.press(page, "この表にととのえる")
    page.get_by_role("button", name="この対応で試しに整える").click(timeout=120_000)
    page.get_by_role("button", name="一つの行にまとめる").click(timeout=120_000)
    page.get_by_role("button", name="まとめずに、両方の行を残す").wait_for(timeout=120_000)
    expect(page.get_by_role("region", name="食い違う項目").get_by_text("toilets-theirs").first).to_be_visible()
    page.get_by_role("button", name="この内容で全体を整える").click()
    page.get_by_role("button", name="自動で作り直す").click(timeout=120_000)
    steps.press(page, "この表を公開に進める")
    page.get_by_role("link", name="この内容で次へ").wait_for(timeout=120_000)
    steps.describe(page, steps.Description("まとめたトイレ", "二つの提供者の表を一つにしました。", "toilets-merged"))
    steps.choose_terms(page, "conditional", approval="automatic")
    steps.sign_and_publish(page, url, "toilets-merged")

    # An application reads it by its key, and each row says where it came from.
    key = program.do(_AGREE)
    found = wait_until(lambda: rows(platform, key))
    assert Door(platform.port).ask("/data/collections/toilets-merged/items").status in (401, 403)
    assert {name: row["もとの資料"] for name, row in found.items()} == {
        "中央公園トイレ": SOURCES["ours"],
        "駅前広場便所": SOURCES["ours"],
        "西公園トイレ": SOURCES["theirs"],
    }

    # The other's table changes: the merge is made anew, waits for a signature, and the new row comes through.
    theirs.write_text(THEIRS + ADDED, encoding="utf-8")
    program.do(_CHANGE.format(file=str(theirs)))

    def waits() -> bool:
        page.goto(f"{url}/tools/prepare")
        return page.get_by_text("新しい版が署名待ち").count() > 0

    wait_until(waits, within=120, every=0.5)
    expect(page.get_by_text("増えた行 1、変わった行 0、なくなった行 0")).to_be_visible()
    expect(page.get_by_text("増えた: 南公園トイレ")).to_be_visible()
    wrong = faults(page, url, "/tools/prepare")
    assert not wrong, "\n".join(wrong)
    assert "南公園トイレ" not in rows(platform, key)
    page.get_by_role("link", name="確かめて公開する").click()
    page.get_by_role("link", name="この内容で次へ").click(timeout=120_000)
    page.wait_for_load_state()
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    steps.press(page, "署名してこの版を出す")
    row = wait_until(lambda: rows(platform, key).get("南公園トイレ"))
    assert row["もとの資料"] == SOURCES["theirs"]
