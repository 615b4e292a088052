"""The `tdpf` command. Each subcommand imports what it needs when it runs, so that small ones start fast."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tdpf.kit.home import home
from tdpf.kit.terminal import showing
from tdpf.processes.address_commands import add_gazetteer, add_geocode
from tdpf.processes.bench_commands import add_benches
from tdpf.processes.evidence_commands import add_evidence
from tdpf.processes.harvest_commands import add_harvest
from tdpf.processes.node_commands import add_node
from tdpf.processes.screening_commands import add_screen

PARTS = ("all", "portal", "internal", "worker", "gateway", "delivery", "nodes", "node")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code: 0 done, 1 refused or a fault found, 2 wrong use."""
    with showing():
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    arguments = command_parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        code = run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not stumble over it while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        print(f"書き込めません（空きがありません）/ cannot be written, no space is left: {fault}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1


def command_parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    parser = argparse.ArgumentParser(prog="tdpf", description="東京データプラットフォーム / Tokyo Data Platform")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run one part, or all of them (processes to serve the platform)")
    run.add_argument("part", choices=PARTS)
    run.add_argument(
        "--name", help="name of this gateway or delivery; each of several has its own (gateway-1, delivery)"
    )
    run.set_defaults(run=_run_part)

    migrate = commands.add_parser("migrate", help="bring the databases up to date")
    migrate.set_defaults(run=_migrate)

    demo = commands.add_parser("demo", help="make sample data and accounts; print their passwords and codes")
    demo.add_argument("--quiet", action="store_true", help="do not print the accounts")
    demo_commands = demo.add_subparsers(metavar="code NAME")
    code = demo_commands.add_parser("code", help="print the six-digit code of a sample account")
    code.add_argument("name")
    code.set_defaults(run=_demo_code)
    demo.set_defaults(run=_demo)

    add_harvest(commands, start_django)

    add_node(commands)

    operator = commands.add_parser("operator", help="make an operator account for a real installation")
    operator.add_argument("email")
    operator.set_defaults(run=_operator)

    search = commands.add_parser("search", help="search the data library")
    search.add_argument("query", nargs="?")
    search.add_argument(
        "--limit", type=_whole(1, 1000), help="how many results at most (10; 20 with --json, as /api/v1/search)"
    )
    search.add_argument(
        "--json", action="store_true", help="one JSON document instead of lines: what /api/v1/search says"
    )
    search.add_argument("--explain", action="store_true", help="say why each result stands where it does")
    search.add_argument(
        "--index-jsonl",
        type=Path,
        metavar="DOCS",
        help="search these JSON lines {id, title, description?, keywords?} instead",
    )
    search.add_argument(
        "--queries",
        type=Path,
        help="JSON lines {id, query}, answered as JSON lines {id, hits}; lines that cannot be read are named and left out (exit code 1)",
    )
    search.add_argument(
        "--meaning",
        choices=("auto", "on", "off"),
        default="auto",
        help="with --index-jsonl: auto lets the model of sentences read 3,000 texts at most for five minutes at most, on as many as it takes, off ranks by words alone",
    )
    search.set_defaults(run=_search)

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

    add_geocode(commands)
    add_gazetteer(commands)

    bench = commands.add_parser("bench", help="measure a part on this machine")
    benches = bench.add_subparsers(required=True, metavar="PART")
    bench_rate = benches.add_parser("rate", help="the readability rating: speed, and how right it is")
    bench_rate.add_argument("--corpus", type=Path, help="a folder of real files")
    bench_rate.add_argument("--truth", type=Path, help="what a person saw in them (tests/engine/rating_truth.tsv)")
    bench_rate.add_argument("--json", action="store_true", help="print JSON instead of tables")
    bench_rate.set_defaults(run=_bench_rate)
    bench_search = benches.add_parser("search", help="the search engine, its index and its pages")
    bench_search.add_argument("--documents", type=_whole(100, 5_000_000), default=200_000)
    bench_search.add_argument("--clients", type=_whole(1, 64), default=8)
    bench_search.add_argument("--json", action="store_true", help="print JSON instead of a table")
    bench_search.add_argument("--out", type=Path, help="write the table (.md) or the figures (.json) there too")
    bench_search.add_argument("--no-baselines", action="store_true", help="leave SQLite and PostgreSQL out")
    bench_search.add_argument("--no-page", action="store_true", help="leave the portal out")
    bench_search.add_argument(
        "--judged", type=Path, help="folder of judged queries (benchmarks/judged) to rank as well"
    )
    bench_search.set_defaults(run=_bench_search)

    add_benches(benches)

    add_evidence(commands)

    check = commands.add_parser("check", help="verify the audit log, stored tables and waiting work")
    check.set_defaults(run=_check)
    return parser


def _run_part(arguments: argparse.Namespace) -> int:
    from tdpf.processes import everything

    place = home().prepare()
    port, public_url, demo = everything.environment_settings()
    part: str = arguments.part
    if part == "all":
        return everything.run_everything(place, port=port, public_url=public_url, demo=demo)
    if part == "gateway":
        from tdpf.processes.dataplane import run_gateway_part

        return run_gateway_part(
            place, name=arguments.name or "gateway-1", port=port, portal_processes=everything.portal_processes()
        )
    if part == "delivery":
        from tdpf.processes.dataplane import run_delivery_part

        return run_delivery_part(place, name=arguments.name or "")
    if part == "nodes":
        from tdpf.processes.dataplane import run_nodes_part

        return run_nodes_part(place, port=everything.nodes_port(), portal_processes=everything.portal_processes())
    if part == "node":
        return everything.run_node(place)
    if part == "portal":
        return everything.run_portal(place, name=arguments.name)
    if part == "internal":
        from tdpf.processes.serving import serve_internal

        serve_internal(place)
        return 0
    start_django()
    from tdpf.processes.worker import run_worker

    run_worker()
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    del arguments
    start_django()
    from tdpf.processes.migrating import migrate_databases

    migrate_databases(home())
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    place = home().prepare()
    from tdpf.processes.demo_accounts import told_accounts

    if not (place.secrets / "demo.json").exists():
        start_django()
        from tdpf.processes.demo import make_demo

        make_demo(place)
    if not arguments.quiet:
        print("\n".join(told_accounts(place)))
    return 0


def _demo_code(arguments: argparse.Namespace) -> int:
    from tdpf.processes.demo_accounts import load_accounts, totp_code

    for account in load_accounts(home()):
        if arguments.name in (account.name, account.email):
            print(totp_code(account.totp_secret))
            return 0
    print(f"no sample account is called {arguments.name}; `tdpf demo` lists them", file=sys.stderr)
    return 1


def _operator(arguments: argparse.Namespace) -> int:
    start_django()
    from tdpf.processes.operators import make_operator

    return make_operator(arguments.email)


def _search(arguments: argparse.Namespace) -> int:
    batch: list[Path] = [path for path in (arguments.index_jsonl, arguments.queries) if path is not None]
    if batch:
        if len(batch) != 2 or arguments.query is not None:
            print("--index-jsonl and --queries go together, without a QUERY", file=sys.stderr)
            return 2
        from tdpf.processes.batch_search import answer_batch

        return answer_batch(batch[0], batch[1], limit=arguments.limit or 10, meaning=arguments.meaning)
    if arguments.query is None:
        print("say what to search for: tdpf search QUERY", file=sys.stderr)
        return 2
    start_django()
    from tdpf.processes.searching import print_search

    limit = arguments.limit or (20 if arguments.json else 10)
    return print_search(arguments.query, limit=limit, as_json=arguments.json, explain=arguments.explain)


def _rate(arguments: argparse.Namespace) -> int:
    from tdpf.processes.rating import print_ratings

    return print_ratings(arguments.files, as_json=arguments.json)


def _prepare(arguments: argparse.Namespace) -> int:
    from tdpf.processes.preparing import prepare_files

    return prepare_files(
        arguments.files, schema=arguments.schema, recipe=arguments.recipe, out=arguments.out, report=arguments.report,
        tables=arguments.table, save_recipe=arguments.save_recipe, as_json=arguments.json,
    )  # fmt: skip


def _schemas(arguments: argparse.Namespace) -> int:
    from tdpf.processes.schemas import print_schemas

    return print_schemas(arguments.name, as_json=arguments.json)


def _bench_rate(arguments: argparse.Namespace) -> int:
    from tdpf.processes.bench_rating import print_rating_bench

    return print_rating_bench(corpus=arguments.corpus, truth=arguments.truth, as_json=arguments.json)


def _bench_search(arguments: argparse.Namespace) -> int:
    start_django()  # what reads real lists knows the rooms' tables
    from tdpf.processes.bench_search import bench_search

    return bench_search(
        documents=arguments.documents,
        clients=arguments.clients,
        as_json=arguments.json,
        out=arguments.out,
        baselines=not arguments.no_baselines,
        page=not arguments.no_page,
        judged=arguments.judged,
    )


def _check(arguments: argparse.Namespace) -> int:
    del arguments
    start_django()
    from tdpf.processes.checking import print_findings

    return print_findings()


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}")
        return value

    return number


def start_django() -> None:
    """Load settings and rooms; everything that touches the database calls it first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tdpf.processes.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
