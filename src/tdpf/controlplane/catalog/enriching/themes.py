"""Themes: stated ones of any vocabulary → our seventeen, else classified from title, keywords and description by weighed terms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources

from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.kit.text import Text

MAX_THEMES = 3
_EU = {
    "AGRI": "agriculture", "ECON": "economy", "EDUC": "education", "ENER": "energy", "ENVI": "safety", "GOVE": "government",
    "HEAL": "welfare", "INTR": "international", "JUST": "safety", "REGI": "land", "SOCI": "population", "TECH": "technology",
    "TRAN": "transport", "OP_DATPRO": "other",
}  # fmt: skip
_NUMBERS = {theme.number: theme.code for theme in THEMES.values()}
_TITLE, _KEYWORDS, _DESCRIPTION, _HEAD = 3.0, 1.5, 0.5, 1.5
_ENOUGH, _SECOND = 2.0, 0.75
_LATIN = re.compile(r"[a-z0-9][a-z0-9'.+-]*")
_BROAD = frozenset(
    [
        "くらし",
        "暮らし",
        "生活",
        "市民生活",
        "生活情報",
        "生活・くらし",
        "くらし・手続き",
        "暮らし・手続き",
        "教育・子育て",
        "子育て・教育",
        "観光・産業",
        "産業・観光",
        "施設",
        "施設情報",
        "施設案内",
        "公共施設",
        "統計",
        "統計情報",
        "各種統計",
        "地域",
        "地域活動",
        "行政",
        "行政情報",
        "まちづくり",
        "データ",
        "イベント・観光",
        "観光・文化",
        "文化・観光",
        "くらし・環境",
        "くらし・安全",
        "防災・環境",
        "産業",
        "経済・産業",
        "産業・経済",
        "statistics",
        "society",
        "environment",
        "economy",
    ]
)
_NOT_KNOWN = Text("分野の一覧の、どれにも当たりません。", "It matches none of the themes.")


def read_themes(
    stated: Iterable[str], *, title: str, keywords: Iterable[str], description: str
) -> Reading[tuple[str, ...]]:
    """Return theme codes: stated ones where they are understood, else up to two that the words speak of, with the words."""
    found: dict[str, None] = {}
    notes: list[Note] = []
    loose: dict[str, str] = {}
    for entry in list(stated)[:20]:
        for piece in _pieces(entry[:300]):
            code = theme_code(piece)
            if code and _same(piece) in _BROAD:
                loose.setdefault(code, piece)
            elif code and code != "other":
                found[code] = None
            elif not code:
                guessed, _ = classified(piece, (), "")
                if guessed:
                    loose.setdefault(guessed[0], piece)
                else:
                    notes.append(Note(field="themes", stated=piece, reason=_NOT_KNOWN))
    if found:
        return Reading(tuple(found)[:MAX_THEMES], notes=tuple(notes))
    codes, terms = classified(title, tuple(keywords), description)
    if loose and not (codes and all(_same(piece) in _BROAD for piece in loose.values())):
        words = "」「".join(list(loose.values())[:3])
        reason = Text(f"提供元の分類「{words}」から", f"From the source's own classes “{words}”.")
        return Reading(tuple(loose)[:MAX_THEMES], reason, "stated theme", tuple(notes))
    if codes:
        words = "」「".join(terms[:3])
        reason = Text(f"「{words}」という言葉があるため", f"The words “{words}” are there.")
        return Reading(codes, reason, "terms", tuple(notes))
    return Reading((), notes=tuple(notes))


@lru_cache(maxsize=5000)
def theme_code(stated: str) -> str:
    """Return our code for a name, a number or an address of another vocabulary, or ""."""
    words = unicodedata.normalize("NFKC", stated).strip()
    if "://" in words:
        words = re.split(r"[/#]", words.rstrip("/#"))[-1]
    if words in THEMES:
        return words
    if words.upper() in _EU:
        return _EU[words.upper()]
    if words in _NUMBERS:
        return _NUMBERS[words]
    words = re.sub(r"^\d{1,2}[_.\s-]+", "", words)
    return _names().get(_same(words), "")


def classified(title: str, keywords: tuple[str, ...], description: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (theme codes, best first; the terms that decided). Nothing is returned when the words say too little."""
    scores: dict[str, float] = {}
    said: dict[str, dict[str, float]] = {}
    parts = [(title[:300], _TITLE), (" ".join(keywords[:20])[:400], _KEYWORDS), (description[:300], _DESCRIPTION)]
    for words, factor in parts:
        seen: set[str] = set()
        terms = _terms_in(_folded(words))
        for at, (term, theme, weight) in enumerate(terms):
            if term in seen:
                continue
            seen.add(term)
            head = _HEAD if factor == _TITLE and at == len(terms) - 1 else 1.0
            worth = weight * factor * head
            scores[theme] = scores.get(theme, 0.0) + worth
            said.setdefault(theme, {})[term] = max(worth, said.get(theme, {}).get(term, 0.0))
    if not scores:
        return (), ()
    ranked = sorted(scores, key=lambda theme: (-scores[theme], theme))
    best = scores[ranked[0]]
    if best < _ENOUGH:
        return (), ()
    codes = tuple(theme for theme in ranked[:2] if scores[theme] >= best * _SECOND)
    best_terms = tuple(term for code in codes for term in sorted(said[code], key=lambda term: -said[code][term])[:2])
    return codes, best_terms


def _terms_in(words: str) -> list[tuple[str, str, float]]:
    table, starts = _terms()
    found: list[tuple[str, str, float]] = []
    at, size = 0, len(words)
    while at < size:
        step = 1
        if words[at] in _ASCII:
            match = _LATIN.match(words, at)
            if match is not None:
                known = table.get(match[0])
                if known is not None:
                    found.append((match[0], *known))
                else:
                    for term in starts.get(words[at : at + 2], ()):
                        if not term.isascii() and words.startswith(term, at):
                            found.append((term, *table[term]))
                            break
                at = match.end()
                continue
        else:
            for term in starts.get(words[at : at + 2], starts.get(words[at], ())):
                if words.startswith(term, at):
                    found.append((term, *table[term]))
                    step = len(term)
                    break
        at += step
    return found


_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def _same(words: str) -> str:
    return re.sub(r"(?:[\s、,/／・&と]+|\band\b)+", "・", _folded(words)).strip("・")


def _pieces(entry: str) -> list[str]:
    words = entry.strip()
    if "://" in words or theme_code(words):
        return [words]
    return [piece.strip() for piece in re.split(r"[,、;；|>＞\n]+", words) if piece.strip()]


@cache
def _names() -> dict[str, str]:
    return {_same(name): theme for theme, *rest in _rows("theme_names.csv") for name in rest[-1].split("|")}


@cache
def _terms() -> tuple[dict[str, tuple[str, float]], dict[str, tuple[str, ...]]]:
    table: dict[str, tuple[str, float]] = {}
    for theme, weight, terms in _rows("theme_terms.csv"):
        for term in terms.split():
            table.setdefault(_folded(term), (theme, float(weight)))
    starts: dict[str, list[str]] = {}
    for term in table:
        starts.setdefault(term[:2], []).append(term)
    singles = {term for term in table if len(term) == 1}
    for key, begun in starts.items():
        if key[0] in singles and len(key) == 2:
            begun.append(key[0])
    return table, {key: tuple(sorted(begun, key=len, reverse=True)) for key, begun in starts.items()}


def _rows(name: str) -> list[list[str]]:
    lines = (resources.files("tdpf.controlplane.catalog.enriching") / name).read_text(encoding="utf-8").splitlines()
    columns = lines[0].count(",")
    return [line.split(",", columns) for line in lines[1:]]
