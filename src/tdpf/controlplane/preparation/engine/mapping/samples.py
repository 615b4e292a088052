"""A column's values looked at once: its sample, and what was found of it kind by kind, whatever number of tables it is held against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from tdpf.controlplane.preparation.engine.mapping.evidence import Evidence, evidence, sample_of
from tdpf.controlplane.preparation.engine.normalising.coordinates import pair
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing, plain
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField

_PARTING = re.compile(r"[、,，・;；/／]+")
_PAGE = re.compile(r"https?://\S+$")


def _listed(text: str) -> list[str]:
    """Return the words of a list; a blank parts them only where nothing else does: 呼 内、消 内."""
    parts = [re.sub(r"\s", "", part) for part in _PARTING.split(text)]
    return [word for word in (parts if len(parts) > 1 else text.split()) if word]


class Sampled:
    """The values of a column with what they say. What a field makes of them depends on its kind, so each kind asks once."""

    def __init__(self, values: Sequence[str | None]) -> None:
        self.values = values
        self._found: dict[tuple[str, str, bool, bool], Evidence] = {}
        self._said: dict[str, tuple[int, int]] = {}

    @cached_property
    def sample(self) -> list[str]:
        """The values of rows all over the column, without signs for "no value"."""
        return sample_of(self.values)

    @cached_property
    def distinct_share(self) -> float:
        """How many different values there are per cell that has one."""
        present = sum(1 for value in self.values if value)
        return len(set(self.values) - {None}) / present if present else 1.0

    @cached_property
    def filled(self) -> int:
        """How many cells have a value that is no sign for "no value"."""
        signs = {value for value in set(self.values) if value and is_missing(value)}
        return sum(1 for value in self.values if value and value not in signs)

    @cached_property
    def words(self) -> frozenset[str]:
        """The different values, evened out, without signs for "no value"."""
        return frozenset(plain(value) for value in set(self.values) if value and not is_missing(value))

    @cached_property
    def are_links(self) -> bool:
        """Whether nearly all values are addresses of pages."""
        links = sum(1 for value in self.sample if _PAGE.match(value.strip()))
        return bool(self.sample) and links * 10 >= len(self.sample) * 9

    @cached_property
    def are_pairs(self) -> bool:
        """Whether nearly all values are a latitude and a longitude in one cell."""
        return bool(self.sample) and sum(1 for value in self.sample if pair(value)) * 10 >= len(self.sample) * 9

    def against(self, field: SchemaField, *, repeating: bool = True) -> Evidence:
        """Judge the values against a field; without `repeating` nobody asks how often they repeat themselves."""
        key = (field.normaliser, field.concept, bool(field.rest_to), repeating)
        found = self._found.get(key)
        if found is None:
            share = self.distinct_share if repeating else 1.0
            found = self._found[key] = evidence(field, self.sample, distinct_share=share)
        return found

    def are_words_of(self, words: str) -> bool:
        """Say whether nearly all values are among the few words that a regular expression names."""
        return len(self.sample) > 1 and self._share(words)[0] * 10 >= len(self.sample) * 9

    def holds_words_of(self, words: str) -> bool:
        """Say whether any value holds one of these words."""
        return self._share(words)[1] > 0

    def are_listed(self, pattern: str) -> bool:
        """Say whether nearly all values list nothing but words that a regular expression names, several different ones."""
        words = [word for value in self.sample for word in _listed(plain(value))]
        known = [word for word in words if re.search(pattern, word)]
        return len(set(known)) > 1 and len(known) * 10 >= len(words) * 8 and len(words) > len(self.sample)

    def _share(self, words: str) -> tuple[int, int]:
        found = self._said.get(words)
        if found is None:
            pattern = re.compile(words)
            evened = [plain(value) for value in self.sample]
            found = self._said[words] = (
                sum(1 for value in evened if pattern.fullmatch(value)),
                sum(1 for value in evened if pattern.search(value)),
            )
        return found


def sampled(values: Sequence[Sequence[str | None]]) -> list[Sampled]:
    """Return the columns of a table, each to be looked at once."""
    return [Sampled(cells) for cells in values]
