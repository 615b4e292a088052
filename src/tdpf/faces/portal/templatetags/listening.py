"""Tags of the pages about threads and data requests: how far something has come, in a word."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from tdpf.controlplane.community import queries as community
from tdpf.faces.portal.context import page_language

register = template.Library()
_COLOURS = {
    "open": "blue", "answered": "green", "mended": "green", "declined": "red", "new": "blue", "review": "blue",
    "sent": "yellow", "promised": "green", "published": "green", "not_possible": "red",
}  # fmt: skip

_NEWS = {
    "version": gettext_lazy("新しい版"), "metadata": gettext_lazy("説明の変更"), "column_notice": gettext_lazy("列の変更の予告"),
    "notice": gettext_lazy("提供停止の予告"), "withdrawn": gettext_lazy("提供終了"), "retired": gettext_lazy("掲載終了"),
    "merged": gettext_lazy("同じデータの統合"),
    "arrivals": gettext_lazy("新しいデータ"), "step": gettext_lazy("リクエストの動き"), "test": gettext_lazy("試し"),
}  # fmt: skip


@register.filter
def news_words(kind: str) -> str:
    """Return what a kind of news is called in the language of the page."""
    return str(_NEWS.get(kind, kind))


@register.filter
def state_words(state: str) -> str:
    """Return what a state is called in the language of the page."""
    words = community.STATE_WORDS.get(str(state))
    return words.in_(page_language()) if words else str(state)


@register.filter
def state_chip(state: str) -> SafeString:
    """Return a state as a chip."""
    colour = _COLOURS.get(str(state), "")
    return format_html('<span class="dads-chip-label" data-color="{}">{}</span>', colour, state_words(state))


@register.filter
def reuse_words(kind: str) -> str:
    """Return what a kind of reuse is called in the language of the page."""
    words = community.REUSE_KINDS.get(kind)
    return words.in_(page_language()) if words else kind


@register.filter
def answer_words(answer: str) -> str:
    """Return what a holder's answer is called in the language of the page."""
    for choices in community.ANSWERS.values():
        if answer in choices:
            return choices[answer][1].in_(page_language())
    return answer
