"""Licences a dataset may carry: the open ones by code, and "custom" with its own name and text."""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class Licence:
    """One licence: `is_open` in the sense of the Open Definition, `asks_attribution` where the source must be named."""

    code: str
    label: Text
    url: str
    is_open: bool
    asks_attribution: bool
    share_alike: bool = False


LICENCES: dict[str, Licence] = {
    licence.code: licence
    for licence in (
        Licence(
            "CC0-1.0",
            Text("CC0 1.0 全世界 パブリック・ドメイン提供", "CC0 1.0 Universal"),
            "https://creativecommons.org/publicdomain/zero/1.0/",
            True,
            False,
        ),
        Licence(
            "CC-BY-4.0",
            Text("クリエイティブ・コモンズ 表示 4.0 国際", "Creative Commons Attribution 4.0"),
            "https://creativecommons.org/licenses/by/4.0/",
            True,
            True,
        ),
        Licence(
            "CC-BY-SA-4.0",
            Text("クリエイティブ・コモンズ 表示-継承 4.0 国際", "Creative Commons Attribution-ShareAlike 4.0"),
            "https://creativecommons.org/licenses/by-sa/4.0/",
            True,
            True,
            True,
        ),
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
        Licence("custom", Text("個別の利用条件", "Custom terms"), "", False, True),
    )
}
