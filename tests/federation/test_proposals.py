"""Catalogues that tables name: kept once, shown until they are collected; and what a run left out, from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from federation_runs import run, site_at
from federation_sites import FakeCkan

from tdpf.controlplane.federation import queries, services
from tdpf.processes import harvesting

pytestmark = pytest.mark.django_db(transaction=True)

_TABLE = """地方公共団体コード,地方公共団体名,オープンデータに取り組んでいますか,掲載先URL
131032,港区,取り組んでいる,https://opendata.city.minato.example/list
131041,新宿区,取り組んでいる,http://catalog.shinjuku.example/
132012,八王子市,取り組んでいる,
131059,文京区,取り組んでいない,
"""


def test_proposals_are_shown_until_they_are_collected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table read twice proposes once; a site of the same host or area takes its proposal away."""
    table = tmp_path / "調査.csv"
    table.write_text(_TABLE, encoding="utf-8")
    assert services.propose_from_table(path=table, name=table.name) == 3
    assert services.propose_from_table(path=table, name=table.name) == 0
    site_at("https://opendata.city.minato.example/api", slug="minato")
    site_at("https://elsewhere.example/", slug="hachioji", publisher_area="132012")
    assert [row.name for row in queries.open_proposals().items] == ["新宿区"]
    assert harvesting.print_proposals([table]) == 0
    assert capsys.readouterr().out.split("\t")[:3] == ["131041", "新宿区", "http://catalog.shinjuku.example/"]
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 and nothing more")
    assert harvesting.print_proposals([broken]) == 1


def test_what_a_run_left_out_is_told_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """With the record and the reason, at the end of a run and whenever somebody asks."""
    with FakeCkan(3) as ckan:
        ckan.spoiled[1] = b'{"id":"held-back","name":"x","title":"x","private":true}'
        site = site_at(ckan.url)
        run(site)
    assert harvesting.print_site(site.slug) == 0
    told = capsys.readouterr().out
    assert "left out 1" in told
    assert "[not-public] held-back" in told
    assert harvesting.print_site("nowhere") == 1
