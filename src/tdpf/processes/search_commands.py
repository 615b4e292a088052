"""The grammar of `tdpf search`; what it does is imported when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tdpf.processes.argument_types import whole


def add_search(commands: argparse._SubParsersAction[argparse.ArgumentParser], start: Callable[[], None]) -> None:
    """Add `search` to the command line; `start` loads settings and rooms."""

    def run(arguments: argparse.Namespace) -> int:
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
        start()
        from tdpf.processes.searching import print_search

        limit = arguments.limit or (20 if arguments.json else 10)
        return print_search(arguments.query, limit=limit, as_json=arguments.json, explain=arguments.explain)

    search = commands.add_parser("search", help="search the data library")
    search.add_argument("query", nargs="?")
    search.add_argument(
        "--limit", type=whole(1, 1000), help="how many results at most (10; 20 with --json, as /api/v1/search)"
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
    search.set_defaults(run=run)
