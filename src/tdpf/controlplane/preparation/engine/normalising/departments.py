"""Departments of medicine by the short forms that headings and lists of clinics use."""

from __future__ import annotations

_FULL = {
    "内": "内科",
    "外": "外科",
    "小": "小児科",
    "小児": "小児科",
    "歯": "歯科",
    "眼": "眼科",
    "皮": "皮膚科",
    "整": "整形外科",
    "整外": "整形外科",
    "産": "産科",
    "婦": "婦人科",
    "産婦": "産婦人科",
    "耳": "耳鼻咽喉科",
    "耳鼻": "耳鼻咽喉科",
    "泌": "泌尿器科",
    "精": "精神科",
    "神内": "神経内科",
    "脳外": "脳神経外科",
    "循": "循環器内科",
    "呼内": "呼吸器内科",
    "消内": "消化器内科",
    "放": "放射線科",
    "麻": "麻酔科",
    "リハ": "リハビリテーション科",
    "心内": "心療内科",
    "形外": "形成外科",
    "小外": "小児外科",
    "矯歯": "矯正歯科",
    "小歯": "小児歯科",
    "口外": "歯科口腔外科",
}


def written_out(listed: str) -> str:
    """Return a list of departments, parted by semicolons, with every short form written out."""
    words: list[str] = []
    for word in listed.split(";"):
        parts = word.split("・")
        words.extend(parts if all(part in _FULL for part in parts) else [word])
    return ";".join(_FULL.get(word, word) for word in words)
