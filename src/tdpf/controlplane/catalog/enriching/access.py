"""Access rights of any vocabulary → PUBLIC, RESTRICTED, NON_PUBLIC (EU authority table "access-right")."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.kit.text import Text

_RIGHTS = (
    ("NON_PUBLIC", r"non[_\- ]?public|非公開|not[_\- ]?public|confidential|closed|private|内部|sensitive|取扱い?注意"),
    ("RESTRICTED", r"restricted|制限|限定|条件|会員|要申請|申請が必要|要登録|有償|有料|有償提供|paid|契約|embargo|conditional|limited"),
    ("PUBLIC", r"public|公開|open|オープン|無償|無料|free|制限なし|自由|誰でも|一般"),
)  # fmt: skip
_PAID = re.compile(r"有償|有料|\bpaid\b|fee")
_NO_LIMIT = re.compile(
    r"制限(?:は|が)?(?:なし|無し|ありません)|条件(?:は|が)?(?:なし|無し)|no (?:limitations?|restrictions?)|nolimitations|無制限|unrestricted"
)
_NOT_KNOWN = Text("公開・制限あり・非公開の、どれか分かりません。", "It is neither public, restricted nor non-public.")
_LISTED = Text(
    "公開のカタログに、制限の記載なく載っているため",
    "It is listed in a public catalogue without a word of restriction.",
)


def read_access(stated: str) -> Reading[tuple[str, str]]:
    """Return (access rights code or "", access here: open, conditional or paid)."""
    if not stated.strip():
        return Reading(("", "open"), _LISTED, "listed")
    rights = access_code(stated[:300])
    if not rights:
        note = Note(field="access_rights", stated=stated, reason=_NOT_KNOWN)
        return Reading(("", "open"), _LISTED, "listed", (note,))
    if rights == "PUBLIC":
        return Reading((rights, "open"))
    return Reading((rights, "paid" if _PAID.search(stated) else "conditional"))


@lru_cache(maxsize=2000)
def access_code(stated: str) -> str:
    """Return the EU code for words, a code or an address, or ""."""
    words = unicodedata.normalize("NFKC", stated).strip().casefold()
    if "://" in words:
        words = re.split(r"[/#]", words.rstrip("/#"))[-1]
    if _NO_LIMIT.search(words):
        return "PUBLIC"
    for code, pattern in _RIGHTS:
        if re.search(pattern, words):
            return code
    return ""
