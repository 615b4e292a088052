"""The results of a search as markup: twenty stand on a page, each of a dozen parts, so they are written directly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog.types import SearchHit
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.templatetags.portal import shown_access, written_day
from tdpf.kit.clock import JST


@dataclass(frozen=True, slots=True)
class _Words:
    access: dict[str, str]
    changed: str
    not_told: str
    on_map: str
    elsewhere: str
    rated: dict[str, str]
    alike: str
    broken: str
    why: str


def result_lines(hits: Iterable[SearchHit], *, why: str = "") -> SafeString:
    """Return a list item for each result, in the language of the page; `why` are the words an operator may ask about."""
    language = page_language()
    words = _words(language)
    before, after = _address("dataset", language)
    english = language == "en"
    made = []
    for hit in hits:
        title = hit.title_html_en if english else hit.title_html
        access = words.access.get(shown_access(hit.access, hit.licence), words.access["conditional"])
        day = written_day(hit.modified_at.astimezone(JST).date(), language) if hit.dated else words.not_told
        name = hit.provider_name
        facts = [access, _escaped((name.en or name.ja) if english else (name.ja or name.en)), f"{words.changed}: {day}"]
        if hit.formats:
            facts.append(escape(" · ".join(hit.formats)))
        if hit.located:
            facts.append(words.on_map)
        if hit.origin == "harvested":
            facts.append(words.elsewhere)
        listed = "".join(f"<span>{fact}</span>" for fact in facts)
        if hit.rate_band:
            listed += words.rated[hit.rate_band]
        if "meaning" in hit.matched_fields:
            listed += words.alike
        if hit.link_state == "broken":
            listed += words.broken
        if why:
            start, end = _address("search-why", language)
            listed += f'<span><a href="{start}{hit.slug}{end}?q={quote(why)}">{words.why}</a></span>'
        told = hit.snippet_html_en if english else hit.snippet_html
        said = f"\n<p>{told}</p>" if told else ""
        made.append(
            f'<li>\n<a class="dads-resource-list__title" href="{before}{hit.slug}{after}">{title}</a>\n'
            f'<p class="dads-resource-list__facts">{listed}</p>{said}\n</li>'
        )
    return mark_safe("".join(made))  # noqa: S308 - escaped above; the index marks words in escaped text


_escaped = lru_cache(maxsize=10_000)(escape)


@lru_cache
def _address(name: str, language: str) -> tuple[str, str]:  # noqa: ARG001 - addresses differ by language
    before, _slug, after = reverse(name, args=["slug"]).rpartition("slug")
    return before, after


@lru_cache
def _words(language: str) -> _Words:  # noqa: ARG001 - the words of the active language are remembered by its name
    def chip(text: str, colour: str = "") -> str:
        data = f' data-color="{colour}"' if colour else ""
        return f'<span class="dads-chip-label"{data}>{escape(text)}</span>'

    return _Words(
        access={
            "open": chip(_("オープン"), "green"),
            "not-stated": chip(_("利用条件の記載なし"), "yellow"),
            "paid": chip(_("有償"), "orange"),
            "conditional": chip(_("条件付き"), "yellow"),
        },
        changed=escape(_("更新")),
        not_told=escape(_("記載なし")),
        on_map=escape(_("地図あり")),
        elsewhere=escape(_("ほかのサイトのデータ")),
        rated={band: chip(f"{_('データレート')} {band}", "green" if band == "A" else "") for band in "ABCD"},
        alike=chip(_("意味が近い")),
        broken=chip(_("リンク切れ"), "red"),
        why=escape(_("並びのわけ")),
    )
