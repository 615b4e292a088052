"""Filters and tags of the portal's templates: dates, numbers, two-language values."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.portal.context import page_language
from tdpf.kit.areas import areas
from tdpf.kit.clock import JST
from tdpf.kit.text import Text

register = template.Library()
_ADDRESS = re.compile(r"(https?://[!-~]+)")
_DAYS_JA = "月火水木金土日"
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.filter
def jst_day(value: date | datetime | str | None) -> str:
    """Write a day as `2026年11月21日（土）` or `Sat 21 Nov 2026`; instants fall on their day in Japan."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            return str(value)
    if isinstance(value, datetime):
        value = value.astimezone(JST).date() if value.tzinfo else value.date()
    if not isinstance(value, date):
        return ""
    return written_day(value, page_language())


@lru_cache(maxsize=20_000)
def written_day(day: date, language: str) -> str:
    """Write a day in a language as `jst_day` does."""
    if language == "en":
        return f"{_DAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日（{_DAYS_JA[day.weekday()]}）"


@register.filter
def jst(value: datetime | str | None) -> str:
    """Write an instant as `2026年11月21日（土）14:05` or `Sat 21 Nov 2026, 14:05 JST`."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    if not isinstance(value, datetime):
        return ""
    local = value.astimezone(JST)
    if page_language() == "en":
        return f"{jst_day(local)}, {local:%H:%M} JST"
    return f"{jst_day(local)}{local:%H:%M}"


@register.filter
def jst_second(value: datetime | None) -> str:
    """Write an instant to the second, short: `11/21 14:05:09`."""
    return f"{value.astimezone(JST):%m/%d %H:%M:%S}" if isinstance(value, datetime) else ""


@register.filter
def ago(value: datetime | None, now: datetime) -> str:
    """Say how long ago an instant was, beside the absolute time."""
    if not isinstance(value, datetime):
        return ""
    seconds = max(0, int((now - value).total_seconds()))
    for size, text in (
        (86400, gettext("%(count)s日前")),
        (3600, gettext("%(count)s時間前")),
        (60, gettext("%(count)s分前")),
    ):
        if seconds >= size:
            return text % {"count": seconds // size}
    return gettext("たった今")


@register.filter
def grouped(value: Any) -> str:
    """Write a number with its thousands grouped."""
    if value is None or value == "":
        return "—"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


@register.filter
def size(value: int | None) -> str:
    """Write a number of bytes with its unit (KB = 1,000 bytes)."""
    if value is None:
        return "—"
    amount = float(value)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:,.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:,.1f} {unit}"
        amount /= 1000
    return ""


@register.filter
def in_words(value: Text | str | None) -> str:
    """Return a two-language text in the language of the page."""
    if isinstance(value, Text):
        # Without a translation the words there are serve better than none.
        return value.in_(page_language()) or value.ja or value.en
    return "" if value is None else str(value)


@register.filter
def localized(thing: Any, name: str) -> str:
    """Return `name_en` or `name_ja` of an object or mapping, the other when one is empty."""
    first, second = ("_en", "_ja") if page_language() == "en" else ("_ja", "_en")
    for ending in (first, second):
        key = f"{name}{ending}"
        value = thing.get(key) if isinstance(thing, dict) else getattr(thing, key, "")
        if value:
            return str(value)
    return ""


@register.filter
def area_name(code: str) -> str:
    """Return what a local government code stands for: 東京都 千代田区; nothing for one that is not known."""
    area = areas().get(code)
    if area is None:
        return ""
    within = [areas()[area.parent].label] if area.parent else []
    return " ".join(in_words(label) for label in (*within, area.label))


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """Return a value of a mapping by a key held in a variable."""
    try:
        return mapping.get(key, "") if hasattr(mapping, "get") else mapping[key]
    except (KeyError, IndexError, TypeError):
        return ""


@register.filter
def shown_access(access: str, licence: str) -> str:
    """Return how access is shown; "not-stated": free to look at, but without a licence nobody is promised anything."""
    return licence if access == "open" and licence == catalog.NOT_STATED else access


@register.filter
def share(used: int | None, limit: int | None) -> int:
    """Return used of limit in whole per cent, 0 to 100; 100 only when all is used."""
    return min(100, 100 * (used or 0) // limit) if limit else 0


@register.filter
def left_of(used: int | None, limit: int | None) -> int:
    """Return what is left of a limit, never below 0."""
    return max(0, (limit or 0) - (used or 0))


@register.filter
def linked(text: str) -> SafeString:
    """Turn the web addresses in a plain text into links, also where Japanese stands right beside them."""
    pieces = _ADDRESS.split(text)
    return format_html_join(
        "",
        "{}",
        ((format_html('<a href="{0}">{0}</a>', piece) if place % 2 else piece,) for place, piece in enumerate(pieces)),
    )


@register.filter
def too_large_to_rate(size: int | None) -> int:
    """Return the megabytes up to which files of other sites are rated when one is larger, else 0."""
    return catalog.RATED_BYTES // 1_000_000 if catalog.too_large_to_rate(size) else 0


@register.filter
def control(field: BoundField) -> str:
    """Return how a form field is laid out: check, choices, file or text."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "file" if isinstance(widget, FileInput) else "text"


@register.filter
def described(field: BoundField) -> BoundField | str:
    """Draw a form field tied to its help and its error, so that both are read aloud."""
    ids = []
    if field.help_text:
        ids.append(f"{field.auto_id}_helptext")
    attributes: dict[str, Any] = {}
    if field.errors:
        ids.append(f"{field.auto_id}_error")
        attributes["aria-invalid"] = "true"
    if ids:
        attributes["aria-describedby"] = " ".join(ids)
    return field.as_widget(attrs=attributes)


_WAYS = {
    "title": gettext_lazy("題名のことば"),
    "texts": gettext_lazy("説明などのことば"),
    "words": gettext_lazy("ことば"),
    "columns": gettext_lazy("列の名前"),
    "pairs": gettext_lazy("文字の並び"),
    "synonyms": gettext_lazy("同じ意味のことば"),
    "kin": gettext_lazy("似たことば"),
    "reading": gettext_lazy("読みがな"),
    "place": gettext_lazy("地名"),
    "exact": gettext_lazy("題名そのもの"),
    "neighbours": gettext_lazy("ことばの近さ"),
}


@register.filter
def way_words(way: str) -> str:
    """Return what people call the way in which a word was found."""
    return str(_WAYS.get(way, way))
