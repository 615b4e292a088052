"""What a search by program asks for, held against what there is: a wrong word is refused and the right one named."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import date

from django.http import QueryDict

from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.api.problems import RequestInvalid

# A parameter is called in the singular; facets of the answer, and the page's parameters, by these names.
_CALLED = {
    "themes": "theme", "areas": "area", "formats": "format", "purposes": "purpose", "providers": "publisher",
    "provider": "publisher", "sites": "site", "origins": "origin", "licences": "licence", "license": "licence",
    "frequencies": "frequency", "mqa_bands": "mqa", "rate_bands": "rating", "link_states": "link", "query": "q",
    "page": "offset", "rows": "limit", "start": "offset",
}  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FACETS = {"rating": "rate_band", "link": "link_state", "publisher": "provider"}


def as_written(value: object) -> object:
    """Refuse what is no day as 2026-11-01: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a day is written 2026-11-01")
    return value


def refuse_unknown(asked: QueryDict, known: Iterable[str]) -> None:
    """Raise RequestInvalid for parameters that there are none of: a filter nobody hears gives everything."""
    strange = set(asked).difference(known)
    if not strange:
        return
    names = sorted(known)
    errors = []
    for name in asked:
        if name not in strange:
            continue
        right = _CALLED.get(name) or next(iter(difflib.get_close_matches(name, names, 1)), "")
        errors.append(
            {
                "field": name,
                "message_ja": f"「{name}」という項目はありません。"
                + (f"「{right}」を使ってください。" if right else f"使えるもの: {', '.join(names)}"),
                "message_en": f"there is no parameter “{name}”"
                + (f"; use “{right}”" if right else f"; there are {', '.join(names)}"),
            }
        )
    raise RequestInvalid(errors=errors)


def refuse_strange(chosen: dict[str, Sequence[str]], periods: dict[str, tuple[date | None, date | None]]) -> None:
    """Raise RequestInvalid for codes that a closed vocabulary does not have, and for spans that end before they begin."""
    errors = []
    for name, values in chosen.items():
        codes = catalog.known_codes(_FACETS.get(name, name)) if values else None
        for value in values if codes is not None else ():
            if value not in (codes or ()):
                near = ", ".join(sorted(codes or ())[:20]) if len(codes or ()) <= 20 else ""
                errors.append(
                    {
                        "field": name,
                        "message_ja": f"「{value}」という値はありません。" + (f"使えるもの: {near}" if near else ""),
                        "message_en": f"there is no value “{value}”" + (f"; there are {near}" if near else ""),
                    }
                )
    for name, (first, last) in periods.items():
        if first and last and last < first:
            errors.append(
                {
                    "field": f"{name}_to",
                    "message_ja": f"{name}_from より前の日です。",
                    "message_en": f"it lies before {name}_from",
                }
            )
    if errors:
        raise RequestInvalid(errors=errors)
