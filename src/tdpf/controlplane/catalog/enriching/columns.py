"""Whether the first bytes of somebody else's file may be read for the names of its columns, and what of them is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tdpf.controlplane.catalog.enriching.texts import clean, web_address
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.kit.text import Text

MOST_BYTES = 5_000_000
RATED_BYTES = 30_000_000
READ_BYTES = 65_536
MOST_COLUMNS, LONGEST_NAME = 1_000, 200
TABLES = ("CSV", "TSV", "XLSX", "XLS", "ODS", "JSON", "NDJSON", "GEOJSON", "PARQUET")
_FROM_THE_START = ("CSV", "TSV", "NDJSON")


@dataclass(frozen=True, slots=True)
class ColumnsDecision:
    """May the columns of a file be read: yes with `most_bytes` to take at most, or no with the reason."""

    may: bool
    reason: Text
    most_bytes: int = 0


def may_read_columns(page: DatasetPage, distribution: DistributionPage) -> ColumnsDecision:
    """Decide it for a file of a harvested dataset: open licence (its own, else the dataset's), a table, small, not broken.

    For text tables the beginning is enough; of other formats the whole file is taken, where its size is known to be small
    or is capped. What was found is kept in the distribution's `columns`; columns that the source lists itself stay.
    """
    refused = _refusal(page, distribution, MOST_BYTES)
    if refused is None and distribution.columns:
        refused = Text("列の名前はもう分かっています。", "The columns are known already.")
    if refused is not None:
        return ColumnsDecision(False, refused)
    most = READ_BYTES if distribution.format in _FROM_THE_START else MOST_BYTES
    return ColumnsDecision(
        True, Text("開かれた利用条件の小さな表です。", "It is a small table under open terms."), most
    )


def may_rate_file(page: DatasetPage, distribution: DistributionPage) -> ColumnsDecision:
    """Decide whether a file of a harvested dataset may be taken whole to be rated: open, a table, not too large, not broken."""
    refused = _refusal(page, distribution, RATED_BYTES)
    if refused is None and too_large_to_rate(distribution.size):
        refused = _too_large(RATED_BYTES)
    if refused is not None:
        return ColumnsDecision(False, refused)
    return ColumnsDecision(
        True, Text("開かれた利用条件の小さな表です。", "It is a small table under open terms."), RATED_BYTES
    )


def too_large_to_rate(size: int | None) -> bool:
    """Say whether a file is known to be larger than what is taken to be rated."""
    return size is not None and size > RATED_BYTES


def _too_large(most: int) -> Text:
    return Text(
        f"ファイルが {most // 1_000_000} MBより大きいためです。", f"The file is larger than {most // 1_000_000} MB."
    )


def kept_columns(names: Iterable[object]) -> tuple[str, ...]:
    """Return the names of columns fit to keep: one line each, bounded, each once, empty ones left out."""
    found: dict[str, None] = {}
    for name in names:
        word = clean(name, LONGEST_NAME)
        if word:
            found[word] = None
        if len(found) == MOST_COLUMNS:
            break
    return tuple(found)


def _refusal(page: DatasetPage, distribution: DistributionPage, most: int) -> Text | None:
    licence = LICENCES.get(distribution.licence or page.licence)
    mark = page.inferred.get("licence")
    if page.origin != "harvested" or page.state != "published" or distribution.holding != "connected":
        return Text("ほかのサイトの公開中のファイルだけが対象です。", "Only published files of other sites are read.")
    if page.access != "open":
        return Text("だれでも使えるデータではありません。", "The data are not open to everybody.")
    if licence is None or not licence.is_open:
        return Text("利用条件が開かれていません。", "The licence is not an open one.")
    if not distribution.licence and mark is not None and mark.method not in ("version", "distributions"):
        return Text(
            "利用条件は推定で、提供元が記したものではありません。", "The licence is inferred, not stated by the source."
        )
    if distribution.format not in TABLES:
        return Text("表の形式ではありません。", "It is not a table.")
    if not web_address(distribution.url, 2000) or distribution.link_state in ("broken", "suspect"):
        return Text("リンクが応えません。", "The link does not answer.")
    if distribution.size is not None and distribution.size > most and distribution.format not in _FROM_THE_START:
        return _too_large(most)
    return None
