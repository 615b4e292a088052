"""Licences a dataset may carry: open and less open ones by code, "custom" with its own name and text, "not-stated".

Sources: creativecommons.org (codes as in SPDX), opendatacommons.org, digital.go.jp (PDL 1.0), EU authority table "licence".
"""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text

EU_LICENCE_ROOT = "http://publications.europa.eu/resource/authority/licence/"


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence: `is_open` in the sense of the Open Definition, `asks_attribution` where the source must be named.

    `offered` ones can be chosen by a provider here; the others only come with harvested datasets. `eu` is the code in the
    EU authority table, "" where it has none.
    """

    code: str
    label: Text
    url: str
    is_open: bool
    asks_attribution: bool
    share_alike: bool = False
    offered: bool = True
    eu: str = ""


NOT_STATED, CUSTOM = "not-stated", "custom"
_KINDS = {
    "BY": Text("表示", "Attribution"),
    "BY-SA": Text("表示-継承", "Attribution-ShareAlike"),
    "BY-ND": Text("表示-改変禁止", "Attribution-NoDerivatives"),
    "BY-NC": Text("表示-非営利", "Attribution-NonCommercial"),
    "BY-NC-SA": Text("表示-非営利-継承", "Attribution-NonCommercial-ShareAlike"),
    "BY-NC-ND": Text("表示-非営利-改変禁止", "Attribution-NonCommercial-NoDerivatives"),
}
CC_VERSIONS = ("4.0", "3.0", "2.5", "2.1-JP", "2.0")


def _cc(kind: str, version: str) -> Licence:
    names = _KINDS[kind]
    number, _, port = version.partition("-")
    where = Text(" 国際" if number == "4.0" else " 日本" if port else "", " Japan" if port else "")
    return Licence(
        f"CC-{kind}-{version}",
        Text(
            f"クリエイティブ・コモンズ {names.ja} {number}{where.ja}", f"Creative Commons {names.en} {number}{where.en}"
        ),
        f"https://creativecommons.org/licenses/{kind.lower()}/{number}/{'jp/' if port else ''}",
        kind in ("BY", "BY-SA"),
        True,
        kind.endswith("SA"),
        version == "4.0" and kind in ("BY", "BY-SA"),
        "" if port else f"CC_{kind.replace('-', '')}_{number.replace('.', '_')}",
    )


LICENCES: dict[str, Licence] = {
    licence.code: licence
    for licence in (
        Licence(
            "CC0-1.0",
            Text("CC0 1.0 全世界 パブリック・ドメイン提供", "CC0 1.0 Universal"),
            "https://creativecommons.org/publicdomain/zero/1.0/",
            True,
            False,
            eu="CC0",
        ),
        _cc("BY", "4.0"),
        _cc("BY-SA", "4.0"),
        Licence(
            "PDL-1.0",
            Text("公共データ利用規約（第1.0版）", "Public Data License (Version 1.0)"),
            "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
            True,
            True,
        ),
        Licence(
            "GJSTU-2.0",
            Text("政府標準利用規約（第2.0版）", "Government of Japan Standard Terms of Use (Version 2.0)"),
            "https://cio.go.jp/policy-opendata",
            True,
            True,
        ),
        Licence(
            "GJSTU-1.0",
            Text("政府標準利用規約（第1.0版）", "Government of Japan Standard Terms of Use (Version 1.0)"),
            "https://cio.go.jp/policy-opendata",
            False,
            True,
            offered=False,
        ),
        Licence(
            "ODBL-1.0",
            Text("Open Database License (ODbL) 1.0", "Open Database License (ODbL) 1.0"),
            "https://opendatacommons.org/licenses/odbl/1-0/",
            True,
            True,
            True,
            eu="ODC_BL",
        ),
        Licence(
            "ODC-BY-1.0",
            Text("Open Data Commons 表示 1.0", "Open Data Commons Attribution 1.0"),
            "https://opendatacommons.org/licenses/by/1-0/",
            True,
            True,
            offered=False,
            eu="ODC_BY",
        ),
        Licence(
            "PDDL-1.0",
            Text(
                "Open Data Commons パブリック・ドメイン (PDDL) 1.0", "Public Domain Dedication and Licence (PDDL) 1.0"
            ),
            "https://opendatacommons.org/licenses/pddl/1-0/",
            True,
            False,
            offered=False,
            eu="ODC_PDDL",
        ),
        Licence(
            "PDM-1.0",
            Text("パブリック・ドメイン・マーク 1.0", "Public Domain Mark 1.0"),
            "https://creativecommons.org/publicdomain/mark/1.0/",
            True,
            False,
            offered=False,
        ),
        Licence(
            "OGL-UK-3.0",
            Text("英国政府オープンライセンス 3.0", "Open Government Licence (UK) 3.0"),
            "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
            True,
            True,
            offered=False,
            eu="OGL_3_0",
        ),
        *(
            _cc(kind, version)
            for kind in _KINDS
            for version in CC_VERSIONS
            if (kind, version) not in (("BY", "4.0"), ("BY-SA", "4.0"))
        ),
        Licence(NOT_STATED, Text("利用条件の記載なし", "Terms not stated"), "", False, False, offered=False),
        Licence(CUSTOM, Text("個別の利用条件", "Custom terms"), "", False, True),
    )
}


def list_licences() -> list[Licence]:
    """Return the licences a dataset may carry."""
    return list(LICENCES.values())
