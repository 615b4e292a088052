"""Meaning in a batch of queries: the order by words, what the collection's own words tell, and the model of sentences.

The collection is put in a few dimensions by itself (`latent`), which costs about a millisecond a text. The model costs a
hundred times that, so it reads only what stands first for some query, and only as much as the budget allows: the beginning
of each text and, where there is room, its best passage (`batch_passages`).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from tdpf.controlplane.catalog.search.analyzer import indexed
from tdpf.controlplane.catalog.search.meaning import is_installed

if TYPE_CHECKING:
    from tdpf.controlplane.catalog.search.embedding import Vectors
    from tdpf.controlplane.catalog.search.latent import LatentSpace, Occurrences

Meaning = Literal["auto", "on", "off"]
Placed = list[tuple[int, float]]
"""Texts by their numbers with scores, the best first."""
POOL = 50
"""So many of each order decide what stands first; what follows stays in the order of the words."""
MOST_TEXTS = 9_000
"""So many texts are read by the model at most unless it is asked for: some four minutes of two cores."""
MOST_SECONDS = 480.0
"""It takes no longer on a slow or busy machine: then fewer texts are read for each query, or none."""
_DEPTHS = (30, 20, 10, 5)
_PLANS = ((30, True), (20, True), (10, True), (10, False), (5, False))
"""How many of each query the model reads, and whether their best passages too: the first that the budget allows."""
_LATENT, _LATENT_ALONE, _MODEL = 0.5, 0.3, 0.6
"""Weights beside the words, in standard deviations; chosen on eight collections (docs/reference/search-figures.md)."""
_AGREE = 10
_FEWEST, _MOST_LATENT = 50, 200_000
"""Fewer texts tell nothing of each other; more take too much memory (400 bytes a text)."""
_AT_ONCE = 16
_ALONE = 100
_TOLD = 300
_TOLD_SECONDS = 20.0
_TRIED_SECONDS = 30.0
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Asked:
    """One query with what the words found for it."""

    text: str
    by_words: Placed


def reads_by_itself(meaning: Meaning) -> bool:
    """Say whether the collection's own words are to be counted: numpy comes with the optional part `[semantic]`."""
    return meaning != "off" and os.environ.get("TDPF_SEMANTIC", "1") != "0" and find_spec("numpy") is not None


def latent_space(found: Occurrences) -> LatentSpace | None:
    """Return the collection in a few dimensions; None where it is too small or too large for that."""
    if not _FEWEST <= len(found) <= _MOST_LATENT:
        return None
    from tdpf.controlplane.catalog.search.latent import LatentSpace

    return LatentSpace(found)


def ordered_by_meaning(
    asked: Sequence[Asked], space: LatentSpace | None, texts: Callable[[str, int], Sequence[str]], meaning: Meaning
) -> list[Placed]:
    """Return for each query the whole order: what stands first is decided by all, the rest by the words.

    `texts` gives what the model may read of a document for a query, its beginning first. With `auto` it reads at most
    `MOST_TEXTS` texts for at most `MOST_SECONDS`: of thirty, twenty, ten or five documents for each query, else none.
    """
    with_model = meaning != "off" and is_installed()
    weight = _LATENT if with_model else _LATENT_ALONE
    fronts = [_front(one, space, weight) for one in asked]
    depth, wanted = _planned(asked, fronts, texts, meaning) if with_model else (0, [])
    if with_model and not depth:
        print(
            f"the model of sentences is left out: it would have to read more than {MOST_TEXTS} texts (--meaning on)",
            file=sys.stderr,
        )
    vectors: dict[str, Vectors] = {}
    if depth:
        vectors, depth = _read(wanted, depth, seconds=MOST_SECONDS if meaning == "auto" else float("inf"))
    if with_model and not depth:
        fronts = [_front(one, space, _LATENT_ALONE) for one in asked]
    if depth:
        each = zip(asked, fronts, wanted, strict=True)
        fronts = [_read_again(one, front, seen[:depth], vectors) for one, front, seen in each]
    return [_whole(one.by_words, front) for one, front in zip(asked, fronts, strict=True)]


def _front(one: Asked, space: LatentSpace | None, weight: float) -> Placed:
    words = one.by_words[:POOL]
    likeness = space.likeness(indexed(one.text).words.split()) if space is not None and words else None
    if likeness is None:
        return words
    import numpy as np

    near = np.argpartition(-likeness, min(POOL, len(likeness)) - 1)[:POOL]
    near = near[np.argsort(-likeness[near])]
    agreed = len({number for number, _ in words[:_AGREE]} & set(near[:_AGREE].tolist())) / _AGREE
    if not agreed:
        return words
    points = dict(words)
    numbers = list(dict.fromkeys((*points, *near.tolist())))
    by_words = np.array([points.get(number, 0.0) for number in numbers])
    scores = _standard(by_words) + weight * min(1.0, 2 * agreed) * _standard(likeness[numbers])
    return sorted(zip(numbers, scores.tolist(), strict=True), key=lambda placed: -placed[1])


def _read_again(one: Asked, front: Placed, wanted: Sequence[Sequence[str]], vectors: dict[str, Vectors]) -> Placed:
    first = front[: len(wanted)]
    if len(first) < 2:
        return front
    import numpy as np

    from tdpf.controlplane.catalog.search.embedding import embedded_query

    asked = embedded_query(one.text)
    cosines = np.array([max(float(vectors[text] @ asked) for text in texts) for texts in wanted])
    scores = _standard(np.array([score for _, score in first])) + _MODEL * _standard(cosines)
    again = sorted(zip((number for number, _ in first), scores.tolist(), strict=True), key=lambda placed: -placed[1])
    return [*again, *front[len(wanted) :]]


def _whole(words: Placed, front: Placed) -> Placed:
    """Return one list with scores that fall: above one where all decided, below where only the words did."""
    there = {number for number, _ in front}
    rest = [(number, score) for number, score in words[POOL:] if number not in there]
    if front == words[:POOL]:
        return words
    most = max((score for _, score in words), default=1.0)
    least = min(score for _, score in front)
    made: Placed = []
    for number, score in front:
        # What the model read was ordered by scores of its own.
        step = 2.0 + score - least
        made.append((number, min(step, made[-1][1] - _STEP) if made else step))
    return [*made, *((number, score / most) for number, score in rest)]


def _planned(
    asked: Sequence[Asked], fronts: Sequence[Placed], texts: Callable[[str, int], Sequence[str]], meaning: Meaning
) -> tuple[int, list[list[Sequence[str]]]]:
    """Return of how many of each query the model reads something, and what: 0 when the budget does not even allow five."""
    known: dict[tuple[str, int], Sequence[str]] = {}

    def told(one: Asked, number: int) -> Sequence[str]:
        key = one.text, number
        if key not in known:
            known[key] = texts(*key)
        return known[key]

    for depth, with_passages in _PLANS:
        # Passages are looked for only where even the beginnings are not too many.
        if meaning != "on" and len({number for front in fronts for number, _ in front[:depth]}) > MOST_TEXTS:
            continue
        wanted = [
            [told(one, number)[: None if with_passages else 1] for number, _ in front[:depth]]
            for one, front in zip(asked, fronts, strict=True)
        ]
        if meaning == "on" or len({text for seen in wanted for each in seen for text in each}) <= MOST_TEXTS:
            return depth, wanted
    return 0, []


def _read(wanted: Sequence[Sequence[Sequence[str]]], depth: int, *, seconds: float) -> tuple[dict[str, Vectors], int]:
    """Return the vectors of what is wanted, and to what depth all of it could be read in this time (0: not even five)."""
    tiers: list[list[str]] = []
    known: set[str] = set()
    for deep in reversed(_DEPTHS):
        if deep > depth:
            break
        new = {text for seen in wanted for each in seen[:deep] for text in each} - known
        known |= new
        tiers.append(sorted(new))
    if len(known) > _TOLD:
        print(f"the model of sentences reads {len(known)} texts (--meaning off leaves it out)", file=sys.stderr)
    order, begun = [text for tier in tiers for text in tier], time.monotonic()
    vectors = dict(zip(order, _vectors_of(tiers, seconds), strict=False))
    if len(vectors) == len(order):
        return vectors, depth
    whole, done = 0, 0
    for deep, tier in zip(reversed(_DEPTHS), tiers, strict=False):
        done += len(tier)
        whole = deep if done <= len(vectors) else whole
    told = f"it decides among the first {whole} of each query" if whole else "it is left out"
    print(
        f"the model of sentences read {len(vectors)} texts in {time.monotonic() - begun:.0f} seconds: {told}",
        file=sys.stderr,
    )
    return vectors, whole


def _vectors_of(tiers: Sequence[Sequence[str]], seconds: float) -> list[Vectors]:
    """Return the vectors of texts, tier by tier, of as many whole tiers as the time allows.

    Texts of one length go together; many are shared by two processes, which share the model's weights.
    """
    begun = time.monotonic()
    end = begun + seconds
    made: list[Vectors] = []
    with _readers(sum(map(len, tiers))) as read:
        for texts in tiers:
            order = sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)
            parts = [order[first : first + _AT_ONCE] for first in range(0, len(order), _AT_ONCE)]
            found: list[Vectors] = []
            told = time.monotonic()
            for part in read([[texts[at] or "." for at in part] for part in parts], end):
                found += list(part)
                if time.monotonic() - told > _TOLD_SECONDS:
                    told = time.monotonic()
                    print(f"{len(made) + len(found)} texts are read so far", file=sys.stderr)
                spent = time.monotonic() - begun
                if (
                    spent > _TRIED_SECONDS
                    and spent * (len(made) + len(texts)) > seconds * (len(made) + len(found)) * 1.5
                ):
                    break  # This tier will not be read in time.
            if len(found) < len(texts):
                break
            made += [vector for _, vector in sorted(zip(order, found, strict=True), key=lambda placed: placed[0])]
    return made


@contextmanager
def _readers(count: int) -> Iterator[Callable[[list[list[str]], float], Iterator[Vectors]]]:
    """Give what reads parts in their order until an instant: two processes for many texts, else this one."""
    processes = min(2, os.cpu_count() or 1)
    if count > _ALONE:
        from tdpf.controlplane.catalog.search.encoding import for_many

        for_many()  # Unpacked before the processes part, so that they share it.
    if count < _ALONE or processes < 2:
        yield _read_here
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:

        def read_there(parts: list[list[str]], end: float) -> Iterator[Vectors]:
            coming = pool.imap(_vectors, parts)
            for _ in parts:
                try:
                    yield coming.next(max(0.0, end - time.monotonic()) if end != float("inf") else None)
                except multiprocessing.TimeoutError:
                    return

        yield read_there


def _read_here(parts: list[list[str]], end: float) -> Iterator[Vectors]:
    for part in parts:
        if time.monotonic() >= end:
            return
        yield _vectors(part)


def _vectors(texts: list[str]) -> Vectors:
    from tdpf.controlplane.catalog.search.embedding import embedded_passages
    from tdpf.controlplane.catalog.search.encoding import for_many

    encoder = for_many()
    return embedded_passages(texts) if encoder is None else encoder.passages(texts)


def _standard(values: Vectors) -> Vectors:
    found: Vectors = (values - values.mean()) / (values.std() + 1e-9)
    return found
