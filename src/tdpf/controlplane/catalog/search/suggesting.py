"""Offers while somebody types, and もしかして: another spelling of a word that no title has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial

import tantivy

from tdpf.controlplane.catalog.search.analyzer import Token, analyze, pairs, reading_of, short_words, sound_term
from tdpf.controlplane.catalog.search.folding import fold, to_katakana
from tdpf.controlplane.catalog.search.lookups import Lookups
from tdpf.controlplane.catalog.search.parsing import ParsedQuery, heard_pieces
from tdpf.controlplane.catalog.search.place_names import places_by_name, places_by_sound
from tdpf.controlplane.catalog.search.results import card
from tdpf.controlplane.catalog.search.schema import HINT_PARTS, build_schema
from tdpf.controlplane.catalog.search.synonyms import Synonyms, sound_key
from tdpf.controlplane.catalog.search.types import Suggestion
from tdpf.controlplane.catalog.vocabularies.areas import area_label

_HINTS_READ = 1_000
_LONGEST_PREFIX = 60
_NEAR_READ = 12
_KANJI = re.compile("[一-龯々]")
_KANA_RUN = re.compile("[ぁ-んァ-ヶー]{4,40}")
_SHORTEST_GROUP, _LONGEST_GROUP = 3, 8


def suggest(searcher: tantivy.Searcher, typed: str, limit: int) -> tuple[Suggestion, ...]:
    """Return what begins with the letters typed, or is read so: places, keywords, publishers, then titles."""
    folded = fold(typed)[:_LONGEST_PREFIX]
    if not folded:
        return ()
    found: dict[str, Suggestion] = {}
    # What was typed before the last blank stays.
    before, _, last = folded.rpartition(" ")
    for offered in (*_places(last), *_hints(searcher, last)):
        text = f"{before} {offered.text}".strip()
        found.setdefault(fold(text), Suggestion(text=text, kind=offered.kind, count=offered.count))
    names = list(found.values())[: max(1, limit - 2)] if limit > 2 else list(found.values())
    titles = [title for title in _titles(searcher, folded, limit) if fold(title.text) not in found]
    return (*names[: max(limit - min(len(titles), max(1, limit // 2)), 1)], *titles)[:limit]


def _places(folded: str) -> list[Suggestion]:
    if not folded:
        return []
    codes = dict.fromkeys(
        code for name, found in places_by_name().items() if name.startswith(folded) for code in found[:1]
    )
    return [Suggestion(text=area_label(code).ja, kind="place") for code in list(codes)[:2]]


def _hints(searcher: tantivy.Searcher, folded: str) -> list[Suggestion]:
    if not folded:
        return []
    counts: dict[str, int] = {}
    for way in dict.fromkeys((to_katakana(folded), to_katakana(folded.replace(" ", "")))):
        for term, count in searcher.terms_with_prefix("hint", way, None, _HINTS_READ):
            shown = term.partition(HINT_PARTS)[2]
            counts[shown] = max(counts.get(shown, 0), count)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], len(entry[0]), entry[0]))
    return [Suggestion(text=shown, kind="keyword", count=count) for shown, count in ordered[:20]]


def _titles(searcher: tantivy.Searcher, folded: str, limit: int) -> list[Suggestion]:
    """Titles that begin so as written, then those that are read so."""
    schema = build_schema()
    found: dict[str, Suggestion] = {}
    read = to_katakana(folded.replace(" ", ""))
    for field, prefix in (("exact", folded), ("title_key", read), ("title_key", reading_of(folded))):
        if not prefix or len(found) >= limit:
            continue
        for term, _ in searcher.terms_with_prefix(field, prefix, None, limit):
            query = tantivy.Query.term_query(schema, field, term, "basic")
            for _, address in searcher.search(query, limit=1, count=False).hits:
                told = card(searcher, address)
                title = told["title"][0] or told["title"][1]
                if title and fold(title) not in found and len(found) < limit:
                    found[fold(title)] = Suggestion(text=title, kind="title", slug=told["slug"])
    return list(found.values())


def hearing(searcher: tantivy.Searcher) -> Callable[[str], bool]:
    """Return what says whether a dataset has a word that is read so."""

    def is_heard(sound: str) -> bool:
        return any(searcher.doc_freq("readings", sound_term(sound, with_kana=with_kana)) for with_kana in (False, True))

    return is_heard


def did_you_mean(searcher: tantivy.Searcher, parsed: ParsedQuery, lookups: Lookups) -> str:
    """Return the query with words that no title has replaced by near ones, "" when there is nothing nearer.

    Near is a word one sign away (two for longer Latin words), or one that is read the same; a compound of which one part is
    another (避難書), and what is written in kana a sound away from a word or a place (ときょう).
    """
    if not parsed.units:
        return ""
    folded = fold(parsed.text)
    # What is not replaced stays as it was typed, where folding leaves every sign at its place.
    text = parsed.text if len(parsed.text) == len(folded) else folded
    changed = text
    for run in _KANA_RUN.finditer(folded):
        compound = _read_in_titles(searcher, to_katakana(run[0]))
        changed = _put(changed, run[0], compound) if compound else changed
    if changed != text:
        return changed
    for unit in parsed.units:
        if unit.heard and fold(unit.heard) != fold(unit.text):
            changed = _put(changed, fold(unit.text), unit.heard)
            continue
        if unit.places or unit.abroad or unit not in parsed.strong:
            continue
        for token in unit.tokens:
            if len(token.surface) < 2 or searcher.doc_freq("title_m", token.term):
                continue
            asked = fold(token.surface), token.term, token.reading
            near = lookups.spelling(asked, partial(_nearest, searcher, *asked))
            if near:
                changed = _put(changed, fold(token.surface), near)
    if changed == text:
        for group, near in _near_groups(searcher, folded, lookups):
            changed = _put(changed, group, near) if near else changed
    return changed if changed != text else ""


def _put(text: str, folded: str, other: str) -> str:
    """Return a text with its first such piece replaced."""
    at = fold(text).find(folded)
    return text[:at] + other + text[at + len(folded) :] if at >= 0 else text


def _near_groups(searcher: tantivy.Searcher, folded: str, lookups: Lookups) -> list[tuple[str, str]]:
    """Return the runs of kana and the compounds, each with what is near to it where no title has it ("" for nothing)."""
    sounds = [(run[0], to_katakana(run[0])) for run in _KANA_RUN.finditer(folded)]
    kana = [(run, lookups.spelling((sound,), partial(_sounding, searcher, sound))) for run, sound in sounds]
    found: list[tuple[str, str]] = []
    for group, tokens in _compounds(folded):
        if any(run in group or group in run for run, near in kana if near):
            continue
        asked = group, str(tokens)
        found.append((group, lookups.spelling(asked, partial(_compound_near, searcher, group, tokens))))
    return [*kana, *found]


def _read_in_titles(searcher: tantivy.Searcher, sound: str) -> str:
    """Return the compound of titles that is read so as a whole (つなみひなんびる), "" for none."""
    pieces = heard_pieces(sound, Synonyms(), hearing(searcher))
    schema = build_schema()
    parts = [
        tantivy.Query.term_query(schema, "readings", sound_term(sound[begin:end], with_kana=with_kana), "freq")
        for begin, end in pieces
        for with_kana in (False, True)
    ]
    often: Counter[str] = Counter()
    query = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
    for _, address in searcher.search(query, limit=4 * _NEAR_READ, count=False).hits if parts else ():
        for title in card(searcher, address)["title"]:
            shown = fold(title)
            words = analyze(shown)
            for first in range(len(words)):
                read = ""
                for last in words[first : first + _LONGEST_GROUP]:
                    read += last.reading
                    if sound_key(read) == sound_key(sound):
                        often[shown[words[first].begin : last.end]] += 1
    return often.most_common(1)[0][0] if often else ""


def _compounds(folded: str) -> list[tuple[str, int]]:
    """Return the Japanese words of a few signs that consist of several, with the number of these."""
    groups: list[list[Token]] = []
    for token in analyze(folded):
        if groups and groups[-1][-1].end == token.begin and not (token.surface.isascii() or token.place):
            groups[-1].append(token)
        elif not (token.surface.isascii() or token.place):
            groups.append([token])
    whole = [(folded[group[0].begin : group[-1].end], len(group)) for group in groups]
    return [(text, n) for text, n in whole if n > 1 and _SHORTEST_GROUP <= len(text) <= _LONGEST_GROUP]


def _compound_near(searcher: tantivy.Searcher, group: str, tokens: int) -> str:
    """Return the compound that most titles near to this one have and that has one other sign, "" for none or where one has it."""
    schema = build_schema()
    if searcher.search(tantivy.Query.phrase_query(schema, "pairs", list(pairs(group))), 1, count=False).hits:
        return ""
    shared = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "pairs", pair)) for pair in pairs(group)]
    query = tantivy.Query.boolean_query(shared, len(shared) // 2)
    often: Counter[str] = Counter()
    for _, address in searcher.search(query, limit=4 * _NEAR_READ, count=False).hits:
        for title in card(searcher, address)["title"]:
            shown = fold(title)
            words = analyze(shown)
            often.update(
                {
                    run
                    for first in range(len(words))
                    for last in range(first, min(first + tokens, len(words)))
                    if len(run := shown[words[first].begin : words[last].end]) == len(group) and edits(run, group) == 1
                }
            )
    return max(often, key=lambda run: (often[run], run)) if often else ""


def _sounding(searcher: tantivy.Searcher, sound: str) -> str:
    """Return the place or the word of a title that is read one sound away from this, "" for none or where a word is read so."""
    schema = build_schema()
    ways = [sound_term(sound, with_kana=with_kana) for with_kana in (True, False)]
    if sound in places_by_sound() or any(searcher.doc_freq("readings", way) for way in ways):
        return ""
    for place, name in places_by_sound().items():
        if edits(place, sound) == 1:
            return name
    best: tuple[int, str] | None = None
    for way in ways:
        query = tantivy.Query.fuzzy_term_query(schema, "readings", way, 1)
        for _, address in searcher.search(query, limit=_NEAR_READ, count=False).hits:
            for title in card(searcher, address)["title"]:
                for word, shown, read in _words_of(title):
                    if read and edits(read, sound) == 1:
                        best = min(filter(None, (best, (-searcher.doc_freq("title_m", word), shown))))
    return best[1] if best else ""


def _nearest(searcher: tantivy.Searcher, surface: str, term: str, reading: str) -> str:
    schema = build_schema()
    latin = surface.isascii()
    far = 2 if latin and len(surface) > 5 else 1
    queries = []
    if latin and len(surface) > 3:
        queries.append(tantivy.Query.fuzzy_term_query(schema, "readings", surface, far))
    elif not latin and len(term) >= 3:
        queries.append(tantivy.Query.fuzzy_term_query(schema, "title_m", term, far))
    if not latin and len(reading) >= 3:
        for with_kana in (True, False):
            sound = sound_term(reading, with_kana=with_kana)
            queries.append(tantivy.Query.term_query(schema, "readings", sound, "freq"))
    best: tuple[int, int, str] | None = None
    for query in queries:
        for _, address in searcher.search(query, limit=_NEAR_READ, count=False).hits:
            for title in card(searcher, address)["title"]:
                for word, shown, sound in _words_of(title):
                    if word == term or _is_kind_left_off(surface, shown):
                        continue
                    distance = (
                        1 if sound == reading and not latin else edits(*((shown, surface) if latin else (word, term)))
                    )
                    if not 0 < distance <= far:
                        continue
                    candidate = (distance, -searcher.doc_freq("title_m", word), shown)
                    if best is None or candidate < best:
                        best = candidate
    return best[2] if best else ""


def _is_kind_left_off(surface: str, shown: str) -> bool:
    """Say whether a word only lacks what kind of thing is meant, as 渋谷 for 渋谷駅: that is no slip of the pen."""
    return len(surface) == len(shown) + 1 and surface.startswith(shown) and bool(_KANJI.fullmatch(surface[-1]))


def _words_of(title: str) -> list[tuple[str, str, str]]:
    """Return the words of a title and the short words inside them: form, as it stands there, reading. No fragments."""
    tokens = analyze(fold(title))
    found = [(token.term, token.surface, token.reading) for token in tokens]
    found += [(form, shown, "") for token in tokens for form, shown in short_words(token)]
    return [word for word in found if not _is_fragment(word[1])]


def _is_fragment(shown: str) -> bool:
    """Say whether signs are no word that could be meant: one sign, two kana, what ends in the middle of a sound (けっ)."""
    kana = to_katakana(shown)
    return (
        len(shown) < 2
        or kana[-1] in "ッャュョァィゥェォ・"
        or (len(shown) < 3 and all("ァ" <= sign <= "ー" for sign in kana))
    )


def edits(one: str, other: str, most: int = 3) -> int:
    """Return how many insertions, deletions, replacements or swaps of neighbours part two words, at most `most`."""
    if abs(len(one) - len(other)) >= most:
        return most
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for to, against in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (sign != against))
            if at > 1 and to > 1 and sign == other[to - 2] and one[at - 2] == against:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
    return min(row[-1], most)
