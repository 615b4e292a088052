"""Why a standard table cannot be had."""

from __future__ import annotations

from typing import ClassVar

from tdpf.kit.errors import Problem
from tdpf.kit.text import Text


class SchemaUnknown(Problem):
    """No standard table of that name."""

    code: ClassVar[str] = "preparation/schema-unknown"
    status: ClassVar[int] = 404
    title = Text("標準の表が見つかりません", "There is no such standard table")
    detail = Text("「{schema}」という標準の表はありません。", "There is no standard table called “{schema}”.")
    cure = Text(
        "次の名前から選んでください: {known}（`tdpf schemas` で一覧が出ます）",
        "Choose one of: {known} (`tdpf schemas` lists them with their titles).",
    )
