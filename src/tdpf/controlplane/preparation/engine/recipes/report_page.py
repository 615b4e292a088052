"""The report as one page a person can read: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

_STYLE = """
body{font-family:"Noto Sans JP","Hiragino Sans","Yu Gothic",sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1a1c;line-height:1.7}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:2px solid #0017c1;padding-bottom:.2rem}
table{border-collapse:collapse;width:100%;margin:.6rem 0}caption{text-align:left;font-weight:bold;padding:.3rem 0}
th,td{border:1px solid #b3b3b3;padding:.35rem .55rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#e8f1fe}
td.n{text-align:right;white-space:nowrap}.s{display:flex;flex-wrap:wrap;gap:1rem;padding:0;list-style:none}
.s li{border:1px solid #b3b3b3;border-radius:.5rem;padding:.5rem 1rem}.s b{display:block;font-size:1.4rem}
.e{color:#ba000b;font-weight:bold}.w{color:#945600;font-weight:bold}code{background:#f2f2f2;padding:0 .2rem}details{margin:.5rem 0}
pre{background:#f2f2f2;padding:.8rem;overflow:auto}
""".strip()
_MOST = 200
_MOST_INPUTS = 50
_MEMBERS = 10
_LONGEST_CELL = 600
_LONGEST_TEXT = 200_000
_REST = "残りはJSONの報告にあります"
_EVIDENCE = {
    "codes": "コードの列",
    "names": "団体名の列",
    "wards": "区の名前の列",
    "file-name": "ファイル名",
    "title": "表題・シート名・ファイル名",
    "addresses": "大半の住所",
    "all-addresses": "住所",
}


def page_of(report: dict[str, Any], *, recipe_yaml: str) -> str:
    """Return the report as an HTML document in Japanese."""
    title = f"整備報告: {report['schema']['title']}"
    parts = [
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>",
        *_summary(report),
        *_found(report),
        *_untaken(report),
        *_mapped(report),
        *_same(report),
        *_problems(report),
        *_doubted(report),
        *_changed(report),
        *_apart(report),
        *_personal(report),
        "<h2>レシピ</h2><p>次の版も同じ手順で整えられます。下の内容をファイルに保存し、<code>--recipe</code> で渡してください。",
        "個人のものとみられる値は伏せてあるので、<code>--save-recipe</code> で書き出したものを使ってください。"
        if report["recipe_masked"]
        else "",
        f"番号（sha256）: <code>{escape(report['recipe_sha256'][:16])}</code></p>",
        _document("レシピの全文（YAML）", recipe_yaml),
        _document("マニュアル（来年の担当者へ）", report["manual_ja"]),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


_LEVELS = {"oaza": "大字・町", "chome": "丁目・小字", "block": "街区", "residence": "住居番号・地番"}


def _summary(report: dict[str, Any]) -> Iterable[str]:
    rows = report["rows"]
    errors = sum(entry["count"] for entry in report["problems"] if entry["severity"] == "error")
    changed = sum(entry["count"] for entry in report["changed"])
    source = report["schema"]["source"]
    yield f"<p>{escape(source['title'])}（{escape(source['version'])}、{escape(source['publisher'])}）の形に整えました。</p>"
    yield '<ul class="s">'
    for label, value in (
        ("入力の行", rows["in"]),
        ("出力の行", rows["out"]),
        ("直した・補ったセル", changed),
        ("使えず空にしたセル", errors),
        ("公開の前に確かめる行", rows["quarantined"]),
    ):
        yield f"<li>{label}<b>{value:,}</b></li>"
    yield "</ul>"
    if report["fits_better"]:
        better = report["fits_better"]
        yield f'<p class="w">このファイルの項目は「{escape(better["title"])}」（<code>{escape(better["schema"])}</code>）によく合います。表の種類を確かめてください。</p>'
    points = report["coordinates"]
    if points and (points["stated"] or points["filled"]):
        told = "、".join(f"{_LEVELS[level]} {count:,}" for level, count in points["filled"].items())
        yield (
            f"<p>座標: 書かれていたもの {points['stated']:,}、住所から補ったもの {sum(points['filled'].values()):,}"
            f"{f'（{told}）' if told else ''}、ないもの {points['empty']:,}。</p>"
        )


def _rated(report: dict[str, Any]) -> Iterable[str]:
    for found in report["ratings"]:
        levels = "、".join(f"{level} {'－' if score is None else score}" for level, score in found["levels"].items())
        failed = "、".join(found["failed"]) or "なし"
        yield f"<p>{escape(found['file'])} のデータレート: {found['score']:g} 点（{levels}）。直すところのある規則: {failed}。</p>"


def _found(report: dict[str, Any]) -> Iterable[str]:
    yield "<h2>見つかった表</h2>"
    yield from _rated(report)
    inputs = report["inputs"]
    if len(inputs) > _MOST_INPUTS:
        yield f"<p>入力 {len(inputs):,} のうち {_MOST_INPUTS} を示します。{_REST}。</p>"
    for entry in inputs[:_MOST_INPUTS]:
        government = entry["local_government"]
        where = "、".join(part for part in (entry["sheet"], entry["range"]) if part)
        yield _table(
            f"{entry['id']}: {entry['file']}",
            ("項目", "内容"),
            [
                ("形式", f"{entry['format']} {entry['encoding']}"),
                ("表の範囲", where),
                ("見出しの行", "、".join(map(str, entry["header_rows"])) or "なし"),
                ("データの行", f"{entry['rows']:,}"),
                ("表題", " / ".join(entry["titles"])),
                (
                    "地方公共団体",
                    f"{government['name']}（{government['code']}、{_EVIDENCE.get(government['evidence'], '')}から）"
                    if government
                    else "分かりませんでした",
                ),
            ],
        )
        if entry["notes"]:
            yield "<details><summary>読み取りの記録</summary><ul>"
            for note in entry["notes"][:_MOST]:
                mark = ' class="w"' if note["level"] == "warning" else ""
                place = f"（{escape(note['where'])}）" if note["where"] else ""
                yield f"<li{mark}>{escape(note['ja'])}{place}</li>"
            if len(entry["notes"]) > _MOST:
                yield f"<li>ほか {len(entry['notes']) - _MOST:,} 件。{_REST}。</li>"
            yield "</ul></details>"


def _same(report: dict[str, Any]) -> Iterable[str]:
    if not report["duplicates"]:
        return
    files = {entry["id"]: entry["file"] for entry in report["inputs"]}
    yield "<h2>同じものを指す行</h2>"
    yield _table(
        "同じものとみた行",
        ("できた行", "もとの行", "理由", "離れ"),
        [
            (
                str(group["row"]),
                "、".join(f"{files[entry['input']]} {entry['row']}行目" for entry in group["members"][:_MEMBERS])
                + (f" ほか {len(group['members']) - _MEMBERS:,} 行" if len(group["members"]) > _MEMBERS else ""),
                group["message_ja"],
                "" if group["metres"] is None else f"{group['metres']} m",
            )
            for group in report["duplicates"]
        ],
        in_all=report["in_all"]["duplicates"],
    )
    if report["conflicts"]:
        yield _table(
            "食い違う項目",
            ("できた行", "項目", "それぞれの値", "残した値"),
            [
                (
                    str(found["row"]),
                    found["column"],
                    " / ".join(f"{files[entry['input']]}: {entry['value']}" for entry in found["values"][:_MEMBERS]),
                    found["kept"],
                )
                for found in report["conflicts"]
            ],
            in_all=report["in_all"]["conflicts"],
        )


def _mapped(report: dict[str, Any]) -> Iterable[str]:
    yield "<h2>項目の対応</h2>"
    mapped = [entry for entry in report["mapping"] if entry["target"]]
    names = {"automatic": "自動", "confirmed": "確認済み", "recipe": "レシピ"}
    yield _table(
        "対応した項目",
        ("入力", "もとの項目", "標準の項目", "決め方"),
        [(entry["input"], entry["column"], entry["target"], names.get(entry["method"], "")) for entry in mapped],
    )
    reshaped = [entry["column"] for entry in report["mapping"] if entry["method"] == "reshape"]
    if reshaped:
        names_told = list(dict.fromkeys(reshaped))
        more = f" ほか {len(names_told) - _MOST:,} 列" if len(names_told) > _MOST else ""
        yield f"<p>数として組み替えた列: {escape('、'.join(names_told[:_MOST]))}{more}</p>"
    unmapped = [entry for entry in report["mapping"] if not entry["target"] and entry["method"] != "reshape"]
    if unmapped:
        yield "<p>次の項目は標準の表に入れませんでした。候補が正しいときは、レシピの <code>columns.map</code> に書き足してください。</p>"
        yield _table(
            "対応しなかった項目",
            ("入力", "もとの項目", "候補"),
            [
                (
                    entry["input"],
                    entry["column"],
                    "、".join(f"{found['target']}（{found['score']:.2f}）" for found in entry["suggestions"]) or "なし",
                )
                for entry in unmapped
            ],
        )
    told = {(entry["input"], entry["column"]) for entry in unmapped}
    unknown = [entry for entry in report["columns_left_out"] if (entry["input"], entry["column"]) not in told]
    if unknown:
        yield "<p>次の項目はレシピにないため、標準の表に入れませんでした。要るときは、レシピの <code>columns.map</code> に書き足してください。</p>"
        yield _table(
            "レシピにない項目",
            ("入力", "もとの項目", "値の数"),
            [(entry["input"], entry["column"], f"{entry['cells']:,}") for entry in unknown],
        )


def _problems(report: dict[str, Any]) -> Iterable[str]:
    yield "<h2>直せなかったところ</h2>"
    lacking = "、".join(
        f"{entry['name']}（{entry['message_ja']}）" if entry.get("column") else entry["name"]
        for entry in report["missing_required"]
    )
    if lacking:
        yield f'<p class="e">必須の項目が、すべての行で空です: {escape(lacking)}。公開の前に、もとの表に列を加えるか、レシピの <code>columns.map</code> で列を決めてください。</p>'
    if report["formula_like"]:
        shown = "、".join(f"{entry['column']}（{entry['count']} 件）" for entry in report["formula_like"])
        yield f"<p>表計算ソフトが数式とみなしうる値があります: {escape(shown)}。CSV では値を変えていません。Excel で開くときは .xlsx の出力を使ってください。</p>"
    if not report["problems"]:
        yield "" if lacking else "<p>ありません。</p>"
        return
    yield _table(
        "項目と理由ごと（例は5つまで。すべてのセルはJSONの報告にあります）",
        ("項目", "理由", "件数", "例（もとの値 → 出力、場所）", "もとの表での直し方"),
        [
            (
                entry["column"],
                ("空にしました: " if entry["severity"] == "error" else "注意: ") + entry["message_ja"],
                f"{entry['count']:,}",
                "\n".join(_example(found) for found in entry["examples"]),
                entry["mend_ja"],
            )
            for entry in report["problems"]
        ],
    )


def _doubted(report: dict[str, Any]) -> Iterable[str]:
    cells = report["cells_to_check"]
    if not cells:
        return
    yield "<h2>人が見比べるセル</h2>"
    yield _table(
        "紙の表と見比べてください（自信のないものから）",
        ("入力", "ページ", "行・列", "項目", "読み取った値", "信頼度", "合計との食い違い"),
        [
            (
                entry["input"],
                str(entry["page"]),
                f"{entry['column']}{entry['row']}",
                entry["name"],
                entry["value"] or "",
                f"{entry['confidence']:.2f}" if "confidence" in entry else "",
                entry["conflict"],
            )
            for entry in cells
        ],
        in_all=report["in_all"]["cells_to_check"],
    )


def _changed(report: dict[str, Any]) -> Iterable[str]:
    yield "<h2>直した・補ったところ</h2>"
    if not report["changed"]:
        yield "<p>ありません。</p>"
        return
    yield _table(
        "項目と直し方ごと（例は3つまで。すべてのセルはJSONの報告にあります）",
        ("項目", "したこと", "件数", "例（もとの値 → 出力、場所）"),
        [
            (
                entry["column"],
                entry["message_ja"],
                f"{entry['count']:,}",
                "\n".join(_example(found) for found in entry["examples"][:3]),
            )
            for entry in report["changed"]
        ],
    )


def _example(found: dict[str, Any]) -> str:
    before = "（空）" if found["before"] is None else str(found["before"])[:60]
    after = "（空）" if found["after"] is None else str(found["after"])[:60]
    return f"{before} → {after}（{found['input']} {found['column']}{found['row']}）"


def _apart(report: dict[str, Any]) -> Iterable[str]:
    if report["apart"]:
        yield "<h2>データから分けた行</h2>"
        yield _table(
            "合計などの行",
            ("入力", "行", "理由", "内容"),
            [
                (
                    entry["input"],
                    str(entry["row"]),
                    entry["message_ja"],
                    "、".join(cell for cell in entry["cells"] if cell)[:120],
                )
                for entry in report["apart"]
            ],
            in_all=report["in_all"]["apart"],
        )


def _personal(report: dict[str, Any]) -> Iterable[str]:
    if report["personal_data"]:
        yield "<h2>個人情報の確認</h2><ul>"
        for finding in report["personal_data"][:_MOST]:
            yield f"<li>{escape(finding['message_ja'])}</li>"
        if len(report["personal_data"]) > _MOST:
            yield f"<li>ほか {len(report['personal_data']) - _MOST:,} 件。{_REST}。</li>"
        yield "</ul>"
    elsewhere = report.get("personal_data_elsewhere", ())
    if elsewhere:
        yield "<h2>取らなかったところの個人情報</h2><p>この表には入っていませんが、もとのファイルをそのまま公開すると出ます。</p>"
        yield _table(
            "見つかったところ",
            ("ファイル", "場所", "内容"),
            [(entry["file"], _where(entry), entry["message_ja"]) for entry in elsewhere[:_MOST]],
            in_all=len(elsewhere),
        )


def _untaken(report: dict[str, Any]) -> Iterable[str]:
    others = report.get("tables_not_taken", ())
    if others:
        yield "<p>次の表は取りませんでした。整えるときは <code>--table</code> に場所を渡してください。</p>"
        yield _table(
            "取らなかった表",
            ("ファイル", "場所", "行"),
            [(entry["file"], _where(entry), f"{entry['rows']:,}") for entry in others[:_MOST]],
            in_all=len(others),
        )


def _where(entry: dict[str, Any]) -> str:
    return "!".join(part for part in (entry["sheet"], entry["range"]) if part)


def _document(summary: str, text: str) -> str:
    rest = f"\n… ほか {len(text) - _LONGEST_TEXT:,} 文字" if len(text) > _LONGEST_TEXT else ""
    return f"<details><summary>{summary}</summary><pre>{escape(text[:_LONGEST_TEXT])}{rest}</pre></details>"


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, in_all: int = 0) -> str:
    """Return a table of the first rows; when there are more, its caption says of how many and where the rest stands."""
    count = max(in_all, len(rows))
    shown = rows[:_MOST]
    if in_all or count > len(shown):
        caption += f"（{count:,} 件のうち {len(shown):,} 件。{_REST}）" if count > len(shown) else f"（{count:,} 件）"
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join("<tr>" + "".join(f"<td>{_words(cell)}</td>" for cell in row) + "</tr>" for row in shown)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def _words(cell: str) -> str:
    words = cell if len(cell) <= _LONGEST_CELL else f"{cell[:_LONGEST_CELL]}… ほか {len(cell) - _LONGEST_CELL:,} 文字"
    return escape(words).replace("\n", "<br>")
