"""The grammar of `tdpf harvest`; what it does is imported when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add_harvest(commands: argparse._SubParsersAction[argparse.ArgumentParser], start: Callable[[], None]) -> None:
    """Add `harvest add|run|list|propose` to the command line; `start` loads settings and rooms."""

    def add(arguments: argparse.Namespace) -> int:
        start()
        from tdpf.processes.harvesting import add_site

        return add_site(arguments.url, kind=arguments.kind, name=arguments.name, pause=arguments.pause)

    def run(arguments: argparse.Namespace) -> int:
        start()
        from tdpf.processes.harvesting import run_sites

        return run_sites(arguments.site, full=arguments.full)

    def show(arguments: argparse.Namespace) -> int:
        start()
        from tdpf.processes.harvesting import print_site, print_sites

        return max(map(print_site, arguments.site)) if arguments.site else print_sites()

    def propose(arguments: argparse.Namespace) -> int:
        start()
        from tdpf.processes.harvesting import print_proposals

        return print_proposals(arguments.table)

    harvest = commands.add_parser("harvest", help="read other sites' catalogues (add, run, list, propose)")
    doings = harvest.add_subparsers(required=True, metavar="add|run|list|propose")
    added = doings.add_parser("add", help="read a site from now on")
    added.add_argument("url")
    added.add_argument("--kind", help="kind of catalogue; found out when not given")
    added.add_argument("--name", help="what the site is called")
    added.add_argument("--pause", type=float, default=1.0, help="seconds between two requests")
    added.set_defaults(run=add)
    ran = doings.add_parser("run", help="read sites now, all active ones when none is named")
    ran.add_argument("site", nargs="*")
    ran.add_argument("--full", action="store_true", help="read everything, not only what changed")
    ran.set_defaults(run=run)
    shown = doings.add_parser("list", help="print the sites with their last runs, of a named one what was left out")
    shown.add_argument("site", nargs="*")
    shown.set_defaults(run=show)
    proposed = doings.add_parser("propose", help="print known catalogues that are not collected")
    proposed.add_argument(
        "table", nargs="*", type=Path, help="tables of bodies and their sites (CSV, Excel) to learn from"
    )
    proposed.set_defaults(run=propose)
