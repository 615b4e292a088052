"""What delivery keeps in memory is bounded, and what depends on a key is kept by nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tdpf.dataplane.delivery import aggregates
from tdpf.dataplane.delivery.aggregates import Aggregates
from tdpf.dataplane.delivery.directory import build_directory
from tdpf.dataplane.delivery.exports import Exports
from tdpf.dataplane.delivery.files import file, file_list
from tdpf.dataplane.delivery.open_tables import OpenTables
from tdpf.dataplane.delivery.requests import Request
from tdpf.dataplane.delivery.service import Service
from tdpf.kit.home import Home
from tdpf.wire.messages import Access, Collection, PublishedFile


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service whose home holds one original."""
    home = Home(tmp_path).prepare()
    (home.originals / "report.pdf").write_bytes(b"%PDF-1.7 made up")
    return Service(home=home, tables=OpenTables(home.tables))


def test_kept_aggregates_have_a_budget_of_bytes(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregates, "_MOST_KEPT_BYTES", 1_000)
    kept = Aggregates(service, tmp_path)
    for number in range(50):
        kept._keep(str(number), b"x" * 300)
        assert sum(map(len, kept._kept.values())) == kept._kept_bytes <= 1_000
    assert list(kept._kept) == ["47", "48", "49"]
    kept._keep("49", b"x" * 100)
    kept._keep("too large", b"x" * 2_000)
    assert (list(kept._kept), kept._kept_bytes) == ([], 0)


@pytest.mark.parametrize(("access", "caching"), [("open", "no-cache"), ("conditional", "private, no-cache")])
def test_files_without_a_table_stay_out_of_shared_caches(
    service: Service, tmp_path: Path, access: Access, caching: str
) -> None:
    path = (service.home.originals / "report.pdf").relative_to(service.home.root).as_posix()
    service.replace_directory(
        build_directory(
            tables=[],
            collections=[Collection(7, "reports", access=access)],
            files=[PublishedFile(7, "reports", "report.pdf", path, "application/pdf", 16, "ab" * 32)],
            passthroughs=[],
            public_url="http://localhost",
            stamp=1,
            not_after=0.0,
        )
    )
    asked = Request("GET", "/data/files/reports/report.pdf", "", {"x-tdpf-view": "3", "x-tdpf-dataset": "7"}.get)
    answer = asyncio.run(file(service, Exports(service, tmp_path / "formats"), asked, "reports", "report.pdf"))
    assert dict(answer.headers)["cache-control"] == caching
    assert dict(file_list(service, asked, "reports").headers)["cache-control"] == caching
