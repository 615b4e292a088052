"""What can be wrong with a gazetteer or the files it is made of, each with what to do about it."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class GazetteerDamaged(Problem):
    """The file is no gazetteer, or its content does not fit its checksums."""

    code: ClassVar[str] = "preparation/gazetteer-damaged"
    status: ClassVar[int] = 500
    title = Text("住所辞書が壊れています", "The gazetteer is damaged")
    detail = Text("住所辞書 {file} を読めません: {why_ja}", "The gazetteer {file} cannot be read: {why_en}")
    cure = Text(
        "`tdpf gazetteer build --from …` で作り直してください。ファイルを除けば、市区町村までの住所として動きます。",
        "Make it again with `tdpf gazetteer build --from …`. Without the file, addresses are placed down to municipalities.",
    )


class GazetteerOther(Problem):
    """The file is a gazetteer of another version of the format."""

    code: ClassVar[str] = "preparation/gazetteer-other-version"
    status: ClassVar[int] = 500
    title = Text("住所辞書の版が違います", "The gazetteer is of another version")
    detail = Text(
        "住所辞書 {file} は形式 {found} で、この版が読むのは形式 {wanted} です。",
        "The gazetteer {file} has format {found}; this version reads format {wanted}.",
    )
    cure = Text(
        "`tdpf gazetteer build --from …` で作り直してください。",
        "Make it again with `tdpf gazetteer build --from …`.",
    )


class NoPlaceFiles(Problem):
    """None of the files has places in a format that is known."""

    code: ClassVar[str] = "preparation/no-place-files"
    status: ClassVar[int] = 422
    title = Text("住所の位置のファイルがありません", "No file holds places")
    detail = Text(
        "渡されたもの（{given}）に、知っている形式のファイルがありません。{why_ja}",
        "Nothing that was given ({given}) is of a known format. {why_en}",
    )
    cure = Text(
        "アドレス・ベース・レジストリ（CSV・ZIP）、位置参照情報（CSV・ZIP）、Geolonia 住所データ（CSV・JSON）のどれかを渡してください。形式の一覧は docs/reference/addresses.md にあります。",
        "Give files of the Address Base Registry (CSV, ZIP), of 位置参照情報 (CSV, ZIP) or of Geolonia (CSV, JSON); docs/reference/addresses.md lists the formats.",
    )


class PlaceFileBroken(Problem):
    """A file of a known format has a line that cannot be read."""

    code: ClassVar[str] = "preparation/place-file-broken"
    status: ClassVar[int] = 422
    title = Text("住所の位置のファイルを読めません", "A file of places cannot be read")
    detail = Text("{file} の {where} を読めません: {why_ja}", "{file} cannot be read at {where}: {why_en}")
    cure = Text(
        "配布元からもう一度取り出して、そのまま渡してください。",
        "Get the file again from its publisher and hand it in unchanged.",
    )
