"""What a library met in broken bytes, said for people in both languages; a library says it in English alone, if at all."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
import zipfile
import zlib

from tdpf.controlplane.preparation.engine.errors import Damaged
from tdpf.kit.text import Text

_CUT = Text("途中で切れているか、中身が壊れています", "it is cut off, or its content is damaged")
_PACKED = Text("圧縮された中身が壊れているか、途中で切れています", "what is packed in it is damaged, or it is cut off")
_LETTERS = Text("文字として読めないバイトがあります", "it has bytes that are no characters")
DOCTYPE = Text("実体宣言（DTD）を含んでいます", "it declares entities or a DOCTYPE")
TOO_DEEP = Text("入れ子が深すぎます", "it is nested too deeply")
NO_PICTURE = Text("画像として読めません", "it is no picture")
NO_PAGES = Text("ページがありません", "it has no pages")
ZIP_BROKEN = Text("ZIPが途中で切れているか壊れています", "the ZIP is cut off or damaged")


def damaged(name: str, form: str, why: Text, *, part: str = "", words: str = "") -> Damaged:
    """Return the problem of a damaged file; `part` of it, and the library's own `words`, are for those who mend such files."""
    at = f"（{part}）" if part else ""
    said = " ".join(words.split())[:200]
    return Damaged(
        file=name,
        format=form,
        why_ja=f"{why.ja}{at}",
        why_en=f"{why.en}{f' ({part})' if part else ''}{f': {said}' if said else ''}",
    )


def met(name: str, form: str, fault: BaseException, *, part: str = "") -> Damaged:
    """Return the problem of a file in whose bytes a library met this fault."""
    return damaged(name, form, _why(fault), part=part, words=str(fault))


def _why(fault: BaseException) -> Text:
    match fault:
        case ET.ParseError():
            line, column = fault.position
            return Text(
                f"{line}行{column + 1}文字目で、XMLの書き方が正しくありません",
                f"its XML is wrong at line {line}, column {column + 1}",
            )
        case json.JSONDecodeError():
            return Text(
                f"{fault.lineno}行{fault.colno}文字目で、JSONの書き方が正しくありません",
                f"its JSON is wrong at line {fault.lineno}, column {fault.colno}",
            )
        case UnicodeError():
            return _LETTERS
        case zlib.error() | zipfile.BadZipFile():
            return _PACKED
        case _:
            return _CUT
