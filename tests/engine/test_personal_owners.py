"""Who owns, applies or owes: registers of private persons beside those of firms, of societies and of offices. All values are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.personal.screening import outcome, screen
from tdpf.controlplane.preparation.engine.reading import read_file

PERSONS = ("山田 太郎", "佐藤 花子", "鈴木 一郎", "高橋 次郎", "田中 三郎", "伊藤 由美", "渡辺 健", "中村 恵子")
FIRMS = (
    "見本建設株式会社",
    "有限会社山田工務店",
    "合同会社みどり",
    "見本水道設備㈱",
    "株式会社東商店",
    "㈱西興業",
    "南設備有限会社",
    "北土木株式会社",
)


def certainty(header: str, rows: list[str], folder: Path, name: str = "made.csv") -> str:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return outcome(screen(read_file(path, path.name).table, name))


def rows(names: tuple[str, ...], tail: str) -> list[str]:
    return [
        f"{at},{name}," + tail.replace("#", str(at)).replace("@", str(1000 + 37 * at))
        for at, name in enumerate(names, 1)
    ]


@pytest.mark.parametrize(
    ("header", "names", "tail", "expected"),
    [
        ("番号,所有者,所有者住所,所有者TEL", PERSONS, "見本県見本市本町2-#-1,090-1234-@", "confirmed"),
        ("番号,名義人氏名,号室,家賃,滞納額", PERSONS, "10#,2@0,4@0", "confirmed"),
        ("番号,申請者,住所,人槽,補助額", PERSONS, "見本県見本市港町1-#-2,5,33@00", "confirmed"),
        ("番号,申請者,所在地,電話番号,補助額", FIRMS, "見本県見本市港町1-#-2,03-0000-@,33@00", "clear"),
        ("番号,団体名,代表者,補助額", FIRMS, "山田 太郎,33@00", "doubtful"),
    ],
)
def test_registers_of_private_persons_are_told_from_those_of_firms(
    header: str, names: tuple[str, ...], tail: str, expected: str, tmp_path: Path
) -> None:
    assert certainty(header, rows(names, tail), tmp_path) == expected
