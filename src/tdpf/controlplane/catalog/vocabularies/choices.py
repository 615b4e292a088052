"""The vocabularies as choices of a form: codes with their names, in the order people expect."""

from __future__ import annotations

from typing import Literal

from tdpf.controlplane.catalog.vocabularies.areas import area_label, areas
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import LANGUAGES
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.kit.text import Text

Name = Literal["themes", "licences", "frequencies", "areas", "formats", "languages", "data_classes", "access"]

DATA_CLASSES = {
    "non_personal": Text("個人に関する情報を含まないデータ", "Data that are not about persons"),
    "statistical": Text("統計情報", "Statistical data"),
    "anonymously_processed": Text("匿名加工情報", "Anonymously processed information"),
}
ACCESS = {
    "open": Text("オープン", "Open"),
    "conditional": Text("条件付き", "With conditions"),
    "paid": Text("有償", "Paid"),
}


def choices(name: Name) -> tuple[tuple[str, Text], ...]:
    """Return the codes of a vocabulary with their names."""
    tables: dict[str, dict[str, Text]] = {
        "themes": {theme.code: theme.label for theme in THEMES.values()},
        "licences": {licence.code: licence.label for licence in LICENCES.values() if licence.offered},
        "frequencies": {frequency.code: frequency.label for frequency in FREQUENCIES.values()},
        "formats": {entry.code: entry.label for entry in FORMATS.values()},
        "languages": LANGUAGES,
        "data_classes": DATA_CLASSES,
        "access": ACCESS,
    }
    if name == "areas":
        tokyo_first = sorted(areas().values(), key=lambda area: (not area.code.startswith("13"), area.code))
        return tuple((area.code, area.label) for area in tokyo_first)
    return tuple(tables[name].items())


def label_of(name: str, code: str) -> Text:
    """Return what people call a code of a vocabulary; an unknown code is called by itself."""
    if name == "areas":
        return area_label(code)
    if name == "themes":
        return THEMES[code].label if code in THEMES else Text(code, code)
    if name == "licences":
        return LICENCES[code].label if code in LICENCES else Text(code, code)
    if name == "frequencies":
        return FREQUENCIES[code].label if code in FREQUENCIES else Text(code, code)
    if name == "formats":
        return FORMATS[code].label if code in FORMATS else Text(code, code)
    table = {"languages": LANGUAGES, "data_classes": DATA_CLASSES, "access": ACCESS}.get(name, {})
    return table.get(code, Text(code, code))
