"""What the owner or the operator put right, in the types of the effective description; what is out of shape is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tdpf.controlplane.catalog.enriching.keywords import tidy_keywords
from tdpf.controlplane.catalog.enriching.texts import clean, mail_address, plain, web_address
from tdpf.controlplane.catalog.vocabularies.areas import is_area_code
from tdpf.controlplane.catalog.vocabularies.choices import ACCESS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import LANGUAGES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES


def corrected_values(corrected: Mapping[str, object]) -> dict[str, Any]:
    """Return the usable corrections by field of `Enriched`; an unknown field or a value out of its vocabulary is left out."""
    values: dict[str, Any] = {}
    for field, stated in corrected.items():
        reader = _READERS.get(field)
        if reader is None:
            continue
        value = reader(stated)
        if value is not None:
            values[field] = value if field not in ("period_start", "period_end") else value or None
    return values


def _line(limit: int) -> Callable[[object], object]:
    return lambda stated: clean(stated, limit) if isinstance(stated, str) else None


def _title(stated: object) -> object:
    return clean(stated, 300) or None if isinstance(stated, str) else None


def _text(stated: object) -> object:
    return plain(stated, 20_000) if isinstance(stated, str) else None


def _codes(is_known: Callable[[str], bool]) -> Callable[[object], object]:
    def read(stated: object) -> object:
        if not isinstance(stated, list | tuple) or not all(isinstance(code, str) and is_known(code) for code in stated):
            return None
        return tuple(dict.fromkeys(stated))

    return read


def _code(known: Mapping[str, object]) -> Callable[[object], object]:
    return lambda stated: stated if isinstance(stated, str) and stated in known else None


def _day(stated: object) -> object:
    if isinstance(stated, date):
        return stated
    if not isinstance(stated, str):
        return "" if stated is None else None
    try:
        return date.fromisoformat(stated) if stated else ""
    except ValueError:
        return None


def _mail(stated: object) -> object:
    return mail_address(stated) or ("" if stated == "" else None)


def _address(stated: object) -> object:
    return web_address(stated, 1000) or ("" if stated == "" else None)


def _keywords(stated: object) -> object:
    return tidy_keywords(stated) if isinstance(stated, list | tuple) else None


_READERS: dict[str, Callable[[object], object]] = {
    "title_ja": _title,
    "title_en": _line(300),
    "description_ja": _text,
    "description_en": _text,
    "themes": _codes(THEMES.__contains__),
    "keywords": _keywords,
    "licence": _code(LICENCES),
    "licence_name": _line(200),
    "licence_url": _address,
    "access": _code(ACCESS),
    "attribution": _line(300),
    "area_codes": _codes(is_area_code),
    "period_start": _day,
    "period_end": _day,
    "update_frequency": _code(FREQUENCIES),
    "languages": _codes(LANGUAGES.__contains__),
    "contact_name": _line(200),
    "contact_email": _mail,
    "contact_url": _address,
    "landing_url": _address,
}
