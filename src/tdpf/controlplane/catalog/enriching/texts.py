"""Words of strangers made fit to show: plain text without markup or control characters, of bounded length."""

from __future__ import annotations

import html
import re
import unicodedata

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNSEEN = re.compile(
    r"<(script|style|template|noscript|iframe|svg)\b[^>]{0,2000}>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/ul|/ol|hr)\b[^<>]{0,500}/?>", re.IGNORECASE)
_ITEM = re.compile(r"<li\b[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^()\s]{0,2000}\)")
_LINK = re.compile(r"(?<!!)\[([^\]\n]{1,300})\]\((https?://[^()\s]{1,2000})\)")
_MAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
_BEHIND_HOST = re.compile(r"[/?#]")
_HOST = re.compile(r"(?:[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?")
_BLANKS = re.compile(r"\n{3,}")
_MAX_READ = 200_000


def clean(text: object, limit: int) -> str:
    """Return one line in NFC, without control characters and doubled spaces, cut at `limit` characters with an ellipsis."""
    return _cut(" ".join(_sound(text, limit * 4 + 1000).split()), limit) if text else ""


def plain(text: object, limit: int) -> str:
    """Return paragraphs of plain text: markup is taken away and never interpreted, line breaks stay."""
    if not text:
        return ""
    words = _sound(text, _MAX_READ).replace("\r\n", "\n").replace("\r", "\n")
    if "<" in words:
        words = _without_markup(words)
    if "&" in words:
        words = html.unescape(words)
        if "<" in words and _TAG.search(words):
            words = _without_markup(words)
        words = _CONTROL.sub("", _SURROGATE.sub("", words))
    if "](" in words:
        words = _LINK.sub(r"\1（\2）", _IMAGE.sub(r"\1", words))
    lines = [" ".join(line.split()) for line in words.split("\n")]
    return _cut(_BLANKS.sub("\n\n", "\n".join(lines)).strip(), limit)


def web_address(text: object, limit: int) -> str:
    """Return the http(s) address the words hold, or "": credentials, spaces and signs that break markup are refused."""
    words = _sound(text, limit + 1).strip() if text else ""
    if not words or len(words) > limit or not _ADDRESS.fullmatch(words):
        return ""
    host = _BEHIND_HOST.split(words.split("://", 1)[1], maxsplit=1)[0]
    if "@" in host or not _HOST.fullmatch(host):
        return ""
    return words


def mail_address(text: object) -> str:
    """Return the mail address the words hold (mailto: is taken away), or ""."""
    words = _sound(text, 300).strip()
    if words[:7].casefold() == "mailto:":
        words = words[7:].split("?", 1)[0]
    return words if len(words) <= 254 and _MAIL.fullmatch(words) else ""


def _without_markup(words: str) -> str:
    words = _COMMENT.sub(" ", _UNSEEN.sub(" ", words))
    words = _ITEM.sub("・", _BREAK.sub("\n", words))
    return _TAG.sub("", words)


def _sound(text: object, limit: int) -> str:
    words = text if isinstance(text, str) else "" if text is None else str(text)
    words = unicodedata.normalize("NFC", words[:limit])
    if words.isprintable() and not ("\ufffc" in words or "\ufffd" in words):
        return words
    return _CONTROL.sub("", _SURROGATE.sub("", words))


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"
