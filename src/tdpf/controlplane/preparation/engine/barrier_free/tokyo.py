"""From and to the records of the Tokyo welfare bureau's list of toilets for wheelchairs, nothing lost on the way.

What the flat form has a column for goes there; every other difference between the record and what can be made of the columns is kept
as paths and values in 元の記録, so that the record can be written again exactly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.barrier_free.forms import Flat, schema

Record = dict[str, Any]

_TEXTS = {
    "id": "便房ID",
    "facility_id": "施設ID",
    "facility_name": "施設名称",
    "prefecture": "所在地_都道府県",
    "address": "所在地_連結表記",
    "building_name": "建物名等(方書)",
    "toilet_name": "区画名称",
    "floor": "階",
    "gender_type": "利用区分",
    "door_type": "扉の形式",
    "other_hours_info": "利用可能時間特記事項",
    "notes": "備考",
}
_NUMBERS = {
    "manager_type_id": "管理者",
    "department_id": "管理部署",
    "facility_type_id": "施設種別",
    "toilet_seq_id": "便房番号",
}
_FUNCTIONS = {
    "has_braille_blocks": "点字ブロック",
    "has_voice_guidance": "音声案内",
    "is_wheelchair_accessible": "車椅子使用者対応",
    "has_wheelchair_turning_space": "車椅子転回スペース",
    "has_backrest": "背もたれ",
    "has_handrails": "手すり",
    "has_ostomate_facilities": "オストメイト用設備",
    "has_warm_water_ostomate": "オストメイト用温水",
    "has_large_bed": "大型ベッド",
    "has_diaper_changing_table": "おむつ交換台",
    "has_baby_chair": "乳幼児用椅子",
    "has_emergency_call_button": "非常呼出ボタン",
}
_DAYS = {
    "monday": "月",
    "tuesday": "火",
    "wednesday": "水",
    "thursday": "木",
    "friday": "金",
    "saturday": "土",
    "sunday": "日",
}
_FLAGS = {1: "有", 0: "無"}


def from_tokyo(record: Mapping[str, Any]) -> Flat:
    """Return a record in the flat form."""
    found: Flat = dict.fromkeys(schema().names)
    for key, name in _TEXTS.items():
        found[name] = _text(record.get(key))
    for key, name in _NUMBERS.items():
        found[name] = _text(record.get(key))
    location = record.get("location")
    if isinstance(location, Mapping):
        found["緯度"], found["経度"] = _text(location.get("latitude")), _text(location.get("longitude"))
    features = record.get("features")
    if isinstance(features, Mapping):
        for key, name in _FUNCTIONS.items():
            flag = features.get(key)
            found[name] = _FLAGS.get(flag) if isinstance(flag, int) else None
    found["利用時間"], start, end = _hours(record.get("opening_hours"))
    if start and end:
        found["利用開始時間"], found["利用終了時間"] = start, end
    photos = record.get("photos")
    if isinstance(photos, Mapping):
        found["画像"] = ";".join(str(photo) for photo in photos.values() if photo) or None
    metadata = record.get("metadata")
    if isinstance(metadata, Mapping):
        found["登録年月"] = _text(metadata.get("created_date"))
        found["最終確認日"] = _text(metadata.get("updated_date"))
    rest = _differences(dict(record), _rebuilt(found), [])
    found["元の記録"] = json.dumps(rest, ensure_ascii=False, separators=(",", ":")) if rest else None
    return found


def to_tokyo(row: Mapping[str, str | None]) -> Record:
    """Return the record a row came from; a row from elsewhere gives a record of what the columns say."""
    rebuilt = _rebuilt(row)
    kept = row.get("元の記録")
    for entry in json.loads(kept) if kept else []:
        path, *value = entry
        _put(rebuilt, path, value)
    return rebuilt


def _rebuilt(row: Mapping[str, str | None]) -> Record:
    record: Record = {key: row.get(name) for key, name in _TEXTS.items()}
    for key, name in _NUMBERS.items():
        value = row.get(name)
        record[key] = int(value) if value and value.isdigit() and str(int(value)) == value else value
    record["location"] = {"longitude": _number(row.get("経度")), "latitude": _number(row.get("緯度"))}
    record["features"] = {key: {"有": True, "無": False}.get(row.get(name) or "") for key, name in _FUNCTIONS.items()}
    record["metadata"] = {"created_date": row.get("登録年月"), "updated_date": row.get("最終確認日")}
    return record


def _hours(value: Any) -> tuple[str | None, str | None, str | None]:
    """Return the hours day by day as text, and start and end when every stated day has the same."""
    if not isinstance(value, list) or not value:
        return None, None, None
    parts, spans = [], set()
    for entry in value:
        if not isinstance(entry, Mapping):
            continue
        hours = entry.get("hours") if isinstance(entry.get("hours"), Mapping) else {}
        day = _DAYS.get(str(entry.get("day")), str(entry.get("day_name") or ""))
        start, end = (hours or {}).get("start"), (hours or {}).get("end")
        said = f"{start}-{end}" if start and end else str((hours or {}).get("note") or "")
        parts.append(f"{day} {said}".strip())
        spans.add((start, end))
    only = spans.pop() if len(spans) == 1 else (None, None)
    return ";".join(dict.fromkeys(parts)) or None, only[0], only[1]


def _differences(wanted: Any, there: Any, path: list[str]) -> list[list[Any]]:
    """Return [path, value] for what differs, [path] for what must not be there."""
    if isinstance(wanted, dict) and isinstance(there, dict):
        found = []
        for key in {**there, **wanted}:
            if key not in wanted:
                found.append([[*path, key]])
            elif key not in there:
                found.append([[*path, key], wanted[key]])
            else:
                found.extend(_differences(wanted[key], there[key], [*path, key]))
        return found
    same = wanted == there and type(wanted) is type(there)
    return [] if same else [[path, wanted]]


def _put(record: Record, path: list[str], value: list[Any]) -> None:
    at = record
    for key in path[:-1]:
        at = at.setdefault(key, {})
    if value:
        at[path[-1]] = value[0]
    else:
        at.pop(path[-1], None)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
