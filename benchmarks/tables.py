"""How many tables of real sheets are found where a person sees them: header rows, first and last row, columns, count of rows.

    python benchmarks/tables.py CORPUS

Prints one JSON line for each half of `tests/engine/table_truth.tsv` (`building` was in view while the reader was mended, `measuring`
was only counted), with the tables that are not right.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "engine"))

from test_table_truth import is_right, truth_of


def main() -> int:
    """Compare and print."""
    corpus = Path(sys.argv[1])
    for half in ("building", "measuring"):
        seen = truth_of(half)
        wrong = [f"{row['file']}[{row['sheet']}]" for row in seen if not is_right(corpus, row)]
        share = round((len(seen) - len(wrong)) / len(seen), 4)
        print(json.dumps({"half": half, "tables": len(seen), "right": share, "wrong": wrong}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
