"""A ward official without an account: a messy file from their desk, the standard table back, in a real browser with real processes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from steps import press
from test_accessibility import faults

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

TOILETS = (
    "公衆トイレ一覧（令和7年4月1日現在）,,,,,\n"
    "番号,施設名,住所,緯度,経度,メモ\n"
    "1,中央公園トイレ,千代田区丸の内１－２,35.69,139.69,\n"
    "2,駅前広場トイレ,千代田区丸の内３－４,?地点,139.70,新しい\n"
)


def prepare(page: Page, url: str, file: Path) -> None:
    """Drop a file and go on to the comparison of before and after, choosing what is proposed."""
    page.goto(f"{url}/tools/prepare")
    page.set_input_files("input[type=file]", str(file))
    press(page, "調べる")
    page.get_by_role("button", name="この表にととのえる").first.wait_for(timeout=120_000)
    page.get_by_role("button", name="この表にととのえる").first.click()
    page.get_by_role("button", name="この対応で試しに整える").click(timeout=120_000)
    page.get_by_role("button", name="この内容で全体を整える").wait_for(timeout=120_000)


def test_a_messy_file_becomes_a_standard_table(platform: Platform, context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    file = tmp_path / "公衆トイレ.csv"
    file.write_bytes(TOILETS.encode("cp932"))
    prepare(page, platform.url, file)
    expect(page.get_by_text("東京都千代田区丸の内1-2").first).to_be_visible()
    page.get_by_role("link", name="確認待ちに答える").click()
    found = page.url.removeprefix(platform.url).removesuffix("/waiting")
    wrong = [
        fault for step in ("", "/columns", "/compare", "/waiting") for fault in faults(page, platform.url, found + step)
    ]
    assert not wrong, "\n".join(wrong)
    page.get_by_label("?地点").first.fill("35.70")
    press(page, "答えを入れて、もう一度試す")
    page.get_by_role("button", name="この内容で全体を整える").click(timeout=120_000)
    with page.expect_download(timeout=120_000) as downloading:
        page.get_by_role("link", name="CSV (UTF-8)").click(timeout=120_000)
    rows = list(csv.DictReader(io.StringIO(Path(downloading.value.path()).read_text(encoding="utf-8"))))
    assert [row["緯度"] for row in rows] == ["35.69", "35.70"]
    assert [row["所在地_連結表記"] for row in rows] == ["東京都千代田区丸の内1-2", "東京都千代田区丸の内3-4"]
    assert {row["所在地_全国地方公共団体コード"] for row in rows} == {"131016"}
    wrong = faults(page, platform.url, f"{found}/results")
    assert not wrong, "\n".join(wrong)
    page.get_by_text("このファイルを消す", exact=True).click()
    press(page, "このファイルを消してやめる")
    expect(page.get_by_text("ファイルと、そこから作ったものを消しました。")).to_be_visible()


def test_a_real_towns_workbook_goes_the_same_way(platform: Platform, context: BrowserContext, corpus: Path) -> None:
    page = context.new_page()
    prepare(page, platform.url, corpus / "evacuation" / "takamatsu_evacuation_space.xlsx")
    expect(page.get_by_text("195 行を試しに整えました").first).to_be_visible()
