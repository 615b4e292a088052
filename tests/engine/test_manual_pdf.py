"""The manual as a PDF: its words can be read back, it is the same for the same recipe, strange text does no harm."""

from __future__ import annotations

import pypdfium2

from tdpf.controlplane.preparation.engine.recipes.manual_pdf import manual_pdf

MANUAL = "# 公衆トイレ一覧 整備マニュアル\n\n## 1. 手順\n\n1. 表を見つけます。\n- `tdpf prepare` <b>&amp; を使う\n\n| もと | 標準 |\n|---|---|\n| 施設名<i> | 名称 |\n"


def test_a_manual_can_be_printed_and_read() -> None:
    made = manual_pdf(MANUAL, title="公衆トイレ一覧 整備マニュアル")
    assert made == manual_pdf(MANUAL, title="公衆トイレ一覧 整備マニュアル")
    document = pypdfium2.PdfDocument(made)
    words = document[0].get_textpage().get_text_range()
    for part in ("公衆トイレ一覧 整備マニュアル", "表を見つけます。", "<b>&amp; を使う", "施設名<i>", "名称"):
        assert part in words
    assert len(made) < 100_000
