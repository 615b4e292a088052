"""The name of a list's things: where no column is surely it, the one that can only be it, since a list without names helps nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tdpf.controlplane.preparation.engine.cells import spoken_name
from tdpf.controlplane.preparation.engine.mapping.nameless import are_names, is_nameless
from tdpf.controlplane.preparation.engine.mapping.names import SURE, fold
from tdpf.controlplane.preparation.engine.mapping.samples import Sampled
from tdpf.controlplane.preparation.engine.mapping.types import Suggestion
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField
from tdpf.controlplane.preparation.engine.types import ColumnFound

_LIKELY = 0.6
_FULL = 0.9
_NAMED = re.compile(r"(?:名|名称|なまえ|name|title|タイトル)$", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"[長者員人主師役生児氏姓苗](?:の)?名|担当|代表|管理|所有|連絡|責任|申請|届出|作[者成]|撮影|市|町|村|区|県|地[域方名]|部署|課|室|係|団体|法人|会社|企業|運営|設置者|主催|駅|路線|画像|写真|ファイル|カナ|かな|フリガナ|ふりがな|英"
    r"|別|通称|建物|ビル|サイト|リンク|コード|分類|種|区分|ジャンル|商品|メニュー|機種|型|author|user|file|image|category|type|kana|organi[sz]ation|company|city|person|staff",
    re.IGNORECASE,
)


def name_of_rows(
    columns: Sequence[ColumnFound],
    samples: Sequence[Sampled],
    table: Sequence[Sequence[Suggestion]],
    targets: Sequence[SchemaField],
    taken: Collection[str],
) -> dict[int, str]:
    """Return {place: field} of the one column that must be the required name of the rows; nothing where the name is taken or several may be it.

    A column that says "name" itself and of nothing else (店名) comes first, then one that looked like the name and was given to
    a field that may stay empty (設置場所).
    """
    at = next((at for at, field in enumerate(targets) if field.required and field.concept == "name"), None)
    if at is None or targets[at].name in taken:
        return {}
    address = next((field for field in targets if field.concept == "address"), None)
    able = [
        place
        for place, (column, cells) in enumerate(zip(columns, samples, strict=True))
        if not is_nameless(column) and _may_name(cells, address)
    ]
    required = {field.name for field in targets if field.required}
    speaking = [
        place
        for place in able
        if _NAMED.search(fold(spoken_name(columns[place].name)))
        and not _OF_OTHERS.search(columns[place].name)
        and all(entry.score < SURE for entry in table[place])
    ]
    likely = [
        place
        for place in able
        if table[place][at].score >= _LIKELY
        and not any(entry.score >= SURE and entry.target in required for entry in table[place])
    ]
    found = speaking or likely
    return {found[0]: targets[at].name} if len(found) == 1 else {}


def _may_name(cells: Sampled, address: SchemaField | None) -> bool:
    if not cells.sample or cells.filled < _FULL * len(cells.values) or not are_names(cells):
        return False
    return address is None or not cells.against(address).specific
