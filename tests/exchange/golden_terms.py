"""The golden files of terms: what each ready-made set of terms looks like in every form.

`python tests/exchange/golden_terms.py` writes the renderings anew after a wanted change of wording. The stored form
(`*.terms.json` and `*.sha256`) is written once and never again: offers and agreements are named by that hash.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from tdpf.controlplane.exchange import cadde, odrl
from tdpf.controlplane.exchange.patterns import PATTERNS, PRESETS
from tdpf.controlplane.exchange.terms import terms_from_mapping, terms_json, terms_sha256
from tdpf.controlplane.exchange.types import Terms
from tdpf.controlplane.exchange.words import clauses

FOLDER = Path(__file__).parent / "golden"
EVERYTHING = {
    "access": "conditional",
    "audience": ["npos", "universities", "companies"],
    "purposes": ["research", "medical", "other", "consult"],
    "purposes_note": "高齢者の見守り, 介護（予防）",
    "regions": ["japan", "other"],
    "regions_note": "台湾(台北市)",
    "period_start": "2026-12-01",
    "period_end": "2028-03-31",
    "period_months": 24,
    "redistribution": "consult",
    "secondary_use": "consult",
    "disclosure": "group",
    "attribution": "required",
    "attribution_text": "出典: 見本市「施設一覧」",
    "quota_day": 1200,
    "quota_month": 20000,
    "rate_plan": "r1",
    "approval": "reviewed",
    "notice_days": 1,
    "information_management": "strict",
    "information_management_note": "保管場所を年に一度知らせてください。",
    "confidentiality": True,
    "columns": ["施設名", "住所", "緯度", "経度"],
    "notices_ja": "夜間は更新されません。",
    "notices_en": "Not updated at night.",
}


def sets_of_terms() -> dict[str, Terms]:
    """Return every set of terms that has golden files, by name."""
    ready = {preset.code: terms_from_mapping(preset.fields) for preset in (*PRESETS, *PATTERNS) if preset.offered}
    return {**ready, "everything": terms_from_mapping(EVERYTHING)}


def stored(name: str, terms: Terms) -> dict[str, str]:
    """Return the stored form by file name: never to change."""
    return {f"{name}.terms.json": terms_json(terms).decode() + "\n", f"{name}.sha256": terms_sha256(terms) + "\n"}


def rendered(name: str, terms: Terms) -> dict[str, str]:
    """Return the renderings by file name."""
    spoken = clauses(terms)
    policy = odrl.policy(
        terms,
        policy_iri="https://data.example.jp/offers/1",
        target_iri="https://data.example.jp/datasets/sample",
        assigner_iri="https://data.example.jp/publishers/sample-city",
        vocabulary_iri="https://data.example.jp/vocabulary/terms#",
    )
    fields = cadde.trading_policy(terms, data_class="non_personal")
    return {
        f"{name}.ja.txt": "".join(f"{c.heading.ja}: {c.sentence.ja}\n" for c in spoken),
        f"{name}.en.txt": "".join(f"{c.heading.en}: {c.sentence.en}\n" for c in spoken),
        f"{name}.odrl.json": orjson.dumps(policy, option=orjson.OPT_INDENT_2).decode() + "\n",
        f"{name}.cadde.json": orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode() + "\n",
    }


def main() -> None:
    """Write the renderings, and what is stored where it is missing."""
    FOLDER.mkdir(exist_ok=True)
    for name, terms in sets_of_terms().items():
        for file, text in rendered(name, terms).items():
            (FOLDER / file).write_text(text)
        for file, text in stored(name, terms).items():
            if not (FOLDER / file).exists():
                (FOLDER / file).write_text(text)


if __name__ == "__main__":
    main()
