"""Pages keep nothing of what was drawn, and what is the same for everybody is made once."""

from __future__ import annotations

import gc
import weakref

from django.template import Context, Template
from django.template.defaulttags import IfNode
from django.test import RequestFactory
from django.utils import translation

from tdpf.faces.portal.drawing import drawn


class Part:
    """Something large on a page."""


def test_a_drawn_page_keeps_none_of_its_parts() -> None:
    part = Part()
    kept = weakref.ref(part)
    gc.disable()
    try:
        answer = drawn(RequestFactory().get("/"), "portal/components/messages.html", {"part": part})
        del part
        assert kept() is None
    finally:
        gc.enable()
    assert answer.status_code == 200


def test_the_same_is_made_once_for_each_language_and_difference() -> None:
    page = Template(
        '{% load frame i18n %}{% same "tried" door %}{% translate "検索" %} {{ door }} {{ visitor }}{% endsame %}'
    )

    def seen(door: str, visitor: str) -> str:
        return page.render(Context({"door": door, "visitor": visitor}))

    with translation.override("ja"):
        assert [seen("a", "1"), seen("a", "2"), seen("b", "3")] == ["検索 a 1", "検索 a 1", "検索 b 3"]
    with translation.override("en"):
        assert seen("a", "4") == "Search a 4"


def test_who_looks_for_the_blocks_of_a_page_passes_over_what_is_the_same() -> None:
    """A page looks for the blocks of its frame each time it is drawn."""
    page = Template(
        '{% load frame %}{% same "passed" %}{% if door %}a{% endif %}{% endsame %}{% if door %}b{% endif %}'
    )
    assert len(page.nodelist.get_nodes_by_type(IfNode)) == 1
