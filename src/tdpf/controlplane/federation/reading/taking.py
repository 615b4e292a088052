"""Taking values out of a stranger's record: always clean text of bounded length, and a word for everything left out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.federation.types import LeftOut
from tdpf.kit.text import Text

KEY = 500
TITLE = 500
LINE = 1000
PROSE = 50_000
ADDRESS = 2000
DATE = 100
MANY = 500
ORIGINAL = 2 * 1024 * 1024
_DEPTH = 20
# Control characters, halves of surrogate pairs, marks that turn the direction of writing, and what is no character.
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_SPACES = re.compile(r"\s+")
# What stands where a date could and says that there is none, or that a time goes on.
_NO_DATE = re.compile(
    r"[\W_]*|なし|無し|無|不明|未定|n/?a|none|null|unknown|現在|present|now|9999-12-31\b.*", re.IGNORECASE
)
_SCHEMES = ("http", "https", "ftp", "ftps")

MALFORMED = Text("レコードの形が正しくありません", "the record is malformed")
NO_KEY = Text("レコードに識別子がありません", "the record has no key")
NO_TITLE = Text("タイトルがありません", "there is no title")
SAME_KEY = Text("同じ識別子のレコードが既にあります", "another record has the same key")
NOT_PUBLIC = Text("公開されていません（{state}）", "it is not public ({state})")
_TOO_LONG = Text("{length} 文字あり、{limit} 文字で切りました", "it has {length} characters and was cut at {limit}")
TOO_MANY = Text("{count} 個あり、最初の {limit} 個だけ取りました", "there are {count}; the first {limit} were taken")
_BAD_TEXT = Text("使えない文字を除きました", "characters that are not text were taken out")
NO_ADDRESS = Text("ファイルの場所（URL）がありません", "there is no address of the file")
BAD_ADDRESS = Text("アドレスとして読めません", "it is not an address")
BAD_DATE = Text(
    "日付として読めません（{words}）。書かれた言葉のまま残します",
    "it is no date that can be read ({words}); the words are kept as they stand",
)
_BAD_NUMBER = Text("数として読めません", "it is not a number")
_TOO_DEEP = Text(
    "元のJSONが大きすぎるか深すぎるため、保存しません", "the original JSON is too large or too deep to be kept"
)


def joined(base: str, href: str) -> str:
    """Return a link of a page as a whole address, "" when it is none (`http://[`, control characters)."""
    if _BAD.search(href):
        return ""
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def clean(text: str) -> str:
    """Return a text without the characters that are none."""
    return _BAD.sub("", text) if _BAD.search(text) else text


class Taking:
    """Takes the values of one record; `left_out` collects what could not be taken, with its part."""

    __slots__ = ("left_out", "record_id", "where")

    def __init__(self, where: str, record_id: str = "") -> None:
        self.where = where
        self.record_id = record_id
        self.left_out: list[LeftOut] = []

    def text(self, value: object, part: str, *, limit: int = LINE) -> str:
        """Return a value as one line of clean text; of several languages the Japanese one, of a list the first."""
        if value is None or value == "":
            return ""
        plain = self.prose(value, part, limit=limit)
        if "\n" in plain or "\t" in plain or "\r" in plain or "  " in plain:
            return _SPACES.sub(" ", plain)
        return plain

    def prose(self, value: object, part: str, *, limit: int = PROSE) -> str:
        """Return a value as clean text; lines are kept."""
        if not isinstance(value, str):
            value = _flat(value)
        if not value:
            return ""
        length = len(value)
        if length > limit:
            value = value[:limit]
            self.leave(part, "too-long", _TOO_LONG.filled({"length": length, "limit": limit}))
        if _BAD.search(value):
            value = _BAD.sub("", value)
            self.leave(part, "bad-text", _BAD_TEXT)
        return value.strip()

    def key(self, value: object, part: str) -> str:
        """Return a value as a key of at most 500 characters; a longer one keeps its beginning and becomes a digest."""
        return short_key(self.text(value, part, limit=100_000))

    def texts(self, value: object, part: str, *, limit: int = LINE, many: int = MANY) -> tuple[str, ...]:
        """Return a list of clean texts in order, each once; a list written as JSON or with braces in a text is read too."""
        found = several(value)
        if len(found) > many:
            self.leave(part, "too-long", TOO_MANY.filled({"count": len(found), "limit": many}))
            found = found[:many]
        return tuple(dict.fromkeys(text for entry in found if (text := self.text(entry, part, limit=limit))))

    def address(self, value: object, part: str, *, at: str = "") -> str:
        """Return an http(s) or ftp address, made absolute from `at`; anything else is left out."""
        plain = self.text(value, part, limit=ADDRESS)
        if not plain:
            return ""
        try:
            whole = urljoin(at, plain) if at and not plain.lower().startswith(("http://", "https://")) else plain
            parts = urlsplit(whole)
            fits = parts.scheme.lower() in _SCHEMES and bool(parts.hostname) and " " not in parts.netloc
        except ValueError:
            fits = False
        if not fits:
            self.leave(part, "bad-value", BAD_ADDRESS)
            return ""
        return whole.replace(" ", "%20")

    def moment(self, value: object, part: str) -> str:
        """Return what is said as a moment or a day, as it stands; words that name none are kept and told."""
        words = self.text(value, part, limit=DATE)
        return self._dated(words, part, is_read=catalog.names_a_moment(words))

    def day(self, value: object, part: str) -> str:
        """Return what is said as the end of a period, as `moment` does; a month, a year or 令和5年度 is a good one."""
        words = self.text(value, part, limit=DATE)
        return self._dated(words, part, is_read=catalog.names_days(words))

    def _dated(self, words: str, part: str, *, is_read: bool) -> str:
        if not is_read and not _NO_DATE.fullmatch(words):
            self.leave(part, "bad-value", BAD_DATE.filled({"words": words}))
        return words

    def size(self, value: object, part: str) -> int | None:
        """Return a number of bytes, None when there is none or it is no number."""
        if value is None or value == "" or isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return int(value) if 0 <= value < 2**62 else None
        plain = str(value).strip().replace(",", "")
        if plain.isascii() and plain.isdigit() and len(plain) < 19:
            return int(plain)
        try:
            number = float(plain[:40])
        except ValueError:
            self.leave(part, "bad-value", _BAD_NUMBER)
            return None
        return int(number) if 0 <= number < 2**62 else None

    def original(self, record: object) -> str:
        """Return the record as JSON text, "" when it is too large or too deep to be kept."""
        return self.original_text(_as_json(record))

    def original_text(self, text: str) -> str:
        """Return a record that already is text, "" when it is too large or none."""
        if not text or len(text) > ORIGINAL:
            self.leave("original", "too-deep", _TOO_DEEP)
            return ""
        return text

    def leave(self, part: str, code: str, why: Text) -> None:
        """Note that a part was left out."""
        self.left_out.append(LeftOut(record_id=self.record_id, where=self.where, code=code, why=why, part=part))

    def refusal(self, code: str, why: Text) -> LeftOut:
        """Return the fault that leaves the whole record out."""
        return LeftOut(record_id=self.record_id, where=self.where, code=code, why=why)


def short_key(text: str) -> str:
    """Return a key of at most 500 characters that differs when the text does."""
    if len(text) <= KEY:
        return text
    return f"{text[: KEY - 41]}#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:40]}"


def several(value: object) -> list[object]:
    """Return a value as a list: of a list its entries, of a text that is a JSON list or `{a,b}` what it holds."""
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str):
        plain = value.strip()
        if plain.startswith("[") and plain.endswith("]"):
            parsed = _list(plain)
            if parsed is not None:
                return parsed
        if plain.startswith("{") and plain.endswith("}") and '":' not in plain:
            return [entry.strip(' "') for entry in plain[1:-1].split(",") if entry.strip(' "')]
        return [plain] if plain else []
    return [value]


def mapping(value: object) -> Mapping[str, Any]:
    """Return a value if it is a mapping, else an empty one; a JSON object in a text is read."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            parsed = orjson.loads(value.encode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            return {}
        return parsed if isinstance(parsed, dict) else {}
    return {}


def in_language(value: object, language: str) -> object:
    """Return the text of one language out of `{"ja": …, "en": …}`, None when it is not such a mapping."""
    found = mapping(value)
    for key, text in found.items():
        if str(key).lower().replace("_", "-").split("-")[0] == language:
            return text
    return None


def first(values: Iterable[object]) -> object:
    """Return the first value that says something."""
    for value in values:
        if value or value not in (None, "", [], {}):
            return value
    return None


def _flat(value: object, depth: int = 0) -> str:
    if value is None or isinstance(value, bool) or depth > _DEPTH:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return next(
            (text for entry in value if (text := entry if isinstance(entry, str) else _flat(entry, depth + 1))), ""
        )
    if isinstance(value, dict):
        for key in ("ja", "ja-JP", "@value", "#text", "name", "title", "label", "value", "en"):
            if isinstance(value.get(key), str) and value[key]:
                return str(value[key])
        return next((text for text in value.values() if isinstance(text, str) and text), "")
    return str(value) if isinstance(value, str) else ""


def _list(text: str) -> list[object] | None:
    try:
        parsed = orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, list) else None


def _as_json(record: object) -> str:
    try:
        return orjson.dumps(record, option=orjson.OPT_NON_STR_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError):
        pass
    try:
        import json

        return json.dumps(record, ensure_ascii=True, default=str)
    except (ValueError, TypeError, RecursionError):
        return ""
