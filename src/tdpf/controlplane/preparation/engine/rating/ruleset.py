"""The thirty rules: official titles as facts, levels and deductions as published, explanations in our own words.

Titles: 「行政データにおける機械可読性に関するルール」（デジタル庁、2026年3月31日決定）、公共データ利用規約（第1.0版）.
Severities and deductions are those of the agency's published sample checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tdpf.controlplane.preparation.engine.rating.types import Severity
from tdpf.kit.text import Text

RULESET = "digital-agency-2026-03-31/tdpf-6"
SOURCE = Text(
    "出典：「行政データにおける機械可読性に関するルール」（デジタル庁、2026年3月31日決定）、公共データ利用規約（第1.0版）",
    "Source: Rules on machine readability of administrative data (Digital Agency, 31 March 2026), Public Data License 1.0",
)
DEDUCTIONS: dict[int, dict[Severity, int]] = {
    1: {"CRITICAL": 10, "MAJOR": 5, "MINOR": 2},
    2: {"CRITICAL": 40, "MAJOR": 30, "MINOR": 10},
    3: {"CRITICAL": 15, "MAJOR": 10, "MINOR": 5},
}
WEIGHTS: dict[Severity, int] = {"FATAL": 8, "CRITICAL": 5, "MAJOR": 3, "MINOR": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: `title` as published, `why` and `cure` in our words; `forms` says which kinds of file it speaks of."""

    id: str
    severity: Severity
    title: str
    why: Text
    cure: Text
    forms: Literal["all", "workbook", "delimited", "laid-out"] = "all"

    @property
    def level(self) -> int:
        """1 to 3."""
        return int(self.id[1])

    @property
    def deduction(self) -> int:
        """How much a failure takes off the level's 100; 100 for a fatal one."""
        return 100 if self.severity == "FATAL" else DEDUCTIONS[self.level][self.severity]


RULES: tuple[Rule, ...] = (
    Rule(
        id="L1-01",
        severity="FATAL",
        title="ファイル形式は機械が直接読み取れるExcelやCSV等となっているか",
        why=Text(
            "紙や画面のための形式からは、値を手で写すことになります。",
            "Formats made for paper must be typed off by hand.",
        ),
        cure=Text(
            "もとの表をCSV（UTF-8）かExcelブックで公開してください。",
            "Publish the original table as CSV (UTF-8) or an Excel workbook.",
        ),
    ),
    Rule(
        id="L1-02",
        severity="FATAL",
        title="１シート（ファイル）に複数の表が掲載されていないか",
        why=Text(
            "表が二つあると、どこまでが一つの表か機械には分かりません。",
            "With two tables on a sheet a program cannot tell where one ends.",
        ),
        cure=Text("表ごとにシートかファイルを分けてください。", "Give every table a sheet or file of its own."),
    ),
    Rule(
        id="L1-03",
        severity="CRITICAL",
        title="データが分断されていないか",
        why=Text(
            "空白の行や列で、表がそこで終わったと読まれます。", "Blank rows and columns read as the end of the table."
        ),
        cure=Text(
            "表の中と周りの空白行・空白列を削除してください。", "Delete blank rows and columns in and around the table."
        ),
        forms="laid-out",
    ),
    Rule(
        id="L1-04",
        severity="MAJOR",
        title="データ本体と無関係な情報がないか",
        why=Text(
            "表の外の注記や集計は、データとして読まれてしまいます。",
            "Notes and sums outside the table are taken for data.",
        ),
        cure=Text(
            "注記はデータの説明（メタデータ）に移してください。",
            "Move notes to the description of the data (metadata).",
        ),
        forms="laid-out",
    ),
    Rule(
        id="L1-05",
        severity="CRITICAL",
        title="すべての列に意味が推測できる項目名が存在するか",
        why=Text("名前のない列は、何の値か分かりません。", "A column without a name says nothing about its values."),
        cure=Text(
            "すべての列に、中身の分かる項目名を付けてください。", "Give every column a name that tells its content."
        ),
    ),
    Rule(
        id="L1-06",
        severity="CRITICAL",
        title="スペースや改行等で体裁を整えていないか",
        why=Text(
            "見た目のための空白や改行があると、同じ語が別の語になります。",
            "Spaces and line breaks put in for looks make one word two.",
        ),
        cure=Text(
            "前後の空白、字間の空白、セル内の改行を取り除いてください。",
            "Remove outer spaces, spaces between letters and line breaks in cells.",
        ),
    ),
    Rule(
        id="L1-07",
        severity="CRITICAL",
        title="１セル１データとなっているか",
        why=Text(
            "一つのセルに複数の値があると、並べ替えも計算もできません。",
            "Cells with several values can be neither sorted nor added.",
        ),
        cure=Text("値ごとに列か行を分けてください。", "Give every value a column or row of its own."),
    ),
    Rule(
        id="L1-08",
        severity="CRITICAL",
        title="機種依存文字を使用していないか",
        why=Text(
            "丸数字や組文字は、環境によって化け、検索でも一致しません。",
            "Circled digits and squared letters break elsewhere and do not match in searches.",
        ),
        cure=Text(
            "「①」は「1」、「㈱」は「株式会社」のように書き直してください。",
            "Write “1” for “①” and “株式会社” for “㈱”.",
        ),
    ),
    Rule(
        id="L1-09",
        severity="MINOR",
        title="空白とゼロが明確に区別されているか",
        why=Text(
            "空白が「ない」のか「0」なのか、計算する人には分かりません。",
            "Whoever adds up cannot know whether a blank means zero or unknown.",
        ),
        cure=Text(
            "ゼロは0と書き、値がないセルの意味を説明に書いてください。",
            "Write zeros as 0 and say in the description what a blank means.",
        ),
    ),
    Rule(
        id="L1-10",
        severity="CRITICAL",
        title="【Excel】オブジェクトを使用していないか",
        why=Text(
            "図形・画像・コメントの中の文字は、機械には見えません。",
            "Words in shapes, pictures and comments are invisible to programs.",
        ),
        cure=Text(
            "中の文字をセルに移し、オブジェクトを削除してください。",
            "Move their words into cells and delete the objects.",
        ),
        forms="workbook",
    ),
    Rule(
        id="L1-11",
        severity="CRITICAL",
        title="【Excel】書式でデータの違いを表現していないか",
        why=Text(
            "色や取り消し線の意味は、値として残りません。", "What colour or strike-through means is not in the values."
        ),
        cure=Text(
            "意味を書いた列を足し、書式を消してください。", "Add a column that says it and remove the formatting."
        ),
        forms="workbook",
    ),
    Rule(
        id="L1-12",
        severity="CRITICAL",
        title="【Excel】セルの結合をしていないか",
        why=Text(
            "結合したセルの値は左上の一つだけに残り、ほかは空白になります。",
            "Only the first cell of a merged range keeps the value.",
        ),
        cure=Text("結合を解き、同じ値をすべてのセルに入れてください。", "Unmerge and fill the value into every cell."),
        forms="workbook",
    ),
    Rule(
        id="L1-13",
        severity="CRITICAL",
        title="【Excel】不要な行や列が非表示のまま残されていないか",
        why=Text(
            "隠した行・列・シートも、機械には普通のデータとして読まれます。",
            "Programs read hidden rows, columns and sheets like any other.",
        ),
        cure=Text("不要なものは削除し、必要なものは表示してください。", "Delete what is not needed and show what is."),
        forms="workbook",
    ),
    Rule(
        id="L1-14",
        severity="FATAL",
        title="【CSV】１行１データで表現されているか",
        why=Text(
            "値の中の改行は、行単位で読むプログラムではレコードの切れ目になります。",
            "A line break inside a value ends the record for programs that read by lines.",
        ),
        cure=Text("値の中の改行を取り除いてください。", "Remove line breaks inside values."),
        forms="delimited",
    ),
    Rule(
        id="L1-15",
        severity="FATAL",
        title="【CSV】文字列にカンマが含まれているフィールドの値はダブルコーテーション（“）で囲んでいるか",
        why=Text(
            "囲まれていないカンマで列がずれます。", "A comma that is not quoted moves all later values one column on."
        ),
        cure=Text(
            'カンマを含む値を「"」で囲んで保存し直してください。',
            "Save it again with values that hold commas in quotes.",
        ),
        forms="delimited",
    ),
    Rule(
        id="L2-01",
        severity="FATAL",
        title="数値データは数値属性とし、文字列を含まないこと",
        why=Text(
            "単位や桁区切りの混ざった数値は、文字として扱われます。",
            "Numbers with units or separators in them count as text.",
        ),
        cure=Text(
            "数値だけを入れ、単位や注は別の列に分けてください。",
            "Keep the number alone; units and remarks go elsewhere.",
        ),
    ),
    Rule(
        id="L2-02",
        severity="FATAL",
        title="データ内での項目名等の省略をしていないか",
        why=Text(
            "「〃」や空白での省略は、並べ替えると意味を失います。",
            "Ditto marks and left-out values lose their meaning when rows are sorted.",
        ),
        cure=Text("すべての行に値を入れてください。", "Fill the value into every row."),
    ),
    Rule(
        id="L2-03",
        severity="FATAL",
        title="各列が一意に識別可能な項目名を持っているか",
        why=Text(
            "同じ名前の列や、何段にも分かれた項目名は区別できません。",
            "Columns of the same name, or names spread over rows, cannot be told apart.",
        ),
        cure=Text(
            "「人口_男」のように、1行で区別できる名前にしてください。",
            "Use names that are whole and different within one row, such as 人口_男.",
        ),
    ),
    Rule(
        id="L2-04",
        severity="CRITICAL",
        title="選択肢回答が標準化されているか",
        why=Text(
            "表記が揺れると、同じ答えが別々に数えられます。", "Spelling variants are counted as different answers."
        ),
        cure=Text("選択肢の書き方を一つにそろえてください。", "Use one spelling for each choice."),
    ),
    Rule(
        id="L2-05",
        severity="MAJOR",
        title="選択肢列と「その他」の詳細記入が分離されているか",
        why=Text(
            "「その他（…）」の中身で、選択肢が際限なく増えます。",
            "Details of “other” multiply the choices without end.",
        ),
        cure=Text(
            "「その他」と、その内容の列を分けてください。",
            "Keep “other” as the choice and its details in a column beside it.",
        ),
    ),
    Rule(
        id="L2-06",
        severity="MAJOR",
        title="【Excel】数式を使用している場合は、数値データに修正しているか",
        why=Text(
            "数式は環境によって計算されず、空白や別の値になります。",
            "Formulas may not be calculated elsewhere and give blanks or other values.",
        ),
        cure=Text("値の貼り付けで数式を値に置き換えてください。", "Replace formulas by their values (paste values)."),
        forms="workbook",
    ),
    Rule(
        id="L3-01",
        severity="FATAL",
        title="項目名行から始まり、次行からデータ入力がされているか",
        why=Text(
            "表題や空白行があると、項目名がどの行か分かりません。",
            "With titles or blank rows on top, a program cannot find the names.",
        ),
        cure=Text(
            "1行目を項目名、2行目からをデータにしてください。", "Put names in the first row and data from the second."
        ),
        forms="laid-out",
    ),
    Rule(
        id="L3-02",
        severity="CRITICAL",
        title="回答のコード表が別添されているか",
        why=Text("コードの意味が分からないと、値を使えません。", "Codes without meanings cannot be used."),
        cure=Text("データ項目の説明にコード表を付けてください。", "Attach the list of codes to the data dictionary."),
    ),
    Rule(
        id="L3-03",
        severity="MAJOR",
        title="数値データの同一列内に特殊記号（秘匿等）を使用する場合は、その定義を明記しているか",
        why=Text(
            "「X」や「-」が秘匿か該当なしか、説明がなければ分かりません。",
            "Without a word on it nobody knows whether “X” or “-” is secret or none.",
        ),
        cure=Text("記号の意味をデータ項目の説明に書いてください。", "Say in the data dictionary what the marks mean."),
    ),
    Rule(
        id="L3-04",
        severity="MAJOR",
        title="データの単位を記載しているか",
        why=Text(
            "単位がないと、ほかのデータと比べられません。", "Without units numbers cannot be compared with others."
        ),
        cure=Text(
            "項目名かデータ項目の説明に単位を書いてください。", "State the unit in the name or the data dictionary."
        ),
    ),
    Rule(
        id="L3-05",
        severity="MAJOR",
        title="時間軸の表記が標準化されているか",
        why=Text(
            "和暦だけの日付や、書き方の混ざった日付は順に並びません。",
            "Dates by era alone, or in mixed forms, do not sort.",
        ),
        cure=Text("「2024-04-01」の形にそろえてください。", "Write all dates as 2024-04-01."),
    ),
    Rule(
        id="L3-06",
        severity="CRITICAL",
        title="地域コード又は正式な地域名称が表記されているか",
        why=Text(
            "略した地域名では、地図やほかの統計と結び付けられません。",
            "Shortened area names cannot be joined with maps and statistics.",
        ),
        cure=Text(
            "全国地方公共団体コードの列か、正式な名称（東京都港区）を入れてください。",
            "Add a column of municipality codes, or write full official names (東京都港区).",
        ),
    ),
    Rule(
        id="L3-07",
        severity="CRITICAL",
        title="年によってフォーマットが著しく異なっていないか",
        why=Text("年ごとに列が変わると、続けて比べられません。", "Years cannot be compared when columns change."),
        cure=Text(
            "前の版と同じ項目名にするか、変更履歴を書いてください。",
            "Keep the names of the version before, or write down what changed.",
        ),
    ),
    Rule(
        id="L3-08",
        severity="MAJOR",
        title="データの定義や更新履歴が記載されているか",
        why=Text(
            "定義と更新日が分からないデータは、安心して使えません。",
            "Data without definitions and dates cannot be relied on.",
        ),
        cure=Text(
            "データ項目の説明、出典、更新頻度、更新履歴を登録してください。",
            "Register the data dictionary, source, frequency and history.",
        ),
    ),
    Rule(
        id="L3-09",
        severity="MAJOR",
        title="データが縦持ち形式になっているか",
        why=Text(
            "年や区分が横に増える表は、追加のたびに列が変わります。",
            "Tables that grow sideways change their columns each time.",
        ),
        cure=Text(
            "「区分」と「値」の列にして、1行1件に並べ直してください。",
            "Turn the repeated columns into one for the kind and one for the value.",
        ),
    ),
)
BY_ID = {rule.id: rule for rule in RULES}
