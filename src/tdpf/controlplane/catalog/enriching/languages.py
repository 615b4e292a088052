"""Languages: ISO 639-1, -2 and -3 codes, tags such as ja-JP, EU addresses and names → ISO 639-1; by script where not stated."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.controlplane.catalog.vocabularies.languages import EU_LANGUAGES, LANGUAGES
from tdpf.kit.text import Text

_NAMES: dict[str, str] = {}
for _code, _others in (
    ("ja", "ja jpn jp japanese 日本語 和文 nihongo 日本"),
    ("en", "en eng english 英語 英文"),
    ("zh", "zh zho chi chn cn chinese 中国語 中文 簡体字 繁体字 中国語簡体字 中国語繁体字 简体中文 繁體中文 中国語(簡体字) 中国語(繁体字) cmn mandarin"),
    ("ko", "ko kor kr korean 韓国語 韓国・朝鮮語 朝鮮語 ハングル 한국어"),
    ("vi", "vi vie vietnamese ベトナム語 tiếngviệt"), ("ne", "ne nep npi nepali ネパール語"),
    ("tl", "tl tgl fil filipino tagalog タガログ語 フィリピノ語 フィリピン語"), ("pt", "pt por portuguese ポルトガル語 português"),
    ("es", "es spa spanish スペイン語 español"), ("fr", "fr fra fre french フランス語 仏語 français"),
    ("de", "de deu ger german ドイツ語 独語 deutsch"), ("ru", "ru rus russian ロシア語 露語 русский"),
    ("th", "th tha thai タイ語"), ("id", "id ind indonesian インドネシア語"), ("my", "my mya bur burmese myanmar ミャンマー語 ビルマ語"),
):  # fmt: skip
    for _name in _others.split():
        _NAMES[_name] = _code
_NAMES |= {three.lower(): two for two, three in EU_LANGUAGES.items()}
_KANA = re.compile(r"[\u3041-\u30fa\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z]")
_NOT_KNOWN = Text("言語の一覧にありません。", "It is not in the list of languages.")


def read_languages(stated: Iterable[str], words: str) -> Reading[tuple[str, ...]]:
    """Return language codes; nothing understood: the script of `words` (title and description) decides, and says so."""
    notes: list[Note] = []
    found: dict[str, None] = {}
    for entry in list(stated)[:50]:
        for piece in re.split(r"[,、;/|\s]+", entry[:300]) if "://" not in entry else [entry]:
            if not piece.strip():
                continue
            code = language_code(piece)
            if code:
                found[code] = None
            else:
                notes.append(Note(field="languages", stated=piece, reason=_NOT_KNOWN))
    if found:
        return Reading(tuple(found), notes=tuple(notes))
    code = by_script(words)
    if not code:
        return Reading((), notes=tuple(notes))
    label = LANGUAGES[code]
    reason = Text(f"題名と説明が{label.ja}で書かれているため", f"Title and description are written in {label.en}.")
    return Reading((code,), reason, "script", tuple(notes))


@lru_cache(maxsize=2000)
def language_code(stated: str) -> str:
    """Return the ISO 639-1 code of a code, a tag, an address or a name, or ""."""
    words = unicodedata.normalize("NFKC", stated).strip().casefold()
    if "://" in words:
        words = re.split(r"[/#]", words.rstrip("/#"))[-1]
    return _NAMES.get(words) or _NAMES.get(re.split(r"[-_]", words, maxsplit=1)[0], "")


def by_script(words: str) -> str:
    """Return "ja", "ko", "zh" or "en" by the script, or "" where there are no letters to judge by."""
    sample = words[:2000]
    if _KANA.search(sample):
        return "ja"
    if _HANGUL.search(sample):
        return "ko"
    if _HAN.search(sample):
        return "ja"
    return "en" if len(_LATIN.findall(sample)) >= 3 else ""
