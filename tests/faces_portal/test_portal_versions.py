"""Versions on the pages: which rows differ before anybody signs, the page of each version, another year's title and period."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from portal_cast import SHELTERS, Person, hand_in, metadata, publish
from portal_reading import page_of

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.federation.visiting.robots import read_robots
from tdpf.djangokit import jobs
from tdpf.faces.portal import differences
from tdpf.faces.portal.forms.metadata import metadata_of
from tdpf.tables.errors import TableMissing

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NEXT = SHELTERS.replace("002,南公園,35.69,139.76,300", "002,南公園,35.69,139.76,310").replace(
    "003,=HYPERLINK,35.68,139.77,\n", "004,西会館,35.67,139.78,80\n"
)


def rows_of(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def come(provider: Person, slug: str, text: str, name: str = "shelters.csv") -> str:
    """Hand in the next file and return the page on which it is compared and signed for."""
    uid = hand_in(provider, text, query=f"?dataset={slug}", name=name).split("/")[3].partition("?")[0]
    return f"/provide/{slug}/new-version/{uid}"


def sign(provider: Person, there: str, **fields: str) -> None:
    warranty = exchange.warranty_in_force()
    provider.send(there, text_version=warranty.version, text_sha256=warranty.sha256, sign="on", **fields)


def test_which_rows_differ_is_told_before_anything_is_signed(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "growing")
    there = come(provider, "growing", NEXT)
    page = provider.see(there)
    for words in ("追加された行: 1", "削除された行: 1", "変更された行: 1", "番号: 002", "西会館"):
        assert words in page.text, words
    assert catalog.dataset_page("growing", provider.standing).main.latest.number == 1  # type: ignore[union-attr]
    lines = rows_of(provider.client.get(page.links["すべての違いをCSVで受け取る"]))
    assert [(line[0], line[1]) for line in lines] == [
        ("違い", "番号"), ("追加", "004"), ("削除", "003"), ("変更前", "002"), ("変更後", "002"),
    ]  # fmt: skip
    other = someone("o@example.jp", "別人")
    assert other.client.get(f"{there}/differences.csv").status_code == 404


def test_every_version_has_a_page_with_its_columns_and_what_differs(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "growing")
    sign(provider, come(provider, "growing", NEXT))
    history = page_of(Client().get("/datasets/growing"))
    assert history.links["第1版"] == "/datasets/growing/versions/1"
    first = page_of(Client().get("/datasets/growing/versions/1"))
    assert "最新の版ではありません" in first.text
    assert "収容人数" in first.text
    assert first.links["CSV (UTF-8)"] == "/data/files/growing/growing.csv?version=1"
    second = page_of(Client().get("/datasets/growing/versions/2"))
    for words in ("変更された行: 1", "番号: 002", "310", "西会館"):
        assert words in second.text, words
    assert len(rows_of(Client().get(second.links["すべての違いをCSVで受け取る"]))) == 5
    for missing in (
        "/datasets/growing/versions/3",
        "/datasets/growing/versions/1/differences.csv",
        "/datasets/nothing/versions/1",
    ):
        assert Client().get(missing).status_code == 404, missing


def test_differences_are_written_one_at_a_time_and_who_waits_for_long_is_told(
    monkeypatch: pytest.MonkeyPatch, someone: Callable[..., Person]
) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "growing")
    sign(provider, come(provider, "growing", NEXT))
    there = "/datasets/growing/versions/2/differences.csv"
    monkeypatch.setattr(differences, "PATIENCE_SECONDS", 0.0)
    refused: list[Any] = []

    def while_one_is_written(*_: object) -> bool:
        refused.extend(Client().get(address) for address in (there, f"/en{there}"))
        raise TableMissing(identity="x")

    with pytest.raises(TableMissing):
        differences.as_file(while_one_is_written, "growing-1")
    assert [(answer.status_code, answer["Retry-After"]) for answer in refused] == [(503, "10")] * 2
    assert "10 秒ほど待って" in refused[0].content.decode()
    assert "Try again in about 10 seconds" in refused[1].content.decode()
    assert len(rows_of(Client().get(there))) == 5, "the turn is given back, whatever happened in it"
    robots = read_robots(Client().get("/robots.txt").content.decode(), "anybot")
    for path, allowed in ((there, False), (f"/en{there}", False), ("/datasets/growing/versions/2", True)):
        assert robots.allows(f"https://x.example{path}") is allowed, path


def test_rows_of_conditional_data_are_quoted_to_their_provider_alone(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "closed", preset="conditional")
    sign(provider, come(provider, "closed", NEXT))
    public = page_of(Client().get("/datasets/closed/versions/2"))
    assert "変更された行: 1" in public.text
    assert "西会館" not in public.text
    assert "すべての違いをCSVで受け取る" not in public.links
    assert Client().get("/datasets/closed/versions/2/differences.csv").status_code == 404
    own = provider.see("/datasets/closed/versions/2")
    assert "西会館" in own.text
    assert len(rows_of(provider.client.get(own.links["すべての違いをCSVで受け取る"]))) == 5


def test_columns_that_nobody_may_see_are_not_quoted(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    found = hand_in(provider, SHELTERS)
    provider.send(f"{found}/describe", **metadata(provider.see(f"{found}/describe"), "part"))
    fields = next(dict(entry.fields) for entry in exchange.terms_presets() if entry.code == "open")
    uid = catalog.dataset_page("part", provider.standing).uid
    exchange_services.draft_offer(
        actor=provider.standing, dataset_uid=uid, fields={**fields, "columns": ["番号", "名称"]}
    )
    warranty = exchange.warranty_in_force()
    provider.send("/provide/part/publish", text_version=warranty.version, text_sha256=warranty.sha256, sign="on")
    jobs.run_pending()
    sign(provider, come(provider, "part", NEXT))
    public = page_of(Client().get("/datasets/part/versions/2"))
    assert "西会館" in public.text
    assert "310" not in public.text
    lines = rows_of(Client().get("/datasets/part/versions/2/differences.csv"))
    assert lines[0] == ["違い", "番号", "名称"]
    assert [line[0] for line in lines[1:]] == ["追加", "削除"], "what changed is in a column nobody may see"


def test_title_and_period_of_another_year_are_proposed_and_kept(someone: Callable[..., Person]) -> None:
    provider = someone("p@example.jp", "提供")
    publish(provider, "yearly")
    page = catalog.dataset_page("yearly", provider.standing)
    named = dataclasses.replace(
        metadata_of(page), title_ja="令和7年度 避難所", period_start=date(2025, 4, 1), period_end=date(2026, 3, 31)
    )
    services.edit_metadata(actor=provider.standing, dataset_uid=page.uid, metadata=named)
    there = come(provider, "yearly", NEXT, name="令和8年度_避難所.csv")
    asked = provider.see(there)
    assert asked.unlabelled() == []
    proposed = {name: asked.fields[name].get("value", "") for name in ("title_ja", "period_start", "period_end")}
    assert proposed == {"title_ja": "令和8年度 避難所", "period_start": "2026-04-01", "period_end": "2027-03-31"}
    warranty = exchange.warranty_in_force()
    turned = {
        **proposed,
        "title_en": "",
        "period_end": "2020-01-01",
        "text_version": warranty.version,
        "text_sha256": warranty.sha256,
    }
    refused = provider.refused(there, **turned, sign="on")
    assert "期間の終わりが、はじまりより前です。" in refused.text
    assert refused.fields["title_ja"]["value"] == "令和8年度 避難所"
    sign(provider, there, **proposed, title_en="")
    after = catalog.dataset_page("yearly")
    assert (after.title.ja, after.period_start, after.period_end) == (
        "令和8年度 避難所",
        date(2026, 4, 1),
        date(2027, 3, 31),
    )


def test_a_title_or_period_that_is_refused_keeps_the_version_back(someone: Callable[..., Person]) -> None:
    """The form says that it did not go, so nothing of it may have gone; mended, the same file is published."""
    provider = someone("p@example.jp", "提供")
    publish(provider, "growing")
    there = come(provider, "growing", NEXT)
    warranty = exchange.warranty_in_force()
    signed = {
        "text_version": warranty.version,
        "text_sha256": warranty.sha256,
        "sign": "on",
        "title_ja": "つぎの避難所",
    }
    refused = provider.refused(there, **signed, period_start="0900-01-01")
    assert "期間の年を確かめてください。" in refused.text

    def now_there() -> tuple[str, int]:
        page = catalog.dataset_page("growing")
        assert page.main is not None
        assert page.main.latest is not None
        return page.title.ja, page.main.latest.number

    before, number = now_there()
    assert (before != "つぎの避難所", number) == (True, 1)
    sign(provider, there, title_ja="つぎの避難所", period_start="")
    assert now_there() == ("つぎの避難所", 2)
