"""What the reference pages say is what the code does, and no link in the documents leads nowhere."""

from __future__ import annotations

import dataclasses
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

import pytest

from tdpf.controlplane.exchange.types import Terms
from tdpf.controlplane.exchange.vocabularies import CODED_FIELDS
from tdpf.dataplane.delivery.aggregates import _MEASURES
from tdpf.dataplane.delivery.directory import Directory
from tdpf.dataplane.delivery.exports import suffix_of
from tdpf.dataplane.delivery.files import MADE
from tdpf.dataplane.delivery.formats import MEDIA_TYPES, ROW_FORMATS
from tdpf.dataplane.delivery.openapi import openapi
from tdpf.dataplane.delivery.questions import DEFAULT_ROWS_PER_PAGE, MOST_ROWS_PER_PAGE, RESERVED
from tdpf.dataplane.delivery.requests import MOST_PARAMETERS, MOST_QUERY_BYTES
from tdpf.kit.errors import problem_classes
from tdpf.kit.home import Home
from tdpf.wire import grant_layout
from tdpf.wire.rate_plans import RATE_PLANS

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
DATA_API = (DOCS / "reference/data-api.md").read_text()
GRANT_TABLE = (DOCS / "reference/grant-table.md").read_text()
TERMS = (DOCS / "reference/terms.md").read_text()


def section(text: str, heading: str) -> str:
    """Return a page from one heading to the next of the same depth or above."""
    depth = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}.*?$(.*?)(?=^#{{1,{depth}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def first_cells(text: str) -> list[str]:
    """Return the words in backquotes of the first cell of each table row."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def same(told: Iterable[str], real: Iterable[str]) -> None:
    """Fail with what is missing on either side."""
    assert not set(real) - set(told), f"not told: {set(real) - set(told)}"
    assert not set(told) - set(real), f"told, but not there: {set(told) - set(real)}"


def test_every_parameter_of_data_is_told() -> None:
    """The page names the parameters of rows and aggregates, and no other."""
    same(first_cells(section(DATA_API, "## パラメーター")), {*RESERVED, "group_by", "measures"})
    for number in (DEFAULT_ROWS_PER_PAGE, MOST_ROWS_PER_PAGE, MOST_PARAMETERS, MOST_QUERY_BYTES):
        assert str(number) in DATA_API, number
    for measure in _MEASURES:
        assert f"`{measure}" in DATA_API, measure


def test_every_format_of_data_is_told() -> None:
    """Formats with their media types, and the names of ready-made files."""
    same(first_cells(section(DATA_API, "## 形式")), ROW_FORMATS)
    for name in ROW_FORMATS:
        assert f"`{MEDIA_TYPES[name]}`" in DATA_API, name
    for kind in MADE:
        assert f"`{{id}}{suffix_of(kind)}`" in DATA_API, kind


def test_every_address_of_data_is_told() -> None:
    """The addresses are those of the OpenAPI document."""
    nothing = Directory({}, {}, {}, {}, {}, "http://localhost", 0, 0)
    real = {path.replace("{collectionId}", "{id}") for path in openapi(nothing, "ja")["paths"]}
    same(first_cells(section(DATA_API, "## アドレス")), real)


def test_the_files_of_the_architecture_are_there() -> None:
    """Every file and folder that stands for a word."""
    text = section((REPOSITORY / "ARCHITECTURE.md").read_text(), "## From a word to its file")
    named = re.findall(r"`([a-z]+/[\w./]+)`", text)
    assert len(named) > 30
    assert not [name for name in named if not (REPOSITORY / "src" / "tdpf" / name).exists()]


def test_named_problems_exist() -> None:
    """Each problem the pages name is one, with the status the table gives it."""
    known = problem_classes()
    for line in section(DATA_API, "## 断り").splitlines():
        row = re.match(r"\| (\d{3}) \|([^|]*)\|", line)
        for code in re.findall(r"`([^`]+)`", row[2]) if row else ():
            assert code in known, code
            assert known[code].status == int(row[1]) if row else False, code


def test_every_field_and_code_of_the_terms_is_told() -> None:
    """The vocabulary of terms, complete and in the words of the pages."""
    same(first_cells(section(TERMS, "## 項目")), {field.name for field in dataclasses.fields(Terms)})
    for field, meanings in CODED_FIELDS.items():
        part = section(TERMS, f"### `{field}`")
        same(first_cells(part), meanings)
        for code, meaning in meanings.items():
            for words in (meaning.label.ja, meaning.label.en, meaning.sentence.ja, meaning.sentence.en):
                assert words in part, f"{field} {code}: {words}"


def test_the_grant_tables_layout_is_told() -> None:
    """Offsets and sizes as in the code."""
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\S+)", section(GRANT_TABLE, "## Header"), re.MULTILINE)
    kinds = {"I": "u32", "Q": "u64", "q": "i64", "8s": "8"}
    real = {name: (offset, kinds[code]) for name, (offset, code) in grant_layout.HEADER.items()}
    assert {name: (int(offset), kind) for name, offset, kind in rows} == real
    assert f"({grant_layout.HEADER_BYTES} bytes)" in GRANT_TABLE
    for name in ("COLLECTION", "KEY", "GRANT"):
        part = section(
            GRANT_TABLE, f"## {name.capitalize()} slot ({getattr(grant_layout, f'{name}_SLOT_BYTES')} bytes)"
        )
        assert f"`flags` u32 at {getattr(grant_layout, f'{name}_FLAGS_OFFSET')}" in part, name
    for offset in ("DAY_WORDS", "MONTH_WORDS", "DAY_OF", "MONTH_OF", "DAY_FILL", "MONTH_FILL"):
        assert re.search(rf"\b{getattr(grant_layout, f'{offset}_OFFSET')}\b", section(GRANT_TABLE, "## Grant slot"))
    assert f"Format version: **{grant_layout.FORMAT_VERSION}**" in GRANT_TABLE
    assert f"at most {grant_layout.MAX_PROBES} probes" in GRANT_TABLE
    for plan in RATE_PLANS:
        assert f"| `{plan.code}` | {plan.number} | {plan.per_second} | {plan.burst} |" in GRANT_TABLE


def test_the_back_up_page_names_every_folder() -> None:
    """What an installation keeps is what the page on back-ups speaks of."""
    page = (DOCS / "how-to/back-up-and-restore.md").read_text()
    root = Path("home")
    folders = {
        getattr(Home(root), name).name
        for name in dir(Home)
        if isinstance(getattr(Home, name), property) and getattr(Home(root), name).parent == root
    }
    missing = [folder for folder in folders if f"`{folder}/`" not in page]
    assert not missing, missing


def test_the_back_up_copies_every_database_and_what_streams_hold(tmp_path: Path) -> None:
    """The lines of the page, run on a folder whose files are open and have a row that stands in the log alone."""
    page = (DOCS / "how-to/back-up-and-restore.md").read_text()
    lines = re.search(r"<<'EOT'\n(.*?)EOT\n", page, re.DOTALL)
    assert lines
    kept = ("db.sqlite3", "ledger.sqlite3", "delivery/streams/one.sqlite")
    for name in kept:
        file = tmp_path / "home" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        live = sqlite3.connect(file)
        live.executescript("PRAGMA journal_mode=WAL; CREATE TABLE held (value)")
        live.execute("INSERT INTO held VALUES (7)")
        live.commit()
    told = {**os.environ, "TDPF_HOME": str(tmp_path / "home")}
    subprocess.run([sys.executable, "-c", lines[1]], cwd=tmp_path, env=told, check=True)
    copies = [sqlite3.connect(tmp_path / "backup" / name).execute("SELECT value FROM held").fetchall() for name in kept]
    assert copies == [[(7,)]] * 3


@pytest.mark.parametrize("name", ["rotate-a-key", "make-an-operator", "remove-something"])
def test_labels_named_in_how_to_pages_are_on_the_pages(name: str) -> None:
    """What stands in 「」 is a label that some page of the portal has."""
    portal = REPOSITORY / "src/tdpf/faces/portal"
    words = "".join(path.read_text() for path in (*portal.rglob("*.html"), *portal.rglob("*.py")))
    labels = re.findall(r"「([^」]+)」", (DOCS / f"how-to/{name}.md").read_text())
    assert labels
    same((label for label in labels if label in words), labels)


MARKDOWN = sorted(
    path
    for path in [*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")]
    if not set(path.relative_to(REPOSITORY).parts) & {"var", "node_modules", ".venv"}
)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file that exists, and its anchor a heading there."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert file.is_relative_to(REPOSITORY), target
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text()), target


def anchors(text: str) -> set[str]:
    """Return the anchors that the usual viewers make of headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_decisions_are_numbered_and_whole() -> None:
    """Each record has its number, a status, a context, a decision and what was rejected."""
    records = sorted((DOCS / "decisions").glob("*.md"))
    for number, path in enumerate(records, start=1):
        text = path.read_text()
        assert path.name.startswith(f"{number:04d}-"), path.name
        assert text.startswith(f"# {number}. "), path.name
        for part in ("- Status: ", "- Area: ", "**Context.**", "**Decision.**", "**Rejected.**"):
            assert part in text, f"{path.name}: {part}"
