"""The facets of a search as markup: some four hundred boxes stand on a page of results, so they are written directly."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog.types import Facet, FacetValue
from tdpf.faces.portal.context import page_language

_SHOWN, _MORE = 6, 30
_OPEN = ("themes", "areas", "formats", "access", "origins")


def facet_boxes(facets: Iterable[Facet]) -> SafeString:
    """Return every facet that leaves a choice, in the language of the page.

    Chosen values come first, then the most frequent; six stand there at once and thirty behind “more”, so that a facet of
    a thousand values does not fill the page.
    """
    language = page_language()
    made = []
    for facet in facets:
        chosen = any(value.chosen for value in facet.values)
        if len(facet.values) < 2 and not chosen:
            continue
        ordered = sorted(facet.values, key=lambda value: not value.chosen) if chosen else facet.values
        label = escape(facet.label.in_(language))
        opened = " open" if chosen or facet.name in _OPEN else ""
        made.append(
            f'<details class="facet"{opened}><summary>{label}</summary><fieldset>'
            f'<legend class="visually-hidden">{label}</legend>\n'
        )
        made.extend(_boxes("f", facet.name, ordered[:_SHOWN], language))
        if len(ordered) > _SHOWN:
            made.append(f"<details><summary>{_more(language)}</summary>")
            made.extend(_boxes("m", facet.name, ordered[_SHOWN : _SHOWN + _MORE], language))
            left_out = len(ordered) - _SHOWN - _MORE
            if left_out > 0:
                told = _("ほか %(count)s 件は、ことばで絞ると出ます。") % {"count": left_out}
                made.append(f'<p class="soft small">{escape(told)}</p>')
            made.append("</details>")
        made.append("</fieldset></details>")
    return mark_safe("".join(made))  # noqa: S308 - every part is escaped here or below, or a number


@lru_cache
def _more(language: str) -> str:  # noqa: ARG001 - the words of the active language are remembered by its name
    return escape(_("もっと見る"))


def _boxes(letter: str, name: str, values: Iterable[FacetValue], language: str) -> Iterable[str]:
    """Yield a check box for each value, in their order; `letter` keeps the ids of two lists of one facet apart."""
    english = language == "en"
    for (before, between, after), (code, label, count, chosen) in zip(_frames(letter, name), values, strict=False):
        yield (
            f"{before}{_escaped(code)}{between[chosen]}{_escaped(label.en if english else label.ja)}{after}{count}"
            "</span></label></div>"
        )


@lru_cache
def _frames(letter: str, name: str) -> tuple[tuple[str, tuple[str, str], str], ...]:
    """Return what stands around code, label and count of each box of a list, box by box."""
    found = []
    for at in range(1, max(_SHOWN, _MORE) + 1):
        box = f"{letter}-{name}-{at}"
        before = f'<div class="dads-check"><input type="checkbox" name="{name}" value="'
        plain, checked = (f'" id="{box}"{mark}><label for="{box}">' for mark in ("", " checked"))
        found.append((before, (plain, checked), ' <span class="soft">'))
    return tuple(found)


_escaped = lru_cache(maxsize=40_000)(escape)
