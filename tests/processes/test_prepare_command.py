"""`tdpf prepare` and `tdpf schemas` from outside: exit codes, files written, and no Django on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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
