"""Tables of bodies and their sites (a national survey, a ward's links) → sources worth looking for."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from tdpf.controlplane.federation.types import ProposedSource
from tdpf.controlplane.preparation import queries as preparation
from tdpf.kit.text import Text

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]+")
_CODES = (
    "地方公共団体コード6桁",
    "全国地方公共団体コード",
    "団体コード",
    "地方公共団体コード",
    "市区町村コード",
    "都道府県コード又は市区町村コード",
    "code",
)
_NAMES = ("地方公共団体名", "団体名", "自治体名", "市区町村名", "都道府県名または市町村名", "名称", "組織名", "name")
_SITES = re.compile(r"(?i)url|サイト|アドレス|リンク|ホームページ|掲載先|カタログ")
_ACTIVE = re.compile(r"取り?組んでいますか|取組状況|公開状況|オープンデータの?公開")
_YES = re.compile(r"取り?組んでいる(?!.*い?ない)|公開済|公開している|実施済|^有$|^○$|^〇$")
_LICENCE = re.compile(r"利用規約|ライセンス|licen[sc]e", re.IGNORECASE)


def propose_sources(path: Path, name: str) -> Iterator[ProposedSource]:
    """Yield what the rows of a table propose, in its order: every address in a row, or the body alone when it is active.

    Raises the table reader's `NotReadable`.
    """
    with tempfile.TemporaryDirectory(prefix="tdpf-propose-") as work:
        table = preparation.read_strange_file(path, name, folder=Path(work)).result.table
        names = list(table.column_names)
        code, body = _column(names, _CODES), _column(names, _NAMES)
        active = next((place for place, title in enumerate(names) if _ACTIVE.search(title)), None)
        licence = next((place for place, title in enumerate(names) if _LICENCE.search(title)), None)
        sites = [place for place, title in enumerate(names) if _SITES.search(title)]
        for number, row in enumerate(table.iter_rows(), start=1):
            who = _cell(row, body)
            if not who:
                continue
            does = bool(active is not None and _YES.search(_cell(row, active)))
            found: list[tuple[str, int | None]] = [*_addresses(row, sites)]
            if not found and not does:
                continue
            said = f"{names[active]}: {_cell(row, active)}" if active is not None and does else ""
            for url, place in found or [("", None)]:
                where = names[place][:80] if place is not None else said[:120]
                yield ProposedSource(
                    name=who,
                    area_code=_six(_cell(row, code)),
                    url=url,
                    licence=_cell(row, licence)[:200],
                    evidence=Text(f"{name} の {number} 行目「{where}」", f"row {number} of {name}: “{where}”"),
                )


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    for word in wanted:
        for place, name in enumerate(names):
            if name.strip().lower() == word.lower():
                return place
    return None


def _addresses(row: Sequence[str | None], first: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Yield the addresses in a row, those in columns for sites first, each site once."""
    seen: set[str] = set()
    order = [*first, *(place for place in range(len(row)) if place not in first)]
    for place in order:
        for found in _ADDRESS.findall(unicodedata.normalize("NFKC", row[place] or "")):
            url = found.rstrip(".,;:!'")
            host = url.split("/")[2].lower()
            if host and host not in seen:
                seen.add(host)
                yield url, place


def _cell(row: Sequence[str | None], place: int | None) -> str:
    return (row[place] or "").strip() if place is not None and place < len(row) else ""


def _six(code: str) -> str:
    """Return a code of five digits with its check digit (総務省 全国地方公共団体コード), of four with its lost zero too."""
    if not (code.isascii() and code.isdigit() and len(code) in (4, 5)):
        return code
    five = code.zfill(5)
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(five, (6, 5, 4, 3, 2), strict=True)) % 11
    return f"{five}{rest % 10}"
