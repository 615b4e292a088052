"""The standard tables as they are described: every column says what it holds, and a table says it all as a Table Schema."""

from __future__ import annotations

import re

import pytest

from tdpf.controlplane.preparation.engine.schemas.loading import (
    codes_of,
    load_schema,
    schema_dictionary,
    schema_names,
    table_schema,
)


@pytest.mark.parametrize("name", schema_names())
def test_every_column_says_in_both_languages_what_it_holds(name: str) -> None:
    for field in load_schema(name).targets:
        assert 0 < len(field.description) <= 60, field.name
        assert 0 < len(field.description_en) <= 120, field.name
        assert field.description_en.isascii(), field.name


@pytest.mark.parametrize("name", schema_names())
def test_no_two_columns_of_a_table_have_one_name(name: str) -> None:
    schema = load_schema(name)
    names = [field.name for field in schema.targets]
    assert len(set(names)) == len(names)
    assert set(schema.apart) <= set(schema.names)
    assert {field.rest_to for field in schema.targets if field.rest_to} <= set(names)
    for field in schema.targets:
        for pattern in (field.pattern, field.never, field.listed, field.told, field.words):
            re.compile(pattern)


def test_a_column_of_few_values_lists_them() -> None:
    schema = load_schema("public_toilet")
    flag, name = schema.field("オストメイト設置トイレ有無"), schema.field("名称")
    assert flag is not None
    assert name is not None
    assert codes_of(flag) == {"有": ("ある", "yes"), "無": ("ない", "no")}
    assert codes_of(name) == {}


def test_ages_are_spelled_out() -> None:
    schema = load_schema("population")
    young, old = schema.field("0-4歳の男性"), schema.field("85歳以上の女性")
    assert young is not None
    assert old is not None
    assert (young.description, young.description_en) == ("0歳から4歳までの男性の数", "Men aged 0 to 4")
    assert (old.description, old.description_en) == ("85歳以上の女性の数", "Women aged 85 and over")


def test_a_table_schema_holds_names_types_and_constraints() -> None:
    made = table_schema(load_schema("public_toilet"))
    fields = {entry["name"]: entry for entry in made["fields"]}
    assert fields["名称"]["constraints"] == {"required": True}
    assert fields["緯度"]["type"] == "number"
    assert fields["車椅子使用者用トイレ有無"]["constraints"] == {"enum": ["有", "無"]}
    assert "公衆便所" in fields["名称"]["tdpf:synonyms"]
    assert [entry["name"] for entry in made["fields"]] == list(load_schema("public_toilet").names)


def test_a_dictionary_says_what_the_table_says() -> None:
    described = {entry["name"]: entry["description"] for entry in schema_dictionary("aed")}
    assert described["緯度"] == "十進の度で書いた緯度（世界測地系） / Latitude in decimal degrees (JGD2011 or WGS 84)"
    assert schema_dictionary("") == schema_dictionary("no_such_table") == []
