"""A resident looks for barrier-free toilets near Shinjuku, finds ours and a ward's, follows the link, reports a wrong opening
hour, and the ward answers without an account; the library is open to programs as well."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from federation_sites import FakeCkan, Reply, made_up_package
from playwright.sync_api import BrowserContext, expect
from steps import letters

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

TOILETS = "名称,住所,車椅子対応,利用開始時間,利用終了時間\n新宿中央公園トイレ,新宿区西新宿2-11,有,06:00,22:00\n"
RESIDENT = "resident@example.jp"
WARD_OFFICE = "opendata@city.shinjuku.example.jp"


@pytest.fixture(scope="module")
def ward() -> Iterator[FakeCkan]:
    """A ward's CKAN with three datasets, one file of which is gone."""
    packages = [made_up_package(number, "2026-09-01T00:00:00.000000") for number in range(3)]
    with FakeCkan(packages=packages) as site:
        for number, (title, path) in enumerate(
            (("新宿区バリアフリートイレ一覧", "/files/toilets.csv"), ("新宿区AED設置場所", "/files/aed.csv"),
             ("新宿区公園一覧", "/files/gone.csv"))
        ):  # fmt: skip
            packages[number] |= {
                "title": title, "name": f"shinjuku-{number}", "maintainer_email": WARD_OFFICE, "maintainer": "新宿区情報戦略課",
                "notes": f"{title}です。区内の施設の場所と利用できる時間を載せています。",
                "organization": {**packages[number]["organization"], "id": "org-shinjuku", "name": "shinjuku", "title": "新宿区"},
                "tags": [], "extras": [],
                "resources": [{**packages[number]["resources"][0], "url": f"{site.url}{path}", "name": f"{title}（CSV）"}],
            }  # fmt: skip
        site.answers["/files/toilets.csv"] = Reply(TOILETS.encode(), 200, {"Content-Type": "text/csv"})
        site.answers["/files/aed.csv"] = Reply(
            "名称,住所\n本庁舎,歌舞伎町1-4-1\n".encode(), 200, {"Content-Type": "text/csv"}
        )
        yield site


@pytest.fixture(scope="module")
def library(local_platform: Platform) -> Platform:
    """The platform of this module."""
    return local_platform


def eventually(check: Callable[[], bool], within: float = 30) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.3)


def link_in(platform: Platform, to: str, path: str) -> str:
    """Return the newest address with this path in the mails to somebody."""
    pattern = re.compile(rf"http://localhost:\d+(?:/en)?/{path}/[^\s\"<>]+")
    eventually(lambda: any(pattern.search(text) for text in letters(platform.home, to)))
    return [found[0] for text in letters(platform.home, to) if (found := pattern.search(text))][-1]


def api(platform: Platform, path: str, **parameters: str) -> Any:
    """Ask the library as a program does."""
    answer = httpx.get(f"{platform.url}{path}", params=parameters, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_1_the_operator_collects_a_wards_catalogue(library: Platform, ward: FakeCkan, context: BrowserContext) -> None:
    """A site is added by its address alone and read; its run is told on a page."""
    added = library.tdpf("harvest", "add", ward.url, "--name", "新宿区データカタログ（架空）", "--pause", "0")
    assert added.returncode == 0, added.stderr
    # The worker may have begun the first run by itself; then this one waits for its turn.
    eventually(lambda: library.tdpf("harvest", "run").returncode == 0, within=120)
    assert ward.url in library.tdpf("harvest", "list").stdout
    page = context.new_page()
    library.sign_in(page, "operator")
    page.goto(f"{library.url}/operator/sites")
    expect(page.get_by_text("新宿区データカタログ（架空）").first).to_be_visible()


def test_2_a_resident_finds_ours_and_the_wards(library: Platform, ward: FakeCkan, context: BrowserContext) -> None:
    """Without an account, in everyday words; the page tells whose the data are, and the link leads to the ward's file."""
    eventually(lambda: api(library, "/api/v1/search", q="新宿 バリアフリー トイレ")["total"] >= 1)
    page = context.new_page()
    page.goto(library.url)
    page.locator("main input[name=q]").first.fill("車椅子で使えるトイレ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    titles = page.locator(".dads-resource-list__title").all_inner_texts()
    assert any("公衆トイレ一覧（見本区・架空）" in title for title in titles), titles
    assert any("新宿区バリアフリートイレ一覧" in title for title in titles), titles
    page.get_by_role("link", name="新宿区バリアフリートイレ一覧").first.click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_contain_text("新宿区バリアフリートイレ一覧")
    expect(page.get_by_text("新宿区データカタログ（架空）").first).to_be_visible()
    address = page.locator("#download table a").first.get_attribute("href") or ""
    followed = httpx.get(f"{library.url}{address}", follow_redirects=True, timeout=30, trust_env=False)
    assert str(followed.url) == f"{ward.url}/files/toilets.csv"
    assert followed.text == TOILETS


def test_3_a_wrong_opening_hour_reaches_the_ward_and_its_answer_the_resident(
    library: Platform, browser_contexts: Callable[[], BrowserContext]
) -> None:
    """A visitor reports, confirms by mail; the operator carries it; the ward answers by one page without an account."""
    slug = next(hit["slug"] for hit in api(library, "/api/v1/search", q="新宿区バリアフリートイレ一覧")["items"])
    resident = browser_contexts().new_page()
    resident.goto(f"{library.url}/datasets/{slug}")
    resident.get_by_role("link", name="まちがいを知らせる").first.click()
    resident.fill("[name=place]", "新宿中央公園トイレ")
    resident.fill("[name=column]", "利用終了時間")
    resident.fill("[name=current]", "22:00")
    resident.fill("[name=proposed]", "24時間")
    resident.fill("[name=text]", "現地の掲示では24時間使えます。")
    resident.fill("[name=email]", RESIDENT)
    # What fills a form in less than a moment is taken for a program.
    time.sleep(4)
    resident.get_by_role("button", name="送る").click()
    resident.goto(link_in(library, RESIDENT, "confirm"))
    resident.get_by_role("button", name="確認する").click()
    resident.wait_for_load_state()

    operator = browser_contexts().new_page()
    library.sign_in(operator, "operator")
    operator.goto(f"{library.url}/operator/listening")
    operator.locator("a[href*='/operator/listening/feedback/']").first.click()
    operator.fill("[name=email]", WARD_OFFICE)
    operator.locator("button[value=carry]").click()
    operator.wait_for_load_state()

    ward_office = browser_contexts().new_page()
    answer = link_in(library, WARD_OFFICE, "answers")
    assert httpx.get(answer, timeout=30, trust_env=False).status_code == 200
    ward_office.goto(answer)
    expect(ward_office.get_by_text("24時間").first).to_be_visible()
    ward_office.locator("textarea").first.fill("ご指摘のとおりです。一覧を直しました。")
    ward_office.locator("button[name=answer]").first.click()
    expect(ward_office.get_by_text("回答を受け取りました")).to_be_visible()

    eventually(lambda: any("一覧を直しました" in text for text in letters(library.home, RESIDENT)))
    resident.goto(f"{library.url}/datasets/{slug}")
    expect(resident.get_by_text("ご指摘のとおりです").or_(resident.get_by_text("現地の掲示では")).first).to_be_visible()


def test_4_programs_read_the_same_library(library: Platform) -> None:
    """CKAN, DCAT, feeds and MCP show the ward's dataset as the page does."""
    slug = api(library, "/api/v1/search", q="新宿区バリアフリートイレ一覧")["items"][0]["slug"]
    package = api(library, "/api/3/action/package_show", id=slug)["result"]
    assert package["title"] == "新宿区バリアフリートイレ一覧"
    assert package["resources"][0]["url"].endswith("/files/toilets.csv")
    turtle = httpx.get(f"{library.url}/dataset/{slug}.ttl", timeout=30, trust_env=False)
    assert "新宿区バリアフリートイレ一覧" in turtle.text
    asked = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "search_datasets", "arguments": {"query": "新宿 トイレ"}},
    }  # fmt: skip
    told = httpx.post(
        f"{library.url}/mcp", json=asked, timeout=30, trust_env=False,
        headers={"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"},
    )  # fmt: skip
    assert told.status_code == 200, told.text
    assert "新宿区バリアフリートイレ一覧" in json.dumps(told.json(), ensure_ascii=False)


def test_5_what_left_the_wards_list_is_shown_as_gone(library: Platform, ward: FakeCkan) -> None:
    """Nothing vanishes silently: the page stays and says since when."""
    slug = api(library, "/api/v1/search", q="新宿区公園一覧")["items"][0]["slug"]
    ward.delete(2)
    eventually(lambda: library.tdpf("harvest", "run", "--full").returncode == 0, within=120)
    page = httpx.get(f"{library.url}/datasets/{slug}", timeout=30, trust_env=False)
    assert page.status_code == 200
    assert "どのサイトにも見あたりません" in page.text
