"""`tdpf schemas`: the standard tables, and what stands in each column of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import orjson

from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown
from tdpf.controlplane.preparation.engine.schemas.loading import codes_of, load_schema, schema_names, table_schema
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField
from tdpf.kit.terminal import shown_json
from tdpf.processes.preparing import told_problem

_SHOWN = 8


def print_schemas(name: str = "", *, as_json: bool = False) -> int:
    """Print every standard table, one a line (name, tab, title), or with a name the columns of that one; 2 when there is none.

    `as_json` prints the list as one JSON array, and of one table its Frictionless Table Schema.
    """
    try:
        schema = load_schema(name) if name else None
    except SchemaUnknown as unknown:
        print(told_problem(unknown), file=sys.stderr)
        return 2
    if as_json:
        _print_json(table_schema(schema) if schema else [_listed(load_schema(each)) for each in schema_names()])
    elif schema:
        for line in _lines(schema):
            print(line)
    else:
        for each in schema_names():
            print(f"{each}\t{load_schema(each).title}")
    return 0


def _listed(schema: Schema) -> dict[str, object]:
    return {
        "name": schema.name,
        "title": schema.title,
        "title_en": schema.title_en,
        "columns": list(schema.names),
        "required": [field.name for field in schema.fields if field.required],
    }


def _lines(schema: Schema) -> Iterator[str]:
    yield f"{schema.name}\t{schema.title} / {schema.title_en}"
    source = schema.source
    yield f"{source.title}（{source.version}、{source.publisher}、{source.licence}）"
    for field in schema.fields:
        yield ""
        yield from _of_field(field)
    if schema.inputs:
        yield ""
        yield "次の列も読み、上の項目に入れます / These are read as well, and fill the columns above:"
        for field in schema.inputs:
            yield f"  {field.name}: {field.description} / {field.description_en}"


def _of_field(field: SchemaField) -> Iterator[str]:
    yield f"{field.name}\t{field.type}" + ("\t必須 / required" if field.required else "")
    yield f"    {field.description} / {field.description_en}"
    codes = codes_of(field)
    if codes:
        yield "    値 / values: " + "、".join(f"{value}（{ja} / {en}）" for value, (ja, en) in codes.items())
    others = [name for name in (*field.synonyms, *field.english) if name != field.name]
    if others:
        more = len(others) - _SHOWN
        yield "    ほかの名前 / also called: " + "、".join(others[:_SHOWN]) + (f" … (+{more})" if more > 0 else "")


def _print_json(document: object) -> None:
    sys.stdout.buffer.write(shown_json(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)))
    sys.stdout.buffer.flush()
