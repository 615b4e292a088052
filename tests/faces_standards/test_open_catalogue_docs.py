"""The page about the open catalogues says what is there: every address, action, field, version and tool, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from tdpf.faces.standards.ckan import datastore, searching, solr
from tdpf.faces.standards.ckan.actions import ACTIONS
from tdpf.faces.standards.dcat import PAGE_SIZE
from tdpf.faces.standards.mcp.protocol import HANDSHAKE_VERSIONS, STATELESS_VERSIONS
from tdpf.faces.standards.mcp.tools import TOOLS
from tdpf.faces.standards.urls import urlpatterns

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/open-catalogue-apis.md").read_text()


def section(heading: str) -> str:
    """Return a page from one heading to the next of the same depth or above."""
    depth = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}.*?$(.*?)(?=^#{{1,{depth}}} |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def first_cells(text: str) -> set[str]:
    """Return the words in backquotes of the first cell of each table row."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_action_is_told() -> None:
    actions = section("## CKAN Action API").partition("### ")[0]
    assert first_cells(actions) == set(ACTIONS)
    assert str(searching.MOST_ROWS) in PAGE
    assert str(datastore.MOST_ROWS) in PAGE


def test_every_field_of_a_query_is_told() -> None:
    told = first_cells(section("### `q` と `fq`"))
    assert set(solr._FIELDS) <= told
    assert told - set(solr._FIELDS) == {"トイレ 新宿", '"保育 園"', "-公園", "*:*"}


def test_every_tool_and_version_is_told() -> None:
    told = section("## MCP")
    assert first_cells(told) == {tool.name for tool in TOOLS}
    assert all(version in told for version in (*HANDSHAKE_VERSIONS, *STATELESS_VERSIONS))


def test_every_address_leads_somewhere() -> None:
    addresses = first_cells(section("## アドレス"))
    values = {"{name}": "1", "{slug}": "abc-def"}
    for address in addresses:
        for gap, value in values.items():
            address = address.replace(gap, value)
        for written in [address.replace("{ttl,jsonld,xml}", form) for form in ("ttl", "jsonld", "xml")]:
            assert any(pattern.resolve(written.lstrip("/")) for pattern in urlpatterns), written
    assert str(PAGE_SIZE) in section("## アドレス")
