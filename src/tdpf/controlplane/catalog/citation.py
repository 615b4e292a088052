"""How to cite a dataset, in the form its licence asks for; pure functions of its page.

PDL1.0: 公共データ利用規約（第1.0版）「1 出典の記載について」. CC: the TASL form (title, author, source, licence).
"""

from __future__ import annotations

from datetime import date

from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.catalog.vocabularies.licences import LICENCES
from tdpf.kit.clock import jst_date
from tdpf.kit.text import Text

_BIBTEX = str.maketrans(
    {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
     "^": r"\^{}", "~": r"\~{}"}
)  # fmt: skip


def citation(page: DatasetPage, *, url: str, used_on: date, made_by: str = "") -> Text:
    """Return the words to put beside the data; `url` is the address that `cited_from` gives.

    With `made_by` (who edited the data) it is the form for edited data (加工して作成).
    """
    source_ja, source_en = _source(page, url, used_on)
    if not made_by:
        return Text(f"出典：{source_ja}", f"Source: {source_en}")
    return Text(f"{source_ja}を加工して{made_by}が作成", f"Created by {made_by} by editing {source_en}")


def cited_from(page: DatasetPage, *, own: str) -> str:
    """Return the address to cite: `own` for what is registered here, else the publisher's page, else the other site's."""
    if page.origin == "registered":
        return own
    return page.landing_url or next((place.url for place in page.places if place.url), own)


def edited_citation(page: DatasetPage, *, url: str, used_on: date) -> Text:
    """Return the form for edited data with a gap for the name of the one who edits."""
    return citation(page, url=url, used_on=used_on, made_by="○○")


def bibtex(page: DatasetPage, *, url: str, used_on: date) -> str:
    """Return a BibTeX entry; double braces keep an organisation's name and a title as they are written."""
    published = jst_date(page.published_at or page.created_at)
    latest = page.main.latest if page.main else None
    fields = {
        "author": f"{{{_escaped(author_of(page).ja)}}}",
        "title": f"{{{_escaped(page.title.ja)}}}",
        "year": str(published.year),
        "publisher": "{TDPF（東京データプラットフォーム）}",
        "version": str(latest.number) if latest else "",
        "howpublished": f"\\url{{{url}}}",
        "note": _escaped(f"{_licence_name(page).en}. Accessed {used_on.isoformat()}"),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{page.slug},", *lines, "}"])


def author_of(page: DatasetPage) -> Text:
    """Return who is to be named: the attribution the provider asks for, else the provider."""
    return Text(page.attribution, page.attribution) if page.attribution else page.provider.name


def _source(page: DatasetPage, url: str, used_on: date) -> tuple[str, str]:
    author, licence = author_of(page), _licence_name(page)
    day_ja = f"{used_on.year}年{used_on.month}月{used_on.day}日"
    day_en = used_on.isoformat()
    if page.licence == "PDL-1.0":
        return (
            f"「{page.title.ja}」（{author.ja}）（{url}）、PDL1.0（{page.licence_url}）（{day_ja}に利用）",
            f"“{page.title.en}” ({author.en}) ({url}), PDL1.0 ({page.licence_url}) (used on {day_en})",
        )
    if page.licence == "GJSTU-2.0":
        return (
            f"{author.ja}「{page.title.ja}」（{url}）（{day_ja}に利用）",
            f"{author.en}, “{page.title.en}” ({url}) (used on {day_en})",
        )
    terms_ja = f"、{licence.ja}" + (f"（{page.licence_url}）" if page.licence_url else "")
    terms_en = f", {licence.en}" + (f" ({page.licence_url})" if page.licence_url else "")
    return (
        f"「{page.title.ja}」（{author.ja}）（{url}）{terms_ja}（{day_ja}に利用）",
        f"“{page.title.en}” ({author.en}) ({url}){terms_en} (used on {day_en})",
    )


def _licence_name(page: DatasetPage) -> Text:
    known = LICENCES.get(page.licence)
    return page.licence_name if page.licence == "custom" or known is None else known.label


def _escaped(text: str) -> str:
    return text.translate(_BIBTEX)
