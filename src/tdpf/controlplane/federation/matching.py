"""Whether two records of different sites are about the same data: pure rules, the same whichever is asked first.

Different editions (令和5年度 and 令和6年度) and different bodies (港区 and 中央区) never become one; what cannot be decided by
these rules is a person's to decide.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from tdpf.controlplane.catalog.types import StatedDataset
from tdpf.kit.text import Text

Verdict = Literal["same", "doubtful", "apart"]

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_LATIN_ERAS = {"r": 2018, "h": 1988, "s": 1925}
_ERA_YEAR = re.compile(r"(令和|平成|昭和|大正|明治)\s*(元|\d{1,2})\s*(?=年|度|[^\d年度]|$)")
_LATIN_ERA_YEAR = re.compile(r"(?<![a-z0-9])([rhs])\s*\.?\s*(\d{1,2})(?![0-9a-z])")
_NUMBERS = re.compile(r"\d+")
_KANJI_COUNT = re.compile(r"第([一二三四五六七八九十]+)(?=[回次期版号期四半])")
_KANJI = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)}
_SIGNS = re.compile(r"[^0-9a-zぁ-んァ-ヶー一-鿿㐀-䶿々〆]+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_GLOBAL = re.compile(r"(?:https?://|urn:|doi:|info:|ark:)\S+", re.IGNORECASE)
_MOST_ADDRESSES = 20
_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Likeness:
    """What of a record is compared: `title` without the publisher's name, `numbers` that its title holds, all folded."""

    title: str
    publisher: str
    identifier: str = ""
    addresses: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    period: tuple[str, str] = ("", "")

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept beside a record; what is empty is left out."""
        plain = {
            "title": self.title,
            "publisher": self.publisher,
            "identifier": self.identifier,
            "addresses": list(self.addresses),
            "numbers": list(self.numbers),
            "period": list(self.period) if any(self.period) else [],
        }
        return {name: value for name, value in plain.items() if value}

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> Likeness:
        """Return what `as_json` made."""
        start, end = kept.get("period") or ("", "")
        return Likeness(
            title=kept.get("title", ""),
            publisher=kept.get("publisher", ""),
            identifier=kept.get("identifier", ""),
            addresses=tuple(kept.get("addresses", ())),
            numbers=tuple(kept.get("numbers", ())),
            period=(start, end),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the rules say about two records, and why."""

    verdict: Verdict
    why: Text


_NOTHING_SHARED = Text("共通するものがありません", "they share nothing that counts")
_EDITIONS = Text("題名の年度や回、対象期間が違います", "their years, numbers or periods differ")
_BODIES = Text("作成した機関が違います", "their publishers differ")


def likeness_of(stated: StatedDataset, *, publisher: str, publisher_names: Sequence[str] = ()) -> Likeness:
    """Return what of a record is compared; `publisher` is the key of its publisher, `publisher_names` how titles call it."""
    title = folded(stated.title)
    return Likeness(
        title=title_without(stated.title, publisher_names),
        publisher=publisher,
        identifier=global_identifier(stated.identifier),
        addresses=_addresses(stated),
        numbers=tuple(sorted(int(number) for number in _NUMBERS.findall(title))),
        period=(_day(stated.period_start), _day(stated.period_end)),
    )


def compare(one: Likeness, other: Likeness) -> Comparison:
    """Say whether two records of different sites are about the same data."""
    if _editions_differ(one, other):
        return Comparison("apart", _EDITIONS)
    same_title = bool(one.title) and one.title == other.title
    near = same_title or _nearness(one.title, other.title) >= _NEAR
    known = bool(one.publisher) and bool(other.publisher)
    same_publisher = known and one.publisher == other.publisher
    same_identifier = bool(one.identifier) and one.identifier == other.identifier
    shared = set(one.addresses) & set(other.addresses)
    all_addresses = bool(shared) and len(shared) == min(len(one.addresses), len(other.addresses))
    if known and not same_publisher:
        if near and (same_identifier or all_addresses):
            return Comparison("doubtful", _because("機関名は違いますが", "though publishers differ,", same_identifier))
        return Comparison("apart", _BODIES)
    if same_identifier or all_addresses:
        sure = same_title or (same_identifier and near and same_publisher)
        return Comparison("same" if sure else "doubtful", _because("", "", same_identifier))
    if same_title and same_publisher:
        return Comparison("same", Text("題名と機関が同じです", "title and publisher are the same"))
    if shared and near:
        return Comparison("doubtful", Text("一部のファイルのアドレスが同じです", "some files have the same address"))
    return Comparison("apart", _NOTHING_SHARED)


def are_different(one: Likeness, other: Likeness) -> bool:
    """Say whether two records contradict each other: other editions, or other publishers."""
    return _editions_differ(one, other) or bool(one.publisher and other.publisher and one.publisher != other.publisher)


def match_keys(likeness: Likeness) -> frozenset[int]:
    """Return the digests under which records that may be the same meet; 63 bits each."""
    keys = [f"a:{address}" for address in likeness.addresses]
    if likeness.identifier:
        keys.append(f"i:{likeness.identifier}")
    if likeness.title and likeness.publisher:
        keys.append(f"t:{likeness.title}\n{likeness.publisher}")
    return frozenset(_digest(key) for key in keys)


def folded(text: str) -> str:
    """Return a title without what people write differently: width, case, signs, spaces, years of eras."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _ERA_YEAR.sub(lambda found: str(_ERAS[found[1]] + _count(found[2])), plain)
    plain = _LATIN_ERA_YEAR.sub(lambda found: str(_LATIN_ERAS[found[1]] + int(found[2])), plain)
    plain = _KANJI_COUNT.sub(lambda found: f"第{_kanji(found[1])}", plain)
    return _SIGNS.sub("", plain)


def global_identifier(text: str) -> str:
    """Return an identifier that means the same everywhere (URI, DOI, URN, UUID), folded; "" for others."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := _UUID.search(plain.lower()):
        return found[0]
    if not _GLOBAL.fullmatch(plain):
        return ""
    if plain.lower().startswith(("http://", "https://")):
        return folded_address(plain)
    return plain.lower()


def folded_address(url: str) -> str:
    """Return an address without what makes no difference; "" for a site's front page, which says nothing."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    if not host or (not parts.query and path.lower() in ("", "/index.html", "/index.htm", "/index.php")):
        return ""
    place = host.removeprefix("www.") + (f":{port}" if port and port not in (80, 443) else "")
    return f"{place}{path}" + (f"?{parts.query}" if parts.query else "")


def _because(ja: str, en: str, same_identifier: bool) -> Text:
    if same_identifier:
        return Text(f"{ja}識別子が同じです", f"{en} the identifier is the same".strip())
    return Text(f"{ja}ファイルのアドレスが同じです", f"{en} the files' addresses are the same".strip())


def _editions_differ(one: Likeness, other: Likeness) -> bool:
    if one.numbers != other.numbers:
        return True
    return any(mine and theirs and mine != theirs for mine, theirs in zip(one.period, other.period, strict=True))


def _addresses(stated: StatedDataset) -> tuple[str, ...]:
    found = dict.fromkeys(folded_address(item.url) for item in stated.distributions)
    return tuple(sorted(address for address in found if address)[:_MOST_ADDRESSES])


def title_without(title: str, names: Sequence[str]) -> str:
    """Return a folded title without its publisher's name at the beginning or end, unless nothing else would be left."""
    title = folded(title)
    for name in sorted({folded(name) for name in names} - {""}, key=len, reverse=True):
        for rest in (title.removeprefix(name).removeprefix("の"), title.removesuffix(name)):
            if rest != title and len(rest) >= 2:
                return rest
    return title


def _nearness(one: str, other: str) -> float:
    """Return the share of pairs of neighbouring signs that two titles have in common, 0 to 1."""
    mine, theirs = _bigrams(one), _bigrams(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _bigrams(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}


def _day(text: str) -> str:
    """Return a stated day as digits, "" when it is not written as a day or year: then it decides nothing."""
    plain = unicodedata.normalize("NFKC", text).strip()[:10]
    return plain.replace("/", "-") if re.fullmatch(r"\d{4}(?:[-/]\d{2}){0,2}", plain) else ""


def _count(text: str) -> int:
    return 1 if text == "元" else int(text)


def _kanji(text: str) -> int:
    """Return a number below a hundred that is written in Chinese signs."""
    before, ten, after = text.partition("十")
    if not ten:
        return _KANJI.get(text, 0) if len(text) == 1 else int("".join(str(_KANJI[sign]) for sign in text))
    return (_KANJI.get(before, 1) if before else 1) * 10 + _KANJI.get(after, 0)


def _digest(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
