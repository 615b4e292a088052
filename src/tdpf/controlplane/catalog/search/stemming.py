"""English words in one form: Snowball's stems, after American spelling is chosen for words that have two."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import tantivy

_WORD = re.compile(r"[a-z]{3,}")
_OUR = re.compile(r"^(behavi|col|fav|harb|hon|hum|lab|neighb|rum|vap|vig|endeav|flav|od|sav|arm)our")
_ISE = re.compile(r"([a-z]{3,})is(e|ed|es|er|ers|ing|ation|ations)$")
_KEPT_ISE = frozenset(
    [
        "advertise",
        "advise",
        "arise",
        "comprise",
        "compromise",
        "demise",
        "devise",
        "disguise",
        "enterprise",
        "excise",
        "exercise",
        "expertise",
        "franchise",
        "improvise",
        "merchandise",
        "premise",
        "promise",
        "raise",
        "revise",
        "rise",
        "supervise",
        "surprise",
        "televise",
        "concise",
        "precise",
        "paradise",
        "otherwise",
        "likewise",
        "noise",
        "poise",
        "praise",
        "cruise",
        "bruise",
        "disease",
        "increase",
        "decrease",
        "release",
    ]
)
_TRE = re.compile(r"^(cen|me|kilome|li|thea|fib|spec)tre(s|d)?$")


# Snowball makes one word of these and of another that means something else (park, univers, organ, new).
_OWN = {
    "parking": "parking", "parkings": "parking", "university": "universiti", "universities": "universiti",
    "organization": "organiz", "organizations": "organiz", "organisation": "organiz", "organisations": "organiz",
    "news": "news", "general": "general", "generation": "generat", "generations": "generat", "policies": "polici",
    "police": "police", "training": "training", "building": "building", "buildings": "building", "housing": "housing",
}  # fmt: skip


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem of a lower-case word; numbers, codes and words with other signs stay as they are."""
    if not _WORD.fullmatch(word) or len(word) > 40:
        return word
    if word in _OWN:
        return _OWN[word]
    [found] = _stemmer().analyze(_american(word)) or [word]
    return str(found)


_ONE_OF = {
    "children": "child", "people": "person", "men": "man", "women": "woman", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "oxen": "ox", "lives": "life", "wives": "wife", "knives": "knife", "leaves": "leaf", "halves": "half",
    "shelves": "shelf", "wolves": "wolf", "thieves": "thief", "buses": "bus", "viruses": "virus", "censuses": "census",
    "crises": "crisis", "bases": "base", "analyses": "analysis", "criteria": "criterion", "potatoes": "potato",
    "tomatoes": "tomato", "heroes": "hero", "volcanoes": "volcano", "mosquitoes": "mosquito", "movies": "movie",
    "cookies": "cookie", "calories": "calorie", "zombies": "zombie", "pies": "pie", "ties": "tie", "series": "series",
    "species": "species", "news": "news", "lens": "lens", "gas": "gas", "axes": "axe",
}  # fmt: skip


def singular(word: str) -> str:
    """Return a lower-case word in American spelling and, as far as its end tells, as one thing: nearer to it than its stem."""
    word = _ONE_OF.get(word) or _american(word)
    if len(word) < 4 or word in _ONE_OF or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]


def _american(word: str) -> str:
    if (ending := _TRE.match(word)) is not None:
        return f"{ending[1]}ter{ending[2] or ''}"
    word = _OUR.sub(r"\1or", word)
    found = _ISE.fullmatch(word)
    if found is not None and f"{found[1]}ise" not in _KEPT_ISE:
        return f"{found[1]}iz{found[2]}"
    if word.endswith("ogue"):
        return word[:-2]
    return word
