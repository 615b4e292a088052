"""Reads a page as people and screen readers do: language, heading, links, labelled fields, words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "line", "circle", "path"}


@dataclass
class ReadPage:
    """What was found; `links` maps a link's words to its address, `fields` a control's name to its attributes."""

    language: str = ""
    heading: str = ""
    headings: int = 0
    lead: str = ""
    text: str = ""
    links: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    inline_scripts: int = 0
    inline_styles: int = 0

    def unlabelled(self) -> list[str]:
        """Return the names of visible controls that no label speaks for."""
        return [
            name for name, attrs in self.fields.items()
            if attrs.get("type") not in ("hidden", "submit") and attrs.get("id") not in self.labels
            and "aria-label" not in attrs and "aria-labelledby" not in attrs
        ]  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = ReadPage()
        self.open: list[tuple[str, dict[str, str], list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if "style" in named or any(name.startswith("on") for name in named):
            self.page.inline_styles += 1
        if tag == "html":
            self.page.language = named.get("lang", "")
        if (
            tag == "script"
            and "src" not in named
            and named.get("type") not in ("application/json", "application/ld+json")
        ):
            self.page.inline_scripts += 1
        if tag == "style":
            self.page.inline_styles += 1
        if tag == "img":
            self.page.images.append(named)
        if tag in ("input", "select", "textarea") and named.get("name"):
            self.page.fields[named["name"]] = named
        if tag not in _VOID:
            self.open.append((tag, named, []))

    def handle_data(self, data: str) -> None:
        for _tag, _named, words in self.open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        while self.open:
            name, named, words = self.open.pop()
            self._close(name, named, " ".join("".join(words).split()))
            if name == tag:
                return

    def _close(self, tag: str, named: dict[str, str], words: str) -> None:
        page = self.page
        if tag == "h1":
            page.heading, page.headings = words, page.headings + 1
        elif tag == "a" and "href" in named:
            page.links[words] = named["href"]
        elif tag == "button":
            page.buttons.append(words)
        elif tag == "label" and "for" in named:
            page.labels[named["for"]] = words
        elif tag == "body":
            page.text = words
        elif tag == "textarea" and named.get("name"):
            page.fields[named["name"]]["value"] = words
        if "lead" in named.get("class", "").split():
            page.lead = words
        if named.get("role") == "alert":
            page.alerts.append(words)


def page_of(response: Any) -> ReadPage:
    """Read an answer as a page."""
    reader = _Reader()
    reader.feed(response.content.decode())
    reader.close()
    return reader.page
