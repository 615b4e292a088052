"""Sentences that exist in Japanese and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages of the platform; Japanese is the default."""

    ja: str
    en: str

    def in_(self, language: str) -> str:
        """Return the English sentence for `en…`, the Japanese one for anything else."""
        return self.en if language.lower().startswith("en") else self.ja

    def filled(self, data: dict[str, object]) -> Text:
        """Return the same message with `{field}` places filled; an unknown field stays visible as `{field}`."""
        known = _Gaps(data)
        return Text(ja=self.ja.format_map(known), en=self.en.format_map(known))


class _Gaps(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
