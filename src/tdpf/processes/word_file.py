"""Make the file of `lexicon`: ``python -m tdpf.processes.word_file ARCHIVE``.

The archive is that of the package `jamdict-data`, a database of JMdict and three other dictionaries. Nothing of it is
installed: set-up brings it by its checksum, this reads what is wanted of it, and it goes again.
"""

from __future__ import annotations

import lzma
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tdpf.controlplane.catalog.search import lexicon
from tdpf.controlplane.catalog.search.lexicon import Entry
from tdpf.kit.home import home

_DATABASE, _LICENCE = "jamdict_data/jamdict.db.xz", "jamdict_data/LICENSE.md"
_NAMELY = frozenset(
    (
        "noun (common) (futsuumeishi)",
        "noun or participle which takes the aux. verb suru",
        "nouns which may take the genitive case particle 'no'",
        "nouns which may take the genitive case particle `no'",
        "adjectival nouns or quasi-adjectives (keiyodoshi)",
        "noun or verb acting prenominally",
        "noun, used as a suffix",
    )
)
_GONE = frozenset(
    (
        *("archaism", "obscure term", "obsolete term", "dated term", "rare", "slang", "Internet slang", "manga slang"),
        *("derogatory", "vulgar expression or word", "jocular, humorous term", "children's language", "poetical term"),
        *("female term or language", "male term or language", "idiomatic expression", "proverb", "trademark"),
        *("full name of a particular person", "work of art, literature, music, etc. name"),
    )
)
_NARROW = frozenset(
    (
        *("computing", "Buddhism", "mathematics", "linguistics", "music", "sumo", "physics", "astronomy", "baseball"),
        *("chemistry", "biology", "mahjong", "anatomy", "martial arts", "military", "hanafuda", "Shinto", "shogi"),
        *("Christianity", "grammar", "logic", "philosophy", "video game", "horse-racing", "genetics", "biochemistry"),
    )
)
_ODD = frozenset(
    (
        *("irregular okurigana usage", "word containing out-dated kanji", "word containing irregular kanji usage"),
        *("word containing irregular kana usage", "out-dated or obsolete kana usage"),
    )
)
_KANA_ALONE = "word usually written using kana alone"
_USUAL = frozenset(("news1", "ichi1", "spec1", "spec2", "gai1"))
_BANDS = 48
_RARE, _KANA_BESIDE = 0.3, 0.5


def entries(database: Path) -> Iterator[Entry]:
    """Yield the names of things, as the database tells them."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        kanji = _forms(opened, "Kanji", "KJP", "KJI")
        kana = _forms(opened, "Kana", "KNP", "KNI")
        kinds, marks = _told(opened, "pos"), _told(opened, "misc")
        for number, told in _told(opened, "field").items():
            marks.setdefault(number, set()).update(told)
        meanings: dict[int, list[str]] = {}
        for number, text in opened.execute("SELECT sid, text FROM SenseGloss ORDER BY rowid"):
            meanings.setdefault(number, []).append(text)
        senses: dict[int, list[int]] = {}
        for number, entry in opened.execute("SELECT ID, idseq FROM Sense ORDER BY ID"):
            senses.setdefault(entry, []).append(number)
    for entry, numbers in senses.items():
        shares: list[tuple[str, float]] = []
        in_kana = False
        for place, number in enumerate(numbers):
            told = marks.get(number, set())
            if _NAMELY.isdisjoint(kinds.get(number, set())) or not _GONE.isdisjoint(told):
                continue
            in_kana = in_kana or _KANA_ALONE in told
            share = (1.0 if _NARROW.isdisjoint(told) else 0.5) / (1 + 0.6 * place)
            shares.extend((text, share / (1 + 0.15 * rank)) for rank, text in enumerate(meanings.get(number, ())))
        if shares:
            written, read = kanji.get(entry, []), kana.get(entry, [])
            beside = 1.0 if in_kana or not written else _KANA_BESIDE
            words = [*written, *((text, usual * beside) for text, usual in read if in_kana or not written)]
            yield Entry(tuple(words), tuple(text for text, _ in read), tuple(shares))


def _forms(
    opened: sqlite3.Connection, table: str, priorities: str, oddities: str
) -> dict[int, list[tuple[str, float]]]:
    """How the words of entries are written or read, each with how usual that is; odd ways of writing are left out."""
    usual: dict[int, float] = {}
    for number, mark in _rows(opened, "kid, text", priorities):
        band = 1 - int(mark[2:]) / _BANDS if mark.startswith("nf") else 0.0
        usual[number] = max(usual.get(number, _RARE), 0.8 + 0.2 * band if band else 0.8 if mark in _USUAL else _RARE)
    odd = {number for number, mark in _rows(opened, "kid, text", oddities) if mark in _ODD}
    found: dict[int, list[tuple[str, float]]] = {}
    for number, entry, text in _rows(opened, "ID, idseq, text", table):
        if number not in odd:
            found.setdefault(entry, []).append((text, usual.get(number, _RARE)))
    return found


def _told(opened: sqlite3.Connection, table: str) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for number, text in _rows(opened, "sid, text", table):
        found.setdefault(number, set()).add(text)
    return found


def _rows(opened: sqlite3.Connection, columns: str, table: str) -> sqlite3.Cursor:
    return opened.execute(f"SELECT {columns} FROM {table} ORDER BY rowid")  # noqa: S608 - names written above, none from outside


def make_word_file(archive: Path, target: Path) -> None:
    """Read the package's archive and put the file and the licence of its words in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch, tarfile.open(archive) as packed:
        members = {name.partition("/")[2]: name for name in packed.getnames()}
        database, made = Path(scratch) / "jamdict.db", Path(scratch) / "words"
        for name, place in ((_DATABASE, database), (_LICENCE, target.with_name("LICENSE.md"))):
            source = packed.extractfile(members[name])
            assert source is not None
            with source, lzma.open(source) if name.endswith(".xz") else source as text, place.open("wb") as file:
                shutil.copyfileobj(text, file)
        made.write_bytes(lexicon.compiled(entries(database)))
        made.replace(target)


def main(words: list[str]) -> int:
    """Make the file of an archive."""
    make_word_file(Path(words[0]), home().assets / lexicon.FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
