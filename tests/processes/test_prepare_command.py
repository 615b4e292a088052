"""`tdpf prepare` and `tdpf schemas` from outside: exit codes, files written, and no Django on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import yaml

TOILETS = "番号,施設名,住所,設置場所,車いす対応\n1,東公園,東京都中野区中央1-1,入口,○\n2,西公園,東京都中野区本町２－２,園内,△\n"


def tdpf(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "-m", "tdpf.processes.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
        timeout=120,
    )


def test_schemas_are_listed_by_name_and_title(tmp_path: Path) -> None:
    done = tdpf("schemas", folder=tmp_path)
    assert done.returncode == 0
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [name for name, _ in lines][:9] == [
        "public_toilet",
        "evacuation_space",
        "hospital",
        "care_service",
        "population",
        "food_business",
        "event",
        "aed",
        "public_facility",
    ]
    assert dict(lines)["barrier_free_toilet"] == "バリアフリートイレ"


def test_one_schema_says_what_its_columns_are(tmp_path: Path) -> None:
    told = tdpf("schemas", "public_toilet", folder=tmp_path)
    assert told.returncode == 0
    assert "名称\tstring\t必須 / required" in told.stdout.splitlines()
    assert "値 / values: 有（ある / yes）、無（ない / no）" in told.stdout
    assert "ほかの名前 / also called: 公衆便所" in told.stdout
    plain = json.loads(tdpf("schemas", "public_toilet", "--json", folder=tmp_path).stdout)
    assert plain["$schema"] == "https://datapackage.org/profiles/2.0/tableschema.json"
    assert {"name", "type", "description"} <= set(plain["fields"][0])
    listed = json.loads(tdpf("schemas", "--json", folder=tmp_path).stdout)
    assert listed[0]["name"] == "public_toilet"
    assert "名称" in listed[0]["required"]
    unknown = tdpf("schemas", "toilets", folder=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "public_toilet" in unknown.stderr


def test_a_file_is_prepared_and_its_recipe_used_again(tmp_path: Path) -> None:
    (tmp_path / "toilets.csv").write_bytes(TOILETS.encode("cp932"))
    done = tdpf(
        "prepare",
        "toilets.csv",
        "--schema",
        "public_toilet",
        "--out",
        "out.csv",
        "--report",
        "report.json",
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("全国地方公共団体コード,ID,地方公共団体名,名称,")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["rows"] == {"in": 2, "out": 2, "apart": 0, "duplicates": 0, "quarantined": 0}
    assert [(entry["column"], entry["count"]) for entry in report["problems"]] == [("車椅子使用者用トイレ有無", 1)]
    assert report["lineage"]["openlineage"]["run"]["runId"]
    assert "# 公衆トイレ一覧 整備マニュアル" in report["manual_ja"]
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(report["recipe"], allow_unicode=True), encoding="utf-8")
    again = tdpf(
        *("prepare", "toilets.csv", "--schema", "public_toilet", "--recipe", "recipe.yaml"),
        *("--out", "again.csv", "--report", "report.html"),
        folder=tmp_path,
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()
    assert "直せなかったところ" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_refusals_and_wrong_use_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    (tmp_path / "menu.csv").write_text("献立,熱量\nカレー,800\nうどん,500\n", encoding="utf-8")
    for name in ("paper.pdf", "menu.csv"):
        done = tdpf("prepare", name, "--schema", "aed", "--out", "o.csv", "--report", "r.html", folder=tmp_path)
        assert done.returncode == 1
        assert name in done.stderr
        assert not (tmp_path / "o.csv").exists()
    for wrong in (
        ("prepare", "menu.csv", "--schema", "nonsense", "--out", "o.csv", "--report", "r.html"),
        ("prepare", "menu.csv", "--schema", "aed", "--out", "o.doc", "--report", "r.html"),
        ("prepare", "menu.csv", "--schema", "aed", "--out", "o.csv", "--report", "r.txt"),
        ("prepare", "missing.csv", "--schema", "aed", "--out", "o.csv", "--report", "r.html"),
        ("prepare", "--schema", "aed", "--out", "o.csv", "--report", "r.html"),
    ):
        assert tdpf(*wrong, folder=tmp_path).returncode == 2


def test_preparing_loads_no_django(tmp_path: Path) -> None:
    (tmp_path / "toilets.csv").write_text(TOILETS, encoding="utf-8")
    code = (
        "import sys; from tdpf.processes.cli import main; "
        "main(['prepare','toilets.csv','--schema','public_toilet','--out','o.csv','--report','r.html']); "
        "sys.exit(3 if 'django' in sys.modules else 0)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False, timeout=120)
    assert done.returncode == 0


def test_confirmed_personal_data_are_not_written(tmp_path: Path) -> None:
    rows = "".join(f"会館{n},東京都港区芝{n}-1,090-1234-56{n},個人番号：123456789018\n" for n in range(10, 16))
    (tmp_path / "halls.csv").write_text(f"施設名,住所,電話番号,備考\n{rows}", encoding="utf-8")
    asked = ("prepare", "halls.csv", "--schema", "public_facility", "--out", "out.csv")
    done = tdpf(*asked, "--report", "report.json", "--save-recipe", "recipe.yaml", "--json", folder=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "preparation/personal-data-in-output")
    assert "備考" in done.stderr
    assert not (tmp_path / "out.csv").exists()
    said = (tmp_path / "report.json").read_text(encoding="utf-8") + done.stdout + done.stderr
    assert "123456789018" not in said
    assert "090-1234-56" not in said
    recipe = yaml.safe_load((tmp_path / "recipe.yaml").read_text(encoding="utf-8"))
    for step in recipe["steps"]:
        if "columns.map" in step:
            del step["columns.map"]["t1"]["備考"]
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    done = tdpf(*asked, "--recipe", "recipe.yaml", "--report", "report.html", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "123456789018" not in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def book(path: Path, sheets: dict[str, list[list[object]]], *, hidden: tuple[str, ...] = ()) -> None:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
    made.save(path)


def halls(word: str) -> list[list[object]]:
    rows = [[f"{word}第{n}会館", f"姫路市{word}町{n}-1", f"079-222-000{n}"] for n in range(1, 5)]
    return [["施設名", "所在地", "電話番号"], *rows]


PERSONS: list[list[object]] = [
    ["氏名", "生年月日", "携帯電話", "住所"],
    *(
        [f"{name}", f"昭和{n + 30}年1月{n}日", f"090-1234-56{n}0", f"姫路市本町{n}-2"]
        for n, name in enumerate(["山田太郎", "佐藤花子", "鈴木一郎", "高橋美咲"], 1)
    ),
]


def test_a_table_is_chosen_with_a_recipe_and_what_was_not_taken_is_named(tmp_path: Path) -> None:
    asked = ("--schema", "public_facility", "--report", "report.json")
    book(tmp_path / "old.xlsx", {"南": halls("南")})
    done = tdpf("prepare", "old.xlsx", *asked, "--out", "old.csv", "--save-recipe", "r.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    book(tmp_path / "new.xlsx", {"東": halls("東"), "西": halls("西")})
    refused = tdpf("prepare", "new.xlsx", *asked, "--out", "new.csv", "--recipe", "r.yaml", "--json", folder=tmp_path)
    assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (1, "preparation/several-tables")
    assert "西!A1:C5" in refused.stderr
    taken = tdpf(
        "prepare",
        "new.xlsx",
        *asked,
        "--out",
        "new.csv",
        "--recipe",
        "r.yaml",
        "--table",
        "西",
        "--json",
        folder=tmp_path,
    )
    assert taken.returncode == 0, taken.stderr
    assert "西第1会館" in (tmp_path / "new.csv").read_text(encoding="utf-8-sig")
    told = json.loads(taken.stdout)
    assert [(found["sheet"], found["rows"]) for found in told["tables_not_taken"]] == [("東", 4)]
    wrong = tdpf("prepare", "new.xlsx", *asked, "--out", "new.csv", "--table", "西", "--table", "東", folder=tmp_path)
    assert wrong.returncode == 2


def test_the_whole_file_is_screened_and_a_refusal_says_what_was_found(tmp_path: Path) -> None:
    asked = ("--schema", "public_facility", "--out", "out.csv", "--json")
    book(tmp_path / "halls.xlsx", {"一覧": halls("南"), "名簿": PERSONS}, hidden=("名簿",))
    done = tdpf("prepare", "halls.xlsx", *asked, "--report", "report.html", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {(one["sheet"], one["certainty"]) for one in json.loads(done.stdout)["personal_data_elsewhere"]}
    assert ("名簿", "confirmed") in found
    assert "取らなかったところの個人情報" in (tmp_path / "report.html").read_text(encoding="utf-8")
    book(tmp_path / "persons.xlsx", {"名簿": PERSONS})
    refused = tdpf(
        "prepare", "persons.xlsx", *asked, "--report", "report.json", "--schema", "population", folder=tmp_path
    )
    told = json.loads(refused.stdout)
    assert (refused.returncode, told["error"]["code"]) == (1, "preparation/nothing-mapped")
    assert "confirmed" in {one["certainty"] for one in told["personal_data"]}
    assert "個人情報も見つかりました" in refused.stderr
    assert "090-1234" not in refused.stderr + refused.stdout


def test_a_form_with_a_persons_data_is_not_written(tmp_path: Path) -> None:
    # A form of labels and values: what is found there has a label and no column.
    form = [["項目", "内容", "備考"], ["施設名", "南会館", ""], ["所在地", "姫路市本町1", ""]]
    form += [["申請者氏名", "山田太郎", ""], ["生年月日", "昭和30年1月1日", ""], ["個人番号", "123456789018", ""]]
    form += [["携帯電話番号", "090-1234-5678", ""]]
    book(tmp_path / "form.xlsx", {"様式": form})
    recipe = {
        "recipe": 1,
        "target": {"schema": "public_facility"},
        "inputs": [{"id": "t1", "file": "form.xlsx"}],
        "steps": [{"columns.map": {"t1": {"項目": "名称", "内容": "説明"}}}],
    }
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    asked = (
        "--schema",
        "public_facility",
        "--recipe",
        "r.yaml",
        "--out",
        "out.csv",
        "--report",
        "report.json",
        "--json",
    )
    done = tdpf("prepare", "form.xlsx", *asked, folder=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "preparation/personal-data-in-output")
    assert not (tmp_path / "out.csv").exists()


def test_toilets_are_written_as_other_lists_and_the_loss_is_told(tmp_path: Path) -> None:
    booths = (
        "施設名称,所在地_連結表記,緯度,経度,車椅子使用者対応,手すり,階\n"
        "市民会館,兵庫県姫路市本町1,34.83,134.69,有,有,1階\n南公園,兵庫県姫路市南町2,34.82,134.68,無,,\n"
    )
    (tmp_path / "booths.csv").write_text(booths, encoding="utf-8")
    asked = ("prepare", "booths.csv", "--schema", "barrier_free_toilet", "--report", "r.json", "--json")
    done = tdpf(*asked, "--out", "national.csv", "--as", "national", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["written_as"] == "national"
    assert told["left_behind"] == {"階": 1, "手すり": 1}
    assert "手すり（1）" not in done.stdout
    lines = (tmp_path / "national.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("全国地方公共団体コード,ID,地方公共団体名,名称,")
    assert "市民会館" in lines[1]
    assert tdpf(*asked, "--out", "tokyo.json", "--as", "tokyo", folder=tmp_path).returncode == 0
    record = json.loads((tmp_path / "tokyo.json").read_text(encoding="utf-8"))[0]
    assert (record["facility_name"], record["features"]["has_handrails"]) == ("市民会館", True)
    assert tdpf(*asked, "--out", "tokyo.csv", "--as", "tokyo", folder=tmp_path).returncode == 2
    back = tdpf(
        *("prepare", "national.csv", "--schema", "public_toilet", "--as", "barrier_free"),
        *("--out", "flat.json", "--report", "r.html"),
        folder=tmp_path,
    )
    assert back.returncode == 0, back.stderr
    nested = json.loads((tmp_path / "flat.json").read_text(encoding="utf-8"))
    assert nested["facilities"][0]["施設名称"] == "市民会館"
    wrong = tdpf(*asked, "--out", "x.csv", "--as", "barrier_free", folder=tmp_path)
    assert (wrong.returncode, "--schema public_toilet" in wrong.stderr) == (2, True)
