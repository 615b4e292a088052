"""Themes: the seventeen fields (統計分野) of Japan's official statistics portal e-Stat, each tied to an EU data theme.

One list is enough for every municipality and matches the national one; the EU code makes DCAT-AP harvesters understand it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdpf.kit.text import Text

EU_THEME_ROOT = "http://publications.europa.eu/resource/authority/data-theme/"


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: our code, its number in the list of 統計分野, its name, and the EU data-theme code."""

    code: str
    number: str
    label: Text
    eu: str

    @property
    def uri(self) -> str:
        """The address of the EU data theme (dcat:theme)."""
        return EU_THEME_ROOT + self.eu


THEMES: dict[str, Theme] = {
    theme.code: theme
    for theme in (
        Theme("land", "01", Text("国土・気象", "Land and weather"), "REGI"),
        Theme("population", "02", Text("人口・世帯", "Population and households"), "SOCI"),
        Theme("labour", "03", Text("労働・賃金", "Labour and wages"), "SOCI"),
        Theme("agriculture", "04", Text("農林水産業", "Agriculture, forestry and fisheries"), "AGRI"),
        Theme("manufacturing", "05", Text("鉱工業", "Mining and manufacturing"), "ECON"),
        Theme("commerce", "06", Text("商業・サービス業", "Commerce and services"), "ECON"),
        Theme("economy", "07", Text("企業・家計・経済", "Enterprises, household finances and economy"), "ECON"),
        Theme("housing", "08", Text("住宅・土地・建設", "Housing, land and construction"), "REGI"),
        Theme("energy", "09", Text("エネルギー・水", "Energy and water"), "ENER"),
        Theme("transport", "10", Text("運輸・観光", "Transport and tourism"), "TRAN"),
        Theme("technology", "11", Text("情報通信・科学技術", "Information, communication, science"), "TECH"),
        Theme("education", "12", Text("教育・文化・スポーツ・生活", "Education, culture, sports and life"), "EDUC"),
        Theme("government", "13", Text("行財政", "Administration and public finance"), "GOVE"),
        Theme("safety", "14", Text("司法・安全・環境", "Justice, safety and environment"), "ENVI"),
        Theme("welfare", "15", Text("社会保障・衛生", "Social security and health"), "HEAL"),
        Theme("international", "16", Text("国際", "International"), "INTR"),
        Theme("other", "17", Text("その他", "Other"), "OP_DATPRO"),
    )
}
