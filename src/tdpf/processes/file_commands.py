"""`tdpf rate`, `screen`, `prepare` and `schemas`: the grammar of what is done to files; the rest is imported when it runs, never Django."""

from __future__ import annotations

import argparse
from pathlib import Path

from tdpf.processes.screening_commands import add_screen

_LISTS = ("national", "tokyo", "barrier_free")


def add_files(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `rate`, `screen`, `prepare` and `schemas` to the command line."""
    rate = commands.add_parser("rate", help="rate how well programs can read files (データレート)")
    rate.add_argument("files", nargs="+", metavar="FILE")
    rate.add_argument("--json", action="store_true", help="one JSON document a line, one line a file")
    rate.set_defaults(run=_rate)

    add_screen(commands)

    prepare = commands.add_parser("prepare", help="turn municipal files of any shape into one standard table")
    prepare.add_argument("files", nargs="+", metavar="FILE", type=Path)
    prepare.add_argument("--schema", required=True, metavar="NAME", help="the standard table (see `tdpf schemas`)")
    prepare.add_argument("--recipe", metavar="F", type=Path, help="a recipe to run instead of a proposed one")
    prepare.add_argument(
        "--out", required=True, metavar="F", type=Path, help="table to write: .csv .xlsx .geojson .parquet .json"
    )
    prepare.add_argument("--report", required=True, metavar="F", type=Path, help="report to write: .json or .html")
    prepare.add_argument(
        "--table", action="append", default=[], metavar="ID",
        help="the table to take of a file with several, one for each file in turn; a refusal lists the ids",
    )  # fmt: skip
    prepare.add_argument(
        "--as", dest="as_list", default="", metavar="LIST", choices=("", *_LISTS),
        help="write prepared toilets as another list: " + ", ".join(_LISTS),
    )  # fmt: skip
    prepare.add_argument(
        "--save-recipe", metavar="F", type=Path, help="write the recipe that was run, for --recipe next year"
    )
    prepare.add_argument("--json", action="store_true", help="one JSON object on standard output instead of a line")
    prepare.set_defaults(run=_prepare)

    schemas = commands.add_parser(
        "schemas", help="list the standard tables: name, tab, title; with a name, what its columns are"
    )
    schemas.add_argument("name", nargs="?", default="", metavar="NAME", help="the standard table to show")
    schemas.add_argument(
        "--json", action="store_true", help="the list as JSON, or with a name its Frictionless Table Schema"
    )
    schemas.set_defaults(run=_schemas)


def _rate(arguments: argparse.Namespace) -> int:
    from tdpf.processes.rating import print_ratings

    return print_ratings(arguments.files, as_json=arguments.json)


def _prepare(arguments: argparse.Namespace) -> int:
    from tdpf.processes.preparing import prepare_files

    return prepare_files(
        arguments.files, schema=arguments.schema, recipe=arguments.recipe, out=arguments.out, report=arguments.report,
        tables=arguments.table, save_recipe=arguments.save_recipe, as_json=arguments.json,
        as_list=arguments.as_list,
    )  # fmt: skip


def _schemas(arguments: argparse.Namespace) -> int:
    from tdpf.processes.schemas import print_schemas

    return print_schemas(arguments.name, as_json=arguments.json)
